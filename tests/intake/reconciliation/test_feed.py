"""The feed against itself and the awards: whatever is wrong is named, and a lost item comes back."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text
from tests.intake.factories import CITY, Cast, make_actor
from tests.intake.reviews.bureau import accepted_cast, noticed

from common.db import ALL_CITIES, Database
from common.roles import Role

AFTER = "2020-08-09T09:00:00+08:00"
AWARD = "SELECT id::text FROM awards LIMIT 1"


@pytest.fixture
async def awarded(db: Database, acting: Any, business_clock: Any) -> list[Cast]:
    """Two approved applications."""
    casts = []
    for _ in range(2):
        business_clock.at("2020-06-01T09:00:00+08:00")
        async with db.write(ALL_CITIES) as session:
            cast = await accepted_cast(session, "public_notice")
            business_clock.at("2020-08-01T09:00:00+08:00")
            await noticed(session, [cast.application])
            head = await make_actor(session, Role.bureau_head)
        business_clock.at(AFTER)
        async with acting(head) as client:
            answer = await client.post(
                f"/v1/applications/{cast.application.id}/approve", json={"grant": 300000}
            )
        assert answer.status_code == 200, answer.text
        casts.append(cast)
    return casts


@pytest.fixture
def faults(acting: Any) -> Callable[[], Any]:
    """What the comparison finds."""

    async def found() -> list[tuple[str, int | None]]:
        async with acting(caller="operator") as client:
            answer = await client.get("/v1/reconciliation/feed", params={"city": CITY})
        assert answer.status_code == 200, answer.text
        body = answer.json()
        assert (body["city"], body["awards"]) == (CITY, 2)
        return [(one["what"], one["seq"]) for one in body["faults"]]

    return found


async def test_a_sound_feed(awarded: list[Cast], faults: Any) -> None:
    assert await faults() == []


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        ("UPDATE feed_items SET state = 'other' WHERE seq = 2", [("digest", 2)]),
        ("UPDATE feed_items SET chain_hash = repeat('0', 64) WHERE seq = 1", [("chain", 1), ("chain", 2)]),
        ("UPDATE feed_heads SET last_seq = 3", [("head", 3)]),
        ("UPDATE feed_heads SET chain_hash = repeat('0', 64)", [("head", 2)]),
        ("UPDATE awards SET \"grant\" = 1 WHERE number = 'qz-2020-0001'", [("award_differs", 1)]),
        (
            "DELETE FROM feed_items WHERE seq = 1",
            [("gap", 1), ("chain", 2), ("award_not_published", None)],
        ),
        (
            "UPDATE feed_items SET entity_id = gen_random_uuid(), record = NULL, salt = NULL WHERE seq = 2",
            [("entity_without_award", 2), ("award_not_published", None)],
        ),
    ],
)
async def test_what_is_wrong_is_named(
    awarded: list[Cast], faults: Any, db: Database, damage: str, expected: Any
) -> None:
    async with db.write(ALL_CITIES) as session:
        await session.execute(text(damage))
    assert sorted(await faults(), key=str) == sorted(expected, key=str)


async def test_an_award_that_was_never_published_is_published(
    awarded: list[Cast], faults: Any, acting: Any, db: Database
) -> None:
    """The last item is lost with its number; the award gets the next one, by the path of any award."""
    async with db.write(ALL_CITIES) as session:
        (award,) = await session.scalars(
            text("DELETE FROM feed_items WHERE seq = 2 RETURNING entity_id::text")
        )
        query = "UPDATE feed_heads SET last_seq = 1, chain_hash = (SELECT chain_hash FROM feed_items)"
        await session.execute(text(query))
    assert await faults() == [("award_not_published", None)]
    path = f"/v1/reconciliation/awards/{award}/publish"
    async with acting(caller="operator") as client:
        assert (await client.post(path, json={})).json() == {"seq": 2, "added": True}
        assert (await client.post(path, json={})).json() == {"seq": 2, "added": False}
    assert await faults() == []
    async with acting(caller="operator", cities=("330100",)) as client:
        assert (await client.post(path, json={})).status_code == 404
        assert (await client.get("/v1/reconciliation/feed", params={"city": CITY})).status_code == 403
