"""Reading notices and objections."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from intake.notices.models import Notice, NoticeEntry, Objection
from intake.people.models import Unit

LONGEST = 500


async def notices(
    session: AsyncSession, *, guide: str | None = None, ids: Iterable[UUID] | None = None
) -> Sequence[Notice]:
    """Notices with their entries, newest first."""
    query = select(Notice).options(selectinload(Notice.entries))
    if guide is not None:
        query = query.where(Notice.guide == guide)
    if ids is not None:
        query = query.where(Notice.id.in_(list(ids)))
    return (await session.scalars(query.order_by(Notice.id.desc()).limit(LONGEST))).all()


async def notice(session: AsyncSession, notice_id: UUID) -> Notice | None:
    """One notice with its entries."""
    return next(iter(await notices(session, ids=[notice_id])), None)


async def last_of(session: AsyncSession, application_id: UUID) -> Notice | None:
    """The newest notice that an application is on."""
    return await session.scalar(
        select(Notice)
        .join(NoticeEntry, NoticeEntry.notice_id == Notice.id)
        .where(NoticeEntry.application_id == application_id)
        .order_by(Notice.id.desc())
        .limit(1)
    )


async def objection(session: AsyncSession, objection_id: UUID, *, lock: bool = False) -> Objection | None:
    """One objection."""
    query = select(Objection).where(Objection.id == objection_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return await session.scalar(query)


async def open_objections(session: AsyncSession, application_id: UUID) -> Sequence[Objection]:
    """Objections to an application that wait for a decision."""
    return (
        await session.scalars(
            select(Objection).where(Objection.application_id == application_id, Objection.state == "open")
        )
    ).all()


async def count_open(session: AsyncSession, application_id: UUID) -> int:
    """How many objections to an application wait for a decision."""
    query = select(func.count()).where(Objection.application_id == application_id, Objection.state == "open")
    return await session.scalar(query) or 0


async def objections(
    session: AsyncSession,
    *,
    notice_ids: Sequence[UUID] | None,
    application_ids: Sequence[UUID] | None,
    state: str | None,
    filed_by: str | None,
) -> Sequence[Objection]:
    """Objections, oldest first; arguments left out do not narrow."""
    query = select(Objection)
    if notice_ids is not None:
        query = query.where(Objection.notice_id.in_(notice_ids))
    if application_ids is not None:
        query = query.where(Objection.application_id.in_(application_ids))
    if state is not None:
        query = query.where(Objection.state == state)
    if filed_by is not None:
        query = query.where(Objection.filed_by == filed_by)
    return (await session.scalars(query.order_by(Objection.id).limit(LONGEST))).all()


async def unit_names(session: AsyncSession, ids: Iterable[UUID]) -> dict[UUID, str]:
    """Names of units by id."""
    query = select(Unit.id, Unit.name).where(Unit.id.in_(list(ids)))
    return {row.id: row.name for row in await session.execute(query)}
