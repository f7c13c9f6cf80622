"""A pack as a folder of YAML files: put together in the order of their names they are the text of the pack.

Each file holds whole sections, and no section stands in two of them. What is published is the one text.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, replace

from guide.errors import PackRefused, Problem


@dataclass(frozen=True, slots=True)
class Joined:
    """One text made of files; `starts` are the lines, from 1, at which each of `names` begins."""

    text: str
    names: tuple[str, ...]
    starts: tuple[int, ...]

    def placed(self, problem: Problem) -> tuple[str, Problem]:
        """The file that a problem of the text lies in, and the problem with its line there; what has no line
        lies in the first file."""
        if problem.line is None:
            return self.names[0], problem
        at = bisect_right(self.starts, problem.line) - 1
        return self.names[at], replace(problem, line=problem.line - self.starts[at] + 1)


def joined(files: Mapping[str, bytes]) -> Joined:
    """The text of a pack's files by name.

    Raises:
        PackRefused: there is no file, or one is not UTF-8.
    """
    if not files:
        raise PackRefused([Problem("", "the folder has no YAML file")])
    names = tuple(sorted(files))
    texts, starts, line = [], [], 1
    for name in names:
        try:
            text = files[name].decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise PackRefused([Problem("", f"{name} is not UTF-8: {error.reason}")]) from None
        ended = text if text.endswith("\n") or not text else f"{text}\n"
        texts.append(ended)
        starts.append(line)
        line += ended.count("\n")
    return Joined("".join(texts), names, tuple(starts))
