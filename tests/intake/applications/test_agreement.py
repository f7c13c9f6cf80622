"""A profile that contradicts itself: neither asked about nor handed in, and both places are named."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx
import pytest
from tests.intake.factories import make_actor, make_application, make_unit, pack, publish
from tests.intake.owners import Owners

from common.db import ALL_CITIES, Database
from common.roles import Role
from intake.applications.models import Application

As = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]
CITY, GUIDE, CATEGORY = "450300", "gl-2019", "gl19-01-ict-core"


@pytest.mark.parametrize(("stated", "agrees"), [("university", False), ("enterprise", True), (None, True)])
async def test_what_contradicts_itself_is_found_before_an_attempt(
    acting: As, db: Database, owners: Owners, business_clock: Any, stated: str | None, agrees: bool
) -> None:
    """An enterprise in Guilin whose profile says once more who leads."""
    business_clock.at("2019-06-20T10:00:00+08:00")
    owners.pack = pack(GUIDE)
    async with db.write(ALL_CITIES) as session:
        await publish(session, GUIDE)
        unit = await make_unit(session, city=CITY, reg_region="450305", profile={"lead.type": stated})
        row = await make_application(session, unit, guide=GUIDE, category=CATEGORY, form={})
        applicant = await make_actor(session, Role.applicant, city=CITY, unit=unit)
        officer = await make_actor(session, Role.officer, city=CITY)
    async with acting(officer) as client:
        body = {"reason": "指南未写起止时间"}
        opened = await client.post(f"/v1/calls/{GUIDE}/open", json=body)
        assert opened.status_code == 200, opened.text
    async with acting(applicant) as client:
        for path, body in (("precheck", {}), ("submit", {"expected_revision": 1})):
            answer = await client.post(f"/v1/applications/{row.id}/{path}", json=body)
            if agrees:
                assert answer.status_code in (200, 202), answer.text
                continue
            assert (answer.status_code, answer.json()["code"]) == (422, "intake.facts_contradict"), path
            pointers = {one["pointer"] for one in answer.json()["errors"]}
            assert pointers == {"/organisation/lead.type", "/organisation/lead.org/type"}
    async with db.read(ALL_CITIES) as session:
        found = await session.get_one(Application, row.id)
        assert found.open_attempt_id is None
        assert (found.state == "draft") or agrees
    assert bool(owners.questions("eligibility", "/v1/assessments")) is agrees
