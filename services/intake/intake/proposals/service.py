"""Proposing a set for establishment (拟立项), all or nothing; and not selecting."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import groupby
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from common import audit
from common.actor import Actor
from common.clock import clock
from common.errors import Conflict, FieldError, Unprocessable
from common.ids import new_id
from common.roles import Role
from intake.applications import states
from intake.applications.models import Application
from intake.proposals import queries
from intake.proposals.models import Proposal, ProposalEntry
from intake.proposals.schemas import EntryOut, NotSelectIn, ProposalIn, ProposalOut
from intake.reviews import experts
from intake.reviews.models import Assignment
from intake.reviews.service import begin
from intake.reviews.states import AssignmentState

LEAST_SCORES = 2
READERS = (Role.officer, Role.bureau_head, Role.auditor)


class NotScored(Conflict):
    """Named in `applications`: fewer than two scores, or an expert who has not answered yet."""

    code = "intake.scores_missing"
    title_zh, title_en = "专家评分不足", "Scores are missing"


async def propose(session: AsyncSession, actor: Actor, wanted: ProposalIn) -> ProposalOut:
    """Propose a set in one transaction, with the ranking that was used.

    Raises:
        as `reviews.service.begin`, for any of the set.
        Unprocessable: one named twice, or of another call.
        NotScored: one that experts review has fewer than two scores, or an open assignment.
    """
    if len(set(wanted.application_ids)) != len(wanted.application_ids):
        raise Unprocessable(errors=[FieldError("/application_ids", "twice", "an application is named twice")])
    # locked by id, so that two sets that overlap cannot wait for each other in a circle
    found = {
        one: await begin(session, actor, one, "propose", Role.officer)
        for one in sorted(wanted.application_ids)
    }
    applications = [found[one] for one in wanted.application_ids]
    city = _one_call(applications, wanted.guide)
    scores = await experts.scores(session, wanted.application_ids)
    _enough(applications, scores)
    now = clock.business()
    proposal = Proposal(
        id=new_id(), city=city, guide=wanted.guide, note=wanted.note, created_by=actor.label, created_at=now
    )
    proposal.entries = _ranked(proposal, applications, scores)
    session.add(proposal)
    for application in applications:
        states.advance(application, "propose")
        application.touch(now)
        await audit.record(
            session,
            actor,
            action="application.proposed",
            object_type="proposal",
            object_id=proposal.id,
            city=city,
            application_id=application.id,
        )
    return present(proposal)


def _one_call(applications: Sequence[Application], guide: str) -> str:
    faults = [
        FieldError(f"/application_ids/{place}", "other_call", "an application of another call")
        for place, application in enumerate(applications)
        if application.guide != guide or application.city != applications[0].city
    ]
    if faults:
        raise Unprocessable(errors=faults)
    return applications[0].city


def _enough(applications: Iterable[Application], scores: dict[UUID, list[Assignment]]) -> None:
    short = []
    for application in applications:
        if states.Step.expert_review not in application.steps:
            continue
        counts = dict.fromkeys(AssignmentState, 0)
        for one in scores.get(application.id, []):
            counts[AssignmentState(one.state)] += 1
        if counts[AssignmentState.scored] < LEAST_SCORES or counts[AssignmentState.assigned]:
            short.append(
                {
                    "application_id": str(application.id),
                    "scores": counts[AssignmentState.scored],
                    "needed": LEAST_SCORES,
                    "open_assignments": counts[AssignmentState.assigned],
                }
            )
    if short:
        raise NotScored(extra={"applications": short})


def _ranked(
    proposal: Proposal, applications: Iterable[Application], scores: dict[UUID, list[Assignment]]
) -> list[ProposalEntry]:
    """Entries by category and mean score; equal means share a place, and the next place is skipped. Without
    expert review none is scored and all share the first."""
    entries = []
    for application in applications:
        given = [one.score for one in scores.get(application.id, []) if one.score is not None]
        entries.append(
            ProposalEntry(
                id=new_id(),
                city=proposal.city,
                proposal_id=proposal.id,
                application_id=application.id,
                category=application.category,
                score_sum=sum(given),
                score_count=len(given),
            )
        )
    entries.sort(key=lambda one: (one.category, -_mean(one), str(one.application_id)))
    for _, group in groupby(entries, key=lambda one: one.category):
        ranked = list(group)
        for place, entry in enumerate(ranked, start=1):
            tied = place > 1 and _mean(entry) == _mean(ranked[place - 2])
            entry.place = ranked[place - 2].place if tied else place
    for position, entry in enumerate(entries):
        entry.position = position
    return entries


def _mean(entry: ProposalEntry) -> Fraction:
    return Fraction(entry.score_sum, max(entry.score_count, 1))


async def not_select(
    session: AsyncSession, actor: Actor, application_id: UUID, wanted: NotSelectIn
) -> Application:
    """Leave an application out, with the reason that the applicant is told.

    Raises:
        as `reviews.service.begin`.
    """
    application = await begin(session, actor, application_id, "not_select", Role.officer)
    states.advance(application, "not_select")
    application.fail_with("intake.not_selected", [], wanted.reason)
    application.touch(clock.business())
    await audit.record(
        session,
        actor,
        action="application.not_selected",
        object_type="application",
        object_id=application.id,
        city=application.city,
        application_id=application.id,
    )
    return application


async def many(session: AsyncSession, actor: Actor, ids: Iterable[UUID]) -> list[ProposalOut]:
    """Those of these proposals that are in a city where the actor works for the bureau."""
    found = await queries.many(session, ids)
    return [present(one) for one in found if actor.has_any(READERS, one.city)]


def present(proposal: Proposal) -> ProposalOut:
    """A proposal with its ranking."""
    return ProposalOut(
        id=proposal.id,
        city=proposal.city,
        guide=proposal.guide,
        note=proposal.note,
        created_by=proposal.created_by,
        created_at=proposal.created_at,
        application_ids=[entry.application_id for entry in proposal.entries],
        ranking=[EntryOut.model_validate(entry) for entry in proposal.entries],
    )
