"""What is revoked is over within a minute, whichever way it is used: the real gateway before the real intake.

The machine's clock is held, and moved by hand. A membership ends at second 0, just after it was looked up.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import MetaData, select
from tests.gateway.conftest import ISSUER as GATEWAY_ISSUER
from tests.gateway.conftest import Gateway, Identities
from tests.intake.conftest import make_app
from tests.intake.factories import OPEN, Cast, make_cast, pack
from tests.intake.owners import Owners

from common.actor import Actor
from common.clock import clock
from common.db import ALL_CITIES, Database
from common.errors import Unauthenticated
from common.inprocess import InProcessClient
from common.testing import http, settings_for, tokens_of
from gateway.app import create_app
from gateway.settings import Settings
from intake.base import Base
from intake.people.models import Membership

MINUTE = 60
Move = Callable[[float], None]


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Move:
    """`at(30)`: it is second 30 of the machine's clock."""
    begin = clock.system()

    def move(second: float) -> None:
        now = begin + timedelta(seconds=second)
        monkeypatch.setattr(clock, "system", lambda: now)

    move(0)
    return move


@pytest.fixture
async def db(database: Callable[[MetaData, str], Awaitable[Database]]) -> Database:
    return await database(Base.metadata, "intake")


@pytest.fixture
async def cast(db: Database) -> AsyncIterator[Cast]:
    with clock.frozen(OPEN):
        async with db.write(ALL_CITIES) as session:
            made = await make_cast(session)
            for row in await session.scalars(select(Membership)):
                row.issuer = GATEWAY_ISSUER
        yield made


@pytest.fixture
async def gateway(db: Database, at: Move) -> AsyncIterator[Gateway]:
    identities, owners = Identities(), Owners()
    intake = make_app(db, owners)
    settings = settings_for(Settings, issuers=[identities.entry], rate_burst=1000)
    app = create_app(settings, client=InProcessClient(settings, {"intake": intake}.get))
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway.test") as client:
        yield Gateway(app, client, identities)
    await app.state.client.close()


async def revoke(db: Database, actor: Actor) -> None:
    async with db.write(ALL_CITIES) as session:
        for row in await session.scalars(select(Membership).where(Membership.person_id == actor.person_id)):
            row.valid_to = clock.business()


async def units_seen(gateway: Gateway, actor: Actor) -> int:
    subject = str(actor.subject)
    found = (await gateway.ask("{ units { nodes { id } } }", subject))["data"]["units"]
    return len(found["nodes"]) if found is not None else 0


async def test_reading_ends_within_a_minute(gateway: Gateway, cast: Cast, db: Database, at: Move) -> None:
    assert await units_seen(gateway, cast.officer) == 2
    await revoke(db, cast.officer)
    at(29)
    await units_seen(gateway, cast.officer)  # asking does not make what is remembered any younger
    at(MINUTE)
    assert await units_seen(gateway, cast.officer) == 0
    viewer = (await gateway.data("{ viewer { roles } }", str(cast.officer.subject)))["viewer"]
    assert viewer["roles"] == []


async def test_nothing_signed_for_a_person_outlives_the_minute(cast: Cast, at: Move) -> None:
    """A service token is signed while the membership is remembered, at second 30 at the latest."""
    kept_for = Settings.model_fields["membership_cache_s"].default
    signs, reads = tokens_of("gateway"), tokens_of("intake")
    token = signs.mint("intake", cast.officer)
    at(kept_for)
    last = signs.mint("intake", cast.officer)
    assert last != token
    reads.verify(last)
    at(MINUTE - 1)
    reads.verify(last)
    at(MINUTE + 1)
    with pytest.raises(Unauthenticated, match="expired"):
        reads.verify(last)  # though it was verified before


@pytest.mark.parametrize("kept", [31, 60, 3600])
def test_no_setting_makes_it_longer(kept: int) -> None:
    with pytest.raises(ValueError, match="membership_cache_s"):
        settings_for(Settings, membership_cache_s=kept)


async def test_commands_and_tickets_ask_again_at_once(
    db: Database, cast: Cast, gateway: Gateway, at: Move
) -> None:
    """With a token that still says otherwise."""
    app, one = make_app(db, Owners()), f"/v1/applications/{cast.application.id}"
    await revoke(db, cast.applicant)
    await revoke(db, cast.officer)
    papers = pack().materials_for(cast.application.category)
    paper = next(one for one in papers if one.form == "file" and one.when == "A" and one.supplier != "system")
    material: dict[str, Any] = {
        "material": paper.id,
        "filename": f"a.{(paper.formats or ['pdf'])[0]}",
        "size": 1,
    }
    material["content_type"] = "application/pdf"
    async with http(app, cast.applicant) as client:
        answers = [
            await client.patch(one, json={"title": "x"}, headers={"If-Match": '"1"'}),
            await client.post(f"{one}/submit", json={"expected_revision": 1}),
        ]
        assert [answer.status_code for answer in answers] == [403, 403]
        upload = await client.post(f"{one}/upload-tickets", json=material)
        assert upload.status_code == 403, upload.text
        file = {"file_id": str(cast.application.id)}
        assert (await client.post(f"{one}/download-tickets", json=file)).status_code == 404
    async with http(app, cast.officer) as client:
        assert (await client.post(f"{one}/download-tickets", json=file)).status_code == 404
