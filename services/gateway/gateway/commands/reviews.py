"""Commands of recommenders, reviewers and experts."""

from typing import Annotated, Any

import strawberry
from strawberry import field

from gateway.commands.applications import APPLICATION, REASON
from gateway.commands.base import INPUT, ApplicationPayload, Command, Payload, run, step
from gateway.graph.context import Info
from gateway.graph.loaders import Row
from gateway.nouns.applications import Application, application_of
from gateway.nouns.assessments import Finding, finding_of
from gateway.nouns.base import Json, segment, uuid_of, uuids_of
from gateway.nouns.decisions import FormalDecision, ReviewDecision
from gateway.nouns.reviews import Assignment, Recommendation, assignment_of, recommendation_of
from gateway.nouns.words import Outcome
from gateway.wording import command, d


@strawberry.input(description=d("初审", "Initial review."))
class InitialReviewInput(Command):
    application_id: strawberry.ID = field(description=APPLICATION)
    decision: ReviewDecision = field(description=d("结论", "Decision."))
    reason: str | None = field(default=None, description=REASON)
    clause: str | None = field(default=None, description=d("依据的条款编号", "Id of the clause."))


@strawberry.input(description=d("推荐", "Recommendation."))
class RecommendInput(Command):
    application_id: strawberry.ID = field(description=APPLICATION)


@strawberry.type(description=d("推荐结果", "What came of a recommendation."))
class RecommendPayload(Payload):
    recommendation: Recommendation | None = field(description=d("推荐", "The recommendation."))
    application: Application | None = field(description=APPLICATION)
    findings: list[Finding] | None = field(
        description=d("推荐环节的结论，含额度", "Findings at this stage, those on places included.")
    )


@strawberry.input(description=d("撤回推荐", "Withdrawal of a recommendation."))
class WithdrawRecommendationInput(Command):
    recommendation_id: strawberry.ID = field(description=d("推荐", "The recommendation."))
    reason: str = field(description=REASON)


@strawberry.type(description=d("命令结果：推荐", "The recommendation after the command."))
class RecommendationPayload(Payload):
    recommendation: Recommendation | None = field(description=d("推荐", "The recommendation."))


@strawberry.input(description=d("受理", "Acceptance by the office."))
class AcceptApplicationInput(Command):
    application_id: strawberry.ID = field(description=APPLICATION)
    sealed: bool | None = field(
        default=None,
        description=d(
            "推荐表已盖章；不设推荐的类别不填",
            "The recommendation form is sealed; left out where the call knows no recommendation.",
        ),
    )


@strawberry.input(description=d("对单条结论作出判断", "A person's decision on a finding."))
class DecideFindingInput(Command):
    application_id: strawberry.ID = field(description=APPLICATION)
    rule: str = field(description=d("规则编号", "Id of the rule."))
    outcome: Outcome | None = field(default=None, description=d("判断：pass 或 fail", "pass or fail."))
    facts: Json | None = field(default=None, description=d("认定的事实", "Facts as found."))
    reason: str = field(description=REASON)
    evidence: list[str] = field(default_factory=list, description=d("佐证", "Evidence."))


@strawberry.type(description=d("判断已记录", "The decision is on record."))
class DecideFindingPayload(Payload):
    rule: str | None = field(description=d("规则编号", "Id of the rule."))


@strawberry.input(description=d("形式审查", "Formal review."))
class FormalReviewInput(Command):
    application_id: strawberry.ID = field(description=APPLICATION)
    decision: FormalDecision = field(description=d("结论", "Decision."))
    reason: str | None = field(default=None, description=REASON)


@strawberry.type(description=d("形式审查结果", "What came of a formal review."))
class FormalReviewPayload(Payload):
    application: Application | None = field(description=APPLICATION)
    findings: list[Finding] | None = field(description=d("所依据的结论", "Findings that it stands on."))


@strawberry.input(description=d("分配评审专家", "Experts for an application."))
class AssignExpertsInput(Command):
    application_id: strawberry.ID = field(description=APPLICATION)
    expert_ids: list[strawberry.ID] = field(description=d("专家", "The experts."))


@strawberry.type(description=d("命令结果：评审任务", "The reviews after the command."))
class AssignmentsPayload(Payload):
    assignments: list[Assignment] | None = field(description=d("评审任务", "The reviews."))


@strawberry.input(description=d("申明回避", "A conflict of interest."))
class DeclareConflictInput(Command):
    assignment_id: strawberry.ID = field(description=d("评审任务", "The review."))
    reason: str = field(description=REASON)


@strawberry.input(description=d("评分", "A score."))
class ScoreApplicationInput(Command):
    assignment_id: strawberry.ID = field(description=d("评审任务", "The review."))
    score: int = field(description=d("评分（0–100）", "Score, 0 to 100."))
    comment: str = field(description=d("评语", "Comment."))


@strawberry.type(description=d("命令结果：评审任务", "The review after the command."))
class AssignmentPayload(Payload):
    assignment: Assignment | None = field(description=d("评审任务", "The review."))


def _recommended(answer: Row) -> dict[str, Any]:
    return {
        "recommendation": recommendation_of(answer["recommendation"]),
        "application": application_of(answer["application"]),
        "findings": [finding_of(one) for one in answer.get("findings") or []],
    }


def _reviewed(answer: Row) -> dict[str, Any]:
    return {
        "application": application_of(answer["application"]),
        "findings": [finding_of(one) for one in answer.get("findings") or []],
    }


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _path(application_id: strawberry.ID, command: str) -> str:
    return f"/v1/applications/{uuid_of(application_id, 'Application')}/{command}"


@strawberry.type(description=d("推荐与评审的命令", "Commands of recommenders, reviewers and experts."))
class ReviewCommands:
    @command("推荐单位初审", "Initial review by the recommender.")
    async def initial_review(
        self, info: Info, input: Annotated[InitialReviewInput, INPUT]
    ) -> ApplicationPayload | None:
        body = _given(decision=input.decision.value, reason=input.reason, clause=input.clause)
        return await step(info, input, input.application_id, "initial-review", body)

    @command("推荐，占用一个额度", "Recommend; takes a place.")
    async def recommend(self, info: Info, input: Annotated[RecommendInput, INPUT]) -> RecommendPayload | None:
        path = _path(input.application_id, "recommend")
        return await run(
            info,
            input,
            RecommendPayload,
            lambda: info.context.command("intake", "POST", path, json={}, idempotency_key=input.key),
            _recommended,
            "recommendation",
            "application",
            "findings",
        )

    @command("撤回推荐，退还额度", "Withdraw a recommendation; the place is returned.")
    async def withdraw_recommendation(
        self, info: Info, input: Annotated[WithdrawRecommendationInput, INPUT]
    ) -> RecommendationPayload | None:
        path = f"/v1/recommendations/{uuid_of(input.recommendation_id, 'Recommendation')}/withdraw"
        return await run(
            info,
            input,
            RecommendationPayload,
            lambda: info.context.command(
                "intake", "POST", path, json={"reason": input.reason}, idempotency_key=input.key
            ),
            lambda row: {"recommendation": recommendation_of(row)},
            "recommendation",
        )

    @command("受理", "Accept for handling.")
    async def accept_application(
        self, info: Info, input: Annotated[AcceptApplicationInput, INPUT]
    ) -> ApplicationPayload | None:
        return await step(info, input, input.application_id, "accept", {"sealed": input.sealed})

    @command("对单条结论作出判断", "Decide a finding.")
    async def decide_finding(
        self, info: Info, input: Annotated[DecideFindingInput, INPUT]
    ) -> DecideFindingPayload | None:
        path = _path(input.application_id, f"findings/{segment(input.rule)}/decide")
        body = _given(
            facts=input.facts,
            outcome=input.outcome.value if input.outcome is not None else None,
            reason=input.reason,
            evidence=input.evidence,
        )
        return await run(
            info,
            input,
            DecideFindingPayload,
            lambda: info.context.command("intake", "POST", path, json=body, idempotency_key=input.key),
            lambda row: {"rule": row["rule"]},
            "rule",
        )

    @command("形式审查", "Formal review.")
    async def formal_review(
        self, info: Info, input: Annotated[FormalReviewInput, INPUT]
    ) -> FormalReviewPayload | None:
        path = _path(input.application_id, "formal-review")
        body = _given(decision=input.decision.value, reason=input.reason)
        return await run(
            info,
            input,
            FormalReviewPayload,
            lambda: info.context.command("intake", "POST", path, json=body, idempotency_key=input.key),
            _reviewed,
            "application",
            "findings",
        )

    @command("分配评审专家", "Assign experts.")
    async def assign_experts(
        self, info: Info, input: Annotated[AssignExpertsInput, INPUT]
    ) -> AssignmentsPayload | None:
        path = _path(input.application_id, "assignments")
        body = {"expert_ids": uuids_of(input.expert_ids, "Person")}
        return await run(
            info,
            input,
            AssignmentsPayload,
            lambda: info.context.command("intake", "POST", path, json=body, idempotency_key=input.key),
            lambda row: {"assignments": [assignment_of(one) for one in row["assignments"]]},
            "assignments",
        )

    @command("专家申明回避", "Declare a conflict of interest.")
    async def declare_conflict(
        self, info: Info, input: Annotated[DeclareConflictInput, INPUT]
    ) -> AssignmentPayload | None:
        path = f"/v1/assignments/{uuid_of(input.assignment_id, 'Assignment')}/conflict"
        return await run(
            info,
            input,
            AssignmentPayload,
            lambda: info.context.command(
                "intake", "POST", path, json={"reason": input.reason}, idempotency_key=input.key
            ),
            lambda row: {"assignment": assignment_of(row)},
            "assignment",
        )

    @command("专家评分", "Score an application.")
    async def score_application(
        self, info: Info, input: Annotated[ScoreApplicationInput, INPUT]
    ) -> AssignmentPayload | None:
        path = f"/v1/assignments/{uuid_of(input.assignment_id, 'Assignment')}/score"
        body = {"score": input.score, "comment": input.comment}
        return await run(
            info,
            input,
            AssignmentPayload,
            lambda: info.context.command("intake", "POST", path, json=body, idempotency_key=input.key),
            lambda row: {"assignment": assignment_of(row)},
            "assignment",
        )
