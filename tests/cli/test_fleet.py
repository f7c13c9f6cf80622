"""Children are started, watched, merged into one log, and stopped in order; ports move when taken."""

import json
import os
import socket
from collections.abc import Callable

import httpx
import pytest

from cli import house, ports
from cli.errors import Refusal
from cli.fleet import Fleet
from cli.house import Addresses
from cli.keys import Keys
from cli.local import Plan, running_house
from cli.project import RunDir

StandIns = Callable[..., dict[str, str]]


def fleet(run: RunDir, apps: dict[str, str], lines: list[str], *, single: bool = False) -> Fleet:
    where = Addresses({name: ports.free() for name in apps}, ())
    keys = Keys(run.keys)
    env = dict(os.environ)
    for name in apps:
        env[f"{name.upper()}_SERVICE_KEY"] = json.dumps(keys.private(name))
        env[f"{name.upper()}_INSTANCE"] = "this house"
        env[f"{name.upper()}_SERVICE_JWKS"] = json.dumps({"keys": [keys.public(name)]})
    return Fleet(apps, where, env, run.logs, echo=lines.append, single=single)


def test_another_house_that_took_the_port_is_not_ours(run: RunDir, stand_ins: StandIns) -> None:
    with fleet(run, stand_ins("first"), []) as running:
        env = {**running.env, "FIRST_INSTANCE": "another house"}
        late = Fleet(running.apps, running.where, env, run.logs)
        with pytest.raises(Refusal, match="first"), late:
            pass
        assert about(running, "first")["pid"] == running.children["first"].pid


def about(running: Fleet, service: str) -> dict[str, object]:
    answer = httpx.get(f"{running.where.url(service)}/about", trust_env=False)
    found: dict[str, object] = answer.raise_for_status().json()
    return found


def test_each_service_has_a_process_and_one_log(run: RunDir, stand_ins: StandIns) -> None:
    lines: list[str] = []
    with fleet(run, stand_ins("first", "second"), lines) as running:
        children = dict(running.children)
        pids = {about(running, name)["pid"] for name in ("first", "second")}
        assert pids == {child.pid for child in children.values()}
    assert sorted(lines[:2]) == ["first       | stand-in says hello", "second      | stand-in says hello"]
    assert lines[2:] == ["second      | stand-in says goodbye", "first       | stand-in says goodbye"]
    assert all(child.returncode is not None for child in children.values())
    assert (run.logs / "first.log").read_text() == "stand-in says hello\nstand-in says goodbye\n"


def test_one_service_can_be_stopped_and_started_again(run: RunDir, stand_ins: StandIns) -> None:
    with fleet(run, stand_ins("first", "second"), []) as running:
        running.stop_service("second")
        with pytest.raises(httpx.ConnectError):
            about(running, "second")
        assert about(running, "first")["pid"]
        running.start_service("second")
        running.wait_ready()
        assert about(running, "second")["pid"]


def test_all_in_one_process_call_each_other_directly(run: RunDir, stand_ins: StandIns) -> None:
    lines: list[str] = []
    with fleet(run, stand_ins("first", "second"), lines, single=True) as running:
        assert list(running.children) == ["all"]
        first, second = about(running, "first"), about(running, "second")
        assert first["pid"] == second["pid"] == running.children["all"].pid
        assert first["second"] == {"ready": True, "instance": "this house"}
        child = running.children["all"]
    assert child.returncode == 0
    assert lines == ["all         | stand-in says hello"] * 2 + ["all         | stand-in says goodbye"] * 2


def test_one_that_cannot_start_stops_all_and_says_why(run: RunDir, stand_ins: StandIns) -> None:
    running = fleet(run, stand_ins("first", "second", broken="second"), [])
    with pytest.raises(Refusal, match=r"second ended with exit code 1:\ncannot start: no luck"), running:
        pass
    assert running.children == {}


def test_taken_ports_are_told_and_others_picked(
    run: RunDir, stand_ins: StandIns, monkeypatch: pytest.MonkeyPatch, own_dsn: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", own_dsn)
    apps = dict.fromkeys(house.SERVICES, stand_ins("first")["first"])
    said: list[str] = []
    with socket.create_server((ports.LOOPBACK, 0)) as taken:
        wanted = {service: ports.free() for service in house.SERVICES}
        wanted[house.QUOTA] = taken.getsockname()[1]
        plan = Plan(lasting=False, apps=apps, wanted_ports=wanted, migrate=False)
        with running_house(run, plan, said.append) as running:
            moved = running.where.ports[house.QUOTA]
            assert moved != wanted[house.QUOTA]
            assert running.where.moved == (house.QUOTA,)
            assert run.running()["services"][house.QUOTA] == f"http://127.0.0.1:{moved}"
            with pytest.raises(Refusal, match="Another runner is at work"), running_house(run, plan, print):
                pass
    assert f"port {wanted[house.QUOTA]} is taken: quota listens on {moved} instead" in said
    with pytest.raises(Refusal, match="Nothing is running"):
        run.running()


def test_a_service_gets_no_other_services_secrets(run: RunDir, stand_ins: StandIns) -> None:
    keys, where = Keys(run.keys), house.addresses()
    dsns = dict.fromkeys(house.WITH_DATABASE, "postgresql://x")
    env = house.environment(keys, where, dsns, clock_file=run.clock, files=run.files)
    for service in house.SERVICES:
        secret = {name for name in house.only(env, service) if name.endswith(("_KEY", "_DATABASE_URL"))}
        assert secret
        assert all(name.startswith(f"{service.upper()}_") for name in secret)


def test_the_same_port_is_never_given_twice() -> None:
    wanted = dict.fromkeys(house.SERVICES, ports.free())
    assert len(set(house.addresses(wanted).ports.values())) == len(house.SERVICES)
