"""`shenbao demo` as a newcomer runs it: the story comes out, twice, and nothing stays behind."""

import os
import re
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from tests.needs import needs

WHY = {
    "03": ("QZ-4-8b", "四.8", "还差 1 个名额"),
    "04": ("QZ-4-2", "四.2", "还差 1 元"),
    "06": ("QZ-4-8a", "四.8", "0.001 秒"),
    "07": ("QZ-SUB-04", "二", "信用黑名单"),
    "08": ("QZ-4-4a", "四.4", "超出 1 项"),
}


def _demo(run_dir: Path, *options: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "cli.main", "demo", *options],
        env={**os.environ, "SHENBAO_RUN_DIR": str(run_dir)},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


@pytest.mark.parametrize(
    "form",
    [
        pytest.param((), id="five processes"),
        pytest.param(("--single",), id="one process"),
        pytest.param(("--pgbouncer",), id="five processes through PgBouncer", marks=needs("pgbouncer")),
        pytest.param(
            ("--single", "--pgbouncer"), id="one process through PgBouncer", marks=needs("pgbouncer")
        ),
    ],
)
@pytest.mark.timeout(240)
def test_the_story_comes_out_though_a_port_is_taken(form: tuple[str, ...]) -> None:
    with tempfile.TemporaryDirectory(prefix="shenbao-demo-") as folder, _taken(8003):
        Path(folder).chmod(0o755)
        printed = _demo(Path(folder), *form)
        lines = printed.splitlines()
        assert "port 8003 is taken: quota listens on" in printed
        for number, words in WHY.items():
            (line,) = [line for line in lines if line.startswith(f"  {number} ")]
            assert all(word in line for word in words), line
        assert len([line for line in lines if "approved" in line and "qz-2020-" in line]) == 7
        assert [line.split()[0] for line in lines if " upsert " in line] == list("1234567")
        assert re.search(r"qz20-major/qujiang +衢江区 +2 +2 +0", printed)
        assert "NOT AS EXPECTED" not in printed
        assert not (Path(folder) / "demo" / "ports.json").exists()


@contextmanager
def _taken(port: int) -> Iterator[None]:
    """Somebody listens on the port: we, unless another already does."""
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):
            held.bind(("127.0.0.1", port))
            held.listen()
        yield
