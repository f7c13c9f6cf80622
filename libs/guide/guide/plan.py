"""A rule with what is the same for every case, worked out once when the pack is loaded."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from guide.case import PLAIN
from guide.constructs.evidence import array_of
from guide.constructs.logic import guarded
from guide.model.rules import EffectCase, EffectCases, Rule
from guide.words import VERDICT_EFFECTS, Effect, Outcome, Strength

if TYPE_CHECKING:
    from guide.case import Case, Judge, Runtime
    from guide.expressions import Programs
    from guide.model.call import Clause


@dataclass(frozen=True, slots=True)
class Plan:
    """`facts` are those that the rule reads, each once, guard first; `due` is a stage's number.

    The effect is that of the first of `effect_cases` that holds, else `effect`. `may_count`: the rule enters
    the verdict if its effect does. `json` is a finding's JSON as far as it is known, all keys in order.
    """

    rule: Rule
    clause: Clause
    facts: tuple[str, ...]
    judge: Judge
    effect: Effect
    effect_cases: tuple[EffectCase, ...]
    due: int
    may_count: bool
    json: dict[str, Any]
    json_clause: dict[str, Any]

    def citing(self, clause: Clause) -> Plan:
        """The same rule, for a category that states it in a clause of its own."""
        return replace(self, clause=clause, json_clause=clause_json(clause))

    def effect_in(self, case: Case) -> Effect:
        """What a fail of the rule does in this case; a condition that cannot be decided is passed over."""
        for one in self.effect_cases:
            if case.value(one.when):
                return one.effect
        return self.effect

    def counts(self, effect: Effect) -> bool:
        """Priority, obligation, selection and routing never enter the verdict, nor parts of another rule."""
        return self.may_count and effect in VERDICT_EFFECTS


def plan_of(rule: Rule, clause: Clause, runtime: Runtime) -> Plan:
    return Plan(
        rule,
        clause,
        facts_of(rule, runtime.programs),
        _judge_of(rule, runtime),
        rule.effect.otherwise if isinstance(rule.effect, EffectCases) else rule.effect,
        rule.effect.cases if isinstance(rule.effect, EffectCases) else (),
        due=rule.due.order,
        may_count=rule.strength is not Strength.ranking and rule.part_of is None,
        json={
            "rule": rule.id,
            "outcome": None,
            "effect": None,
            "strength": str(rule.strength),
            "due": str(rule.due),
            "part_of": rule.part_of,
            "clause": None,
            "message": None,
            "remedy": None,
            "gap": None,
            "facts_used": None,
            "missing": None,
            "interpretation": None,
            "interpretations": None,
        },
        json_clause=clause_json(clause),
    )


def _judge_of(rule: Rule, runtime: Runtime) -> Judge:
    """Stage first, then the guard, then the condition."""
    judge = rule.require.judge(runtime)
    if rule.guard is not None:
        judge = guarded(rule.guard.judge(runtime), judge)
    return judge if rule.from_stage is None else _from_stage(rule.from_stage.order, judge)


def _from_stage(start: int, judge: Judge) -> Judge:
    not_yet = PLAIN[Outcome.not_applicable]
    return lambda case: not_yet if case.stage.order < start else judge(case)


def facts_of(rule: Rule, programs: Programs) -> tuple[str, ...]:
    """Facts that a rule reads, each once, guard first."""
    found: dict[str, None] = {}
    for root in (rule.guard, rule.require):
        if root is None:
            continue
        for _, node in root.walk():
            for _, expression in node.conditions():
                found.update(dict.fromkeys(programs.names(expression)))
            for _, expression, _ in node.terms():
                found.update(dict.fromkeys(programs.names(expression)))
            found.update((array_of(fact), None) for _, fact in node.facts())
    if isinstance(rule.effect, EffectCases):
        for one in rule.effect.cases:
            found.update(dict.fromkeys(programs.names(one.when)))
    found.update(dict.fromkeys(rule.cites))
    return tuple(found)


def clause_json(clause: Clause) -> dict[str, Any]:
    return {
        "id": clause.id,
        "document": clause.document,
        "section": clause.section,
        "lines": clause.lines,
        "text_zh": clause.text_zh,
        "text_en": clause.text_en,
    }
