"""Comparing the owners: intake's side, read in pages; and the mends that are intake's to make.

Nothing is invented here. A place is taken again only for a recommendation that stands, a pack is handed out
again word for word, an award that is not on the list goes there by the path that publishes any award.
"""

from typing import Literal
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from common import audit
from common.actor import Actor
from common.client import ServiceClient
from common.db import Database
from common.errors import Conflict, FieldError, NotFound
from common.pagination import BadCursor, Page, decode_cursor, encode_cursor
from intake.applications.states import AttemptState
from intake.awards import service as awards
from intake.guides import service as guides
from intake.recommendations import places, settling
from intake.recommendations import queries as recommendation_queries
from intake.recommendations.models import Recommendation
from intake.recommendations.states import RecommendationState
from intake.reconciliation import queries
from intake.reconciliation.schemas import (
    ApplicationLine,
    AttemptLine,
    AwardPublished,
    GuideLine,
    Position,
    RecommendationLine,
    Restaged,
    Retaken,
)

REASON = "reconciled"
"""What the ledger and the audit rows say of a mend."""


class PlaceNotDue(Conflict):
    """The recommendation does not stand (any more), so nothing may be held for it."""

    code = "intake.place_not_due"
    title_zh, title_en = "该推荐不应占用名额", "No place is due to this recommendation"


def position(cursor: str | None) -> UUID | None:
    """The id after which a page begins.

    Raises:
        BadCursor: not a cursor of these lists.
    """
    if cursor is None:
        return None
    try:
        return Position.model_validate(decode_cursor(cursor)).id
    except ValidationError as error:
        raise BadCursor(errors=[FieldError("/cursor", "cursor", "a cursor of another list")]) from error


def _next(rows: list[UUID], limit: int) -> str | None:
    """The cursor behind a page of which one row more was asked for."""
    return encode_cursor({"id": rows[limit - 1]}) if len(rows) > limit else None


async def recommendations(session: AsyncSession, cursor: str | None, limit: int) -> Page[RecommendationLine]:
    """Every recommendation, by id, and whether it has a place to claim."""
    rows = await queries.recommendations(session, position(cursor), limit + 1)
    lines = [
        RecommendationLine(
            id=row.id, application_id=row.application_id, pool_key=row.pool_key, place=_place(row)
        )
        for row in rows[:limit]
    ]
    return Page(items=lines, next_cursor=_next([row.id for row in rows], limit))


def _place(row: Recommendation) -> Literal["due", "kept", "undecided", "none"]:
    if row.state == RecommendationState.opening:
        return "undecided"
    if not settling.holds_place(row):
        return "none"
    return "due" if row.state == RecommendationState.recommended else "kept"


async def attempts(session: AsyncSession, cursor: str | None, limit: int) -> Page[AttemptLine]:
    """Every attempt, by id, with the bundle that it stands on."""
    rows = await queries.attempts(session, position(cursor), limit + 1)
    lines = [
        AttemptLine(
            id=row.id,
            application_id=row.application_id,
            open=row.state in (AttemptState.open, AttemptState.admitted_pending),
            bundle_id=row.bundle_id,
            manifest_sha256=row.manifest_sha256,
        )
        for row in rows[:limit]
    ]
    return Page(items=lines, next_cursor=_next([row.id for row in rows], limit))


async def applications(session: AsyncSession, cursor: str | None, limit: int) -> Page[ApplicationLine]:
    """Every application, by id, with the assessments relied on."""
    rows = await queries.applications(session, position(cursor), limit + 1)
    shown = rows[:limit]
    relied = {row.id: {UUID(one) for one in row.assessments.values()} for row in shown}
    for application_id, assessment_id in await queries.assessments(session, relied):
        relied[application_id].add(assessment_id)
    lines = [ApplicationLine(id=one, assessments=sorted(relied[one])) for one in relied]
    return Page(items=lines, next_cursor=_next([row.id for row in rows], limit))


async def versions(session: AsyncSession) -> list[GuideLine]:
    """Every version that a reader must have, the current one with its places."""
    current = {guide.id: guide.current_version for guide in await queries.guides(session)}
    lines = []
    for guide, version in await queries.versions(session):
        limits = None
        if version == current[guide]:
            pack = await guides.pack(session, guide, version)
            limits = {f"{guide}/{row.id}": row.limit for block in pack.quota_blocks for row in block.rows}
        lines.append(
            GuideLine(guide=guide, version=version, current=version == current[guide], limits=limits)
        )
    return lines


async def retake(db: Database, client: ServiceClient, actor: Actor, recommendation_id: UUID) -> Retaken:
    """Take the place of a recommendation that stands, where quota has lost it; repeatable.

    The limit holds as ever: where no place is left nothing is taken, and a person must decide.

    Raises:
        NotFound: no such recommendation in the actor's cities.
        PlaceNotDue: it does not stand.
        OwnerUnavailable: quota is away.
    """
    async with db.read(actor) as session:
        found = await recommendation_queries.get(session, recommendation_id)
    if found is None:
        raise NotFound
    if not settling.holds_place(found) or found.pool_key is None:
        raise PlaceNotDue(extra={"state": found.state})
    taken = await places.take(
        client,
        subject=found.id,
        city=found.city,
        pool_key=found.pool_key,
        application_id=found.application_id,
        decided_by=found.created_by,
        reason=REASON,
    )
    if taken.outcome == "held":
        # a withdrawal meanwhile has written its job to give the place back; that comes after this
        await places.confirm(client, found.id, found.city)
        async with db.write(actor) as session:
            await settling.record(session, actor, found, "recommendation.place_retaken", {"reason": REASON})
    return Retaken.model_validate({"outcome": taken.outcome})


async def restage(db: Database, client: ServiceClient, actor: Actor, guide: str, version: str) -> Restaged:
    """Hand a version to its readers again, and tell them if it is the current one; repeatable.

    Raises:
        NotFound: no such version in the actor's cities.
        OwnerUnavailable: a reader is away.
        RemoteProblem: a reader refuses it, such as limits below what is used.
    """
    pointer, text = await _version(db, actor, guide, version)
    await guides.stage_with_readers(client, text)
    activated = pointer == version and await guides.activate(db, client, guide, version)
    async with db.write(actor) as session:
        await audit.record(
            session,
            actor,
            action="guide.restaged",
            object_type="guide",
            object_id=guide,
            city=min(actor.cities),
            data={"version": version, "activated": activated, "reason": REASON},
        )
    return Restaged(guide=guide, version=version, activated=activated)


async def _version(db: Database, actor: Actor, guide: str, version: str) -> tuple[str | None, str]:
    async with db.read(actor) as session:
        pointers = {one.id: one.current_version for one in await queries.guides(session)}
        if guide not in pointers:
            raise NotFound
        return pointers[guide], (await guides.text_of(session, actor, guide, version)).text


async def publish_award(session: AsyncSession, actor: Actor, award_id: UUID) -> AwardPublished:
    """Put an award on the list that is not there; one that was ever published is left alone.

    Raises:
        NotFound: no such award in the actor's cities.
    """
    seq, added = await awards.publish_missing(session, actor, award_id)
    return AwardPublished(seq=seq, added=added)
