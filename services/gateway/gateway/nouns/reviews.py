"""Recommendations, attempts to submit, experts' assignments, awards."""

from typing import TYPE_CHECKING, Annotated, TypeAlias

import strawberry
from strawberry import field

from gateway.graph.context import Context, Info
from gateway.graph.loaders import Row
from gateway.nouns.assessments import Assessment, assessment_of
from gateway.nouns.base import Instant, Json, Money, Node, global_id
from gateway.nouns.decisions import AssignmentState, RecommendationState
from gateway.nouns.failures import Failure, failure_of
from gateway.nouns.people import Person, load_person
from gateway.nouns.words import AttemptState
from gateway.wording import d, resolved

if TYPE_CHECKING:
    from gateway.nouns.applications import Application

    ApplicationLink: TypeAlias = Application | None
else:
    ApplicationLink = Annotated["Application", strawberry.lazy("gateway.nouns.applications")] | None


async def _application(context: Context, key: str) -> ApplicationLink:
    from gateway.nouns.applications import load_application

    return await load_application(context, key)


@strawberry.type(description=d("提交回执", "Receipt for a submission."))
class Receipt:
    received_at: Instant = field(description=d("收到时间", "When it was received: the time that counts."))
    manifest_sha256: str | None = field(
        description=d("材料清单摘要", "SHA-256 of the sealed bundle's manifest.")
    )
    pack_version: str | None = field(description=d("指南版本", "Version of the guide."))
    digest: str | None = field(description=d("回执摘要", "Digest of the receipt."))


def receipt_of(row: Row | None) -> Receipt | None:
    """Of intake's receipt."""
    if row is None:
        return None
    return Receipt(
        received_at=Instant(row["received_at"]),
        manifest_sha256=row.get("manifest_sha256"),
        pack_version=row.get("pack_version"),
        digest=row.get("digest"),
    )


@strawberry.type(description=d("一次提交", "An attempt to submit."))
class Attempt(Node):
    state: AttemptState = field(description=d("受理情况", "State."))
    received_at: Instant = field(description=d("收到时间", "When it was received."))
    application_revision: int | None = field(description=d("提交的版本", "Revision that was submitted."))
    receipt: Receipt | None = field(description=d("回执", "Receipt, once admitted."))
    failure: Failure | None = field(description=d("未予收取的原因", "Why it was refused."))


def attempt_of(row: Row, receipt: Row | None = None) -> Attempt:
    """Of intake's attempt, with the receipt beside it."""
    return Attempt(
        id=global_id("Attempt", row["id"]),
        state=AttemptState(row["state"]),
        received_at=Instant(row["received_at"]),
        application_revision=row.get("application_revision"),
        receipt=receipt_of(receipt),
        failure=failure_of(row.get("failure")),
    )


@strawberry.type(description=d("推荐单位的推荐", "A recommendation."))
class Recommendation(Node):
    application_id: strawberry.Private[str]
    assessment_id: strawberry.Private[str | None]
    state: RecommendationState = field(description=d("状态", "State."))
    row_key: str | None = field(description=d("所用额度行", "Quota row that it draws on."))
    reason: str | None = field(description=d("理由", "Why it was withdrawn or refused."))
    received_at: Instant = field(description=d("收到时间", "When it was received."))
    hold: Json | None = field(description=d("占用的额度", "The place that it holds, as quota answered."))

    @resolved("申报项目", "The application.")
    async def application(self, info: Info) -> ApplicationLink:
        return await _application(info.context, self.application_id)

    @resolved("推荐环节的审查", "The assessment it relies on.")
    async def assessment(self, info: Info) -> Assessment | None:
        key = self.assessment_id
        row = await info.context.loaders.assessments.load(key) if key is not None else None
        return assessment_of(row) if row is not None else None


def recommendation_of(row: Row) -> Recommendation:
    """Of intake's recommendation."""
    return Recommendation(
        id=global_id("Recommendation", row["id"]),
        application_id=str(row["application_id"]),
        assessment_id=row.get("assessment_id"),
        state=RecommendationState(row["state"]),
        row_key=row.get("row"),
        reason=row.get("reason"),
        received_at=Instant(row["received_at"]),
        hold=Json(row["hold"]) if row.get("hold") is not None else None,
    )


@strawberry.type(description=d("分配给专家的评审任务", "A review that an expert was given."))
class Assignment(Node):
    application_id: strawberry.Private[str]
    expert_id: strawberry.Private[str | None]
    state: AssignmentState = field(description=d("状态", "State."))
    score: int | None = field(description=d("评分（0–100）", "Score, 0 to 100."))
    comment: str | None = field(description=d("评语", "Comment."))
    conflict_reason: str | None = field(description=d("回避理由", "Why there is a conflict of interest."))
    assigned_at: Instant = field(description=d("分配时间", "When it was given."))
    scored_at: Instant | None = field(description=d("评分时间", "When it was scored."))

    @resolved("申报项目", "The application.")
    async def application(self, info: Info) -> ApplicationLink:
        return await _application(info.context, self.application_id)

    @resolved("专家；无权查看时为空", "The expert; null where not to be seen.")
    async def expert(self, info: Info) -> Person | None:
        return await load_person(info.context, self.expert_id)


def assignment_of(row: Row) -> Assignment:
    """Of intake's assignment."""
    at = row.get("scored_at")
    return Assignment(
        id=global_id("Assignment", row["id"]),
        application_id=str(row["application_id"]),
        expert_id=row.get("expert_id"),
        state=AssignmentState(row["state"]),
        score=row.get("score"),
        comment=row.get("comment"),
        conflict_reason=row.get("conflict_reason"),
        assigned_at=Instant(row["assigned_at"]),
        scored_at=Instant(at) if at else None,
    )


@strawberry.type(description=d("立项结果", "An award."))
class Award(Node):
    number: str = field(description=d("项目编号", "Project number."))
    grant: Money | None = field(
        description=d("资助金额（元）；空值表示未定", "Grant in yuan; null: not stated.")
    )
    approved_at: Instant = field(description=d("立项时间", "When it was approved."))


def award_of(row: Row) -> Award:
    """Of intake's award."""
    grant = row.get("grant")
    return Award(
        id=global_id("Award", row["id"]),
        number=row["number"],
        grant=Money(grant) if grant is not None else None,
        approved_at=Instant(row["approved_at"]),
    )
