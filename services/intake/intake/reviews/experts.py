"""Expert review (评审): assignments, conflicts of interest, scores."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from common import audit
from common.actor import Actor
from common.clock import clock
from common.errors import Conflict, FieldError, Forbidden, NotFound, Unprocessable, constraint_error
from common.ids import new_id
from common.roles import Role
from intake.applications import states as application_states
from intake.applications.models import Application
from intake.people import service as people
from intake.reviews import queries, states
from intake.reviews.models import Assignment
from intake.reviews.schemas import AssignIn, ConflictIn, ScoreIn
from intake.reviews.service import begin

_OVERSEERS = (Role.officer, Role.bureau_head, Role.auditor)


class ExpertConflicted(Conflict):
    """The expert belongs to the applicant's unit or team; named in `expert_ids`."""

    code = "intake.expert_conflicted"
    title_zh, title_en = "专家与申报单位有利害关系", "An expert has an interest in the application"


class AlreadyAssigned(Conflict):
    code = "intake.expert_already_assigned"
    title_zh, title_en = "该专家已被指派评审此项目", "The expert has been assigned to this application"


class NotUnderReview(Conflict):
    code = "intake.not_under_review"
    title_zh, title_en = "该项目不在评审阶段", "The application is not under expert review"


constraint_error("uq_assignments_application_id_expert_id", AlreadyAssigned)


async def assign(
    session: AsyncSession, actor: Actor, application_id: UUID, wanted: AssignIn
) -> list[Assignment]:
    """Give an application to experts; all or none.

    Raises:
        as `begin`.
        Unprocessable: not an expert of this city, or one named twice.
        ExpertConflicted: of the applicant's unit or team.
        AlreadyAssigned: has or had this application, also if given back for a conflict.
    """
    application = await begin(session, actor, application_id, "assign", Role.officer)
    await _check_experts(session, application, wanted.expert_ids)
    now = clock.business()
    made = [
        Assignment(
            id=new_id(),
            city=application.city,
            application_id=application.id,
            expert_id=expert_id,
            state=states.AssignmentState.assigned.value,
            assigned_by=actor.label,
            assigned_at=now,
        )
        for expert_id in wanted.expert_ids
    ]
    session.add_all(made)
    await session.flush()
    for one in made:
        await _record(session, actor, one, "assignment.made", {"expert_id": one.expert_id})
    return made


async def _check_experts(session: AsyncSession, application: Application, ids: Sequence[UUID]) -> None:
    if len(set(ids)) != len(ids):
        raise Unprocessable(errors=[FieldError("/expert_ids", "twice", "an expert is named twice")])
    experts = await queries.experts(session, ids, clock.business())
    faults = [
        FieldError(f"/expert_ids/{place}", "not_an_expert", "no expert of this city")
        for place, expert_id in enumerate(ids)
        if expert_id not in experts
    ]
    if faults:
        raise Unprocessable(errors=faults)
    interested = await queries.interested(session, application, ids)
    if interested:
        raise ExpertConflicted(extra={"expert_ids": sorted(str(one) for one in interested)})


async def declare_conflict(
    session: AsyncSession, actor: Actor, assignment_id: UUID, wanted: ConflictIn
) -> Assignment:
    """The expert gives the application back; from now on it is no longer visible to this expert.

    Raises:
        NotFound: not this expert's assignment.
        AssignmentDone: scored already, or given back already.
    """
    assignment = await _own(session, actor, assignment_id)
    states.advance(assignment, "declare_conflict")
    assignment.conflict_reason = wanted.reason
    assignment.conflicted_at = clock.business()
    await _record(session, actor, assignment, "assignment.conflict_declared")
    return assignment


async def score(session: AsyncSession, actor: Actor, assignment_id: UUID, wanted: ScoreIn) -> Assignment:
    """Record the expert's score, once and for good.

    Raises:
        NotFound: not this expert's assignment.
        NotUnderReview: the application has left expert review.
        AssignmentDone: scored already, or given back.
    """
    assignment = await _own(session, actor, assignment_id)
    states.advance(assignment, "score")
    assignment.score, assignment.comment = wanted.score, wanted.comment
    assignment.scored_at = clock.business()
    await _record(session, actor, assignment, "assignment.scored")
    return assignment


async def _own(session: AsyncSession, actor: Actor, assignment_id: UUID) -> Assignment:
    """The actor's own assignment; application first, then assignment: the order in which all lock."""
    if actor.person_id is None:
        raise Forbidden
    found = await queries.assignments(session, ids=[assignment_id], expert_id=actor.person_id)
    if not found:
        raise NotFound
    state = await queries.hold_state(session, found[0].application_id)
    assignment = await queries.locked_assignment(session, assignment_id, actor.person_id)
    if assignment is None:
        raise NotFound
    await people.confirm(session, actor, Role.expert, city=assignment.city, unit_id=None)
    if state != application_states.State.expert_review:
        raise NotUnderReview
    return assignment


async def seen(
    session: AsyncSession,
    actor: Actor,
    *,
    ids: Sequence[UUID] | None = None,
    application_ids: Sequence[UUID] | None = None,
    mine: bool = False,
) -> Sequence[Assignment]:
    """Assignments that the actor may see: the office all, an expert the own ones, others none."""
    only_own = mine or not actor.has_any(_OVERSEERS)
    if only_own and actor.person_id is None:
        return []
    found = await queries.assignments(
        session,
        ids=ids,
        application_ids=application_ids,
        expert_id=actor.person_id if only_own else None,
    )
    return [one for one in found if only_own or actor.has_any(_OVERSEERS, one.city)]


async def scores(session: AsyncSession, application_ids: Iterable[UUID]) -> dict[UUID, list[Assignment]]:
    """The assignments of these applications, for ranking."""
    found: dict[UUID, list[Assignment]] = {}
    for one in await queries.assignments(session, application_ids=list(application_ids)):
        found.setdefault(one.application_id, []).append(one)
    return found


async def _record(
    session: AsyncSession,
    actor: Actor,
    assignment: Assignment,
    action: str,
    data: dict[str, UUID] | None = None,
) -> None:
    await audit.record(
        session,
        actor,
        action=action,
        object_type="assignment",
        object_id=assignment.id,
        city=assignment.city,
        application_id=assignment.application_id,
        data=dict(data or {}),
    )
