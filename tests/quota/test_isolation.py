"""Two cities with the same guide and rows: neither sees or touches the other's, raw SQL included."""

from dataclasses import replace
from typing import Any

import pytest

from common.actor import Actor, Grant
from common.db import cities
from common.ids import new_id
from common.roles import Role
from common.testing import actor
from quota.holds import queries
from quota.holds.service import HoldDiffers, HoldUnknown
from quota.pools import service as pools
from quota.pools.service import PoolUnknown

HERE, THERE = "330800", "330100"
ROWS = {"major/city": 2, "major/qujiang": 1}


@pytest.fixture
async def twins(quota: Any) -> tuple[Any, Any]:
    """The same tables in both cities; one place of 衢江 taken in each."""
    other = replace(quota, city=THERE)
    for house in (quota, other):
        await house.allot(ROWS)
    return quota, other


async def test_the_same_rows_count_apart(twins: tuple[Any, Any]) -> None:
    here, there = twins
    await here.take("major/qujiang")
    assert (await there.pool("major/qujiang")).used == 0
    assert (await there.take("major/qujiang")).pools[0].left == 0
    for house in twins:
        assert (await house.pool("major/qujiang")).used == 1
        assert len(await house.ledger("major/qujiang")) == 2


async def test_reads_show_one_citys_rows(twins: tuple[Any, Any]) -> None:
    here, there = twins
    mine, foreign = await here.take("major/city"), await there.take("major/city")
    their_pool = await there.pool("major/city")
    async with here.by(actor(Role.officer, city=HERE)) as officer:
        listed = (await officer.get("/v1/pools", params={"guide": here.guide})).json()["items"]
        keys = {"keys": [here.key("major/city")], "ids": [str(their_pool.id)]}
        batch = (await officer.post("/v1/pools/batch", json=keys)).json()["items"]
        subjects = {"subjects": [str(mine.subject), str(foreign.subject)]}
        held = (await officer.post("/v1/holds/batch", json=subjects)).json()["items"]
        assert (await officer.get(f"/v1/pools/{their_pool.id}/ledger")).status_code == 404
        assert (await officer.get(f"/v1/holds/{foreign.subject}")).status_code == 404
    assert {pool["city"] for pool in listed} == {HERE}
    assert len(listed) == len(ROWS)
    assert [pool["city"] for pool in batch] == [HERE]
    assert [hold["subject"] for hold in held] == [str(mine.subject)]


async def test_a_role_in_one_city_opens_nothing_in_another(twins: tuple[Any, Any]) -> None:
    """An officer here who is an applicant there reads no ledger and no hold there."""
    here, there = twins
    foreign = await there.take("major/city")
    their_pool = await there.pool("major/city")
    both = Actor(
        caller="gateway",
        subject="two-cities",
        grants=(Grant(Role.officer, HERE), Grant(Role.applicant, THERE)),
        cities=frozenset({HERE, THERE}),
    )
    async with here.by(both) as person:
        assert (await person.get(f"/v1/pools/{their_pool.id}/ledger")).status_code == 404
        assert (await person.get(f"/v1/holds/{foreign.subject}")).status_code == 404
        own = await here.pool("major/city")
        assert (await person.get(f"/v1/pools/{own.id}/ledger")).status_code == 200


async def test_intake_for_one_city_cannot_touch_the_other(twins: tuple[Any, Any]) -> None:
    here, there = twins
    foreign = (await there.take("major/city")).subject
    with pytest.raises(HoldUnknown):
        await here.confirm(foreign)
    with pytest.raises(HoldDiffers):
        await here.void(foreign)
    with pytest.raises(HoldDiffers):
        await here.take("major/city", subject=foreign)
    order = there.order("major/city").model_dump(mode="json")
    async with here.by_intake(HERE) as intake:
        assert (await intake.post("/v1/holds", json=order)).status_code == 403
        body = {"city": THERE, "reason": "r"}
        assert (await intake.post(f"/v1/holds/{foreign}/void", json=body)).status_code == 403
    assert [(await house.pool("major/city")).used for house in twins] == [0, 1]


async def test_a_new_limit_here_moves_nothing_there(twins: tuple[Any, Any]) -> None:
    here, there = twins
    await here.allot({"major/city": 9}, "b")
    assert [(await house.pool("major/city")).limit for house in twins] == [9, 2]
    assert (await there.pool("major/qujiang")).limit == 1


async def test_the_raw_hold_statement_takes_nothing_outside_its_scope(twins: tuple[Any, Any]) -> None:
    here, there = twins
    foreign = await there.pool("major/city")
    async with here.db.write(cities(HERE)) as session:
        why = pools.cause(Actor(caller="intake"), "r", subject=new_id())
        assert await queries.take(session, foreign.id, 1, why.columns()) is None
        with pytest.raises(PoolUnknown):
            await pools.ledger(session, foreign.id, None, 10)
    async with here.db.write(cities()) as session:
        assert await queries.take(session, foreign.id, 1, why.columns()) is None
    assert (await there.pool("major/city")).used == 0
