"""Staging a guide version's quota tables, and putting their limits in force."""

from collections.abc import Iterator, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from common import audit
from common.actor import Actor
from common.clock import clock
from common.db import Database
from common.errors import Conflict, FieldError, NotFound, Unprocessable, constraint_error
from quota.allocations import queries
from quota.allocations.models import Allocation
from quota.allocations.schemas import Activated, AllocationIn, Block, Row, Staged
from quota.pools import service as pools
from quota.pools.models import Pool


class BlocksInvalid(Unprocessable):
    code = "quota.blocks_invalid"
    title_zh, title_en = "名额分配表自相矛盾", "The quota tables contradict themselves"


class VersionExists(Conflict):
    """Internal: the version is staged already; looked up before anything is said."""

    code = "quota.version_exists"
    title_zh, title_en = "该版本已存在", "The version exists already"


class VersionDiffers(Conflict):
    code = "quota.version_differs"
    title_zh, title_en = "同一版本已有不同内容", "The version is staged with other content"


class VersionUnknown(NotFound):
    code = "quota.version_unknown"
    title_zh, title_en = "没有这个版本", "No such version"


class LimitBelowUse(Conflict):
    code = "quota.limit_below_use"
    title_zh, title_en = "新名额低于已用数", "A new limit is below what is used"


constraint_error("uq_allocations_city_guide_version", VersionExists)


async def stage(db: Database, actor: Actor, guide: str, version: str, wanted: AllocationIn) -> Staged:
    """Keep a version's tables and make its missing pools, closed until activation. Repeatable.

    Raises:
        BlocksInvalid: header and rows disagree, or rows or units stand twice.
        VersionDiffers: the version was staged with other tables.
        Forbidden: the city is not the caller's.
    """
    _check(wanted.blocks)
    acting = actor.in_city(wanted.city)
    blocks = [block.model_dump(mode="json") for block in wanted.blocks]
    try:
        async with db.write(acting) as session:
            session.add(
                Allocation(
                    city=wanted.city,
                    guide=guide,
                    version=version,
                    blocks=blocks,
                    staged_at=clock.business(),
                )
            )
            await session.flush()
            await pools.open_places(session, wanted.city, guide, _places(guide, wanted.blocks))
            await _record(session, acting, "allocation.staged", wanted.city, guide, version)
    except VersionExists:
        async with db.read(acting) as session:
            known = await queries.find(session, guide, version)
        if known is None or known.blocks != blocks:
            raise VersionDiffers from None
    return Staged(city=wanted.city, guide=guide, version=version)


async def activate(db: Database, actor: Actor, city: str, guide: str, version: str) -> Activated:
    """Put a staged version's limits in force, all or none; rows that it lacks are closed. Repeatable.

    A version that is in force already changes nothing.

    Raises:
        VersionUnknown: not staged in this city.
        LimitBelowUse: names the rows of which more is used than they would have.
        Forbidden: the city is not the caller's.
    """
    acting = actor.in_city(city)
    async with db.write(acting) as session:
        staged = await queries.find(session, guide, version)
        if staged is None:
            raise VersionUnknown
        places = await pools.lock_places(session, guide)
        if await queries.active_version(session, guide) != version:
            blocks = [Block.model_validate(block) for block in staged.blocks]
            _set_limits(session, acting, guide, version, blocks, places)
            await queries.point_to(session, city, guide, version, clock.business())
            await _record(session, acting, "allocation.activated", city, guide, version)
        in_order = sorted(places, key=lambda pool: (pool.position, pool.id))
        return Activated(
            city=city, guide=guide, version=version, pools=[pools.as_out(pool) for pool in in_order]
        )


def _set_limits(
    session: AsyncSession,
    actor: Actor,
    guide: str,
    version: str,
    blocks: Sequence[Block],
    places: Sequence[Pool],
) -> None:
    rows = {_key(guide, row): (position, row) for position, _, row in _rows(blocks)}
    limits = {pool.key: rows[pool.key][1].limit if pool.key in rows else 0 for pool in places}
    short = [
        {
            "key": pool.key,
            "row": pool.row_id,
            "unit_zh": pool.unit_zh,
            "limit": limits[pool.key],
            "used": pool.used,
        }
        for pool in places
        if limits[pool.key] < pool.used
    ]
    if short:
        raise LimitBelowUse(extra={"rows": short})
    why = pools.cause(actor, f"guide version {version} activated")
    for pool in places:
        if pool.key in rows:
            pool.position, row = rows[pool.key]
            pool.unit_zh, pool.unit_en = row.unit_zh, row.unit_en
        if pool.capacity != limits[pool.key]:
            pools.set_limit(session, pool, limits[pool.key], why)


def _key(guide: str, row: Row) -> str:
    return f"{guide}/{row.id}"


def _rows(blocks: Sequence[Block]) -> Iterator[tuple[int, str, Row]]:
    """All rows as (number across the guide from 1, category, row)."""
    every = ((block.category, row) for block in blocks for row in block.rows)
    for number, (category, row) in enumerate(every, start=1):
        yield number, category, row


def _places(guide: str, blocks: Sequence[Block]) -> list[pools.NewPlace]:
    return [
        pools.NewPlace(_key(guide, row), category, row.id, row.unit_zh, row.unit_en, position)
        for position, category, row in _rows(blocks)
    ]


def _check(blocks: Sequence[Block]) -> None:
    faults: list[FieldError] = []
    categories: set[str] = set()
    for index, block in enumerate(blocks):
        at = f"/blocks/{index}"
        if block.category in categories:
            faults.append(FieldError(f"{at}/category", "twice", f"{block.category} has a block already"))
        categories.add(block.category)
        held = sum(row.limit for row in block.rows)
        if block.total is not None and held != block.total:
            faults.append(
                FieldError(f"{at}/total", "sum", f"the rows add up to {held}, the header says {block.total}")
            )
        faults.extend(_row_faults(at, block))
    if faults:
        raise BlocksInvalid(errors=faults[:100])


def _row_faults(at: str, block: Block) -> Iterator[FieldError]:
    ids: set[str] = set()
    units: set[str] = set()
    for index, row in enumerate(block.rows):
        if not row.id.startswith(f"{block.category}/"):
            yield FieldError(f"{at}/rows/{index}/id", "category", f"must begin with {block.category}/")
        if row.id in ids:
            yield FieldError(f"{at}/rows/{index}/id", "twice", f"{row.id} stands twice")
        if row.unit_zh in units:
            yield FieldError(f"{at}/rows/{index}/unit_zh", "twice", "the unit has a row already")
        ids.add(row.id)
        units.add(row.unit_zh)


async def _record(
    session: AsyncSession, actor: Actor, action: str, city: str, guide: str, version: str
) -> None:
    await audit.record(
        session,
        actor,
        action=action,
        object_type="allocation",
        object_id=f"{guide}/{version}",
        city=city,
    )
