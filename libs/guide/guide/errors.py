"""Problems found in a pack or in facts, each with its place."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: `pointer` is an RFC 6901 JSON Pointer, `line` and `column` the place in the
    YAML text, both from 1."""

    pointer: str
    reason: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        where = self.pointer or "/"
        place = f" (line {self.line}, column {self.column})" if self.line else ""
        return f"{where}{place}: {self.reason}"

    def in_file(self, file: str) -> str:
        """As compilers print it: `file:line:column: pointer: reason`."""
        place = ":".join(str(one) for one in (file, self.line, self.column) if one is not None)
        return f"{place}: {self.pointer}: {self.reason}" if self.pointer else f"{place}: {self.reason}"


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
    if not token.isascii():
        token = token.encode(errors="backslashreplace").decode()
    return token.replace("~", "~0").replace("/", "~1") if "~" in token or "/" in token else token
