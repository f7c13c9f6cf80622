"""Long files are read by nobody: warns above 300 lines, fails above 450 (tests: 600)."""

import sys
from collections.abc import Iterator
from pathlib import Path

WARN, FAIL, FAIL_TESTS = 300, 450, 600
_FOLDERS = ("libs", "services", "deploy", "tests")
_KINDS = (".py", ".sh", ".sql")


def counted(root: Path) -> Iterator[tuple[Path, int]]:
    """Files that count and their lines; migrations are history, not reading matter."""
    for folder in _FOLDERS:
        for file in sorted((root / folder).rglob("*")):
            if file.suffix in _KINDS and file.is_file() and "versions" not in file.parts:
                with file.open("rb") as stream:
                    yield file.relative_to(root), sum(1 for _ in stream)


def main(root: Path) -> int:
    """Prints what is too long; 1 where something is far too long."""
    failed = False
    for file, lines in counted(root):
        limit = FAIL_TESTS if file.parts[0] == "tests" else FAIL
        if lines > limit:
            failed = True
            print(f"{file}: {lines} lines, at most {limit}: split it by subject")
        elif lines > WARN and file.parts[0] != "tests":
            print(f"{file}: {lines} lines (warning above {WARN})")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(Path(__file__).resolve().parents[2]))
