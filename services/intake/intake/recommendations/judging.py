"""Step 2 of recommending, outside any transaction: eligibility assesses, then quota holds a place."""

from dataclasses import dataclass
from typing import Any

from common import faults
from common.actor import Actor
from common.client import ServiceClient
from common.db import Database
from guide import Pack
from intake.applications import assessing
from intake.applications.facts import Fact
from intake.clients import AssessmentAnswer
from intake.recommendations import places
from intake.recommendations.models import Recommendation
from intake.recommendations.places import Taken

ASSESSED = faults.point("intake.recommend.assessed")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What step 2 found: the findings, and whether and why it goes no further."""

    assessment: AssessmentAnswer
    findings: list[dict[str, Any]]
    taken: Taken | None
    refusing: list[str]


async def judge(
    db: Database, client: ServiceClient, actor: Actor, recommendation: Recommendation, pack: Pack
) -> Verdict:
    """Assess, then hold; both find their earlier answer by the recommendation's id.

    Raises:
        OwnerUnavailable: eligibility or quota is away.
    """
    application, _ = await assessing.read(db, recommendation.application_id, recommendation.city)
    received = recommendation.received_at
    assessment = await assessing.assess(
        db,
        client,
        application,
        "recommendation",
        received,
        recommendation.assessment_id,
        extra_facts=[Fact("recommendation.received_at", received.isoformat(), "clock", received)],
    )
    await faults.reach(ASSESSED)
    if assessment.decision.decision == "refuse":
        return Verdict(assessment, assessment.findings, None, assessment.decision.rules)
    if application.category not in {block.category for block in pack.quota_blocks}:
        taken = Taken(outcome="not_limited")
    elif recommendation.pool_key is None:
        taken = Taken(outcome="unknown_row")
    else:
        taken = await places.take(
            client,
            subject=recommendation.id,
            city=recommendation.city,
            pool_key=recommendation.pool_key,
            application_id=application.id,
            decided_by=actor.label,
        )
    findings = places.judge(
        pack, application.category, assessment.findings, taken, recommendation.row or "none"
    )
    refusing = (
        [found["rule"] for found in findings if _about_places(found, assessment)]
        if taken.outcome in ("exhausted", "unknown_row")
        else []
    )
    return Verdict(assessment, findings, taken, refusing)


def _about_places(found: dict[str, Any], assessment: AssessmentAnswer) -> bool:
    before = next(one for one in assessment.findings if one["rule"] == found["rule"])
    return bool(found["outcome"] == "fail" and before["outcome"] != "fail")
