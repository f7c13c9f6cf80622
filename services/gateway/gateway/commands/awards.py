"""Commands of the bureau: proposals, notices, objections, approval, registers, guides, memberships."""

from typing import Annotated, Any

import strawberry
from strawberry import field

from gateway.commands.applications import APPLICATION, REASON
from gateway.commands.base import INPUT, ApplicationPayload, Command, Payload, run, step
from gateway.graph.context import Info
from gateway.nouns.applications import Application, application_of
from gateway.nouns.base import Instant, Money, uuid_of, uuids_of
from gateway.nouns.decisions import ObjectionDecision
from gateway.nouns.notices import Notice, Objection, Proposal, notice_of, objection_of, proposal_of
from gateway.nouns.reviews import Award, award_of
from gateway.wording import command, d


@strawberry.input(description=d("拟立项名单", "Applications to propose."))
class ProposeApplicationsInput(Command):
    guide: str = field(description=d("申报通知编号", "Id of the guide."))
    application_ids: list[strawberry.ID] = field(description=d("申报项目", "The applications."))
    note: str | None = field(default=None, description=d("备注", "Note."))


@strawberry.type(description=d("命令结果：拟立项名单", "The proposal after the command."))
class ProposalPayload(Payload):
    proposal: Proposal | None = field(description=d("拟立项名单", "The proposal."))


@strawberry.input(description=d("不予入选", "Not to be selected."))
class NotSelectApplicationInput(Command):
    application_id: strawberry.ID = field(description=APPLICATION)
    reason: str = field(description=REASON)


@strawberry.input(description=d("发布公示", "A public notice."))
class PublishNoticeInput(Command):
    guide: str = field(description=d("申报通知编号", "Id of the guide."))
    application_ids: list[strawberry.ID] = field(description=d("申报项目", "The applications."))
    starts_at: Instant = field(description=d("公示开始", "From."))
    ends_at: Instant = field(description=d("公示结束", "To."))
    where_zh: str = field(description=d("公示地点", "Where it is published, in Chinese."))


@strawberry.type(description=d("命令结果：公示", "The notice after the command."))
class NoticePayload(Payload):
    notice: Notice | None = field(description=d("公示", "The notice."))


@strawberry.input(description=d("提出异议", "An objection."))
class FileObjectionInput(Command):
    notice_id: strawberry.ID = field(description=d("公示", "The notice."))
    application_id: strawberry.ID = field(description=APPLICATION)
    text: str = field(description=d("异议内容", "What is objected."))


@strawberry.input(description=d("处理异议", "A decision on an objection."))
class DecideObjectionInput(Command):
    objection_id: strawberry.ID = field(description=d("异议", "The objection."))
    decision: ObjectionDecision = field(description=d("结论", "Decision."))
    reason: str = field(description=REASON)


@strawberry.type(description=d("命令结果：异议", "The objection after the command."))
class ObjectionPayload(Payload):
    objection: Objection | None = field(description=d("异议", "The objection."))


@strawberry.input(description=d("立项", "Approval."))
class ApproveApplicationInput(Command):
    application_id: strawberry.ID = field(description=APPLICATION)
    grant: Money | None = field(default=None, description=d("资助金额（元）", "Grant in yuan."))


@strawberry.input(description=d("直接立项", "A direct grant."))
class GrantDirectlyInput(Command):
    application_id: strawberry.ID = field(description=d("申报项目（草稿）", "The draft."))
    grant: Money | None = field(default=None, description=d("资助金额（元）", "Grant in yuan."))


@strawberry.type(description=d("立项结果", "What came of an approval."))
class ApprovePayload(Payload):
    application: Application | None = field(description=APPLICATION)
    award: Award | None = field(description=d("立项结果", "The award."))
    seq: int | None = field(description=d("在省级数据流中的序号", "Its place in the provincial feed."))


def _approved(answer: dict[str, Any]) -> dict[str, Any]:
    return {
        "application": application_of(answer["application"]),
        "award": award_of(answer["award"]),
        "seq": answer.get("seq"),
    }


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


async def _approve(
    info: Info, input: ApproveApplicationInput | GrantDirectlyInput, name: str
) -> ApprovePayload:
    path = f"/v1/applications/{uuid_of(input.application_id, 'Application')}/{name}"
    return await run(
        info,
        input,
        ApprovePayload,
        lambda: info.context.command(
            "intake", "POST", path, json={"grant": input.grant}, idempotency_key=input.key
        ),
        _approved,
        "application",
        "award",
        "seq",
    )


@strawberry.type(description=d("立项环节的命令", "Commands from proposal to approval."))
class AwardCommands:
    @command("提出拟立项名单", "Propose applications.")
    async def propose_applications(
        self, info: Info, input: Annotated[ProposeApplicationsInput, INPUT]
    ) -> ProposalPayload | None:
        ids = uuids_of(input.application_ids, "Application")
        body = _given(guide=input.guide, application_ids=ids, note=input.note)
        return await run(
            info,
            input,
            ProposalPayload,
            lambda: info.context.command(
                "intake", "POST", "/v1/proposals", json=body, idempotency_key=input.key
            ),
            lambda row: {"proposal": proposal_of(row)},
            "proposal",
        )

    @command("不予入选", "Do not select an application.")
    async def not_select_application(
        self, info: Info, input: Annotated[NotSelectApplicationInput, INPUT]
    ) -> ApplicationPayload | None:
        return await step(info, input, input.application_id, "not-select", {"reason": input.reason})

    @command("发布公示", "Publish a notice.")
    async def publish_notice(
        self, info: Info, input: Annotated[PublishNoticeInput, INPUT]
    ) -> NoticePayload | None:
        body = {
            "guide": input.guide,
            "application_ids": uuids_of(input.application_ids, "Application"),
            "starts_at": input.starts_at,
            "ends_at": input.ends_at,
            "where_zh": input.where_zh,
        }
        return await run(
            info,
            input,
            NoticePayload,
            lambda: info.context.command(
                "intake", "POST", "/v1/notices", json=body, idempotency_key=input.key
            ),
            lambda row: {"notice": notice_of(row)},
            "notice",
        )

    @command("对公示提出异议", "Object to a notice.")
    async def file_objection(
        self, info: Info, input: Annotated[FileObjectionInput, INPUT]
    ) -> ObjectionPayload | None:
        path = f"/v1/notices/{uuid_of(input.notice_id, 'Notice')}/objections"
        body = {"application_id": uuid_of(input.application_id, "Application"), "text": input.text}
        return await run(
            info,
            input,
            ObjectionPayload,
            lambda: info.context.command("intake", "POST", path, json=body, idempotency_key=input.key),
            lambda row: {"objection": objection_of(row)},
            "objection",
        )

    @command("处理异议", "Decide an objection.")
    async def decide_objection(
        self, info: Info, input: Annotated[DecideObjectionInput, INPUT]
    ) -> ObjectionPayload | None:
        path = f"/v1/objections/{uuid_of(input.objection_id, 'Objection')}/decide"
        body = {"decision": input.decision.value, "reason": input.reason}
        return await run(
            info,
            input,
            ObjectionPayload,
            lambda: info.context.command("intake", "POST", path, json=body, idempotency_key=input.key),
            lambda row: {"objection": objection_of(row)},
            "objection",
        )

    @command("立项", "Approve an application.")
    async def approve_application(
        self, info: Info, input: Annotated[ApproveApplicationInput, INPUT]
    ) -> ApprovePayload | None:
        return await _approve(info, input, "approve")

    @command("直接立项（指南规定免评审的类别）", "Approve a draft that its guide grants directly.")
    async def grant_directly(
        self, info: Info, input: Annotated[GrantDirectlyInput, INPUT]
    ) -> ApprovePayload | None:
        return await _approve(info, input, "grant-directly")
