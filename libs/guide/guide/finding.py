"""Findings: what a rule said, with its clause, message, remedy and the facts it used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from guide.messages import message, remedy
from guide.model.call import Clause
from guide.plan import Plan
from guide.words import Effect, Eligible, Lang, Outcome, Owner, Stage, Strength

if TYPE_CHECKING:
    from guide.case import Case, Note, Part, Reading
    from guide.pack import Pack


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where the value of a fact comes from; `at` is when it was so."""

    source: str
    at: datetime | str | None = None
    revision: int | None = None


_REQUEST = Provenance("request")
_PACK = Provenance("pack")


@dataclass(frozen=True, slots=True)
class Decision:
    """A person's recorded decision on a rule that came out manual."""

    rule: str
    outcome: Outcome | str
    reason: str
    by: str
    at: datetime | str

    def as_dict(self) -> dict[str, Any]:
        return {
            "outcome": str(self.outcome),
            "reason": self.reason,
            "by": self.by,
            "at": instant_text(self.at),
        }


class FactUsed(NamedTuple):
    name: str
    value: Any
    source: str
    at: str | None

    def as_dict(self) -> dict[str, Any]:
        return self._asdict()


@dataclass(frozen=True, slots=True)
class Question:
    """What all findings of one evaluation share."""

    pack: Pack
    case: Case
    provenance: Mapping[str, Provenance]
    lang: Lang
    _shown: dict[str, FactUsed] = field(default_factory=dict)

    def used(self, name: str, where: Case) -> FactUsed:
        """A fact that is there or unavailable, as a finding shows it."""
        if where is not self.case:
            return self._used(name, where)
        known = self._shown.get(name)
        if known is None:
            known = self._shown[name] = self._used(name, where)
        return known

    def _used(self, name: str, where: Case) -> FactUsed:
        if name in where.unavailable:
            return FactUsed(name, None, "unavailable", None)
        own = name in where.supplied or where.runtime.owners[name] is Owner.call
        origin = self.provenance.get(name, _PACK if own else _REQUEST)
        value = where.values[name]
        if isinstance(value, datetime):
            value = value.astimezone(self.pack.zone).isoformat()
        return FactUsed(name, value, origin.source, instant_text(origin.at))


@dataclass(slots=True, eq=False)
class Finding:
    """What one rule said. Outcome and effect are decided when it is made; texts and facts are written out
    when somebody asks for them. Not frozen, because forty are made for each question; nobody changes one."""

    _question: Question
    _plan: Plan
    _part: Part
    outcome: Outcome
    effect: Effect
    decision: Decision | None = None

    @property
    def rule(self) -> str:
        return self._plan.rule.id

    @property
    def strength(self) -> Strength:
        return self._plan.rule.strength

    @property
    def due(self) -> Stage:
        return self._plan.rule.due

    @property
    def part_of(self) -> str | None:
        return self._plan.rule.part_of

    @property
    def clause(self) -> Clause:
        return self._plan.clause

    @property
    def missing(self) -> tuple[str, ...]:
        return self._part.missing

    @property
    def notes(self) -> tuple[Note, ...]:
        """Remarks that stand in the message too."""
        return self._part.notes

    @property
    def readings(self) -> tuple[Reading, ...]:
        return self._part.readings

    @property
    def interpretation(self) -> Reading | None:
        """The reading that the outcome turned on: one that is open, else an unsettled one before a settled
        one."""
        return min(self.readings, key=lambda one: (not one.is_open, one.value is not None), default=None)

    @property
    def enters_verdict(self) -> bool:
        return self._plan.counts(self.effect)

    @property
    def freezes(self) -> bool:
        """Whether the applications wait for the bureau."""
        return self.outcome is Outcome.fail and self._plan.rule.on_fail == "freeze"

    def is_due(self, stage: Stage) -> bool:
        return self._plan.due <= stage.order

    @property
    def message(self) -> str:
        question = self._question
        return message(question.pack, self._plan.rule, self._part, question.case.unavailable, question.lang)

    @property
    def remedy(self) -> str | None:
        """What would turn the fail into a pass."""
        return self._remedy()[0]

    @property
    def gap(self) -> dict[str, Any] | None:
        """The distance to a pass: fact, value, unit."""
        return self._remedy()[1]

    def _remedy(self) -> tuple[str | None, dict[str, Any] | None]:
        if self.outcome is not Outcome.fail or self.effect is Effect.priority:
            return None, None
        return remedy(self._plan.rule, self._where, self._question.lang)

    @property
    def _where(self) -> Case:
        """The case in which the outcome was decided."""
        return self._part.case or self._question.case

    @property
    def unavailable(self) -> tuple[str, ...]:
        """Facts of the rule whose owner did not answer."""
        away = self._question.case.unavailable
        return tuple(name for name in self._plan.facts if name in away) if away else ()

    @property
    def facts_used(self) -> tuple[FactUsed, ...]:
        where = self._where
        values, away, used = where.values, where.unavailable, self._question.used
        return tuple([used(name, where) for name in self._plan.facts if name in values or name in away])

    def as_dict(self) -> dict[str, Any]:
        """JSON form; `gap`, `interpretations` and `decision` stand beside the published keys."""
        plan, part = self._plan, self._part
        result = plan.json.copy()
        result["outcome"] = str(self.outcome)
        result["effect"] = str(self.effect)
        result["clause"] = plan.json_clause.copy()
        result["message"] = self.message
        if self.outcome is Outcome.fail:
            result["remedy"], result["gap"] = self._remedy()
        result["facts_used"] = [
            {"name": name, "value": value, "source": source, "at": at}
            for name, value, source, at in self.facts_used
        ]
        result["missing"] = list(part.missing)
        result["interpretations"] = [one.as_dict() for one in part.readings]
        reading = self.interpretation if part.readings else None
        if reading is not None:
            result["interpretation"] = reading.as_dict()
        if self.decision is not None:
            result["decision"] = self.decision.as_dict()
        return result


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The answer to one question; findings in the order of the pack."""

    eligible: Eligible
    findings: tuple[Finding, ...]
    pack_version: str
    stage: Stage

    def finding(self, rule: str) -> Finding:
        """The finding of a rule; KeyError if the category does not have it."""
        for finding in self.findings:
            if finding.rule == rule:
                return finding
        raise KeyError(rule)

    def as_dict(self) -> dict[str, Any]:
        return {
            "eligible": str(self.eligible),
            "findings": [finding.as_dict() for finding in self.findings],
            "pack_version": self.pack_version,
        }


def instant_text(value: datetime | str | None) -> str | None:
    return value.isoformat() if isinstance(value, datetime) else value
