"""Initial review by the recommending unit, acceptance by the office, the formal review's commands."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from common import audit
from common.actor import Actor
from common.clock import clock
from common.errors import Conflict, FieldError, Unprocessable
from common.ids import new_id
from common.roles import Role
from guide import Pack, nest
from intake.applications import facts as gathering
from intake.applications import queries as application_queries
from intake.applications import service as applications
from intake.applications import states
from intake.applications.models import Application
from intake.calls import service as calls
from intake.guides import service as guides
from intake.people import service as people
from intake.reviews import queries
from intake.reviews.models import Acceptance, InitialReview
from intake.reviews.schemas import AcceptIn, InitialReviewIn


class FormNotSealed(Conflict):
    code = "intake.form_not_sealed"
    title_zh, title_en = "推荐表未盖章，不能受理", "The recommendation form is not sealed"


async def begin(
    session: AsyncSession, actor: Actor, application_id: UUID, action: str, *roles: Role
) -> Application:
    """Lock an application for a step and make sure that this actor may take it now.

    Raises:
        NotFound: no such application, or none that the actor may see.
        MoveRefused: not in this state, not this unit, or a guard says no.
        Forbidden: the membership has ended since the token was made.
    """
    application = await applications.locked(session, actor, application_id)
    await check(session, actor, application, action, *roles)
    return application


async def check(
    session: AsyncSession,
    actor: Actor,
    application: Application,
    action: str,
    *roles: Role,
    steps: Sequence[str] | None = None,
) -> None:
    """As `begin`, for an application that is loaded already; `steps` as in `states.check`."""
    windows = await calls.windows(session, [application.guide])
    states.check(application, action, actor, clock.business(), windows.get(application.guide), steps)
    unit_id = application.recommending_unit_id if Role.recommender in roles else None
    await people.confirm(session, actor, *roles, city=application.city, unit_id=unit_id)


async def pack_of(session: AsyncSession, application: Application) -> Pack:
    """The pack that the application was submitted under.

    Raises:
        Conflict: it has none yet.
    """
    if application.pack_version is None:
        raise Conflict("not submitted")
    return await guides.pack(session, application.guide, application.pack_version)


async def review_initially(
    session: AsyncSession, actor: Actor, application_id: UUID, wanted: InitialReviewIn
) -> Application:
    """Approve, return or reject a submitted application (初审); a returned one may be mended and submitted
    again while the window is open.

    Raises:
        as `begin`.
        Unprocessable: no reason for a refusal, or a clause that the guide does not have.
    """
    application = await begin(session, actor, application_id, "initial_review", Role.recommender)
    if wanted.decision != "approved" and wanted.reason is None:
        raise Unprocessable(errors=[FieldError("/reason", "missing", "a refusal needs a reason")])
    if wanted.clause is not None and wanted.clause not in (await pack_of(session, application)).clauses:
        raise Unprocessable(errors=[FieldError("/clause", "unknown_clause", "the guide has no such clause")])
    now = clock.business()
    review = InitialReview(
        id=new_id(),
        city=application.city,
        application_id=application.id,
        unit_id=application.recommending_unit_id,
        decision=wanted.decision,
        reason=wanted.reason,
        clause=wanted.clause,
        decided_by=actor.label,
        decided_at=now,
    )
    session.add(review)
    states.advance(application, "initial_review", wanted.decision)
    application.touch(now)
    if wanted.decision == "approved":
        application.failure = None
    else:
        application.fail_with(f"intake.initial_review_{wanted.decision}", [], wanted.reason)
    await audit.record(
        session,
        actor,
        action="application.initially_reviewed",
        object_type="initial_review",
        object_id=review.id,
        city=application.city,
        application_id=application.id,
        data={"decision": wanted.decision, "clause": wanted.clause},
    )
    return application


async def accept(session: AsyncSession, actor: Actor, application_id: UUID, wanted: AcceptIn) -> Application:
    """Take an application on (受理): the office by the guide's routing, a recommendation by its form's seal.

    Raises:
        as `begin`.
        FormNotSealed: the officer says that the recommendation form bears no seal.
        Unprocessable: nothing is said of the seal of a recommendation, or of one that the call does not know.
    """
    application = await begin(session, actor, application_id, "accept", Role.officer)
    recommended = states.Step.recommendation in application.steps
    if recommended != (wanted.sealed is not None):
        told = "say whether the form is sealed" if recommended else "the call knows no recommendation"
        raise Unprocessable(errors=[FieldError("/sealed", "recommendation", told)])
    if wanted.sealed is False:
        raise FormNotSealed
    pack, now = await pack_of(session, application), clock.business()
    office = pack.route(application.category, nest(await gathering.routing(session, application, pack)))
    dated = now.astimezone(pack.call.time_zone).date()
    acceptance = Acceptance(
        id=new_id(),
        city=application.city,
        application_id=application.id,
        office=office.name_zh if office else None,
        sealed=wanted.sealed,
        dated=dated,
        accepted_by=actor.label,
        accepted_at=now,
    )
    session.add(acceptance)
    states.advance(application, "accept")
    application.office = acceptance.office
    application.touch(now)
    await audit.record(
        session,
        actor,
        action="application.accepted",
        object_type="office_acceptance",
        object_id=acceptance.id,
        city=application.city,
        application_id=application.id,
        data={"office": office.id if office else None},
    )
    return application


async def facts(session: AsyncSession, application: Application) -> list[gathering.Fact]:
    """What reviews state about an application: `initial_review.*` and the seal of the form."""
    found: list[gathering.Fact] = []
    review = await queries.last_initial_review(session, application.id)
    if review is not None:
        found += [
            gathering.Fact("initial_review.decision", review.decision, "intake", review.decided_at),
            gathering.Fact("initial_review.reviewer", str(review.unit_id), "intake", review.decided_at),
        ]
    acceptance = await queries.last_acceptance(session, application.id)
    if acceptance is not None and acceptance.sealed is not None:
        at = acceptance.accepted_at
        found += [
            gathering.Fact("recommendation.sealed", acceptance.sealed, "intake", at),
            gathering.Fact("recommendation.date", acceptance.dated.isoformat(), "intake", at),
        ]
    return found


gathering.contributors.append(facts)
application_queries.expert_sources.append(queries.of_expert)
