"""Guides: staged by hash, never changed; which version is current is intake's to say."""

import asyncio
from functools import lru_cache

from sqlalchemy.ext.asyncio import AsyncSession

from common import audit
from common.actor import Actor
from common.clock import clock
from common.db import Database, cities
from common.errors import Conflict, FieldError, NotFound, Unprocessable, constraint_error
from documents.guides import queries
from documents.guides.models import StagedGuide
from guide import Pack, PackRefused, load_pack


class GuideRefused(Unprocessable):
    code = "documents.guide_refused"
    title_zh, title_en = "申报指南数据包不能接受", "The guide pack cannot be taken"


class GuideUnknown(NotFound):
    code = "documents.guide_unknown"
    title_zh, title_en = "没有这个版本的申报指南", "This version of the guide is not here"


class GuideStaged(Conflict):
    code = "documents.guide_staged"
    title_zh, title_en = "同一版本正在登记，请重试", "The same version is being staged; try again"


constraint_error("uq_guides_city_guide_version", GuideStaged)


async def stage(db: Database, actor: Actor, city: str, guide: str, version: str, text: str) -> None:
    """Keep one version of a pack; a second time changes nothing.

    Raises:
        GuideRefused: not a pack, or its id, city or hash are not the named ones.
    """
    scope = actor.in_city(city)
    try:
        pack = await asyncio.to_thread(_loaded, text)
    except PackRefused as error:
        faults = [FieldError(f"/text{one.pointer}", "pack", one.reason) for one in error.problems[:100]]
        raise GuideRefused(errors=faults) from error
    if (pack.id, pack.version, pack.city) != (guide, version, city):
        raise GuideRefused("id, version or city of the pack differ from what was named")
    try:
        async with db.write(scope) as session:
            if await queries.text_of(session, city, guide, version) is None:
                session.add(
                    StagedGuide(
                        city=city, guide=guide, version=version, text=text, staged_at=clock.business()
                    )
                )
                await _audit(session, scope, city, guide, version)
    except GuideStaged:
        return  # another request was faster; equal hashes mean equal packs


async def load(db: Database, city: str, guide: str, version: str) -> Pack:
    """A staged pack; kept by its version, which is the hash of its content.

    Raises:
        GuideUnknown: it was not staged for this city.
    """
    known = _kept.get((city, guide, version))
    if known is not None:
        return known
    async with db.read(cities(city)) as session:
        text = await queries.text_of(session, city, guide, version)
    if text is None:
        raise GuideUnknown
    pack = _kept[city, guide, version] = await asyncio.to_thread(_loaded, text)
    if len(_kept) > _MOST_KEPT:
        del _kept[next(iter(_kept))]
    return pack


async def _audit(session: AsyncSession, actor: Actor, city: str, guide: str, version: str) -> None:
    await audit.record(
        session,
        actor,
        action="guide.staged",
        object_type="guide",
        object_id=guide,
        city=city,
        data={"version": version},
    )


_MOST_KEPT = 16
_kept: dict[tuple[str, str, str], Pack] = {}


@lru_cache(maxsize=_MOST_KEPT)
def _loaded(text: str) -> Pack:
    return load_pack(text)
