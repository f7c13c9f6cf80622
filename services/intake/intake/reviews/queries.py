"""Reading and writing reviews."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from common.roles import Role
from intake.applications.models import Application, Member
from intake.people.models import FormerUnit, Membership, Person
from intake.reviews.models import Acceptance, Assignment, FormalReview, InitialReview
from intake.reviews.states import AssignmentState

LONGEST = 500


async def last_initial_review(session: AsyncSession, application_id: UUID) -> InitialReview | None:
    """The initial review that stands."""
    return await session.scalar(
        select(InitialReview)
        .where(InitialReview.application_id == application_id)
        .order_by(InitialReview.decided_at.desc(), InitialReview.id.desc())
        .limit(1)
    )


async def last_acceptance(session: AsyncSession, application_id: UUID) -> Acceptance | None:
    """The acceptance that stands."""
    return await session.scalar(
        select(Acceptance)
        .where(Acceptance.application_id == application_id)
        .order_by(Acceptance.accepted_at.desc(), Acceptance.id.desc())
        .limit(1)
    )


async def formal_reviews(session: AsyncSession, application_id: UUID) -> Sequence[FormalReview]:
    """The formal reviews of an application, oldest first."""
    query = select(FormalReview).where(FormalReview.application_id == application_id)
    return (await session.scalars(query.order_by(FormalReview.id))).all()


async def assignments(
    session: AsyncSession,
    *,
    ids: Sequence[UUID] | None = None,
    application_ids: Sequence[UUID] | None = None,
    expert_id: UUID | None = None,
) -> Sequence[Assignment]:
    """Assignments by application and time; arguments left out do not narrow."""
    query = select(Assignment)
    if ids is not None:
        query = query.where(Assignment.id.in_(ids))
    if application_ids is not None:
        query = query.where(Assignment.application_id.in_(application_ids))
    if expert_id is not None:
        query = query.where(Assignment.expert_id == expert_id)
    query = query.order_by(Assignment.application_id, Assignment.id).limit(LONGEST)
    return (await session.scalars(query)).all()


async def locked_assignment(session: AsyncSession, assignment_id: UUID, expert_id: UUID) -> Assignment | None:
    """The expert's own assignment, locked."""
    return await session.scalar(
        select(Assignment)
        .where(Assignment.id == assignment_id, Assignment.expert_id == expert_id)
        .with_for_update()
    )


def of_expert(person_id: UUID) -> Select[UUID]:
    """Ids of the applications that an expert may open: a declared conflict ends it."""
    return select(Assignment.application_id).where(
        Assignment.expert_id == person_id, Assignment.state != AssignmentState.conflicted
    )


async def experts(session: AsyncSession, ids: Iterable[UUID], at: datetime) -> set[UUID]:
    """Those of these persons who are experts in the session's cities at an instant."""
    query = select(Membership.person_id).where(
        Membership.person_id.in_(list(ids)),
        Membership.role == Role.expert.value,
        or_(Membership.valid_from.is_(None), Membership.valid_from <= at),
        or_(Membership.valid_to.is_(None), Membership.valid_to > at),
    )
    return set(await session.scalars(query))


async def interested(session: AsyncSession, application: Application, ids: Iterable[UUID]) -> set[UUID]:
    """Those of these persons who are or were of the applicant's unit, ever had a role for it, or are of the
    team."""
    asked = list(ids)
    people = await session.scalars(
        select(Person.id).where(Person.id.in_(asked), Person.unit_id == application.unit_id)
    )
    members = await session.scalars(
        select(Membership.person_id).where(
            Membership.person_id.in_(asked), Membership.unit_id == application.unit_id
        )
    )
    left = await session.scalars(
        select(FormerUnit.person_id).where(
            FormerUnit.person_id.in_(asked), FormerUnit.unit_id == application.unit_id
        )
    )
    team = await session.scalars(
        select(Member.person_id).where(Member.person_id.in_(asked), Member.application_id == application.id)
    )
    leader = {application.leader_id} & set(asked)
    return {*people, *members, *left, *team, *(one for one in leader if one is not None)}


async def hold_state(session: AsyncSession, application_id: UUID) -> str | None:
    """The state of an application, which cannot change until the transaction ends."""
    return await session.scalar(
        select(Application.state).where(Application.id == application_id).with_for_update(read=True)
    )
