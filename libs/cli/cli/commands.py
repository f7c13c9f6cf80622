"""One function per command; each returns the exit code."""

import argparse
import importlib
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime

from cli import database, house, operations, project, tokens, tools
from cli.cluster import running_cluster
from cli.demo import cities
from cli.errors import Refusal
from cli.keys import Keys
from cli.local import Plan, running_house
from cli.project import RunDir
from common.clock import Clock, parse_instant, write_clock_file

_LOOK_S = 0.5
_TEST_DATABASE = "shenbao_test"
_DEMO_GUIDE = "deploy/guides/qz-2020.yaml"


# `make up` begins inside the window of the pack that it publishes, so that one can apply at once
_OPEN_CALL = parse_instant("2020-06-01T09:00:00+08:00")


def up(options: argparse.Namespace) -> int:
    """Everything in the foreground until Ctrl-C."""
    plan = Plan(lasting=True, single=options.single, pgbouncer=options.pgbouncer, echo=_print)
    run = RunDir.of_project()
    if not run.clock.exists():
        write_clock_file(run.clock, _OPEN_CALL, frozen=False)
    with running_house(run, plan, _print) as running:
        guide, version = operations.publish(running.intake_url, running.keys, project.root() / _DEMO_GUIDE)
        _print(f"guide {guide} is published, version {version[:12]}")
        _print(f"business clock: {_clock().business():%Y-%m-%d %H:%M} UTC (shenbao clock show|set|run|reset)")
        _print(f"GraphQL: {running.gateway_url}/graphql    Ctrl-C stops everything")
        for service, url in running.where.urls().items():
            _print(f"  {service:<12}{url}/docs")
        try:
            while not threading.Event().wait(_LOOK_S):
                running.fleet.refuse_dead()
        except KeyboardInterrupt:  # the usual end
            _print("stopping")
    return 0


def demo(options: argparse.Namespace) -> int:
    """A fresh house, the pack of a city, its story; nothing is left running."""
    city = cities.find(options.city)
    play = cities.story(city, options.season)
    began = time.monotonic()
    run = RunDir(RunDir.of_project().path / "demo")
    shutil.rmtree(run.path, ignore_errors=True)
    run.made()
    plan = Plan(lasting=False, single=options.single, pgbouncer=options.pgbouncer)
    with running_house(run, plan, _print) as running:
        guide, version = operations.publish(running.intake_url, running.keys, city.pack)
        _print(f"guide {guide} is published, version {version[:12]}")
        code = play(running)
    _print(f"everything is stopped; it took {time.monotonic() - began:.0f} s")
    return code


def bench(options: argparse.Namespace) -> int:
    """One benchmark, or all but the rush, and a page of results."""
    everything = importlib.import_module("cli.bench.everything")
    wanted = [options.what] if options.what else [*everything.ALONE, *everything.AT_HOME]
    measure: Callable[..., int] = everything.bench
    return measure(wanted, _print, assessments=options.assessments)


def bench_rush(options: argparse.Namespace) -> int:
    """A fresh house and the last minute of a call."""
    run = RunDir(RunDir.of_project().path / "bench")
    shutil.rmtree(run.path, ignore_errors=True)
    run.made()
    measure: Callable[..., int] = importlib.import_module("cli.bench.run").bench
    with running_house(run, Plan(lasting=False, single=options.single), _print) as running:
        operations.publish(running.intake_url, running.keys, project.root() / _DEMO_GUIDE)
        return measure(running, options.applicants, single=options.single)


def token(options: argparse.Namespace) -> int:
    """Prints a token; nothing else goes to stdout."""
    tokens.refuse_in_production()
    run = RunDir.of_project()
    keys = Keys(run.keys)
    if options.service:
        print(tokens.for_service(keys, options.service, cities=[options.city]))
        return 0
    subject = options.subject
    if options.role:
        subject = _dev_subject(options)
        intake_url = run.running()["services"][house.INTAKE]
        operations.import_memberships(intake_url, keys, _one_membership(subject, options))
    print(tokens.for_person(keys, subject))
    return 0


def _dev_subject(options: argparse.Namespace) -> str:
    subject = f"dev-{options.role}-{options.city}"
    return f"{subject}-{options.unit}" if options.unit else subject


def _one_membership(subject: str, options: argparse.Namespace) -> dict[str, object]:
    person = {
        "ref": subject,
        "name": f"开发账号 {options.role}",
        "city": options.city,
        "unit_uscc": options.unit,
    }
    membership = {
        "issuer": house.ISSUER,
        "subject": subject,
        "person_ref": subject,
        "role": options.role,
        "city": options.city,
        "unit_uscc": options.unit,
        "login_kind": "legal_person" if options.role in _LEGAL_PERSON_ROLES else "personal",
    }
    return {"units": [], "people": [person], "memberships": [membership]}


_LEGAL_PERSON_ROLES = ("department_manager", "recommender")


def clock_show(_options: argparse.Namespace) -> int:
    """Both clocks, RFC 3339."""
    moved = _clock()
    print(f"business {moved.business().isoformat()}")
    print(f"system   {moved.system().isoformat()}")
    return 0


def clock_set(options: argparse.Namespace) -> int:
    """Hold the business clock."""
    try:
        instant = parse_instant(options.instant)
    except ValueError as error:
        raise Refusal(f"Not an instant: {error}; write 2020-06-01T09:00:00+08:00.") from None
    return _move(instant, frozen=True)


def clock_run(_options: argparse.Namespace) -> int:
    """Let the business clock run on."""
    return _move(_clock().business(), frozen=False)


def clock_reset(options: argparse.Namespace) -> int:
    """Back to the machine's time."""
    RunDir.of_project().clock.unlink(missing_ok=True)
    return clock_show(options)


def _move(instant: datetime, *, frozen: bool) -> int:
    tokens.refuse_in_production()
    write_clock_file(RunDir.of_project().clock, instant, frozen=frozen)
    return clock_show(argparse.Namespace())


def _clock() -> Clock:
    found = Clock()
    found.follow(RunDir.of_project().clock)
    return found


def subscribe(options: argparse.Namespace) -> int:
    """Record a subscription to the feed in the running house."""
    run = RunDir.of_project()
    intake_url = run.running()["services"][house.INTAKE]
    answer = operations.subscribe(
        intake_url,
        Keys(run.keys),
        city=options.city,
        subject=options.subject or _dev_subject(options),
        name=options.purpose,
        legal_basis=options.legal_basis,
        purpose=options.purpose,
    )
    print(answer["id"])
    return 0


def db_url(options: argparse.Namespace) -> int:
    """URL of the running database."""
    running = RunDir.of_project().running()
    print(running["dsns"][options.service] if options.service else running["admin_dsn"])
    return 0


def fetch_tools(options: argparse.Namespace) -> int:
    """The programs that tests and checks use and this machine lacks."""
    return tools.main(only_look=options.look)


def test(options: argparse.Namespace) -> int:
    """pytest on a Postgres of its own; its arguments are passed on."""
    with running_cluster() as cluster:
        if cluster.source == "url":
            database.drop_database(cluster.dsn_admin, _TEST_DATABASE)
        env = {**os.environ, "SHENBAO_TEST_ADMIN_DSN": cluster.dsn_admin}
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *options.pytest], cwd=project.root(), env=env, check=False
        )
    return done.returncode


def _print(line: str) -> None:
    print(line, flush=True)
