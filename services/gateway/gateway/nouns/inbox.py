"""Tasks that wait for the caller: applications whose next step is open to one of the caller's roles."""

import asyncio
from typing import Final

import strawberry
from strawberry import field

from common.actor import Actor
from common.roles import Role
from gateway.graph.context import Context
from gateway.graph.loaders import Row
from gateway.nouns.applications import Application, application_of
from gateway.nouns.base import page_size
from gateway.nouns.decisions import Action
from gateway.nouns.reviews import Assignment, assignment_of
from gateway.nouns.words import ApplicationState, RoleWord
from gateway.wording import d

S = ApplicationState
# which steps are somebody's work; whether one is open now, intake says in allowed_actions
STEPS: Final[dict[Role, tuple[tuple[ApplicationState, Action], ...]]] = {
    Role.applicant: ((S.draft, Action.submit), (S.returned, Action.submit)),
    Role.recommender: (
        (S.submitted, Action.initial_review),
        (S.submitted, Action.recommend),
        (S.initial_review_passed, Action.recommend),
    ),
    Role.officer: (
        (S.recommended, Action.accept),
        (S.initial_review_passed, Action.accept),
        (S.submitted, Action.accept),
        (S.accepted, Action.formal_review),
        (S.expert_review, Action.propose),
        (S.proposed, Action.publish_notice),
        (S.objection_handling, Action.decide_objection),
    ),
    Role.formal_reviewer: ((S.accepted, Action.formal_review),),
    Role.bureau_head: (
        (S.objection_handling, Action.decide_objection),
        (S.public_notice, Action.approve),
        (S.proposed, Action.approve),
        (S.draft, Action.grant_directly),
    ),
}


@strawberry.type(description=d("待办事项", "A task."))
class Task:
    role: RoleWord = field(description=d("以何角色", "In which role."))
    action: Action | None = field(description=d("操作；评审任务为空", "What to do; null for a review."))
    application: Application | None = field(description=d("申报项目", "The application."))
    assignment: Assignment | None = field(description=d("评审任务", "The review, for an expert."))


async def tasks(context: Context, first: int) -> list[Task]:
    """At most `first` tasks, the services asked at once."""
    page_size(first)
    actor = await context.actor()
    groups = await asyncio.gather(_of_applications(context, actor, first), _of_expert(context, actor))
    return [task for group in groups for task in group][:first]


async def _of_applications(context: Context, actor: Actor, first: int) -> list[Task]:
    roles = [role for role in STEPS if actor.has(role)]
    steps = sorted({(state.value, action.value) for role in roles for state, action in STEPS[role]})
    if not steps:
        return []
    awaiting = [{"state": state, "action": action} for state, action in steps]
    answer = await context.ask(
        "intake", "POST", "/v1/applications/search", json={"awaiting": awaiting, "first": first}
    )
    return [task for row in answer["items"] for task in _open_steps(row, roles)]


def _open_steps(row: Row, roles: list[Role]) -> list[Task]:
    allowed = {one["action"] for one in row.get("allowed_actions") or [] if one["allowed"]}
    found: dict[Action, Task] = {}
    for role in roles:
        for state, action in STEPS[role]:
            if row["state"] == state.value and action.value in allowed and action not in found:
                found[action] = Task(
                    role=RoleWord(role.value),
                    action=action,
                    application=application_of(row),
                    assignment=None,
                )
    return list(found.values())


async def _of_expert(context: Context, actor: Actor) -> list[Task]:
    if not actor.has(Role.expert):
        return []
    answer = await context.ask("intake", "POST", "/v1/assignments/search", json={"mine": True})
    waiting = [row for row in answer["items"] if row["state"] == "assigned"]
    rows = await context.loaders.applications.load_many([str(row["application_id"]) for row in waiting])
    return [
        Task(
            role=RoleWord.expert,
            action=None,
            application=application_of(application) if application is not None else None,
            assignment=assignment_of(row),
        )
        for row, application in zip(waiting, rows, strict=True)
    ]
