"""The command by which an officer has an application assessed once more."""

from typing import Annotated, Any

import strawberry
from strawberry import field

from gateway.commands.applications import APPLICATION, REASON
from gateway.commands.base import INPUT, Command, Payload, run
from gateway.graph.context import Info
from gateway.graph.loaders import Row
from gateway.nouns.applications import Application, application_of
from gateway.nouns.assessments import Finding, finding_of
from gateway.nouns.base import uuid_of
from gateway.nouns.words import Stage, Verdict
from gateway.wording import command, d


@strawberry.input(description=d("重新审查", "Another assessment."))
class ReassessApplicationInput(Command):
    application_id: strawberry.ID = field(description=APPLICATION)
    reason: str = field(description=REASON)


@strawberry.type(description=d("重新审查结果", "The assessment that was taken."))
class ReassessApplicationPayload(Payload):
    application: Application | None = field(description=APPLICATION)
    stage: Stage | None = field(description=d("环节", "Stage where the application stands."))
    eligible: Verdict | None = field(description=d("总体结论", "Verdict."))
    findings: list[Finding] | None = field(description=d("各条结论", "Findings."))


def _reassessed(answer: Row) -> dict[str, Any]:
    return {
        "application": application_of(answer["application"]),
        "stage": Stage(answer["stage"]),
        "eligible": Verdict(answer["eligible"]),
        "findings": [finding_of(one) for one in answer["findings"]],
    }


@strawberry.type(description=d("重新审查的命令", "Commands on assessments."))
class AssessmentCommands:
    @command("按当前环节重新审查；状态不变", "Assess once more at the present stage; no state changes.")
    async def reassess_application(
        self, info: Info, input: Annotated[ReassessApplicationInput, INPUT]
    ) -> ReassessApplicationPayload | None:
        path = f"/v1/applications/{uuid_of(input.application_id, 'Application')}/reassess"
        return await run(
            info,
            input,
            ReassessApplicationPayload,
            lambda: info.context.command(
                "intake", "POST", path, json={"reason": input.reason}, idempotency_key=input.key
            ),
            _reassessed,
            "application",
            "stage",
            "eligible",
            "findings",
        )
