"""Golden cases beside the rules that they are about: what is expected, and whether it comes out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from guide.errors import Problem
from guide.golden import Case, CasesRefused, mismatches, read_cases
from guide.messages import OUTCOME_WORDS
from guide.pack import Pack
from guide.reading import Labels
from guide.review.terms import VERDICTS, term

MOST_CASES = 2_000
"""Cases that one page takes: a page must be made while somebody waits."""


@dataclass(frozen=True, slots=True)
class CaseEntry:
    """One expectation. `differs`: what comes out instead; None where it is met."""

    id: str
    title: str
    expected: str
    differs: str | None


@dataclass(frozen=True, slots=True)
class Cases:
    """`by_rule`: expectations of single rules; `verdicts`: those of whole applications, as far as a case has
    one; `failed`: expectations that are not met."""

    ran: int
    failed: int
    by_rule: Mapping[str, tuple[CaseEntry, ...]]
    verdicts: tuple[CaseEntry, ...]


def run(pack: Pack, texts: Iterable[str | bytes], labels: Labels) -> Cases:
    """The cases of these files, put to the pack.

    Raises:
        CasesRefused: a text is no file of cases, or there are more than `MOST_CASES`.
    """
    cases = [case for text in texts for case in read_cases(text)[0].values()]
    if len(cases) > MOST_CASES:
        raise CasesRefused([Problem("", f"{len(cases)} cases; at most {MOST_CASES}")])
    by_rule: defaultdict[str, list[CaseEntry]] = defaultdict(list)
    verdicts: list[CaseEntry] = []
    failed = 0
    for case in cases:
        problems = mismatches(pack, case)
        failed += len(problems)
        for index, one in enumerate(case.expect):
            expected = labels.choose(*OUTCOME_WORDS[one.outcome])
            by_rule[one.rule].append(_entry(case, expected, problems, f"/expect/{index}"))
        if case.also.eligible is not None:
            verdicts.append(_entry(case, term(VERDICTS, case.also.eligible, labels), problems, "/also"))
    return Cases(len(cases), failed, {rule: tuple(some) for rule, some in by_rule.items()}, tuple(verdicts))


def _entry(case: Case, expected: str, problems: list[Problem], place: str) -> CaseEntry:
    """Not met if its own expectation is not, or if the question itself is refused."""
    own = ("/expect/", "/also")
    wrong = [one for one in problems if _below(one.pointer, place) or not one.pointer.startswith(own)]
    return CaseEntry(case.id, case.title, expected, "; ".join(one.reason for one in wrong) or None)


def _below(pointer: str, place: str) -> bool:
    return pointer == place or pointer.startswith(f"{place}/")
