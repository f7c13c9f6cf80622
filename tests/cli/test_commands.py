"""The command's own work: the clock, the run folder, files it reads, and one sentence when it cannot."""

from datetime import timedelta
from pathlib import Path

import pytest

from cli import operations
from cli.errors import Refusal
from cli.keys import Keys
from cli.main import main
from cli.project import RunDir
from common.clock import Clock, parse_instant

INSTANT = "2020-06-28T17:00:00+08:00"


def follower(run: RunDir) -> Clock:
    clock = Clock()
    clock.follow(run.clock)
    return clock


def test_the_clock_is_held_runs_on_and_goes_back(run: RunDir) -> None:
    clock = follower(run)
    assert main(["clock", "set", INSTANT]) == 0
    assert clock.business() == clock.business() == parse_instant(INSTANT)
    assert main(["clock", "run"]) == 0
    assert timedelta(0) < clock.business() - parse_instant(INSTANT) < timedelta(minutes=1)
    assert main(["clock", "reset"]) == 0
    assert abs(clock.business() - clock.system()) < timedelta(seconds=1)


def test_the_clock_is_shown(run: RunDir, capsys: pytest.CaptureFixture[str]) -> None:
    main(["clock", "set", INSTANT])
    capsys.readouterr()
    assert main(["clock", "show"]) == 0
    assert "business 2020-06-28T09:00:00+00:00\n" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["tomorrow", "2020-06-28", "2020-06-28T17:00:00", ""])
def test_no_instant_no_move(run: RunDir, capsys: pytest.CaptureFixture[str], text: str) -> None:
    assert main(["clock", "set", text]) == 1
    assert capsys.readouterr().err.startswith("Not an instant: ")
    assert not run.clock.exists()


def test_the_clock_stays_in_production(
    run: RunDir, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ENVIRONMENT", "production")
    assert main(["clock", "set", INSTANT]) == 1
    assert "production" in capsys.readouterr().err
    assert not run.clock.exists()


@pytest.mark.parametrize("words", [["db", "url"], ["guide", "publish", "x.yaml"], ["import", "x.yaml"]])
def test_what_needs_a_running_house_says_so(
    run: RunDir, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    assert main(words) == 1
    assert capsys.readouterr().err == "Nothing is running here: start it with `make up`.\n"


def test_what_a_killed_runner_left_is_not_believed(run: RunDir, capsys: pytest.CaptureFixture[str]) -> None:
    run.ports.write_text('{"services": {}, "admin_dsn": "postgresql://gone"}')
    assert main(["db", "url"]) == 1
    assert "Nothing is running" in capsys.readouterr().err
    run.ports.write_text('{"services": {}, "admin_dsn": "postgresql://here"}')
    with run.alone():
        assert main(["db", "url"]) == 0
    assert capsys.readouterr().out == "postgresql://here\n"


@pytest.mark.parametrize("content", ["- a list", "{unclosed", "just text"])
def test_an_import_must_be_a_mapping(tmp_path: Path, content: str) -> None:
    file = tmp_path / "memberships.yaml"
    file.write_text(content)
    with pytest.raises(Refusal, match=r"memberships\.yaml"):
        operations.read_import(file)


def test_an_import_names_its_cities() -> None:
    content = {"units": [{"city": "330800"}], "people": None, "memberships": [{"city": 430400}, {}]}
    assert operations.cities_of(content) == ["330800", "430400"]


def test_a_file_that_is_no_pack_is_refused_with_places(run: RunDir, tmp_path: Path) -> None:
    pack = tmp_path / "pack.yaml"
    pack.write_text("call: {}\n")
    with pytest.raises(Refusal, match=r"^\S+pack\.yaml:1:1: /format: Field required\n"):
        operations.publish("http://127.0.0.1:1", Keys(run.keys), pack)


def test_an_intake_that_is_away_is_one_sentence(run: RunDir) -> None:
    with pytest.raises(Refusal, match=r"intake at http://127\.0\.0\.1:1 does not answer"):
        operations.import_memberships("http://127.0.0.1:1", Keys(run.keys), {"units": []})
