"""What contradicts itself is neither asked about nor handed in, and keeps no attempt waiting."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from tests.intake.factories import make_actor, make_application, make_unit, pack, publish
from tests.intake.owners import Owners
from tests.intake.steps.conftest import whole

from common.actor import Actor
from common.db import ALL_CITIES, Database
from common.roles import Role
from intake.applications import facts, parties
from intake.applications.models import Application, Attempt

As = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]
RunJob = Callable[..., Awaitable[None]]
CITY, GUIDE, CATEGORY = "450300", "gl-2019", "gl19-01-ict-core"
PROFILE = {"lead.type": "university", "sme.number": "201945030500000001"}
AGAINST = {"lead.type": "university", "lead.org": {"id": "x", "type": "enterprise"}}


@dataclass
class Filed:
    """A draft of an enterprise in Guilin, in an open call."""

    row: Application
    applicant: Actor
    officer: Actor

    async def post(self, acting: As, path: str, **body: Any) -> httpx.Response:
        async with acting(self.applicant) as client:
            return await client.post(f"/v1/applications/{self.row.id}/{path}", json=body)

    async def announce(self, acting: As, kind: str) -> None:
        async with acting(self.officer) as client:
            answer = await client.post(f"/v1/calls/{GUIDE}/{kind}", json={"reason": "指南未写起止时间"})
        assert answer.status_code == 200, answer.text


@pytest.fixture
async def filed(acting: As, db: Database, owners: Owners, business_clock: Any) -> Filed:
    """Its profile is from before a call was published: it says who leads, and what a register says."""
    business_clock.at("2019-06-20T10:00:00+08:00")
    owners.pack = pack(GUIDE)
    async with db.write(ALL_CITIES) as session:
        await publish(session, GUIDE)
        unit = await make_unit(session, city=CITY, reg_region="450305", profile=PROFILE)
        filed = Filed(
            await make_application(session, unit, guide=GUIDE, category=CATEGORY, form={}),
            await make_actor(session, Role.applicant, city=CITY, unit=unit),
            await make_actor(session, Role.officer, city=CITY),
        )
    await filed.announce(acting, "open")
    return filed


async def attempt_of(db: Database, filed: Filed) -> tuple[Application, Attempt | None]:
    async with db.read(ALL_CITIES) as session:
        row = await session.get_one(Application, filed.row.id, populate_existing=True)
        found = await session.get(Attempt, row.attempt_id, populate_existing=True) if row.attempt_id else None
        return row, found


async def test_who_leads_is_known_from_the_record(acting: As, filed: Filed, owners: Owners) -> None:
    assert (await filed.post(acting, "precheck")).status_code == 200
    (asked,) = owners.questions("eligibility", "/v1/prechecks")
    assert "sme" not in asked["facts"]
    assert asked["facts"]["lead"]["type"] == asked["facts"]["lead"]["org"]["type"] == "enterprise"


async def test_what_contradicts_itself_is_found_before_an_attempt(
    acting: As, filed: Filed, db: Database, owners: Owners, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parties, "lead", lambda unit: AGAINST)
    for path, body in (("precheck", {}), ("submit", {"expected_revision": 1})):
        answer = await filed.post(acting, path, **body)
        assert (answer.status_code, answer.json()["code"]) == (422, "intake.facts_contradict"), path
        pointers = {one["pointer"] for one in answer.json()["errors"]}
        assert pointers == {"/organisation/lead.type", "/organisation/lead.org/type"}
    row, _ = await attempt_of(db, filed)
    assert (row.state, row.open_attempt_id) == ("draft", None)
    assert owners.questions("eligibility", "/v1/assessments") == []


async def test_a_contradiction_that_comes_late_ends_a_pending_attempt(
    acting: As, filed: Filed, db: Database, owners: Owners, run_job: RunJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    owners.down = {"eligibility"}
    done = (await filed.post(acting, "submit", expected_revision=1)).json()
    assert done["attempt"]["state"] == "admitted_pending", done
    owners.down = set()
    monkeypatch.setattr(parties, "lead", lambda unit: AGAINST)
    await run_job(db, "intake.finish_attempt", {"attempt_id": done["attempt"]["id"]})
    row, attempt = await attempt_of(db, filed)
    assert attempt is not None
    assert (row.state, row.pending, attempt.state) == ("returned", False, "refused")
    assert row.failure["code"] == facts.FactsContradict.code
    assert "/organisation/lead.type" in row.failure["reason"]


async def test_a_late_attempt_is_told_of_its_lateness_alone(
    acting: As, filed: Filed, owners: Owners, business_clock: Any
) -> None:
    """Where documents is away rules are open; none of them has refused."""
    business_clock.at("2019-07-20T10:00:00+08:00")
    await filed.announce(acting, "close")
    business_clock.at("2019-07-20T10:00:01+08:00")
    owners.facts, owners.down = whole(GUIDE, CATEGORY), {"documents"}
    done = (await filed.post(acting, "submit", expected_revision=1)).json()
    assert done["attempt"]["failure"]["code"] == "intake.window_closed", done
    assert done["attempt"]["failure"]["rules"] == []
    (answer,) = owners.assessments.values()
    assert answer["decision"]["decision"] == "admit_pending"
    assert answer["decision"]["rules"]
