"""Golden cases: questions to a pack with the answers that its author expects, run as prechecks.

A file of cases is a YAML or JSON list. `why` and `title` are for readers, and so is a case that has a `kind`:
it says in words what no precheck can show, and is not run.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import Field, TypeAdapter, ValidationError

from guide.errors import PackRefused, Problem, Refused
from guide.finding import Evaluation, Finding
from guide.load import located, schema_problems
from guide.model.base import Id, InstantText, Prose, Section
from guide.pack import Pack
from guide.request import Request, answer, check_request
from guide.words import Eligible, Lang, Outcome, Stage
from guide.yaml_reader import Places, read_yaml


class CasesRefused(Refused):
    """The text is no list of golden cases."""


class Expected(Section):
    """The outcome of one rule; `clause`: of the clause that it cites, what is named (id, section, lines)."""

    rule: Id
    outcome: Outcome
    clause: dict[str, str] = Field(default_factory=dict)


class Also(Section):
    """What holds beside the outcomes: the verdict, what the verdict is not, rules that do not apply."""

    eligible: Eligible | None = None
    eligible_not: Eligible | None = None
    rules_absent: tuple[Id, ...] = ()


class Case(Section):
    """One question and what is expected of its answer. `guide` may be left out beside a pack of its own."""

    id: Prose
    title: Prose
    guide: Id | None = None
    category: Id
    stage: Stage = Stage.submission
    as_of: InstantText
    facts: dict[str, Any] = Field(default_factory=dict)
    interpretations: dict[str, Any] = Field(default_factory=dict)
    unavailable: tuple[str, ...] = ()
    lang: Lang = Lang.zh
    expect: tuple[Expected, ...] = ()
    also: Also = Also()
    why: str = ""

    def request(self, pack: Pack) -> Request:
        """The precheck that asks this question of the pack."""
        return Request(
            guide=self.guide or pack.id,
            category=self.category,
            stage=self.stage,
            as_of=self.as_of,
            facts=self.facts,
            interpretations=self.interpretations,
            unavailable=list(self.unavailable),
            lang=self.lang,
        )


_CASES = TypeAdapter(tuple[Case, ...])


@dataclass(frozen=True, slots=True)
class Golden:
    """What running a file of cases gave.

    Attributes:
        ran: how many cases.
        rules: those that a case expects something of.
        problems: every expectation that was not met, with its place in the file.
    """

    ran: int
    rules: frozenset[str]
    problems: tuple[Problem, ...]


def run_cases(pack: Pack, text: str | bytes) -> Golden:
    """Put every case of a file to the pack.

    Raises:
        CasesRefused: it is no file of cases, with all reasons.
    """
    cases, places = read_cases(text)
    problems = [
        located(problem, places)
        for pointer, case in cases.items()
        for problem in mismatches(pack, case, pointer)
    ]
    rules = frozenset(one.rule for case in cases.values() for one in case.expect)
    return Golden(len(cases), rules, tuple(problems))


def read_cases(text: str | bytes) -> tuple[dict[str, Case], Places]:
    """The cases of a file by their JSON Pointers, and the places of everything in it.

    Raises:
        CasesRefused: it is no list of cases, or an id stands twice.
    """
    try:
        data, places = read_yaml(text)
    except PackRefused as refused:
        raise CasesRefused(refused.problems) from None
    if not isinstance(data, list):
        raise CasesRefused([Problem("", "a file of cases is a list", 1, 1)])
    pointers = [index for index, one in enumerate(data) if not (isinstance(one, dict) and "kind" in one)]
    try:
        cases = _CASES.validate_python([data[index] for index in pointers])
    except ValidationError as error:
        found = schema_problems(error, [data[index] for index in pointers])
        moved = [_moved(problem, pointers) for problem in found]
        raise CasesRefused([located(problem, places) for problem in moved]) from None
    by_pointer = {f"/{index}": case for index, case in zip(pointers, cases, strict=True)}
    first: dict[str, str] = {}
    for pointer, case in by_pointer.items():
        first.setdefault(case.id, pointer)
    twice = [
        located(Problem(f"{pointer}/id", f"the id {case.id!r} stands twice"), places)
        for pointer, case in by_pointer.items()
        if first[case.id] != pointer
    ]
    if twice:
        raise CasesRefused(twice)
    return by_pointer, places


def _moved(problem: Problem, pointers: list[int]) -> Problem:
    """The pointer into the file, of one into the list of the cases that are run."""
    _, index, *rest = problem.pointer.split("/")
    return Problem("/".join(("", str(pointers[int(index)]), *rest)), problem.reason)


def mismatches(pack: Pack, case: Case, pointer: str = "") -> list[Problem]:
    """Every expectation of the case that the pack does not meet, or why the question is none."""
    request = case.request(pack)
    wrong = check_request(pack, request)
    if wrong:
        return [Problem(pointer + one.pointer, f"{case.id}: {one.reason}") for one in wrong]
    found = _differences(case, answer(pack, request))
    return [Problem(pointer + where, f"{case.id}: {reason}") for where, reason in found]


def _differences(case: Case, evaluation: Evaluation) -> Iterator[tuple[str, str]]:
    found = {finding.rule: finding for finding in evaluation.findings}
    for index, one in enumerate(case.expect):
        here = f"/expect/{index}"
        finding = found.get(one.rule)
        if finding is None:
            yield f"{here}/rule", f"{case.category} has no rule {one.rule!r}"
            continue
        if finding.outcome is not one.outcome:
            yield (
                f"{here}/outcome",
                f"{one.rule} gives {finding.outcome}, not {one.outcome}; {_said(finding)}",
            )
        cited = finding.clause.model_dump(mode="json")
        for name, value in one.clause.items():
            if cited.get(name) != value:
                yield f"{here}/clause/{name}", f"{one.rule} cites {name} {cited.get(name)!r}, not {value!r}"
    verdict, also = evaluation.eligible, case.also
    if also.eligible not in {None, verdict}:
        yield "/also/eligible", f"the verdict is {verdict}, not {also.eligible}; {_deciding(evaluation)}"
    if also.eligible_not is verdict:
        yield "/also/eligible_not", f"the verdict is {verdict}; {_deciding(evaluation)}"
    for index, rule in enumerate(also.rules_absent):
        if rule in found:
            yield f"/also/rules_absent/{index}", f"{case.category} has the rule {rule!r}"


def _said(finding: Finding) -> str:
    return f"clause {finding.clause.id} ({finding.clause.section}): {finding.message}"


def _deciding(evaluation: Evaluation) -> str:
    """The rules that make a verdict what it is."""
    counting = [one for one in evaluation.findings if one.enters_verdict]
    fails = [one.rule for one in counting if one.outcome is Outcome.fail]
    if fails:
        return f"fail: {', '.join(fails)}"
    closed = {Outcome.passed, Outcome.not_applicable}
    stage = evaluation.stage
    undecided = [one.rule for one in counting if one.outcome not in closed and one.is_due(stage)]
    return f"open: {', '.join(undecided)}" if undecided else "no rule speaks against it"
