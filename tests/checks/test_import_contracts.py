"""The import contracts of pyproject.toml bite: each is broken on purpose in a small tree of that shape."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("cli", "common", "documents", "eligibility", "gateway", "guide", "intake", "quota")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A sound tree: one subject in quota with all its layers, a client of intake, the project's contracts."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for package in PACKAGES:
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").touch()
    pools = tmp_path / "quota" / "pools"
    pools.mkdir()
    for module, content in {
        "__init__": "",
        "api": "import fastapi\nfrom quota.pools import schemas, service\n",
        "service": "from quota import clients\nfrom quota.pools import queries, states\n",
        "queries": "from quota.pools import models\n",
        "schemas": "",
        "models": "import common\n",
        "states": "",
    }.items():
        (pools / f"{module}.py").write_text(content)
    (tmp_path / "quota" / "clients.py").write_text("import common\n")
    return tmp_path


def lint(tree: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-logo", "--no-cache"]
    env = {**os.environ, "PYTHONPATH": str(tree), "COLUMNS": "200"}
    return subprocess.run(command, cwd=tree, env=env, capture_output=True, text=True, check=False)


def test_a_sound_tree_passes(tree: Path) -> None:
    done = lint(tree)
    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout


@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        ("quota/pools/service.py", "import intake", "A service imports no other service"),
        ("common/planted.py", "import quota", "the libraries import no service"),
        ("guide/planted.py", "import common", "the libraries import no service"),
        ("guide/planted.py", "import httpx", "guide is pure"),
        ("guide/planted.py", "import sqlalchemy.orm", "guide is pure"),
        ("quota/pools/queries.py", "from quota.pools import api", "Inside a subject"),
        ("quota/pools/models.py", "from quota.pools import schemas", "Inside a subject"),
        ("quota/pools/states.py", "from quota.pools import models", "Inside a subject"),
        ("quota/pools/queries.py", "from quota import clients", "asked by a subject's service only"),
        ("quota/pools/service.py", "from fastapi import Request", "knows no web framework"),
    ],
)
def test_a_planted_violation_is_found(tree: Path, file: str, line: str, contract: str) -> None:
    with (tree / file).open("a") as stream:
        stream.write(f"{line}\n")
    done = lint(tree)
    assert done.returncode == 1
    broken = [row for row in done.stdout.splitlines() if row.endswith("BROKEN")]
    assert any(contract in row for row in broken), done.stdout
