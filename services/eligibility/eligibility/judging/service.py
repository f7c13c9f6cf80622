"""One question to a pack, with facts from several owners and the decisions that people have recorded."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from common.errors import FieldError, Unprocessable
from guide import Decision, EvaluationRefused, Pack, Problem, Provenance, StageDecision, decide, evaluate

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
        decisions: oldest first; the last one on a rule counts. A decided fact replaces one that its owner
            stated earlier.

    Raises:
        QuestionRefused: a category or an interpretation that the pack does not have.
    """
    decisions = list({decision.rule: decision for decision in decisions}.values())
    known = _with_decided(facts, decisions)
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
                Decision(one.rule, one.outcome, one.reason, one.by, one.at)
                for one in decisions
                if one.outcome is not None
            ],
            lang=lang,
        )
    except EvaluationRefused as error:
        raise refused(error.problems) from error
    findings = [finding.as_dict() for finding in evaluation.findings]
    cited = _cite(findings, decisions)
    return Judgement(
        eligible=str(evaluation.eligible),
        findings=findings,
        decision=decide(pack, stage, evaluation),
        facts=known,
        cited=cited,
        pack_version=evaluation.pack_version,
    )


def _with_decided(facts: Sequence[Fact], decisions: Sequence[Decided]) -> list[Fact]:
    known = {fact.name: fact for fact in facts}
    for decision in decisions:
        for name, value in (decision.facts or {}).items():
            stated = known.get(name)
            if stated is not None and stated.at is not None and stated.at > decision.at:
                continue
            known[name] = Fact(name, value, BY_DECISION, decision.at, str(decision.id))
    return list(known.values())


def _cite(findings: list[dict[str, Any]], decisions: Sequence[Decided]) -> list[UUID]:
    """Put the whole decision into the finding that rests on it."""
    by_rule = {decision.rule: decision for decision in decisions}
    cited: list[UUID] = []
    for finding in findings:
        decision = by_rule.get(finding["rule"])
        if decision is None:
            continue
        used = {fact["name"] for fact in finding["facts_used"] if fact["source"] == BY_DECISION}
        if "decision" in finding or used & set(decision.facts or {}):
            finding["decision"] = decision.as_dict()
            cited.append(decision.id)
    return cited
