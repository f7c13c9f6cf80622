"""Other rules engines as programs beside ours: installed into ignored folders, pinned, timed in turns.

Their sources stand in `bench/peers`. What cannot be installed stays out, and its row in the table is empty.
"""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from cli import project
from cli.errors import Refusal

PYTHON_PACKAGES = ("json-logic-qubit==0.9.1", "regopy==1.5.2", "zen-engine==2.1.3")
NODE_PACKAGES = ("json-logic-engine@5.0.7", "json-rules-engine@7.3.1")
_ENDING_S = 5


def folder() -> Path:
    """Where the peers' programs stand; their packages are installed below it."""
    return project.root() / "bench" / "peers"


def install(say: Callable[[str], None]) -> None:
    """Fetch the packages that are missing; says what could not be had."""
    home = folder() / ".venv"
    if not _python().exists():
        venv.create(home, with_pip=True)
    pip = [str(_python()), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    for package in PYTHON_PACKAGES:
        name, _, version = package.partition("==")
        if not list(home.glob(f"lib/python*/site-packages/{name.replace('-', '_')}-{version}.dist-info")):
            _tried([*pip, package], package, say)
    npm = shutil.which("npm")
    for package in NODE_PACKAGES:
        name, _, version = package.rpartition("@")
        if _node_version(name) == version:
            continue
        if npm is None:
            say(f"{package} is not installed: there is no npm")
            continue
        command = [npm, "install", "--prefix", str(folder()), "--no-save", "--no-package-lock", "--no-audit"]
        # npm removes what was installed unsaved before, so all are named
        _tried([*command, "--no-fund", "--ignore-scripts", "--silent", *NODE_PACKAGES], package, say)


def _tried(command: Sequence[str], package: str, say: Callable[[str], None]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        say(f"{package} could not be installed")


def _python() -> Path:
    return folder() / ".venv" / "bin" / "python"


def _node_version(name: str) -> str | None:
    described = folder() / "node_modules" / name / "package.json"
    return str(json.loads(described.read_text())["version"]) if described.exists() else None


@dataclass(frozen=True, slots=True)
class Engine:
    """A peer's program and what runs it: `own` (the Python that runs us), `python` (the peers') or `node`."""

    program: str
    run_by: str = "python"

    def command(self) -> list[str] | None:
        """None where what runs it is missing."""
        runners: dict[str, str | None] = {
            "own": sys.executable,
            "python": str(_python()) if _python().exists() else None,
            "node": shutil.which("node"),
        }
        runner = runners[self.run_by]
        return None if runner is None else [runner, str(folder() / self.program)]


class Peer:
    """A running peer that has read its rules and cases; `answers` are its outcomes by rule, for each case.

    Raises:
        Refusal: it cannot be started, or fails on the question.
    """

    def __init__(self, engine: Engine, rules: Mapping[str, Any], cases: Sequence[Mapping[str, Any]]) -> None:
        command = engine.command()
        if command is None:
            raise Refusal("what runs it is not installed")
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        )
        try:
            question = {"rules": rules, "cases": cases}
            self.answers: list[dict[str, Any]] = self._ask(json.dumps(question, ensure_ascii=False))
        except BaseException:
            self.close()
            raise

    def seconds(self, number: int) -> float:
        """How long it takes to check so many cases, by its own clock."""
        return float(self._ask(str(number)))

    def _ask(self, line: str) -> Any:
        assert self._process.stdin is not None  # noqa: S101  # pipes were asked for
        assert self._process.stdout is not None  # noqa: S101
        try:
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()
            answer = self._process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        if not answer:
            raise Refusal("not installed, or it failed on the question")
        return json.loads(answer)

    def close(self) -> None:
        if self._process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.close()
        try:
            self._process.wait(_ENDING_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
