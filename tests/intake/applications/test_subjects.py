"""What intake names to the registers, from what form and papers state."""

from typing import Any

import pytest
from tests.intake.factories import Cast

from common.db import ALL_CITIES, Database
from intake.applications.facts import Gathered, gather
from intake.applications.models import Application
from intake.applications.subjects import LONGEST, MOST_VILLAGES, subjects
from intake.guides import service as guides


@pytest.fixture
async def known(db: Database, cast: Cast) -> Gathered:
    async with db.read(ALL_CITIES) as session:
        application = await session.get_one(Application, cast.application.id)
        pack = await guides.current(session, application.guide)
        assert pack is not None
        return await gather(session, application, pack, None)


async def test_unit_team_and_title_are_always_named(known: Gathered, cast: Cast) -> None:
    named = subjects(known, {})
    assert named["unit"] == {
        "id": str(cast.unit.id),
        "uscc": cast.unit.uscc,
        "names": cast.unit.names,
        "region": cast.unit.reg_region,
    }
    assert named["people"] == [{"id": str(cast.application.leader_id), "role": "leader"}]
    assert named["project_identity"] == cast.application.title
    assert {named[name] for name in ("patent_number", "contract_number", "platform_id", "talent")} == {None}
    assert named["villages"] == []


@pytest.mark.parametrize(
    ("fact", "value", "name", "expected"),
    [
        ("contract.registration_no", "2021430400001", "contract_number", "2021430400001"),
        ("contract.registration_no", "none", "contract_number", None),
        ("platform.id", "hy-lab-1", "platform_id", "hy-lab-1"),
        ("platform.id", " ", "platform_id", None),
        ("platform.id", "x" * (LONGEST + 1), "platform_id", None),
        ("patent.number", 12, "patent_number", None),
        ("project.identity", "同一项目", "project_identity", "同一项目"),
        ("talent.person", "p1", "talent", "p1"),
        ("talent.person", {"id": "p1"}, "talent", "p1"),
        ("beneficiary.villages", [{"id": "v1"}, {"id": "none"}, {}, "v2"], "villages", ["v1"]),
        ("beneficiary.villages", [{"id": f"v{n}"} for n in range(MOST_VILLAGES + 1)], "villages", None),
    ],
)
def test_what_is_stated_is_named(known: Gathered, fact: str, value: Any, name: str, expected: Any) -> None:
    found = subjects(known, {fact: value})[name]
    if expected is None and name == "villages":
        assert len(found) == MOST_VILLAGES
    else:
        assert found == expected
