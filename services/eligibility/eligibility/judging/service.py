"""One question to a pack, with facts from several owners and the decisions that people have recorded."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from common.errors import FieldError, Unprocessable
from eligibility.judging.deciding import BY_DECISION, Decided, Fact, take_in
from guide import EvaluationRefused, Pack, Problem, StageDecision, decide, evaluate


class QuestionRefused(Unprocessable):
    code = "eligibility.question_refused"
    title_zh, title_en = "提问内容不符合词汇表", "The question does not follow the vocabulary"


def refused(problems: Iterable[Problem]) -> QuestionRefused:
    """The error for what the pack found wrong with a question; pointers are into its body."""
    return QuestionRefused(
        errors=[FieldError(one.pointer, "vocabulary", one.reason) for one in list(problems)[:100]]
    )


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
        decisions: oldest first; how they count says `take_in`.

    Raises:
        QuestionRefused: a category or an interpretation that the pack does not have.
    """
    known, outcomes, standing = take_in(pack, category, facts, decisions)
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
            decisions=outcomes,
            lang=lang,
        )
    except EvaluationRefused as error:
        raise refused(error.problems) from error
    findings = [finding.as_dict() for finding in evaluation.findings]
    cited = _cite(findings, standing, known)
    return Judgement(
        eligible=str(evaluation.eligible),
        findings=findings,
        decision=decide(pack, stage, evaluation),
        facts=known,
        cited=cited,
        pack_version=evaluation.pack_version,
    )


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
