"""Facts on who stands around an application: the unit that leads, the team, the unit that recommends, and the
call's other applications that share its platform or its recommender's table.

Nobody states them on a form; intake knows them from its own rows. Units and persons are named by id alone:
units by credit code (统一社会信用代码), as registers do.
"""

import unicodedata
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from intake.applications import queries
from intake.applications.models import Application, Member
from intake.applications.states import Step
from intake.people import queries as people
from intake.people.models import Unit

SUPPLIED: Final = frozenset(
    {
        "lead.org",
        "lead.type",
        "partners.count",
        "platform.application_count",
        "project.leader",
        "recommendation.unit",
        "submission.channel",
        "table.row_count",
        "team.members",
    }
)
"""Facts that no form takes, whoever owns them: intake or the evaluation supplies them."""

PLATFORM: Final = "platform.id"


def comparable(number: str) -> str:
    """A platform's number as registers compare it: NFKC, without white space."""
    return "".join(unicodedata.normalize("NFKC", number).split())


def organisation(unit: Unit) -> dict[str, Any]:
    """A unit as a reference (`ref<org>`): id, type, region, as far as they are on record."""
    stated = {"id": unit.uscc, "type": unit.type, "region": unit.reg_region}
    return {key: value for key, value in stated.items() if value is not None}


def registered(unit: Unit) -> dict[str, Any]:
    """A unit as registers look it up."""
    return {"id": str(unit.id), "uscc": unit.uscc, "names": unit.names, "region": unit.reg_region}


def lead(unit: Unit) -> dict[str, Any]:
    """The unit that files leads the project; partners stand on the form."""
    return {"lead.type": unit.type, "lead.org": organisation(unit)}


def team(application: Application, members: list[Member]) -> dict[str, Any]:
    """Who leads and who takes part, by id and role."""
    if not members:
        return {}
    return {
        "project.leader": str(application.leader_id) if application.leader_id else None,
        "team.members": [{"person": str(one.person_id), "role": one.role} for one in members],
    }


async def recommender(session: AsyncSession, application: Application) -> dict[str, Any]:
    """The unit that recommends, and how many projects stand in its table (HY-G-02): those of the call that it
    has let through or recommended, this one included. Nothing where the category knows no recommendation."""
    if Step.recommendation not in application.steps or application.recommending_unit_id is None:
        return {}
    unit = await people.unit_by_id(session, application.recommending_unit_id)
    others = await queries.count_recommended(session, application)
    return {"recommendation.unit": organisation(unit), "table.row_count": others + 1}


async def platform(session: AsyncSession, application: Application) -> dict[str, Any]:
    """Applications of the call on the same platform, this one included (vocabulary section 10)."""
    named = application.form.get(PLATFORM)
    if not isinstance(named, str):
        return {}
    others = await queries.count_on_platform(session, application, comparable(named))
    return {"platform.application_count": others + 1}
