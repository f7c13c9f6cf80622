"""Proposals (拟立项), public notices (公示) and objections."""

from typing import TYPE_CHECKING, Annotated, TypeAlias

import strawberry
from strawberry import field

from gateway.graph.context import Context, Info
from gateway.graph.loaders import Row
from gateway.nouns.base import Instant, Node, global_id
from gateway.nouns.decisions import NoticeState, ObjectionState
from gateway.wording import d, resolved

if TYPE_CHECKING:
    from gateway.nouns.applications import Application

    ApplicationLinks: TypeAlias = list[Application] | None
    ApplicationLink: TypeAlias = Application | None
else:
    ApplicationLinks = list[Annotated["Application", strawberry.lazy("gateway.nouns.applications")]] | None
    ApplicationLink = Annotated["Application", strawberry.lazy("gateway.nouns.applications")] | None


async def _applications(context: Context, keys: list[str]) -> ApplicationLinks:
    from gateway.nouns.applications import application_of

    rows = await context.loaders.applications.load_many(keys)
    return [application_of(row) for row in rows if row is not None]


@strawberry.type(description=d("名单中的一项", "One application of a proposal."))
class ProposalEntry:
    application_id: strawberry.ID = field(description=d("申报项目编号", "Id of the application."))
    category_key: str = field(description=d("类别编号", "Id of the category."))
    place: int = field(description=d("类别内名次", "Rank by mean score in its category."))
    score_sum: int = field(description=d("评分之和", "Sum of the scores."))
    score_count: int = field(description=d("评分数", "Number of scores."))


def _entry(row: Row) -> ProposalEntry:
    return ProposalEntry(
        application_id=global_id("Application", row["application_id"]),
        category_key=row["category"],
        place=row["place"],
        score_sum=row["score_sum"],
        score_count=row["score_count"],
    )


@strawberry.type(description=d("拟立项名单", "A proposal: applications that are to be approved."))
class Proposal(Node):
    application_ids: strawberry.Private[list[str]]
    guide: str = field(description=d("申报通知编号", "Id of the guide."))
    note: str | None = field(description=d("备注", "Note."))
    ranking: list[ProposalEntry] = field(description=d("名次", "Ranking."))

    @resolved("名单中的项目", "The applications.")
    async def applications(self, info: Info) -> ApplicationLinks:
        return await _applications(info.context, self.application_ids)


def proposal_of(row: Row) -> Proposal:
    """Of intake's proposal."""
    return Proposal(
        id=global_id("Proposal", row["id"]),
        application_ids=[str(one) for one in row["application_ids"]],
        guide=row["guide"],
        note=row.get("note"),
        ranking=[_entry(one) for one in row["ranking"]],
    )


@strawberry.type(description=d("公示中的一个项目", "A project as the public is told of it."))
class NoticeProject:
    application_id: strawberry.ID = field(description=d("申报项目编号", "Id of the application."))
    title: str = field(description=d("项目名称", "Title."))
    category_key: str = field(description=d("类别编号", "Id of the category."))
    unit_name: str = field(description=d("申报单位", "Applicant unit."))
    leader_name: str | None = field(description=d("项目负责人", "Project leader."))


def _project(row: Row) -> NoticeProject:
    return NoticeProject(
        application_id=global_id("Application", row["application_id"]),
        title=row["title"],
        category_key=row["category"],
        unit_name=row["unit_name"],
        leader_name=row.get("leader_name"),
    )


@strawberry.type(description=d("公示", "A public notice."))
class Notice(Node):
    application_ids: strawberry.Private[list[str]]
    guide: str = field(description=d("申报通知编号", "Id of the guide."))
    city: str = field(description=d("所属市", "City."))
    starts_at: Instant = field(description=d("公示开始", "From."))
    ends_at: Instant = field(description=d("公示结束", "To."))
    where_zh: str | None = field(description=d("公示地点", "Where it is published, in Chinese."))
    state: NoticeState = field(description=d("状态", "State by the business clock."))
    projects: list[NoticeProject] = field(description=d("公示的项目", "The projects, as published."))

    @resolved("公示的项目（可见部分）", "The applications that the caller may see.")
    async def applications(self, info: Info) -> ApplicationLinks:
        return await _applications(info.context, self.application_ids)


def notice_of(row: Row) -> Notice:
    """Of intake's notice."""
    return Notice(
        id=global_id("Notice", row["id"]),
        application_ids=[str(one) for one in row["application_ids"]],
        guide=row["guide"],
        city=row["city"],
        starts_at=Instant(row["starts_at"]),
        ends_at=Instant(row["ends_at"]),
        where_zh=row.get("where_zh"),
        state=NoticeState(row["state"]),
        projects=[_project(one) for one in row["projects"]],
    )


@strawberry.type(description=d("对公示的异议", "An objection to a public notice."))
class Objection(Node):
    application_id: strawberry.Private[str]
    notice_id: strawberry.ID = field(description=d("公示编号", "Id of the notice."))
    state: ObjectionState = field(description=d("状态", "State."))
    text: str | None = field(description=d("内容；无权查看时为空", "Its text; null where not to be seen."))
    reason: str | None = field(description=d("处理理由", "Reason of the decision."))
    filed_at: Instant = field(description=d("提出时间", "When it was filed."))
    decided_at: Instant | None = field(description=d("处理时间", "When it was decided."))

    @resolved("申报项目", "The application.")
    async def application(self, info: Info) -> ApplicationLink:
        from gateway.nouns.applications import load_application

        return await load_application(info.context, self.application_id)


def objection_of(row: Row) -> Objection:
    """Of intake's objection."""
    return Objection(
        id=global_id("Objection", row["id"]),
        application_id=str(row["application_id"]),
        notice_id=global_id("Notice", row["notice_id"]),
        state=ObjectionState(row["state"]),
        text=row.get("text"),
        reason=row.get("reason"),
        filed_at=Instant(row["filed_at"]),
        decided_at=Instant(row["decided_at"]) if row.get("decided_at") else None,
    )
