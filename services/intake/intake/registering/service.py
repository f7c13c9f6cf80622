"""Telling the register of projects in progress (在研项目) what becomes of approved projects.

A change writes a job in its own transaction; the job tells eligibility until it has heard. Each entry has an
id that follows from the award, so telling it twice changes nothing.
"""

from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from common.client import RemoteProblem, ServiceClient
from common.clock import parse_instant
from common.db import Database, cities
from common.ids import derived_id
from common.jobs import JobContext, enqueue
from common.log import log
from intake.applications import queries as applications
from intake.applications.models import Application
from intake.applications.subjects import findable
from intake.awards import queries as awards
from intake.awards.models import Award
from intake.people import queries as people

JOB: Final = "intake.register_project"
SOURCE: Final = "intake"
PATH: Final = "/v1/registers/projects_in_progress/entries"

_NEVER_TAKEN: Final = 422
"""What is told is not valid, and will not be the next time."""

Standing = Literal["in_progress", "accepted", "terminated", "void"]
"""What a project has come to: established, accepted (验收), terminated (终止), or never established."""


async def note(session: AsyncSession, application: Application, standing: Standing, at: datetime) -> None:
    """Have the register told, when this transaction commits, what an approved project has come to.

    Approval calls this; acceptance, termination and whatever takes an approval back are to call it too.

    Args:
        at: since when it is so.
    """
    payload = {
        "city": application.city,
        "application_id": application.id,
        "standing": standing,
        "at": at.isoformat(),
    }
    await enqueue(session, JOB, payload, key=f"register/{application.id}/{standing}")


async def tell(
    db: Database, client: ServiceClient, city: str, application_id: UUID, standing: Standing, at: datetime
) -> None:
    """Tell the register; repeatable, and right in whatever order the jobs of one project run.

    Raises:
        OwnerUnavailable: eligibility is away.
        RemoteProblem: it refuses what it is told.
    """
    async with db.read(cities(city)) as session:
        found = await awards.of_applications(session, [application_id])
        if not found:  # a restore took the award back: nothing was established
            return
        award = found[0]
        entry = await _entry(session, award)
    await _add(client, city, entry)
    if standing == "in_progress":
        return
    ends = award.approved_at if standing == "void" else at
    body = {"to": ends, "reason": standing}
    await client.call("eligibility", "POST", f"{PATH}/{award.id}/end", cities=(city,), json=body)
    if standing == "void":
        return
    following = {"id": derived_id(award.id, standing), "from": at, "status": standing}
    await _add(client, city, entry | following)


async def _entry(session: AsyncSession, award: Award) -> dict[str, Any]:
    application = await session.get_one(Application, award.application_id)
    unit = await people.unit_by_id(session, application.unit_id)
    members = await applications.team(session, application.id)
    leaders = [str(one.person_id) for one in members if one.role == "leader"]
    if application.leader_id is not None and str(application.leader_id) not in leaders:
        leaders.insert(0, str(application.leader_id))
    return {
        "id": award.id,
        "city": award.city,
        "source": SOURCE,
        "from": award.approved_at,
        "unit_uscc": unit.uscc,
        "title": application.title,
        "identity": findable(application.form.get("project.identity")) or application.title,
        "level": "city",
        # no grant on record: the guide leaves the sum open, the money is public all the same
        "subsidised": award.grant is None or award.grant > 0,
        "leader_ids": leaders,
        "member_ids": [str(one.person_id) for one in members if one.role == "main"],
        "status": "in_progress",
        "planned_end": application.form.get("project.end") or None,
        "application_id": application.id,
    }


async def _add(client: ServiceClient, city: str, entry: dict[str, Any]) -> None:
    try:
        await client.call("eligibility", "POST", PATH, cities=(city,), json=entry)
    except RemoteProblem as problem:
        # there already, from before the unit or the team was renamed: corrections are the officers'
        if problem.remote_code != "eligibility.entry_taken":
            raise


async def register(ctx: JobContext, payload: dict[str, Any]) -> None:
    """The job of `note`."""
    at, application_id = parse_instant(payload["at"]), UUID(payload["application_id"])
    try:
        await tell(ctx.db, ctx.client, payload["city"], application_id, payload["standing"], at)
    except RemoteProblem as error:
        if error.remote_status != _NEVER_TAKEN:
            raise
        # it needs a person: the entry is made by hand, at eligibility
        log.error(
            "register.project_refused",
            application_id=str(application_id),
            standing=payload["standing"],
            code=error.remote_code,
        )
