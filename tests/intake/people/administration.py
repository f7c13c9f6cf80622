"""What tests of administering people share: an administrator, made-up identifiers, rows as answered."""

from typing import Any

import httpx
from sqlalchemy import text
from tests.intake.factories import CITY, make_actor

from cli.demo.season.names import phone, resident_id
from common.actor import Actor
from common.db import ALL_CITIES, Database
from common.roles import Role
from common.tables import AUDIT

RESIDENT_ID, OTHER_ID, PHONE = resident_id(1), resident_id(2), phone(1)


async def administrator(db: Database, city: str = CITY) -> Actor:
    """Somebody who administers a city's people."""
    async with db.write(ALL_CITIES) as session:
        return await make_actor(session, Role.membership_administrator, city=city)


async def trail(db: Database) -> list[dict[str, Any]]:
    """Every audit row, oldest first."""
    async with db.read(ALL_CITIES) as session:
        rows = await session.execute(text(f"SELECT * FROM {AUDIT} ORDER BY recorded_at, id"))  # noqa: S608
        return [dict(row) for row in rows.mappings()]


async def actions(db: Database) -> list[str]:
    """What the trail says was done."""
    return [row["action"] for row in await trail(db)]


async def person(client: httpx.AsyncClient, person_id: Any) -> dict[str, Any]:
    """One person as the client sees it."""
    answer = await client.post("/v1/people/batch", json={"ids": [str(person_id)]})
    (found,) = answer.json()["items"]
    row: dict[str, Any] = found
    return row


async def memberships(client: httpx.AsyncClient, **asked: Any) -> list[dict[str, Any]]:
    """Memberships as the client sees them."""
    answer = await client.post("/v1/memberships/search", json=asked)
    assert answer.status_code == 200, answer.text
    rows: list[dict[str, Any]] = answer.json()["items"]
    return rows


def match(row: dict[str, Any]) -> dict[str, str]:
    """The header that names a row's revision."""
    return {"If-Match": f'"{row["revision"]}"'}
