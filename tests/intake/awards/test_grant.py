"""Trap 50: the grant that is approved is not always the one applied for; own funds must cover it."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from tests.intake.factories import make_actor, make_application, make_unit, pack, publish
from tests.intake.reviews.bureau import Bureau, noticed

from common.actor import Actor
from common.clock import clock
from common.db import ALL_CITIES, Database
from common.ids import new_id
from common.roles import Role
from guide import flatten
from intake.applications.models import Application, Attempt

CITY, GUIDE, CATEGORY = "450300", "gl-2019", "gl19-01-ict-core"
CASES = Path(__file__).parents[2] / "guide" / "cases" / "gl-2019-whole.json"
REQUESTED = 1_200_000


@pytest.fixture
def owners() -> Bureau:
    """A sound applicant of Guilin, who has twice the grant in own funds; the grant is the form's."""
    owners = Bureau()
    owners.pack = pack(GUIDE)
    (case,) = [
        one
        for one in json.loads(CASES.read_text(encoding="utf-8"))
        if one["id"] == f"whole/{CATEGORY}/approval"
    ]
    facts = flatten(case["facts"], owners.pack.facts)
    del facts["budget.requested_grant"]
    owners.registers = facts | {"budget.own_funds": 2 * REQUESTED}
    return owners


@pytest.fixture
async def waiting(db: Database, business_clock: Any) -> UUID:
    """An application whose notice is over."""
    business_clock.at("2019-06-20T10:00:00+08:00")
    async with db.write(ALL_CITIES) as session:
        await publish(session, GUIDE)
        unit = await make_unit(session, city=CITY, reg_region="450305")
        row = await make_application(
            session,
            unit,
            guide=GUIDE,
            category=CATEGORY,
            state="public_notice",
            form={"budget.requested_grant": REQUESTED},
            pack_version=pack(GUIDE).version,
            bundle_id=new_id(),
        )
        await _filed(session, row)
        notice = await noticed(session, [row])
        for one in (notice, *notice.entries):
            one.city = CITY
    business_clock.at("2019-08-20T10:00:00+08:00")
    return row.id


async def _filed(session: Any, row: Application) -> None:
    attempt = Attempt(
        id=new_id(),
        city=row.city,
        application_id=row.id,
        state="admitted",
        received_at=clock.business(),
        filed_at=clock.business(),
        idempotency_key="submit",
        body_hash="0" * 64,
        application_revision=1,
        submitted_by="somebody",
        pack_version=pack(GUIDE).version,
        bundle_id=row.bundle_id,
    )
    session.add(attempt)
    row.attempt_id, row.received_at = attempt.id, attempt.received_at
    await session.flush()


async def approve(acting: Any, db: Database, waiting: UUID, grant: int | None) -> Any:
    async with db.write(ALL_CITIES) as session:
        head: Actor = await make_actor(session, Role.bureau_head, city=CITY)
    async with acting(head) as client:
        return await client.post(f"/v1/applications/{waiting}/approve", json={"grant": grant})


def judged(owners: Bureau) -> list[dict[str, Any]]:
    """The grant as it was pushed: one fact, of the approval where it names one."""
    (asked,) = owners.questions("eligibility", "/v1/assessments")
    return [fact for fact in asked["facts"] if fact["name"] == "budget.requested_grant"]


@pytest.mark.parametrize(
    ("grant", "source"), [(None, "form"), (REQUESTED, "approval"), (1_000_000, "approval")]
)
async def test_what_was_applied_for_or_less_is_covered(
    acting: Any, db: Database, waiting: UUID, owners: Bureau, grant: int | None, source: str
) -> None:
    answer = await approve(acting, db, waiting, grant)
    assert answer.status_code == 200, answer.text
    (fact,) = judged(owners)
    assert (fact["value"], fact["source"]) == (grant or REQUESTED, source)
    assert answer.json()["award"]["grant"] == grant


@pytest.mark.parametrize(
    ("grant", "standing"),
    [
        (REQUESTED + 1, {"GL-01-3": "manual"}),
        (1_500_001, {"GL-01-3": "manual", "GL-G-01": "fail"}),
        (999_999, {"GL-G-01": "fail"}),
    ],
)
async def test_another_grant_is_measured_again(
    acting: Any, db: Database, waiting: UUID, owners: Bureau, grant: int, standing: dict[str, str]
) -> None:
    """A raised one may break the share of own funds; a lowered one never does, but may leave the range."""
    answer = await approve(acting, db, waiting, grant)
    assert (answer.status_code, answer.json()["code"]) == (409, "intake.findings_undecided"), answer.text
    found = {one["rule"]: one["outcome"] for one in answer.json()["findings"]}
    assert found.items() >= {name: word for name, word in standing.items() if word == "fail"}.items()
    (asked,) = owners.questions("eligibility", "/v1/assessments")
    every = {one["rule"]: one["outcome"] for one in owners.assessments[asked["id"]]["findings"]}
    assert every.items() >= standing.items()
    assert every["GL-01-3"] == standing.get("GL-01-3", "pass")
    async with db.read(ALL_CITIES) as session:
        assert (await session.get_one(Application, waiting)).state == "public_notice"
