"""`shenbao up` with the real services: what a person sees, types and gets, and Ctrl-C."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import IO

import httpx
import pytest

from cli.project import RunDir

COMMAND = [sys.executable, "-m", "cli.main"]


def lines_until(stream: IO[str], words: str) -> list[str]:
    found: list[str] = []
    for line in stream:
        found.append(line)
        if words in line:
            return found
    pytest.fail("".join(found))


@pytest.fixture
def env(run: RunDir) -> Iterator[dict[str, str]]:
    """A run folder and a Postgres of its own; the data that it keeps are removed afterwards."""
    yield {**os.environ, "SHENBAO_RUN_DIR": str(run.path), "SHENBAO_POSTGRES": "wheel"}
    if (run.path / "pg.path").exists():
        shutil.rmtree((run.path / "pg.path").read_text())


def say(env: dict[str, str], *words: str) -> str:
    done = subprocess.run([*COMMAND, *words], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_house_in_one_process(run: RunDir, env: dict[str, str]) -> None:
    house = subprocess.Popen(
        [*COMMAND, "up", "--single"], env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert house.stdout is not None
    try:
        said = lines_until(house.stdout, "Ctrl-C stops everything")
        assert any("5 services ready in one process" in line for line in said)
        gateway = json.loads(run.ports.read_text())["services"]["gateway"]
        token = say(env, "token", "--role", "officer", "--city", "330800")
        answer = httpx.post(
            f"{gateway}/graphql",
            json={"query": "{ viewer { memberships { role } } }"},
            headers={"authorization": f"Bearer {token}"},
            trust_env=False,
            timeout=20,
        )
        assert "officer" in answer.text, answer.text
        assert say(env, "db", "url", "quota").startswith("postgresql://quota:")
    finally:
        house.send_signal(signal.SIGINT)
        rest = house.stdout.read()
        house.stdout.close()
        assert house.wait(30) == 0, rest
    assert rest.count("service.stopped") == 5
    assert not run.ports.exists()
    assert not (run.postgres_data() / "postmaster.pid").exists()
