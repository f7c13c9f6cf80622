"""Guides: check a pack, keep it, and put it in force everywhere at once.

Publishing stages the version with every reader first (immutable, nothing changes by it), then moves the one
pointer, then tells the readers. The telling is a job in the pointer's transaction; it may be repeated.
"""

import asyncio
from datetime import timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from common import audit, jobs
from common.actor import Actor
from common.client import RemoteProblem, ServiceClient
from common.clock import clock
from common.db import ALL_CITIES, Database, cities
from common.errors import Conflict, FieldError, Forbidden, NotFound, OwnerUnavailable, Unprocessable
from common.log import log
from common.roles import Role
from guide import Block, Pack, PackRefused
from intake import clients
from intake.guides import packs, queries
from intake.guides.models import Guide, GuideVersion
from intake.guides.schemas import GuideOut, GuideText, GuideVersionOut, Published, Staged

ACTIVATE_JOB = "intake.activate_guide"
READERS = ("eligibility", "documents", "quota")
TOLD = ("eligibility", "quota")


class GuideRefused(Unprocessable):
    code = "intake.guide_refused"
    title_zh, title_en = "申报指南未通过检查", "The guide pack is refused"


class GuideTaken(Conflict):
    code = "intake.guide_taken"
    title_zh, title_en = "该编号属于其他城市的指南", "The id belongs to another city's guide"


class CallNotPublished(Conflict):
    code = "intake.call_not_published"
    title_zh, title_en = "申报通知尚未发布", "The call is not published"


def administer(actor: Actor, city: str) -> None:
    """
    Raises:
        Forbidden: the actor does not keep this city's guides.
    """
    allowed = city in actor.cities if actor.is_service else actor.has(Role.guide_administrator, city)
    if not allowed:
        raise Forbidden(extra={"needs": [Role.guide_administrator.value]})


async def checked(text: str) -> Pack:
    """
    Raises:
        GuideRefused: with the place and the reason of every problem.
    """
    try:
        return await packs.read(text)
    except PackRefused as error:
        raise GuideRefused(
            errors=[FieldError(one.pointer, "guide", str(one)) for one in error.problems[:200]]
        ) from error


async def stage(db: Database, actor: Actor, text: str, *, dry_run: bool) -> Staged:
    """Check a pack and, unless it is a dry run, keep it.

    Raises:
        GuideRefused: with the place and the reason of every problem.
        Forbidden: a pack of another city.
        GuideTaken: the id is another city's.
    """
    pack = await checked(text)
    administer(actor, pack.city)
    if dry_run:
        return Staged(guide=pack.id, version=pack.version, state="validated")
    async with db.write(cities(pack.city)) as session:
        new = await queries.add_version(session, pack.city, pack.id, pack.version, text)
        known = await queries.version(session, pack.id, pack.version)
        if known is None or await queries.get(session, pack.id) is None:
            raise GuideTaken
        if new:
            await audit.record(
                session,
                actor,
                action="guide.staged",
                object_type="guide",
                object_id=pack.id,
                city=pack.city,
                data={"version": pack.version},
            )
        return Staged(guide=pack.id, version=pack.version, state=known.state)


async def publish(db: Database, client: ServiceClient, actor: Actor, guide: str, version: str) -> Published:
    """Put a staged version in force; repeating it after any failure finishes what is left.

    Raises:
        NotFound: no such version.
        OwnerUnavailable: a reader could not take the version; nothing has changed.
        RemoteProblem: a reader refuses it, such as quota limits below what is used.
    """
    async with db.read(actor) as session:
        row = await queries.version(session, guide, version)
    if row is None:
        raise NotFound
    administer(actor, row.city)
    await stage_with_readers(client, row.text)
    async with db.write(actor) as session:
        pointer = await _lock(session, guide)
        if pointer.current_version != version:
            await _move(session, actor, pointer, version)
    try:
        activated = await activate(db, client, guide, version)
    except OwnerUnavailable as error:
        log.warning("guide.activation_waits", guide=guide, owner=error.service)
        activated = False
    return Published(guide=guide, version=version, state="published", activated=activated)


async def stage_with_readers(client: ServiceClient, text: str) -> None:
    """Hand a version to every reader; repeatable, nothing is in force by it.

    Raises:
        OwnerUnavailable, RemoteProblem: a reader is away, or refuses.
    """
    pack = await packs.load(text)
    whole = {"city": pack.city, "text": text}
    bodies: dict[str, dict[str, Any]] = {
        "eligibility": whole,
        "documents": whole,
        "quota": {"city": pack.city, "blocks": [_block(block) for block in pack.quota_blocks]},
    }
    await asyncio.gather(
        *(
            clients.put_guide(client, reader, pack.id, pack.version, bodies[reader], city=pack.city)
            for reader in READERS
        )
    )


def _block(block: Block) -> dict[str, Any]:
    rows = [
        {"id": row.id, "unit_zh": row.unit_zh, "unit_en": row.unit_en, "limit": row.limit}
        for row in block.rows
    ]
    return {"category": block.category, "total": block.total, "rows": rows}


async def _lock(session: AsyncSession, guide: str) -> Guide:
    pointer = await queries.get(session, guide, lock=True)
    if pointer is None:
        raise NotFound
    return pointer


async def _move(session: AsyncSession, actor: Actor, pointer: Guide, version: str) -> None:
    now = clock.business()
    for row in await queries.versions(session, pointer.id):
        if row.version == version:
            row.state, row.published_at = "published", row.published_at or now
        elif row.state == "published":
            row.state = "superseded"
    pointer.current_version, pointer.published_at = version, now
    await audit.record(
        session,
        actor,
        action="guide.published",
        object_type="guide",
        object_id=pointer.id,
        city=pointer.city,
        data={"version": version},
    )
    await _tell(session, pointer)


async def _tell(session: AsyncSession, pointer: Guide) -> None:
    await jobs.enqueue(
        session,
        ACTIVATE_JOB,
        {"guide": pointer.id, "version": pointer.current_version},
        key=f"{pointer.id}:{pointer.current_version}",
        delay=timedelta(seconds=5),
    )


async def activate(db: Database, client: ServiceClient, guide: str, version: str) -> bool:
    """Tell every reader that this version is in force; False if another one has come into force meanwhile.

    Raises:
        OwnerUnavailable: a reader is away; the job tries again.
        RemoteProblem: a reader refuses.
    """
    async with db.read(ALL_CITIES) as session:
        pointer = await queries.get(session, guide)
    if pointer is None or pointer.current_version != version:
        return False
    await asyncio.gather(
        *(clients.activate_guide(client, reader, guide, version, city=pointer.city) for reader in TOLD)
    )
    async with db.write(cities(pointer.city)) as session:
        pointer = await _lock(session, guide)
        pointer.activated_version = version
        if pointer.current_version != version:
            # this call may have come after the newer version's: tell the readers once more
            await _tell(session, pointer)
            return False
    return True


async def finish_activation(ctx: jobs.JobContext, payload: dict[str, Any]) -> None:
    """Job: what `publish` could not tell the readers."""
    async with ctx.db.read(ALL_CITIES) as session:
        pointer = await queries.get(session, payload["guide"])
    if pointer is None or pointer.activated_version == payload["version"]:
        return
    try:
        await activate(ctx.db, ctx.client, payload["guide"], payload["version"])
    except RemoteProblem as error:
        # it needs a person: publishing again, or another version, repeats it
        log.error("guide.activation_refused", guide=payload["guide"], code=error.remote_code)


async def pack(session: AsyncSession, guide: str, version: str) -> Pack:
    """A version's pack.

    Raises:
        NotFound: no such version.
    """
    known = packs.kept(version)
    if known is not None and known.id == guide:
        return known
    row = await queries.version(session, guide, version)
    if row is None:
        raise NotFound
    return await packs.load(row.text)


async def current(session: AsyncSession, guide: str) -> Pack | None:
    """The pack in force; None where the guide has none."""
    pointer = await queries.get(session, guide)
    if pointer is None or pointer.current_version is None:
        return None
    return await pack(session, guide, pointer.current_version)


async def in_force(session: AsyncSession, ids: list[str] | None = None) -> list[Pack]:
    """The packs in force in the session's cities, by guide id."""
    return [
        await pack(session, one.id, one.current_version)
        for one in await queries.published(session, ids)
        if one.current_version is not None
    ]


def is_shown(actor: Actor, version: GuideVersion) -> bool:
    """What was never in force is a draft of the bureau's."""
    drafting = actor.is_service or actor.has(Role.guide_administrator, version.city)
    return drafting or version.published_at is not None


async def describe(session: AsyncSession, actor: Actor, guide: str) -> GuideOut:
    """
    Raises:
        NotFound: no such guide, or none that was ever in force.
    """
    pointer = await queries.get(session, guide)
    shown = [one for one in await queries.versions(session, guide) if is_shown(actor, one)]
    if pointer is None or not shown:
        raise NotFound
    return GuideOut(
        guide=guide,
        city=pointer.city,
        current_version=pointer.current_version,
        versions=[
            GuideVersionOut(
                version=one.version, state=one.state, created_at=one.created_at, published_at=one.published_at
            )
            for one in shown
        ],
    )


async def text_of(session: AsyncSession, actor: Actor, guide: str, version: str) -> GuideText:
    """
    Raises:
        NotFound: no such version, or one that was never in force.
    """
    row = await queries.version(session, guide, version)
    if row is None or not is_shown(actor, row):
        raise NotFound
    return GuideText(guide=guide, version=version, text=row.text)
