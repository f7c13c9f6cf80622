"""Towns with the packs of the other cities, and the services that they ask."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.intake.factories import make_actor, make_application, make_unit, pack, publish
from tests.intake.reviews.bureau import Bureau

from common.actor import Actor
from common.db import ALL_CITIES, Database
from common.roles import Role
from intake.applications.models import Application
from intake.people.models import Unit

CASES = Path(__file__).parents[2] / "guide" / "cases"


@dataclass
class Town:
    """A city with its pack in force, a draft in a category of it, and who acts."""

    unit: Unit
    above: Unit
    draft: Application
    applicant: Actor
    recommender: Actor
    officer: Actor
    head: Actor
    stranger: Actor


@pytest.fixture
def owners() -> Bureau:
    """Eligibility judges by the town's pack and holds all to be so that a whole application states."""
    return Bureau()


def whole(guide: str, category: str, stage: str = "approval") -> Any:
    """The facts of an application to which nothing is lacking, from the golden cases."""
    cases = json.loads((CASES / f"{guide}-whole.json").read_text(encoding="utf-8"))
    return next(one["facts"] for one in cases if one["id"] == f"whole/{category}/{stage}")


async def found(db: Database, owners: Bureau, guide: str, category: str, **columns: Any) -> Town:
    """A town of this guide, with a draft in this category."""
    owners.pack, owners.facts = pack(guide), whole(guide, category)
    city = pack(guide).city
    region = f"{city[:4]}02"
    async with db.write(ALL_CITIES) as session:
        await publish(session, guide)
        above = await make_unit(session, city=city, type="st_department", reg_region=region)
        unit = await make_unit(
            session, city=city, reg_region=region, recommending_unit_id=above.id, profile={}, quota_token=None
        )
        draft = await make_application(session, unit, guide=guide, category=category, form={}, **columns)
        other = await make_unit(session, city="330100", reg_region="330100")
        return Town(
            unit,
            above,
            draft,
            applicant=await make_actor(session, Role.applicant, city=city, unit=unit),
            recommender=await make_actor(
                session, Role.recommender, city=city, unit=above, login_kind="legal_person"
            ),
            officer=await make_actor(session, Role.officer, city=city),
            head=await make_actor(session, Role.bureau_head, city=city),
            stranger=await make_actor(
                session, Role.officer, Role.bureau_head, Role.recommender, city="330100", unit=other
            ),
        )
