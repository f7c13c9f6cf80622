"""The business clock moves only where it may; the system clock never does."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from common.clock import Clock, ClockFileError, clock, parse_instant, write_clock_file
from common.settings import CommonSettings
from common.testing import settings_for

CLOSE = datetime(2020, 6, 28, 9, 0, 0, 1000, tzinfo=UTC)


def test_a_frozen_file_holds_the_business_time(tmp_path: Path) -> None:
    own = Clock()
    own.follow(tmp_path / "clock.json")
    write_clock_file(tmp_path / "clock.json", CLOSE, frozen=True)
    assert own.business() == CLOSE
    assert own.business() == CLOSE
    assert own.system() > CLOSE + timedelta(days=365)


def test_a_running_file_goes_on_from_its_instant(tmp_path: Path) -> None:
    own = Clock()
    own.follow(tmp_path / "clock.json")
    write_clock_file(tmp_path / "clock.json", CLOSE, frozen=False)
    first = own.business()
    assert CLOSE <= first < CLOSE + timedelta(minutes=1)
    assert own.business() > first


def test_a_rewritten_file_is_read_again(tmp_path: Path) -> None:
    own = Clock()
    own.follow(tmp_path / "clock.json")
    for day in (1, 2):
        at = datetime(2020, 6, day, tzinfo=UTC)
        write_clock_file(tmp_path / "clock.json", at, frozen=True)
        assert own.business() == at


def test_without_a_file_it_is_the_machine_s_time(tmp_path: Path) -> None:
    own = Clock()
    own.follow(tmp_path / "none.json")
    assert abs(own.business() - own.system()) < timedelta(minutes=1)


@pytest.mark.parametrize("text", ["{}", "no json", '{"at": "2020-06-28T17:00:00", "set_at": null}'])
def test_a_damaged_file_is_an_error(tmp_path: Path, text: str) -> None:
    own = Clock()
    (tmp_path / "clock.json").write_text(text)
    own.follow(tmp_path / "clock.json")
    with pytest.raises(ClockFileError):
        own.business()


def test_frozen_restores_what_was_before() -> None:
    with clock.frozen("2020-06-28T17:00:00.001+08:00"):
        assert clock.business() == CLOSE
    assert clock.business() > CLOSE


def test_an_instant_needs_its_offset() -> None:
    with pytest.raises(ValueError, match="no offset"):
        parse_instant("2020-06-28T17:00:00")


def test_production_refuses_a_moved_clock(tmp_path: Path) -> None:
    kind = type("Settings", (CommonSettings,), {"service": "quota"})
    with pytest.raises(ValidationError, match="refused in production"):
        settings_for(kind, environment="production", clock_file=tmp_path / "clock.json")
