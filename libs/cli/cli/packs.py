"""Guide packs as files, or as folders of files."""

from collections.abc import Iterable
from pathlib import Path

from cli.errors import Refusal
from guide import Joined, Pack, PackRefused, Problem, joined, load_pack


def read(file: Path) -> bytes:
    """What is in a file.

    Raises:
        Refusal: it cannot be read.
    """
    try:
        return file.read_bytes()
    except OSError as error:
        raise Refusal(f"{file} cannot be read: {error.strerror or error}") from None


def text_of(pack: Path) -> Joined:
    """The text of a pack: of a file, or of a folder's YAML files in the order of their names.

    Raises:
        Refusal: it cannot be read, or is no text.
    """
    try:
        files = sorted(pack.glob("*.yaml")) if pack.is_dir() else [pack]
        return joined({str(file): read(file) for file in files})
    except PackRefused as refused:
        raise Refusal(in_file(pack, refused.problems)) from None


def read_pack(pack: Path) -> Pack:
    """The pack in a file or folder.

    Raises:
        Refusal: it cannot be read, or is no valid pack; each problem on a line of its own with its place.
    """
    text = text_of(pack)
    try:
        return load_pack(text.text)
    except PackRefused as refused:
        placed = [text.placed(problem) for problem in _in_order(refused.problems)]
        raise Refusal("\n".join(problem.in_file(name) for name, problem in placed)) from None


def in_file(file: Path, problems: Iterable[Problem]) -> str:
    """Problems as compilers print them, in the order of the file."""
    return "\n".join(problem.in_file(str(file)) for problem in _in_order(problems))


def _in_order(problems: Iterable[Problem]) -> list[Problem]:
    return sorted(problems, key=lambda one: (one.line or 0, one.column or 0))
