"""Snapshot at N plus changes after N is the state; concurrent publishers leave no gap."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from tests.intake.factories import CITY
from tests.intake.feed.items import Harvester, Op, add, subscribe

from common.actor import Actor
from common.db import ALL_CITIES, Database, cities, new_engine
from common.errors import NotFound
from common.ids import new_id
from common.testing import rolled_back, settings_for
from intake.base import Base
from intake.feed import chain, service
from intake.feed.models import FeedItem
from intake.settings import Settings

PROJECTS = [new_id() for _ in range(4)]
OPS: st.SearchStrategy[tuple[int, Op]] = st.tuples(
    st.integers(0, len(PROJECTS) - 1), st.sampled_from(["upsert", "correct", "withdraw", "redact"])
)


async def publish_all(session: AsyncSession, moves: list[tuple[int, Op]], truth: dict[str, Any]) -> None:
    for number, (project, op) in enumerate(moves):
        item = await add(session, PROJECTS[project], op, title=f"题目{number}")
        if op in ("upsert", "correct"):
            assert item.record is not None
            truth[str(item.entity_id)] = item.record
        else:
            truth.pop(str(item.entity_id), None)


async def harvest(db: Database, reader: Actor, harvester: Harvester, limit: int) -> None:
    more = True
    while more:
        async with db.write(reader) as session:
            found = await service.changes(
                session, reader, city=None, cursor=harvester.cursor, limit=limit, known=None
            )
        assert found is not None
        harvester.apply(found.body)
        more = found.body["has_more"]


async def snapshot(db: Database, reader: Actor) -> bytes:
    async with db.write(reader) as session:
        sight, at, count = await service.open_snapshot(session, reader, None)
    return b"".join([line async for line in service.snapshot(db, sight, at, count)])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    before=st.lists(OPS, max_size=8),
    between=st.lists(OPS, max_size=8),
    after=st.lists(OPS, max_size=8),
    limit=st.integers(1, 5),
)
def test_snapshot_and_changes_give_the_state(
    db_settings: Callable[[str], dict[str, Any]],
    before: list[tuple[int, Op]],
    between: list[tuple[int, Op]],
    after: list[tuple[int, Op]],
    limit: int,
) -> None:
    """Three harvesters, from the start, from a snapshot, and from one taken while the feed went on, agree."""

    async def run() -> None:
        engine = new_engine(settings_for(Settings, **db_settings("intake")))
        try:
            async with rolled_back(engine, Base.metadata) as db:
                await compare(db)
        finally:
            await engine.dispose()

    async def compare(db: Database) -> None:
        truth: dict[str, Any] = {}
        from_start, from_snapshot, early = Harvester(), Harvester(), Harvester()
        async with db.write(ALL_CITIES) as session:
            fields = ["project_number", "title", "category", "region", "grant", "leader_name"]
            reader = await subscribe(session, fields=fields)
            await publish_all(session, before, truth)
        await harvest(db, reader, from_start, limit)
        assert from_start.listed == truth
        async with db.write(reader) as session:
            opened = await service.open_snapshot(session, reader, None)
        async with db.write(ALL_CITIES) as session:
            await publish_all(session, between, truth)
        # read only now, behind its own position: a redaction may have emptied it, its changes say so
        early.load(b"".join([line async for line in service.snapshot(db, *opened)]))
        assert from_snapshot.load(await snapshot(db, reader)) == len(before) + len(between)
        assert from_snapshot.listed == truth
        async with db.write(ALL_CITIES) as session:
            await publish_all(session, after, truth)
        for harvester in (from_start, from_snapshot, early):
            await harvest(db, reader, harvester, limit)
            assert harvester.listed == truth

    with asyncio.Runner() as runner:
        runner.run(run())


class Abandoned(NotFound):
    """Thrown to roll a publishing transaction back."""


async def publish_in_own_transaction(db: Database, number: int) -> None:
    async with db.write(cities(CITY)) as session:
        await add(session, title=f"题目{number}")
        if number % 3 == 0:
            raise Abandoned


async def test_publishers_at_once_leave_no_gap(live: Database) -> None:
    """Every third one rolls back; a reader beside them never sees a gap or a change in what it has."""
    async with live.write(ALL_CITIES) as session:
        reader = await subscribe(session)
    seen: dict[int, str] = {}
    finished = asyncio.Event()

    async def look() -> None:
        while not finished.is_set():
            async with live.write(reader) as session:
                page = await service.changes(session, reader, city=None, cursor=None, limit=1000, known=None)
            assert page is not None
            numbers = [one["seq"] for one in page.body["items"]]
            assert numbers == list(range(1, len(numbers) + 1))
            for one in page.body["items"]:
                assert seen.setdefault(one["seq"], one["digest"]) == one["digest"]

    looking = asyncio.create_task(look())
    outcomes = await asyncio.gather(
        *(publish_in_own_transaction(live, number) for number in range(30)), return_exceptions=True
    )
    finished.set()
    await looking
    assert sum(isinstance(one, Abandoned) for one in outcomes) == 10
    assert sum(one is None for one in outcomes) == 20
    async with live.read(ALL_CITIES) as session:
        items = list(await session.scalars(select(FeedItem).order_by(FeedItem.seq)))
        at = await service.queries.head(session, CITY)
    assert [one.seq for one in items] == list(range(1, 21))
    before = chain.genesis(CITY)
    for one in items:
        before = chain.link(before, one.digest)
        assert one.chain_hash == before
    assert (at.seq, at.chain_hash) == (20, before)


async def test_cities_count_apart(live: Database) -> None:
    async with live.write(ALL_CITIES) as session:
        numbers = [(await add(session, city=city)).seq for city in (CITY, "330100", CITY, "330100")]
    assert numbers == [1, 1, 2, 2]


async def test_revisions_of_one_project_under_concurrency(live: Database) -> None:
    project: UUID = new_id()

    async def correct() -> int:
        async with live.write(cities(CITY)) as session:
            return (await add(session, project, "correct")).revision

    assert sorted(await asyncio.gather(*(correct() for _ in range(6)))) == [1, 2, 3, 4, 5, 6]
