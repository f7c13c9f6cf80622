"""`absent`: names that must not occur in texts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pydantic import Field

from guide.case import Note
from guide.constructs.base import Construct, Frozen
from guide.functions import hits
from guide.words import Outcome

if TYPE_CHECKING:
    from guide.case import Case, Judge, Part, Runtime

_CONTEXT = 12
_SHORT_NAME = 2


class AbsentArgs(Frozen):
    """`names` and `texts` are facts of type list<text>."""

    names: tuple[str, ...] = Field(min_length=1)
    texts: str


class Absent(Frozen, Construct):
    """No name occurs in the texts (NFKC, white space and case ignored).

    A hit fails even if other name lists are missing; without a hit a missing list leaves it open. A hit on a
    name of two characters is remarked as one to confirm, because it may be a common word.
    """

    absent: AbsentArgs

    def judge(self, runtime: Runtime) -> Judge:
        texts, names = self.absent.texts, self.absent.names

        def judged(case: Case) -> Part:
            missing = case.missing((texts, *names))
            known = [name for fact in names for name in case.values.get(fact, ())]
            found = hits(case.values.get(texts, ()), known)
            if found:
                return case.part(Outcome.fail, missing, tuple(_note(*hit) for hit in found))
            return case.part(Outcome.unknown if missing else Outcome.passed, missing)

        return judged

    def facts(self) -> Iterator[tuple[str, str]]:
        yield "/absent/texts", self.absent.texts
        yield from ((f"/absent/names/{index}", fact) for index, fact in enumerate(self.absent.names))


def _note(name: str, text: str) -> Note:
    at = text.find(name)
    start = max(0, at - _CONTEXT)
    context = text[start : at + len(name) + _CONTEXT] if at >= 0 else text[: 2 * _CONTEXT]
    short = len(name) <= _SHORT_NAME
    return Note(
        f"“{name}”出现于“{context}”" + ("（两字名，待确认）" if short else ""),
        f'"{name}" occurs in "{context}"' + (" (two-character name, to confirm)" if short else ""),
    )
