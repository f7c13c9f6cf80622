"""Formal review (形式审查): judgements on findings, and the decision that stands on a fresh assessment."""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from common import audit
from common.actor import Actor
from common.client import ServiceClient
from common.clock import clock
from common.db import Database
from common.errors import (
    Conflict,
    FieldError,
    NotFound,
    OwnerUnavailable,
    RevisionMismatch,
    Unprocessable,
)
from common.idempotency import keep
from common.ids import derived_id, new_id
from common.roles import Role
from guide import Pack
from intake.applications import assessing, states
from intake.applications import service as applications
from intake.applications.models import Application
from intake.clients import AssessmentAnswer
from intake.reviews.models import FormalReview
from intake.reviews.schemas import DecisionIn, DecisionOut, FormalReviewIn, FormalReviewOut
from intake.reviews.service import begin, check, pack_of

REVIEWERS = (Role.officer, Role.formal_reviewer)
STAGE = "formal_review"
# reviewers' facts that earlier steps have put on record; they are not stated a second time
RECORDED = ("initial_review.", "recommendation.", "notice.")


class FindingsUndecided(Conflict):
    """A hard finding that is due fails, or is not decided; the findings stand in `findings`."""

    code = "intake.findings_undecided"
    title_zh, title_en = "仍有条款未通过或未作出判断", "Findings fail or are undecided"


async def decide_finding(
    db: Database,
    client: ServiceClient,
    actor: Actor,
    application_id: UUID,
    rule: str,
    wanted: DecisionIn,
    key: str | None,
) -> DecisionOut:
    """Record a person's judgement on a rule with eligibility, where later assessments cite it.

    Args:
        key: the caller's idempotency key; a repeated call finds the decision that it made.

    Raises:
        as `reviews.service.begin`; NotFound for a rule that the category does not have.
        Unprocessable: neither facts nor an outcome, or a fact that is not a reviewer's.
        OwnerUnavailable: eligibility is away; repeat later.
    """
    async with db.read(actor) as session:
        application = await applications.visible(session, actor, application_id)
        await check(session, actor, application, "decide_finding", *REVIEWERS)
        pack = await pack_of(session, application)
    if rule not in {one.id for one in pack.rules_for(application.category)}:
        raise NotFound
    _check_decision(pack, wanted)
    decision_id = derived_id(application_id, f"{rule}/{actor.label}/{key}") if key else new_id()
    await client.call(
        "eligibility",
        "POST",
        "/v1/decisions",
        cities=(application.city,),
        json={
            "id": decision_id,
            "application_id": application_id,
            "city": application.city,
            "rule": rule,
            **wanted.model_dump(),
            "decided_by": actor.label,
            "decided_at": clock.business(),
        },
    )
    decided = DecisionOut(id=decision_id, application_id=application_id, rule=rule)
    async with db.write(actor) as session:
        await audit.record(
            session,
            actor,
            action="finding.decided",
            object_type="decision",
            object_id=decision_id,
            city=application.city,
            application_id=application_id,
            data={"rule": rule, "outcome": wanted.outcome, "facts": sorted(wanted.facts or {})},
        )
        await keep(session, decided, status=201)
    return decided


def _check_decision(pack: Pack, wanted: DecisionIn) -> None:
    if (not wanted.facts) == (wanted.outcome is None):
        raise Unprocessable(errors=[FieldError("/outcome", "choice", "state either facts or an outcome")])
    faults = [
        FieldError(f"/facts/{name}", "not_a_reviewers_fact", "only facts owned by the reviewer can be stated")
        for name in wanted.facts or {}
        if name not in pack.facts or pack.facts[name].owner != "rev" or name.startswith(RECORDED)
    ]
    if faults:
        raise Unprocessable(errors=faults)


async def review(
    db: Database, client: ServiceClient, actor: Actor, application_id: UUID, wanted: FormalReviewIn
) -> FormalReviewOut:
    """Pass or fail an accepted application on an assessment taken now.

    A pass needs every hard finding that is due to be decided and to hold. A fail records the rules that
    failed; where none did, it needs a reason.

    Raises:
        as `reviews.service.begin`.
        FindingsUndecided: a pass while a finding stands against it.
        Unprocessable: a fail without a failing rule and without a reason.
        OwnerUnavailable: eligibility is away, or an owner whose facts a pass needs; repeat later.
        RevisionMismatch: the application changed meanwhile.
    """
    async with db.read(actor) as session:
        application = await applications.visible(session, actor, application_id)
        await check(session, actor, application, "formal_review", *REVIEWERS)
        revision = application.revision
    assessment = await assessing.assess(db, client, application, STAGE, clock.business(), new_id())
    rules = _deciding(assessment, wanted)
    async with db.write(actor) as session:
        application = await begin(session, actor, application_id, "formal_review", *REVIEWERS)
        if application.revision != revision:
            raise RevisionMismatch(extra={"revision": application.revision})
        await _decide(session, actor, application, wanted, rules, assessment_id_of(assessment))
        reviewed = FormalReviewOut(
            application=await applications.present_one(session, actor, application),
            rules=rules,
            assessment_id=assessment_id_of(assessment),
            findings=assessment.findings,
        )
        await keep(session, reviewed)
    return reviewed


def assessment_id_of(assessment: AssessmentAnswer) -> UUID:
    """The id of an assessment that eligibility took; it always has one when eligibility answered."""
    if assessment.id is None:
        raise ValueError("an assessment without an id")
    return assessment.id


def open_findings(assessment: AssessmentAnswer) -> list[dict[str, Any]]:
    """The findings that keep an assessment from being admitted."""
    return [one for one in assessment.findings if one["rule"] in assessment.decision.rules]


def demand_admitted(assessment: AssessmentAnswer) -> None:
    """Nothing stands against it.

    Raises:
        OwnerUnavailable: none fails, but one wants a fact whose owner did not answer; that is no finding that
            a person could decide, and with the owner back it is another one.
        FindingsUndecided: a finding fails, or a person must decide it.
    """
    if assessment.decision.decision == "admit":
        return
    findings = open_findings(assessment)
    used = [fact for one in findings for fact in one["facts_used"] if fact["source"] == "unavailable"]
    if used and all(one["outcome"] != "fail" for one in findings):
        raise OwnerUnavailable("quota" if used[0]["name"].startswith("quota.") else "documents")
    raise FindingsUndecided(extra={"findings": findings})


def _deciding(assessment: AssessmentAnswer, wanted: FormalReviewIn) -> list[str]:
    if wanted.decision == "pass":
        demand_admitted(assessment)
        return []
    rules = assessment.decision.rules if assessment.decision.decision == "refuse" else []
    if not rules and wanted.reason is None:
        raise Unprocessable(
            errors=[FieldError("/reason", "missing", "no rule fails; a fail then needs a reason")]
        )
    return rules


async def _decide(
    session: AsyncSession,
    actor: Actor,
    application: Application,
    wanted: FormalReviewIn,
    rules: list[str],
    assessment_id: UUID,
) -> None:
    now = clock.business()
    review = FormalReview(
        id=new_id(),
        city=application.city,
        application_id=application.id,
        decision=wanted.decision,
        reason=wanted.reason,
        rules=rules,
        assessment_id=assessment_id,
        decided_by=actor.label,
        decided_at=now,
    )
    session.add(review)
    states.advance(application, "formal_review", wanted.decision)
    application.rely_on(STAGE, assessment_id)
    if wanted.decision == "pass":
        application.failure = None
    else:
        application.fail_with("intake.formal_review_failed", rules, wanted.reason)
    application.touch(now)
    await audit.record(
        session,
        actor,
        action="application.formally_reviewed",
        object_type="formal_review",
        object_id=review.id,
        city=application.city,
        application_id=application.id,
        data={"decision": wanted.decision, "rules": rules, "assessment_id": assessment_id},
    )
