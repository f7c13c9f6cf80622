"""What people have decided, as it enters a question: as facts, or as outcomes of single rules. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from guide import Decision, Pack, Provenance, exception_outcome

BY_DECISION = "decision"
"""Source of facts that a decision stated."""


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


class Taken(NamedTuple):
    """A question with the decisions in it: all `facts`, `outcomes` of rules, and the decisions that count."""

    facts: list[Fact]
    outcomes: list[Decision]
    standing: list[Decided]


def take_in(pack: Pack, category: str, facts: Sequence[Fact], decisions: Sequence[Decided]) -> Taken:
    """Put decisions into a question.

    Args:
        facts: by dotted name, one per name.
        decisions: oldest first; the last one on a rule counts, an outcome beside the facts before it. A
            decided fact replaces one that its owner stated earlier; an exception from a clause in principle
            (原则上) holds for its own rule only.
    """
    standing = _standing(decisions)
    outcomes = _outcomes(pack, category, standing)
    return Taken(
        _with_decided(facts, [one for one in standing if one.id not in outcomes]),
        [
            Decision(one.rule, outcomes[one.id], one.reason, one.by, one.at)
            for one in standing
            if one.id in outcomes
        ],
        standing,
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
