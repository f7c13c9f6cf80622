"""Reading and writing staged packs."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from common.ids import new_id
from eligibility.guides.models import Guide, GuideVersion


async def version(session: AsyncSession, guide: str, wanted: str) -> GuideVersion | None:
    """A staged version, without its text."""
    query = select(GuideVersion).where(GuideVersion.guide == guide, GuideVersion.version == wanted)
    return (await session.scalars(query)).one_or_none()


async def current(session: AsyncSession, guide: str) -> Guide | None:
    """The pointer to a guide's current version."""
    return (await session.scalars(select(Guide).where(Guide.guide == guide))).one_or_none()


async def currents(
    session: AsyncSession, guides: Collection[str], cities: Collection[str]
) -> Sequence[Guide]:
    """The pointers of these guides, in these cities; of all where nothing is named. By id."""
    query = select(Guide).order_by(Guide.guide)
    if guides:
        query = query.where(Guide.guide.in_(guides))
    if cities:
        query = query.where(Guide.city.in_(cities))
    return (await session.scalars(query)).all()


async def texts(session: AsyncSession, guide: str, wanted: Collection[str]) -> dict[str, str]:
    """Texts by version; versions that are not there are left out."""
    query = select(GuideVersion.version, GuideVersion.text).where(
        GuideVersion.guide == guide, GuideVersion.version.in_(wanted)
    )
    return {row.version: row.text for row in await session.execute(query)}


async def text(session: AsyncSession, guide: str, wanted: str) -> str:
    """The text of a version that is known to be there."""
    query = select(GuideVersion.text).where(GuideVersion.guide == guide, GuideVersion.version == wanted)
    return (await session.scalars(query)).one()


async def keep(
    session: AsyncSession, *, city: str, guide: str, version: str, text: str, at: datetime
) -> bool:
    """Insert a version; False where it is there already."""
    taken = await session.execute(
        insert(GuideVersion)
        .values(id=new_id(), city=city, guide=guide, version=version, text=text, staged_at=at)
        .on_conflict_do_nothing(constraint="uq_guide_versions_guide_version")
        .returning(GuideVersion.id)
    )
    return taken.scalar_one_or_none() is not None


async def point(session: AsyncSession, *, city: str, guide: str, version: str, at: datetime) -> bool:
    """Make a version current; False where the guide is another city's."""
    fresh = insert(Guide).values(city=city, guide=guide, version=version, activated_at=at)
    moved = await session.execute(
        fresh.on_conflict_do_update(
            index_elements=[Guide.guide],
            set_={"version": version, "activated_at": at},
            where=Guide.city == city,
        ).returning(Guide.guide)
    )
    if moved.scalar_one_or_none() is None:
        return False
    await session.execute(
        update(GuideVersion)
        .where(
            GuideVersion.guide == guide,
            GuideVersion.version == version,
            GuideVersion.published_at.is_(None),
        )
        .values(published_at=at)
    )
    return True
