"""Commands of applicants: drafts, submission, withdrawal."""

from typing import Annotated, Any

import strawberry
from strawberry import field

from gateway.commands.base import INPUT, ApplicationPayload, Command, Payload, one_application, run, step
from gateway.graph.context import Info
from gateway.graph.loaders import Row
from gateway.nouns.applications import Application, application_of
from gateway.nouns.assessments import Finding, finding_of
from gateway.nouns.base import Json, uuid_of
from gateway.nouns.reviews import Attempt, Receipt, attempt_of, receipt_of
from gateway.nouns.words import MemberRole, Verdict
from gateway.wording import command, d

APPLICATION = d("申报项目", "The application.")
REVISION = d("所依据的版本", "Revision that the caller has before them.")
REASON = d("理由", "Reason.")


@strawberry.input(description=d("新建申报项目", "A new draft."))
class CreateApplicationInput(Command):
    guide: str = field(description=d("申报通知编号", "Id of the guide."))
    category: str = field(description=d("类别编号", "Id of the category."))
    unit_id: strawberry.ID = field(description=d("申报单位", "Applicant unit."))
    title: str = field(description=d("项目名称", "Title."))


@strawberry.input(description=d("项目组成员", "A member of the team."))
class MemberInput:
    person_id: strawberry.ID = field(description=d("人员", "The person."))
    role: MemberRole = field(description=d("身份", "Part in the project."))


@strawberry.input(description=d("修改申报项目；未给出的不变", "Changes to a draft; what is left out stays."))
class UpdateApplicationInput(Command):
    application_id: strawberry.ID = field(description=APPLICATION)
    expected_revision: int = field(description=REVISION)
    title: str | None = field(default=strawberry.UNSET, description=d("项目名称", "Title."))
    form: Json | None = field(
        default=strawberry.UNSET,
        description=d(
            "表单内容，按事实名合并；null 删除一项", "Answers by fact name, merged; null removes one."
        ),
    )
    leader_id: strawberry.ID | None = field(
        default=strawberry.UNSET, description=d("项目负责人", "Project leader.")
    )
    members: list[MemberInput] | None = field(
        default=strawberry.UNSET, description=d("项目组全部成员", "All members of the team.")
    )


@strawberry.input(description=d("提交申报项目", "Submission."))
class SubmitApplicationInput(Command):
    application_id: strawberry.ID = field(description=APPLICATION)
    expected_revision: int = field(description=REVISION)


@strawberry.type(description=d("提交结果", "What came of a submission."))
class SubmitApplicationPayload(Payload):
    application: Application | None = field(description=d("申报项目", "The application."))
    attempt: Attempt | None = field(description=d("本次提交", "The attempt."))
    receipt: Receipt | None = field(description=d("回执；未予收取时为空", "Receipt; null when refused."))
    eligible: Verdict | None = field(description=d("总体结论", "Verdict."))
    findings: list[Finding] | None = field(description=d("各条结论", "Findings."))


@strawberry.input(description=d("撤回申报项目", "Withdrawal."))
class WithdrawApplicationInput(Command):
    application_id: strawberry.ID = field(description=APPLICATION)
    reason: str = field(description=REASON)


@strawberry.input(description=d("允许再次提交", "Leave to submit once more."))
class ReopenApplicationInput(Command):
    application_id: strawberry.ID = field(description=APPLICATION)
    reason: str = field(description=d("理由，如哪次故障", "Reason, such as which outage."))


def _submitted(answer: Row) -> dict[str, Any]:
    assessment = answer.get("assessment")
    return {
        "application": application_of(answer["application"]),
        "attempt": attempt_of(answer["attempt"], answer.get("receipt")),
        "receipt": receipt_of(answer.get("receipt")),
        "eligible": Verdict(assessment["eligible"]) if assessment else None,
        "findings": [finding_of(one) for one in assessment["findings"]] if assessment else None,
    }


def _changes(chosen: UpdateApplicationInput) -> dict[str, Any]:
    body: dict[str, Any] = {}
    if chosen.title is not strawberry.UNSET:
        body["title"] = chosen.title
    if chosen.form is not strawberry.UNSET:
        body["form"] = chosen.form
    if chosen.leader_id is not strawberry.UNSET:
        body["leader_id"] = uuid_of(chosen.leader_id, "Person") if chosen.leader_id else None
    if chosen.members is not strawberry.UNSET and chosen.members is not None:
        body["members"] = [
            {"person_id": uuid_of(one.person_id, "Person"), "role": one.role.value} for one in chosen.members
        ]
    return body


@strawberry.type(description=d("申报人的命令", "Commands of applicants."))
class ApplicationCommands:
    @command("新建申报项目（草稿）", "Make a draft.")
    async def create_application(
        self, info: Info, input: Annotated[CreateApplicationInput, INPUT]
    ) -> ApplicationPayload | None:
        body = {
            "guide": input.guide,
            "category": input.category,
            "unit_id": uuid_of(input.unit_id, "Unit"),
            "title": input.title,
        }
        return await run(
            info,
            input,
            ApplicationPayload,
            lambda: info.context.command(
                "intake", "POST", "/v1/applications", json=body, idempotency_key=input.key
            ),
            one_application,
            "application",
        )

    @command("修改草稿", "Change a draft.")
    async def update_application(
        self, info: Info, input: Annotated[UpdateApplicationInput, INPUT]
    ) -> ApplicationPayload | None:
        path = f"/v1/applications/{uuid_of(input.application_id, 'Application')}"
        body = _changes(input)
        return await run(
            info,
            input,
            ApplicationPayload,
            lambda: info.context.command(
                "intake", "PATCH", path, json=body, if_match=input.expected_revision
            ),
            one_application,
            "application",
        )

    @command("提交；到达时刻即为收到时间", "Submit. The instant of arrival is what counts.")
    async def submit_application(
        self, info: Info, input: Annotated[SubmitApplicationInput, INPUT]
    ) -> SubmitApplicationPayload | None:
        path = f"/v1/applications/{uuid_of(input.application_id, 'Application')}/submit"
        body = {"expected_revision": input.expected_revision}
        return await run(
            info,
            input,
            SubmitApplicationPayload,
            lambda: info.context.command("intake", "POST", path, json=body, idempotency_key=input.key),
            _submitted,
            "application",
            "attempt",
            "receipt",
            "eligible",
            "findings",
        )

    @command("撤回申报", "Withdraw.")
    async def withdraw_application(
        self, info: Info, input: Annotated[WithdrawApplicationInput, INPUT]
    ) -> ApplicationPayload | None:
        return await step(info, input, input.application_id, "withdraw", {"reason": input.reason})

    @command("因系统故障退回的，允许截止后再提交一次", "After an outage of ours: submit once more.")
    async def reopen_application(
        self, info: Info, input: Annotated[ReopenApplicationInput, INPUT]
    ) -> ApplicationPayload | None:
        return await step(info, input, input.application_id, "reopen", {"reason": input.reason})
