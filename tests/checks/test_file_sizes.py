"""The counter of lines: warns, fails, and leaves migrations alone."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

CHECK = Path(__file__).parents[2] / "deploy" / "checks" / "file_sizes.py"


@pytest.fixture
def check() -> ModuleType:
    spec = importlib.util.spec_from_file_location("file_sizes", CHECK)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("file", "lines", "code", "said"),
    [
        ("libs/a/a/short.py", 300, 0, ""),
        ("libs/a/a/long.py", 301, 0, "long.py: 301 lines (warning"),
        ("libs/a/a/edge.py", 450, 0, "edge.py: 450 lines (warning"),
        ("services/a/a/huge.py", 451, 1, "huge.py: 451 lines, at most 450"),
        ("tests/a/test_a.py", 600, 0, ""),
        ("tests/a/test_b.py", 601, 1, "test_b.py: 601 lines, at most 600"),
        ("services/a/migrations/versions/0001_all.py", 2000, 0, ""),
    ],
)
def test_limits(
    check: ModuleType,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    file: str,
    lines: int,
    code: int,
    said: str,
) -> None:
    path = tmp_path / file
    path.parent.mkdir(parents=True)
    path.write_text("x = 1\n" * lines)
    assert check.main(tmp_path) == code
    printed = capsys.readouterr().out
    assert said in printed if said else printed == ""
