"""A cold start's share of packs: how long four take to load, and what they weigh in memory."""

import subprocess
import sys
from collections.abc import Callable

from cli import project
from cli.bench.rules import PACKS
from cli.bench.table import Row, Table
from cli.errors import Refusal

_PROGRAM = """
import sys, time
from pathlib import Path
from guide import load_pack
def weight():
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:")), 0.0)
texts = [Path(name).read_bytes() for name in sys.argv[1:]]
before, began = weight(), time.perf_counter()
packs = [load_pack(text) for text in texts]
print((time.perf_counter() - began) * 1000, weight() - before)
"""


def measure(_say: Callable[[str], None], *, rounds: int = 5) -> list[Table]:
    """In a fresh process each round.

    Raises:
        Refusal: a pack cannot be loaded.
    """
    files = [str(project.root() / "deploy" / "guides" / f"{name}.yaml") for name in PACKS]
    took, weighs = [], []
    for _ in range(rounds):
        done = subprocess.run(
            [sys.executable, "-c", _PROGRAM, *files], capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise Refusal(f"The packs cannot be loaded: {done.stderr[-500:]}")
        milliseconds, megabytes = map(float, done.stdout.split())
        took.append(milliseconds)
        weighs.append(megabytes)
    return [
        Table(
            "Four packs loaded by a fresh process",
            "ms",
            [Row("load_pack", "YAML, checks, CEL compiled", took)],
        ),
        Table(
            "Four compiled packs in memory",
            "MB",
            [Row("resident memory", "more than before loading", weighs)],
        ),
    ]
