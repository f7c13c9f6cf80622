"""Guide packs that intake has staged here, and the current one of each guide."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass

from common import audit
from common.actor import Actor
from common.clock import clock
from common.db import ALL_CITIES, Database
from common.errors import Conflict, FieldError, NotFound, Unprocessable
from eligibility.guides import queries
from eligibility.guides.packs import Packs
from eligibility.guides.schemas import ActivateIn, StageIn
from guide import Pack, PackRefused, load_pack

PUBLISHERS = ("intake", "operator")


class GuideUnknown(NotFound):
    code = "eligibility.guide_unknown"
    title_zh, title_en = "没有这份申报指南", "No such guide"


class VersionUnknown(NotFound):
    code = "eligibility.pack_version_unknown"
    title_zh, title_en = "没有这份指南的该版本", "No such version of the guide"


class PackInvalid(Unprocessable):
    code = "eligibility.pack_refused"
    title_zh, title_en = "指南数据包未通过校验", "The guide pack is refused"


class GuideOfOtherCity(Conflict):
    code = "eligibility.guide_of_other_city"
    title_zh, title_en = "该指南编号属于另一城市", "The guide's id belongs to another city"


async def stage(database: Database, actor: Actor, guide: str, version: str, body: StageIn) -> Pack:
    """Keep one version of a pack; repeating it changes nothing.

    Raises:
        PackInvalid: it does not load, or is not what its address says.
        Forbidden: not the actor's city.
    """
    acting = actor.in_city(body.city)
    try:
        pack = await asyncio.to_thread(load_pack, body.text)
    except PackRefused as error:
        raise PackInvalid(
            errors=[FieldError(f"/text#{one.pointer}", "pack", str(one)) for one in error.problems[:100]]
        ) from error
    faults = [
        FieldError(pointer, "mismatch", f"the pack says {found}")
        for pointer, said, found in (
            ("/path/guide", guide, pack.id),
            ("/path/version", version, pack.version),
            ("/city", body.city, pack.city),
        )
        if said != found
    ]
    if faults:
        raise PackInvalid(errors=faults)
    async with database.write(acting) as session:
        fresh = await queries.keep(
            session, city=body.city, guide=guide, version=version, text=body.text, at=clock.business()
        )
        if fresh:
            await audit.record(
                session,
                acting,
                action="guide.staged",
                object_type="guide",
                object_id=guide,
                city=body.city,
                data={"version": version},
            )
    return pack


async def activate(database: Database, actor: Actor, guide: str, body: ActivateIn) -> str:
    """Make a staged version the current one; applications keep the version that they were assessed under.

    Raises:
        GuideUnknown, VersionUnknown: not staged here.
        GuideOfOtherCity: another city has a guide of this id.
        Forbidden: not the actor's city.
    """
    version = await _find(database, guide, body.version, staged_too=True)
    city = version.city
    acting = actor.in_city(city)
    async with database.write(acting) as session:
        before = await queries.current(session, guide)
        if before is not None and before.version == body.version:
            return body.version
        moved = await queries.point(
            session, city=city, guide=guide, version=body.version, at=clock.business()
        )
        if not moved:
            raise GuideOfOtherCity
        await audit.record(
            session,
            acting,
            action="guide.activated",
            object_type="guide",
            object_id=guide,
            city=city,
            data={"version": body.version, "before": before.version if before else None},
        )
    return body.version


@dataclass(frozen=True, slots=True)
class _Found:
    city: str
    version: str


async def _find(database: Database, guide: str, version: str | None, *, staged_too: bool) -> _Found:
    async with database.read(ALL_CITIES) as session:
        if version is None:
            pointer = await queries.current(session, guide)
            if pointer is None:
                raise GuideUnknown
            return _Found(pointer.city, pointer.version)
        row = await queries.version(session, guide, version)
        if row is not None and (staged_too or row.published_at is not None):
            return _Found(row.city, row.version)
        known = await queries.current(session, guide)
    raise VersionUnknown if known is not None else GuideUnknown


async def pack(
    database: Database, packs: Packs, guide: str, version: str | None = None, *, staged_too: bool = False
) -> Pack:
    """A guide's pack: the version named, else the current one.

    Guides are public, so cities do not matter here.

    Args:
        staged_too: also versions that were never current.

    Raises:
        GuideUnknown: nothing current under this id (nor staged, where that suffices).
        VersionUnknown: the guide has no such version.
    """
    known = packs.kept(version) if version is not None and staged_too else None
    if known is not None and known.id == guide:
        return known  # what is in memory was staged, and stays so
    found = await _find(database, guide, version, staged_too=staged_too)

    async def text() -> str:
        async with database.read(ALL_CITIES) as session:
            return await queries.text(session, guide, found.version)

    return await packs.get(found.version, text)


async def in_force(
    database: Database, packs: Packs, guides: Collection[str] = (), cities: Collection[str] = ()
) -> list[Pack]:
    """The current packs of these guides and cities, of all where nothing is named; by guide.

    Guides are public, so the actor's cities do not matter here.
    """
    async with database.read(ALL_CITIES) as session:
        found = [(row.guide, row.version) for row in await queries.currents(session, guides, cities)]
    return [await pack(database, packs, guide, version, staged_too=True) for guide, version in found]


async def texts(database: Database, guide: str, versions: Collection[str]) -> dict[str, str]:
    """Texts of a guide's versions, as staged; versions that are not here are left out."""
    async with database.read(ALL_CITIES) as session:
        return await queries.texts(session, guide, versions)


async def staged_text(database: Database, actor: Actor, guide: str, version: str) -> str:
    """The text of a version that is staged here for one of the actor's cities, current or not.

    Raises:
        GuideUnknown, VersionUnknown: there is none, or it is not to be seen.
    """
    found = await _find(database, guide, version, staged_too=True)
    if found.city not in actor.cities and (actor.cities or not actor.is_service):
        raise VersionUnknown
    return (await texts(database, guide, [found.version]))[found.version]
