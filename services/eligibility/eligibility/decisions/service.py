"""Decisions of people on findings that the rules leave to them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from common import audit
from common.actor import Actor
from common.clock import clock
from common.db import Database
from common.errors import Conflict, FieldError, NotFound, Unprocessable
from eligibility.assessments import service as assessments
from eligibility.assessments.models import Assessment
from eligibility.decisions import queries
from eligibility.decisions.models import Decision
from eligibility.decisions.schemas import DecisionIn
from eligibility.guides import service as guides
from eligibility.guides.packs import Packs
from eligibility.judging.deciding import Decided
from guide import Owner, Pack, check_facts


class NotAssessed(NotFound):
    code = "eligibility.not_assessed"
    title_zh, title_en = "该申报尚未评估", "The application has not been assessed"


class RuleUnknown(Unprocessable):
    code = "eligibility.rule_unknown"
    title_zh, title_en = "该类别没有这条规则", "The category has no such rule"


class DecisionInvalid(Unprocessable):
    code = "eligibility.decision_invalid"
    title_zh, title_en = "决定内容与规则不符", "The decision does not fit the rule"


class NotForPerson(Conflict):
    code = "eligibility.finding_not_manual"
    title_zh, title_en = "该结论不由人工决定", "This finding is not for a person to decide"


class DecisionTaken(Conflict):
    code = "eligibility.decision_taken"
    title_zh, title_en = "该编号的决定已存在且内容不同", "A decision with this id and other content exists"


async def record(database: Database, packs: Packs, actor: Actor, body: DecisionIn) -> tuple[Decision, bool]:
    """Record a decision on a finding of the application's newest assessment; stored ones stay as they are.

    The bool is False for a repeated id.

    Raises:
        NotAssessed: there is no finding to decide on.
        RuleUnknown, DecisionInvalid: not a rule of the category; not its reviewer's facts; wrong values.
        NotForPerson: an outcome for a finding that is neither manual, soft, nor decided before.
        DecisionTaken: the id stands for another decision.
        Forbidden: not the caller's city.
    """
    acting = actor.in_city(body.city)
    async with database.read(acting) as session:
        known = await queries.by_id(session, body.id)
        latest = await assessments.latest(session, body.application_id)
    if known is not None:
        return _same(known, body), False
    if latest is None:
        raise NotAssessed
    pack = await guides.pack(database, packs, latest.guide, latest.pack_version, staged_too=True)
    _check(pack, latest, body)
    return await _store(database, acting, body, latest.id)


async def standing(session: AsyncSession, application_id: UUID, as_of: datetime) -> list[Decided]:
    """Decisions on an application taken not after the instant, oldest first."""
    return [decided(row) for row in await queries.by_applications(session, [application_id], as_of)]


def decided(row: Decision) -> Decided:
    """A decision as it enters a question."""
    return Decided(
        id=row.id,
        rule=row.rule,
        facts=row.facts,
        outcome=row.outcome,
        reason=row.reason,
        evidence=row.evidence,
        by=row.decided_by,
        at=row.decided_at,
    )


async def by_applications(session: AsyncSession, ids: list[UUID]) -> list[Decision]:
    """Decisions on these applications in the block's cities, oldest first."""
    return list(await queries.by_applications(session, ids))


def _same(known: Decision, body: DecisionIn) -> Decision:
    stated = (known.application_id, known.rule, known.facts, known.outcome)
    if stated != (body.application_id, body.rule, body.facts, body.outcome):
        raise DecisionTaken
    return known


def _check(pack: Pack, latest: Assessment, body: DecisionIn) -> None:
    if body.rule not in {rule.id for rule in pack.rules_for(latest.category)}:
        raise RuleUnknown(errors=[FieldError("/rule", "rule", f"no rule of {latest.category}")])
    of_reviewer = [name for name in pack.rule_facts[body.rule] if pack.facts[name].owner == Owner.rev]
    if (body.facts is None) == (body.outcome is None):
        raise DecisionInvalid(errors=[FieldError("", "choice", "either facts or an outcome is expected")])
    if of_reviewer and (body.facts is not None or not _left_open_by_guide(latest, body.rule, of_reviewer)):
        _check_facts(pack, latest.category, of_reviewer, body)
    elif body.outcome is None:
        raise DecisionInvalid(
            errors=[FieldError("/facts", "choice", "the rule reads no reviewer's fact: state an outcome")]
        )
    else:
        _check_open(latest, body.rule)


def _check_facts(pack: Pack, category: str, of_reviewer: list[str], body: DecisionIn) -> None:
    if body.facts is None:
        wanted = ", ".join(of_reviewer)
        raise DecisionInvalid(errors=[FieldError("/outcome", "choice", f"the rule reads {wanted}: state it")])
    errors = [
        FieldError(f"/facts/{name}", "owner", "no reviewer's fact of this rule")
        for name in body.facts
        if name not in of_reviewer
    ]
    errors += [
        FieldError(f"/facts/{name}", "required", "a decision states a value")
        for name, value in body.facts.items()
        if value is None or value == ""
    ]
    if not errors:
        found = check_facts(pack, category, body.facts, "/facts")
        errors = [FieldError(one.pointer, "vocabulary", one.reason) for one in found]
    if errors:
        raise DecisionInvalid(errors=errors)


def _left_open_by_guide(latest: Assessment, rule: str, of_reviewer: list[str]) -> bool:
    """Manual though no reviewer's fact is missing: a reading is not settled, so only an outcome decides."""
    finding = next(one for one in latest.findings if one["rule"] == rule)
    decided = finding.get("decision")
    by_outcome = decided is not None and decided["outcome"] is not None
    return by_outcome or (finding["outcome"] == "manual" and set(of_reviewer).isdisjoint(finding["missing"]))


def _check_open(latest: Assessment, rule: str) -> None:
    """A fail or pass that figures have decided is nobody's to overrule."""
    finding = next(one for one in latest.findings if one["rule"] == rule)
    left_to_people = finding["outcome"] == "manual" or finding["strength"] == "soft"
    if not left_to_people and finding.get("decision") is None:
        raise NotForPerson(extra={"outcome": finding["outcome"]})


async def _store(
    database: Database, actor: Actor, body: DecisionIn, assessment_id: UUID
) -> tuple[Decision, bool]:
    values: dict[str, Any] = {
        "id": body.id,
        "city": body.city,
        "application_id": body.application_id,
        "assessment_id": assessment_id,
        "rule": body.rule,
        "facts": body.facts,
        "outcome": body.outcome,
        "reason": body.reason,
        "evidence": body.evidence,
        "decided_by": body.decided_by,
        "decided_at": body.decided_at,
        "recorded_at": clock.business(),
    }
    async with database.write(actor) as session:
        row = await queries.keep(session, values)
        if row is None:
            known = await queries.by_id(session, body.id)
            if known is None:
                raise DecisionTaken
            return _same(known, body), False
        await audit.record(
            session,
            actor,
            action="decision.recorded",
            object_type="decision",
            object_id=body.id,
            city=body.city,
            application_id=body.application_id,
            data={
                "rule": body.rule,
                "outcome": body.outcome,
                "facts": sorted(body.facts or {}),
                "decided_by": body.decided_by,
                "assessment_id": str(assessment_id),
            },
        )
    return row, True
