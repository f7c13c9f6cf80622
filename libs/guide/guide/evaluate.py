"""Evaluation: the facts of one application against the rules of its category."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from guide.cases import build_case
from guide.errors import EvaluationRefused, Problem
from guide.facts import unavailable_facts
from guide.finding import Decision, Evaluation, Finding, Provenance, Question
from guide.model.base import check_year, parse_instant
from guide.pack import Pack
from guide.plan import Plan
from guide.readings import chosen_readings
from guide.words import Eligible, Lang, Outcome, Stage


def evaluate(
    pack: Pack,
    *,
    category: str,
    stage: Stage | str = Stage.submission,
    as_of: datetime | str,
    facts: Mapping[str, Any],
    interpretations: Mapping[str, Any] | None = None,
    unavailable: Iterable[str] = (),
    provenance: Mapping[str, Provenance] | None = None,
    decisions: Sequence[Decision] = (),
    lang: Lang | str = Lang.zh,
    only: Container[str] | None = None,
) -> Evaluation:
    """Findings of every rule of the category, and the verdict.

    `facts` are nested and must have passed `check_facts`; `unavailable` are fact names or `prefix.*` whose
    owner did not answer; the last of several decisions on a rule counts. `only`: judge these rules alone, as
    if the category had no other. Raises EvaluationRefused for a category that is no leaf of the pack, for a
    wrong interpretation value and for an `as_of` without offset or outside the years 1900 to 2200.
    """
    stage, lang = Stage(stage), Lang(lang)
    if not pack.is_leaf(category):
        raise EvaluationRefused(
            [Problem("/category", f"{category!r} is no selectable category of {pack.id}")]
        )
    chosen, problems = chosen_readings(pack, interpretations or {})
    if problems:
        raise EvaluationRefused(problems)
    away = unavailable_facts(pack, unavailable)
    case = build_case(pack, category, stage, _instant(as_of), facts, away, chosen)
    question = Question(pack, case, provenance or {}, lang)
    plans = pack.plans_for(category)
    if only is not None:
        plans = tuple(plan for plan in plans if plan.rule.id in only)
    findings = _findings(question, plans, {one.rule: one for one in decisions})
    return Evaluation(verdict(findings, stage), findings, pack.version, stage)


def _instant(as_of: datetime | str) -> datetime:
    try:
        instant = parse_instant(as_of) if isinstance(as_of, str) else as_of
        check_year(instant)
    except ValueError as error:
        raise EvaluationRefused([Problem("/as_of", str(error))]) from None
    if instant.tzinfo is None:
        raise EvaluationRefused([Problem("/as_of", "an instant has an offset")])
    return instant


def verdict(findings: Iterable[Finding], stage: Stage) -> Eligible:
    """Any fail that counts: not eligible; else anything open that is due: pending; else eligible."""
    result = Eligible.eligible
    for finding in findings:
        outcome = finding.outcome
        if outcome is Outcome.passed or outcome is Outcome.not_applicable or not finding.enters_verdict:
            continue
        if outcome is Outcome.fail:
            return Eligible.not_eligible
        if finding.is_due(stage):
            result = Eligible.pending
    return result


def _findings(
    question: Question, plans: Iterable[Plan], decisions: Mapping[str, Decision]
) -> tuple[Finding, ...]:
    findings = []
    case = question.case
    for plan in plans:
        part = plan.judge(case)
        effect = plan.effect_in(part.case or case) if plan.effect_cases else plan.effect
        decision = decisions.get(plan.rule.id) if part.outcome is Outcome.manual else None
        if decision is not None:  # settles what is manual, and nothing else
            part = part._replace(outcome=Outcome(decision.outcome), missing=())
        findings.append(Finding(question, plan, part, part.outcome, effect, decision))
    return tuple(findings)
