"""Problems found in a pack or in facts, each with its place."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: `pointer` is an RFC 6901 JSON Pointer, `line` a line of the YAML text."""

    pointer: str
    reason: str
    line: int | None = None

    def __str__(self) -> str:
        where = self.pointer or "/"
        return f"{where} (line {self.line}): {self.reason}" if self.line else f"{where}: {self.reason}"


class Refused(ValueError):
    """Something that came from outside is wrong; `problems` lists everything that was found."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("; ".join(str(problem) for problem in problems))


class PackRefused(Refused):
    """The text is no valid guide pack."""


class EvaluationRefused(Refused):
    """The question itself is wrong: category, interpretation value or instant."""


def escape(token: str) -> str:
    """One reference token of a JSON Pointer, escaped as RFC 6901 says; what is no text is spelled out."""
    return token.encode(errors="backslashreplace").decode().replace("~", "~0").replace("/", "~1")
