"""Many at once, with real commits on separate connections. `live` checks the whole ledger after each test."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from common.actor import Actor
from common.db import Database, Scope, cities
from common.ids import new_id
from quota.base import Base
from quota.holds import service as holds
from quota.holds.service import HoldUnknown, PlaceExhausted
from quota.holds.states import HoldVoid

TAKERS = 64


async def outcome(work: Any) -> str:
    try:
        return str((await work).state)
    except (PlaceExhausted, HoldVoid, HoldUnknown) as refusal:
        return refusal.code


async def test_64_clients_for_one_place(live: Any) -> None:
    await live.allot({"major/qujiang": 1})
    orders = [live.order("major/qujiang").model_dump(mode="json") for _ in range(TAKERS)]
    async with live.by_intake() as intake:
        answers = await asyncio.gather(*(intake.post("/v1/holds", json=order) for order in orders))
        again = await asyncio.gather(*(intake.post("/v1/holds", json=order) for order in orders))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: TAKERS - 1}
    # the winner gets its place again, and each loser hears again that the row is full
    for first, second in zip(answers, again, strict=True):
        if first.status_code == 201:
            assert (second.status_code, second.json()) == (200, first.json())
        else:
            for answer in (first, second):
                problem = answer.json()
                assert (answer.status_code, problem["code"]) == (409, "quota.place_exhausted")
                assert (problem["pool"]["row"], problem["pool"]["limit"], problem["pool"]["used"]) == (
                    "major/qujiang",
                    1,
                    1,
                )
    assert (await live.pool("major/qujiang")).used == 1
    assert [entry.delta for entry in await live.ledger("major/qujiang")] == [0, 1]


async def test_64_clients_for_seven_places(live: Any) -> None:
    await live.allot({"major/city": 7})
    outcomes = await asyncio.gather(*(outcome(live.take("major/city")) for _ in range(TAKERS)))
    assert Counter(outcomes) == {"held": 7, "quota.place_exhausted": TAKERS - 7}
    history = await live.ledger("major/city")
    assert [entry.seq for entry in history] == list(range(1, 9))
    assert [entry.used for entry in history] == list(range(8))


async def test_the_same_request_64_times_at_once(live: Any) -> None:
    await live.allot({"major/qujiang": 1})
    order = live.order("major/qujiang").model_dump(mode="json")
    async with live.by_intake() as intake:
        answers = await asyncio.gather(*(intake.post("/v1/holds", json=order) for _ in range(TAKERS)))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 200: TAKERS - 1}
    assert len({answer.text for answer in answers}) == 1
    assert (await live.pool("major/qujiang")).used == 1


class Interrupted(Database):
    """Lets something happen right before the next look-up."""

    before: Callable[[], Coroutine[Any, Any, None]] | None = None

    @asynccontextmanager
    async def read(self, scope: Scope) -> AsyncIterator[AsyncSession]:
        before, self.before = self.before, None
        if before is not None:
            await before()
        async with super().read(scope) as session:
            yield session


async def test_full_for_one_request_but_held_by_its_twin(live: Any) -> None:
    """Two requests for one subject: the row was full for this one, then a place came free for the other."""
    await live.allot({"major/qujiang": 1})
    first, subject = (await live.take("major/qujiang")).subject, new_id()

    async def twin() -> None:
        await live.void(first)
        await live.take("major/qujiang", subject=subject)

    db = Interrupted(live.db.engine, Base.metadata)
    db.before = twin
    order = live.order("major/qujiang", subject=subject)
    hold, created = await holds.take(db, Actor(caller="intake", cities=frozenset({live.city})), order)
    assert (hold.state, created) == ("held", False)
    assert (await live.pool("major/qujiang")).used == 1


async def test_a_take_and_a_void_of_one_subject(live: Any) -> None:
    """Whichever comes first, the subject ends void and nothing stays taken."""
    await live.allot({"major/city": 64})
    subjects = [new_id() for _ in range(40)]
    takes = (outcome(live.take("major/city", subject=subject)) for subject in subjects)
    voids = (outcome(live.void(subject)) for subject in subjects)
    pairs = [work for pair in zip(takes, voids, strict=True) for work in pair]
    outcomes = await asyncio.gather(*pairs)
    assert set(outcomes[0::2]) <= {"held", "quota.hold_void"}
    assert set(outcomes[1::2]) == {"void"}
    assert (await live.pool("major/city")).used == 0


async def test_retried_takes_cross_voids_and_confirmations_without_deadlock(live: Any) -> None:
    """Several pools each, in differing orders; a deadlock would surface as a database error."""
    rows = ["major/a", "major/b", "major/c"]
    await live.allot(dict.fromkeys(rows, 30))
    held = [(await live.take(*rows)).subject for _ in range(20)]

    def storm(subject: UUID, index: int) -> list[Any]:
        turned = rows[index % 3 :] + rows[: index % 3]
        return [
            live.take(*turned, subject=subject),
            live.confirm(subject),
            live.void(subject),
            live.take(*reversed(turned), subject=subject),
            live.take(*turned),
        ]

    works = [work for index, subject in enumerate(held) for work in storm(subject, index)]
    outcomes = await asyncio.gather(*(outcome(work) for work in works))
    assert set(outcomes) <= {"held", "confirmed", "void", "quota.hold_void", "quota.place_exhausted"}
    assert set(outcomes[2::5]) == {"void"}
    fresh = outcomes[4::5].count("held")
    assert [(await live.pool(row)).used for row in rows] == [fresh] * 3


async def test_a_freed_place_goes_to_exactly_one_of_those_waiting(live: Any) -> None:
    await live.allot({"major/qujiang": 1})
    winner = await live.take("major/qujiang")
    works = [outcome(live.void(winner.subject)), *(outcome(live.take("major/qujiang")) for _ in range(20))]
    found = Counter(await asyncio.gather(*works))
    assert found["void"] == 1
    assert found["held"] <= 1
    assert (await live.pool("major/qujiang")).used == found["held"]
    assert (await outcome(live.take("major/qujiang"))) == (
        "quota.place_exhausted" if found["held"] else "held"
    )


async def test_voids_and_confirmations_at_once_count_once(live: Any) -> None:
    await live.allot({"major/city": 3})
    subject = (await live.take("major/city")).subject
    works = [live.void(subject) if index % 2 else live.confirm(subject) for index in range(30)]
    await asyncio.gather(*(outcome(work) for work in works))
    assert (await live.pool("major/city")).used == 0
    kinds = Counter(entry.kind for entry in await live.ledger("major/city"))
    assert (kinds["held"], kinds["void"]) == (1, 1)
    assert kinds["confirmed"] <= 1


async def test_unknown_subject_voided_many_times_at_once(live: Any) -> None:
    await live.allot({"major/city": 3})
    subject = new_id()
    voids = await asyncio.gather(*(live.void(subject) for _ in range(20)))
    assert len({void.model_dump_json() for void in voids}) == 1
    with pytest.raises(HoldVoid):
        await live.take("major/city", subject=subject)


async def test_a_version_activated_during_a_rush(live: Any) -> None:
    """Limits move under the same locks: use never passes the limit of its moment."""
    await live.allot({"major/city": 5, "major/kecheng": 5})
    await live.stage({"major/city": 9, "major/kecheng": 7}, "b")
    takes = [outcome(live.take("major/city", "major/kecheng")) for _ in range(30)]
    *outcomes, _ = await asyncio.gather(*takes[:10], *takes[10:], live.activate("b"))
    pools = [await live.pool(row) for row in ("major/city", "major/kecheng")]
    assert [pool.limit for pool in pools] == [9, 7]
    taken = outcomes.count("held")
    assert 5 <= taken <= 7
    assert [pool.used for pool in pools] == [taken, taken]
    for row in ("major/city", "major/kecheng"):
        assert all(entry.used <= entry.limit for entry in await live.ledger(row))


async def test_a_client_that_breaks_off_leaves_nothing(live: Any) -> None:
    """Its connection dies with the place taken but not committed; the one who waits gets the place."""
    await live.allot({"major/qujiang": 1})
    pool = await live.pool("major/qujiang")
    taken, break_off = asyncio.Event(), asyncio.Event()

    async def abandoned() -> None:
        async with live.db.write(cities(live.city)) as session:
            connection = await session.connection()
            await connection.exec_driver_sql("UPDATE pools SET used = 1 WHERE id = $1", (pool.id,))
            taken.set()
            await break_off.wait()
            await connection.invalidate()
            raise ConnectionResetError

    gone = asyncio.create_task(abandoned())
    await taken.wait()
    waiting = asyncio.create_task(live.take("major/qujiang"))
    async with asyncio.timeout(20):
        while not await somebody_waits(live):
            pass
    break_off.set()
    with pytest.raises(ConnectionResetError):
        await gone
    assert (await waiting).state == "held"
    assert (await live.pool("major/qujiang")).used == 1


async def somebody_waits(house: Any) -> bool:
    async with house.db.read(cities(house.city)) as session:
        waiting = await session.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted"))
    return bool(waiting)


async def test_the_table_itself_refuses_overselling(live: Any) -> None:
    await live.allot({"major/qujiang": 1})
    pool = await live.pool("major/qujiang")
    for used in (2, -1):
        with pytest.raises(Exception, match="ck_pools_used_within_capacity"):
            async with live.db.write(cities(live.city)) as session:
                await (await session.connection()).exec_driver_sql(
                    "UPDATE pools SET used = $1 WHERE id = $2", (used, pool.id)
                )
