"""Guide packs as files."""

from collections.abc import Iterable
from pathlib import Path

from cli.errors import Refusal
from guide import Pack, PackRefused, Problem, load_pack


def read(file: Path) -> bytes:
    """What is in a file.

    Raises:
        Refusal: it cannot be read.
    """
    try:
        return file.read_bytes()
    except OSError as error:
        raise Refusal(f"{file} cannot be read: {error.strerror or error}") from None


def read_pack(file: Path) -> Pack:
    """The pack in a file.

    Raises:
        Refusal: it cannot be read, or is no valid pack; each problem on a line of its own with its place.
    """
    try:
        return load_pack(read(file))
    except PackRefused as refused:
        raise Refusal(in_file(file, refused.problems)) from None


def in_file(file: Path, problems: Iterable[Problem]) -> str:
    """Problems as compilers print them, in the order of the file."""
    ordered = sorted(problems, key=lambda one: (one.line or 0, one.column or 0))
    return "\n".join(problem.in_file(str(file)) for problem in ordered)
