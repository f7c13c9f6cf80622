"""Evaluation: the facts of one application against the rules of its category."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from guide.case import Case, Part
from guide.cases import build_case
from guide.errors import EvaluationRefused, Problem
from guide.facts import unavailable_facts
from guide.finding import Decision, Evaluation, FactUsed, Finding, Provenance, instant_text
from guide.messages import amount, message
from guide.model.base import parse_instant
from guide.model.rules import EffectCases, Remedy, Rule
from guide.pack import Pack
from guide.readings import chosen_readings
from guide.words import VERDICT_EFFECTS, Effect, Eligible, Lang, Outcome, Owner, Stage, Strength

_REQUEST = Provenance("request")
_PACK = Provenance("pack")


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
) -> Evaluation:
    """Findings of every rule of the category, and the verdict.

    `facts` are nested and must have passed `check_facts`; `unavailable` are fact names or `prefix.*` whose
    owner did not answer; the last of several decisions on a rule counts. Raises EvaluationRefused for a
    category that is no leaf of the pack and for a wrong interpretation value.
    """
    stage, lang = Stage(stage), Lang(lang)
    if category not in {leaf.id for leaf in pack.leaves}:
        raise EvaluationRefused(
            [Problem("/category", f"{category!r} is no selectable category of {pack.id}")]
        )
    chosen, problems = chosen_readings(pack, interpretations or {})
    if problems:
        raise EvaluationRefused(problems)
    away = unavailable_facts(pack, unavailable)
    instant = parse_instant(as_of) if isinstance(as_of, str) else as_of
    if instant.tzinfo is None:
        raise EvaluationRefused([Problem("/as_of", "an instant has an offset")])
    case = build_case(pack, category, stage, instant, facts, away, chosen)
    decided = {decision.rule: decision for decision in decisions}
    sources = provenance or {}
    findings = tuple(
        _finding(pack, rule, case, sources, decided.get(rule.id), lang) for rule in pack.rules_for(category)
    )
    return Evaluation(verdict(findings, stage), findings, pack.version, stage)


def verdict(findings: Iterable[Finding], stage: Stage) -> Eligible:
    """Any fail that counts: not eligible; else anything open that is due: pending; else eligible."""
    result = Eligible.eligible
    for finding in findings:
        if not enters_verdict(finding):
            continue
        if finding.outcome is Outcome.fail:
            return Eligible.not_eligible
        opened = finding.outcome in {Outcome.unknown, Outcome.manual}
        if opened and finding.due.order <= stage.order:
            result = Eligible.pending
    return result


def enters_verdict(finding: Finding) -> bool:
    """Priority, obligation, selection and routing never do, nor parts of another rule."""
    return (
        finding.effect in VERDICT_EFFECTS
        and finding.strength is not Strength.ranking
        and finding.part_of is None
    )


def judge(rule: Rule, case: Case) -> Part:
    """Guard first, then the condition."""
    if rule.from_stage is not None and case.stage.order < rule.from_stage.order:
        return Part(Outcome.not_applicable, case=case)
    if rule.guard is not None:
        guard = rule.guard.evaluate(case)
        if guard.outcome is Outcome.fail:
            return replace(guard, outcome=Outcome.not_applicable)
        if guard.outcome in {Outcome.unknown, Outcome.manual}:
            return guard
    return rule.require.evaluate(case)


def _finding(
    pack: Pack,
    rule: Rule,
    case: Case,
    sources: Mapping[str, Provenance],
    decision: Decision | None,
    lang: Lang,
) -> Finding:
    part = judge(rule, case)
    where = part.case or case
    cited = decision if decision is not None and part.outcome is Outcome.manual else None
    if cited is not None:
        part = replace(part, outcome=Outcome(cited.outcome), missing=())
    effect = _effect(rule, where)
    remedy, gap = (None, None)
    if part.outcome is Outcome.fail and effect is not Effect.priority:
        remedy, gap = _remedy(rule, where, lang)
    return Finding(
        rule=rule.id,
        outcome=part.outcome,
        effect=effect,
        strength=rule.strength,
        due=rule.due,
        part_of=rule.part_of,
        clause=pack.clauses[rule.clause],
        message=message(pack, rule, part, case.unavailable, lang),
        remedy=remedy,
        gap=gap,
        facts_used=_facts_used(pack, rule, where, sources),
        missing=part.missing,
        readings=part.readings,
        decision=cited,
        freezes=rule.on_fail == "freeze" and part.outcome is Outcome.fail,
    )


def _effect(rule: Rule, case: Case) -> Effect:
    if not isinstance(rule.effect, EffectCases):
        return rule.effect
    for one in rule.effect.cases:
        if case.program(one.when).truth(case.activation):
            return one.effect
    return rule.effect.otherwise


def _remedy(rule: Rule, case: Case, lang: Lang) -> tuple[str | None, dict[str, Any] | None]:
    for remedy in rule.remedies:
        if remedy.when is not None and not case.program(remedy.when).truth(case.activation):
            continue
        text = remedy.en if lang is Lang.en else remedy.zh
        gap = _gap(remedy, case)
        if gap is None and "{gap}" in text:
            continue
        return (text.replace("{gap}", amount(gap["value"], gap["unit"], lang)) if gap else text), gap
    return None, None


def _gap(remedy: Remedy, case: Case) -> dict[str, Any] | None:
    if remedy.gap is None:
        return None
    value = case.program(remedy.gap.value).value(case.activation)
    return None if value is None else {"fact": remedy.gap.fact, "value": value, "unit": remedy.gap.unit}


def _facts_used(
    pack: Pack, rule: Rule, case: Case, sources: Mapping[str, Provenance]
) -> tuple[FactUsed, ...]:
    used = []
    zone = pack.call.time_zone
    for name in pack.rule_facts[rule.id]:
        if name in case.unavailable:
            used.append(FactUsed(name, None, "unavailable", None))
        elif name in case.values:
            own = name in case.supplied or pack.facts[name].owner is Owner.call
            origin = sources.get(name, _PACK if own else _REQUEST)
            value = case.values[name]
            plain = instant_text(value.astimezone(zone)) if isinstance(value, datetime) else value
            used.append(FactUsed(name, plain, origin.source, instant_text(origin.at)))
    return tuple(used)
