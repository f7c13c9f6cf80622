"""Fault points: named once, silent unless a file says otherwise, and never in production."""

import asyncio
import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from common import faults
from common.settings import CommonSettings
from common.testing import settings_for

HERE = faults.point("probe.step.here")


class Probe(CommonSettings):
    service = "quota"


async def _file(path: Path) -> Path:
    async with asyncio.timeout(10):
        while not path.exists():  # noqa: ASYNC110, ASYNC240  # a file cannot be awaited
            await asyncio.sleep(faults.LOOK_S)
    return path


def test_production_refuses_the_setting(tmp_path: Path) -> None:
    assert settings_for(Probe, fault_dir=tmp_path).fault_dir == tmp_path
    with pytest.raises(ValidationError, match="fault_dir stops processes and is refused in production"):
        settings_for(Probe, fault_dir=tmp_path, environment="production")


def test_a_name_is_given_once() -> None:
    assert HERE in faults.points()
    with pytest.raises(ValueError, match="named twice"):
        faults.point("probe.step.here")


async def test_without_the_setting_a_file_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    armed = tmp_path / HERE
    armed.touch()
    faults.follow(None)
    await faults.reach(HERE)
    assert armed.exists()


async def test_the_first_one_is_held_until_it_is_let_go(tmp_path: Path) -> None:
    faults.follow(tmp_path)
    try:
        await faults.reach(HERE)  # not armed
        (tmp_path / HERE).touch()
        held = asyncio.create_task(faults.reach(HERE))
        mine = await _file(tmp_path / f"{HERE}@{os.getpid()}")
        await faults.reach(HERE)  # the next one goes through
        assert not held.done()
        mine.unlink()
        await held
    finally:
        faults.follow(None)
    assert not held.exception()
