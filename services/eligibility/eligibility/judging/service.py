"""One question to a pack, with facts from several owners and the decisions that people have recorded."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from common.errors import FieldError, Unprocessable
from guide import (
    Decision,
    EvaluationRefused,
    Pack,
    Problem,
    Provenance,
    StageDecision,
    decide,
    evaluate,
    exception_outcome,
)

BY_DECISION = "decision"


class QuestionRefused(Unprocessable):
    code = "eligibility.question_refused"
    title_zh, title_en = "提问内容不符合词汇表", "The question does not follow the vocabulary"


def refused(problems: Iterable[Problem]) -> QuestionRefused:
    """The error for what the pack found wrong with a question; pointers are into its body."""
    return QuestionRefused(
        errors=[FieldError(one.pointer, "vocabulary", one.reason) for one in list(problems)[:100]]
    )


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact's value and where it comes from; `at` is when it was so, `revision` the owner's own count."""

    name: str
    value: Any
    source: str | None = None
    at: datetime | None = None
    revision: int | str | None = None

    def provenance(self) -> Provenance:
        revision = self.revision if isinstance(self.revision, int) else None
        return Provenance(self.source or "request", self.at, revision)


@dataclass(frozen=True, slots=True)
class Decided:
    """A person's decision on a finding: reviewer's facts, or an outcome for a rule that has none."""

    id: UUID
    rule: str
    facts: Mapping[str, Any] | None
    outcome: str | None
    reason: str
    evidence: Sequence[str]
    by: str
    at: datetime

    def as_dict(self) -> dict[str, Any]:
        return {
            "id": str(self.id),
            "outcome": self.outcome,
            "facts": dict(self.facts) if self.facts is not None else None,
            "reason": self.reason,
            "evidence": list(self.evidence),
            "by": self.by,
            "at": self.at.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class Judgement:
    """The answer. `findings` are plain JSON; `facts` are those that were judged."""

    eligible: str
    findings: list[dict[str, Any]]
    decision: StageDecision
    facts: list[Fact]
    cited: list[UUID]
    pack_version: str


def judge(
    pack: Pack,
    *,
    category: str,
    stage: str,
    as_of: datetime,
    facts: Sequence[Fact],
    interpretations: Mapping[str, Any] | None = None,
    unavailable: Sequence[str] = (),
    decisions: Sequence[Decided] = (),
    lang: str = "zh",
) -> Judgement:
    """Evaluate all rules of the category and apply the stage table.

    Args:
        facts: by dotted name, checked; one per name.
        decisions: oldest first; the last one on a rule counts, an outcome beside the facts before it. A
            decided fact replaces one that its owner stated earlier; an exception from a clause in principle
            (原则上) holds for its own rule only.

    Raises:
        QuestionRefused: a category or an interpretation that the pack does not have.
    """
    decisions = _standing(decisions)
    outcomes = _outcomes(pack, category, decisions)
    known = _with_decided(facts, [one for one in decisions if one.id not in outcomes])
    try:
        evaluation = evaluate(
            pack,
            category=category,
            stage=stage,
            as_of=as_of,
            facts={fact.name: fact.value for fact in known},
            interpretations=interpretations,
            unavailable=unavailable,
            provenance={fact.name: fact.provenance() for fact in known},
            decisions=[
                Decision(one.rule, outcomes[one.id], one.reason, one.by, one.at)
                for one in decisions
                if one.id in outcomes
            ],
            lang=lang,
        )
    except EvaluationRefused as error:
        raise refused(error.problems) from error
    findings = [finding.as_dict() for finding in evaluation.findings]
    cited = _cite(findings, decisions, known)
    return Judgement(
        eligible=str(evaluation.eligible),
        findings=findings,
        decision=decide(pack, stage, evaluation),
        facts=known,
        cited=cited,
        pack_version=evaluation.pack_version,
    )


def _standing(decisions: Sequence[Decided]) -> list[Decided]:
    """The last decision on each rule. An outcome is taken on top of facts and leaves them stand; facts that
    are stated anew set an earlier outcome aside."""
    facts: dict[str, Decided] = {}
    outcomes: dict[str, Decided] = {}
    for decision in decisions:
        if decision.outcome is None:
            facts[decision.rule] = decision
            outcomes.pop(decision.rule, None)
        else:
            outcomes[decision.rule] = decision
    return [*facts.values(), *outcomes.values()]


def _with_decided(facts: Sequence[Fact], decisions: Sequence[Decided]) -> list[Fact]:
    known = {fact.name: fact for fact in facts}
    for decision in decisions:
        for name, value in (decision.facts or {}).items():
            stated = known.get(name)
            if stated is not None and stated.at is not None and stated.at > decision.at:
                continue
            known[name] = Fact(name, value, BY_DECISION, decision.at, str(decision.id))
    return list(known.values())


def _outcomes(pack: Pack, category: str, decisions: Sequence[Decided]) -> dict[UUID, str]:
    """Outcomes by decision: stated as such, or as a word on the rule's exception."""
    found: dict[UUID, str] = {}
    rules = {rule.id for rule in pack.rules_for(category)}
    for one in decisions:
        outcome = one.outcome
        if outcome is None and one.rule in rules:
            outcome = exception_outcome(pack, one.rule, one.facts or {})
        if outcome is not None:
            found[one.id] = str(outcome)
    return found


def _cite(findings: list[dict[str, Any]], decisions: Sequence[Decided], known: Sequence[Fact]) -> list[UUID]:
    """Put the whole decision into every finding that rests on it, also by a fact that another rule's
    decision stated."""
    by_rule = {decision.rule: decision for decision in decisions}
    by_id = {str(decision.id): decision for decision in decisions}
    stating = {fact.name: by_id[str(fact.revision)] for fact in known if fact.source == BY_DECISION}
    cited: dict[UUID, None] = {}
    for finding in findings:
        own = by_rule.get(finding["rule"])
        used = [stating[fact["name"]] for fact in finding["facts_used"] if fact["source"] == BY_DECISION]
        decision = own if "decision" in finding or own in used else next(iter(used), None)
        if decision is not None:
            finding["decision"] = decision.as_dict()
            cited[decision.id] = None
    return list(cited)
