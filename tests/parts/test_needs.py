"""A part that is missing is said, counted and, where it is required, a failure."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.needs import needs

from cli import parts

ROOT = Path(__file__).parents[2]
_CONFTEST = """
import sys
sys.path.insert(0, {root!r})
from tests.needs import pytest_configure, pytest_runtest_setup, pytest_terminal_summary
from cli.parts import PARTS, Part
PARTS["rare"] = Part("a trial", lambda: None, "Debian: apt-get install rare")
PARTS["common"] = Part("a trial", lambda: "/bin/common", "always")
"""
_TESTS = """
from tests.needs import needs
from cli.parts import path

@needs("rare")
def test_one(): raise AssertionError("must not run")

@needs("common", "rare")
class TestMore:
    def test_two(self): raise AssertionError("must not run")

@needs("common")
def test_three(): assert path("common") == "/bin/common"
"""


def run(folder: Path, **env: str) -> "subprocess.CompletedProcess[str]":
    (folder / "conftest.py").write_text(_CONFTEST.format(root=str(ROOT)))
    (folder / "test_trial.py").write_text(_TESTS)
    clean = {name: value for name, value in os.environ.items() if name != "SHENBAO_PARTS"}
    command = [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider"]
    command += ["--rootdir", str(folder)]
    return subprocess.run(
        [*command, str(folder)], env={**clean, **env}, cwd=folder, capture_output=True, text=True, check=False
    )


def test_a_missing_part_is_said_and_counted(tmp_path: Path) -> None:
    done = run(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed, 2 skipped" in done.stdout
    assert "SKIPPED [2]" in done.stdout
    line = "rare is not installed: make tools (Debian: apt-get install rare)"
    section = done.stdout.partition("parts that were missing")[2]
    assert f"2 skipped: {line}" in section
    assert "common" not in section


def test_where_parts_are_required_it_fails(tmp_path: Path) -> None:
    done = run(tmp_path, SHENBAO_PARTS="required")
    assert done.returncode == 1
    assert "1 passed, 2 errors" in done.stdout
    assert "rare is not installed: make tools" in done.stdout


def test_a_part_that_nobody_knows_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        needs("postgres-of-mars")


def test_a_part_is_found_or_its_origin_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(parts.PARTS, "rare", parts.Part("a trial", lambda: None, "by hand"))
    with pytest.raises(parts.PartMissing, match=r"rare is not installed: make tools \(by hand\)"):
        parts.path("rare")
    assert "rare" in parts.missing()
