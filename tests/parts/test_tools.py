"""`make tools` asks Debian for what is missing, one package at a time, and says what it could not get."""

from collections.abc import Sequence

import pytest

from cli import parts, tools


class Machine:
    """Two parts from Debian, one of which comes; records what is run."""

    def __init__(self, offline: bool = False) -> None:
        self.offline = offline
        self.ran: list[str] = []
        self.there: set[str] = set()
        self.said: list[str] = []

    def run(self, command: Sequence[str]) -> bool:
        self.ran.append(" ".join(command))
        if self.offline:
            return False
        if command[:2] == ["apt-get", "install"] and command[-1] != "nowhere":
            self.there.add(command[-1])
        return command[-1] != "nowhere"

    def find(self, package: str) -> str | None:
        return f"/usr/bin/{package}" if package in self.there else None


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine()
    table = {
        package: parts.Part("a trial", lambda package=package: made.find(package), "Debian", package)  # type: ignore[misc]
        for package in ("rare", "nowhere")
    }
    monkeypatch.setattr(parts, "PARTS", table)
    monkeypatch.setattr(tools, "PARTS", table)
    monkeypatch.setattr(tools, "can_use_apt", lambda: True)
    return made


def test_what_is_not_to_be_had_stops_no_other(machine: Machine) -> None:
    left = tools.install(machine.run, machine.said.append)
    assert left == ["nowhere"]
    assert [line.split()[-1] for line in machine.ran] == ["-qq", "rare", "nowhere"]
    assert tools.report(left, machine.said.append) == 1
    assert machine.said[-2].startswith("MISSING  nowhere: a trial")
    assert machine.said[-1].startswith("1 of 2 parts are missing")


def test_nothing_is_asked_for_when_all_is_there(machine: Machine) -> None:
    machine.there = {"rare", "nowhere"}
    assert tools.install(machine.run, machine.said.append) == []
    assert machine.ran == []
    assert tools.report([], machine.said.append) == 0


def test_without_a_network_it_goes_on_and_says_so(machine: Machine) -> None:
    machine.offline = True
    assert tools.install(machine.run, machine.said.append) == ["rare", "nowhere"]
    assert "apt-get update failed; going on with what is known" in machine.said


def test_without_rights_nothing_is_run(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools, "can_use_apt", lambda: False)
    assert tools.install(machine.run, machine.said.append) == ["rare", "nowhere"]
    assert machine.ran == []


def test_a_command_that_fails_is_shown(capfd: pytest.CaptureFixture[str]) -> None:
    assert tools.plainly(["sh", "-c", "echo fine"])
    assert capfd.readouterr().out == ""
    assert not tools.plainly(["sh", "-c", "echo broken >&2; exit 3"])
    assert "broken" in capfd.readouterr().out
