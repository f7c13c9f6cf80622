"""What a unit may apply for: intake states what it knows of unit and leader, eligibility judges and ranks."""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from common.actor import Actor
from common.client import ServiceClient
from common.db import ALL_CITIES, Database
from common.errors import NotFound
from common.roles import Role
from guide import flatten
from guide.dictionary import dictionary
from intake.applications import parties
from intake.applications.subjects import named
from intake.calls import service as calls
from intake.calls.states import WindowSource
from intake.matches.schemas import MatchesIn
from intake.people import queries as people
from intake.people import service as people_service
from intake.people.models import Person, Unit

PATIENCE_S = 5.0


async def of_unit(
    db: Database, client: ServiceClient, actor: Actor, unit_id: UUID, body: MatchesIn
) -> dict[str, Any]:
    """Ask eligibility with the unit's facts, its registers and the windows that bureaus have announced.

    Raises:
        NotFound: not a unit that the actor sees in full, or not a person of it.
        RemoteProblem: a fact to try out is refused.
        OwnerUnavailable: eligibility is away.
    """
    async with db.read(actor) as session:
        unit = await people.unit(session, actor, unit_id)
        if unit is None:
            raise NotFound
        leader = await _leader(session, actor, unit, body.leader_id)
    async with db.read(ALL_CITIES) as session:  # calls are public notices
        announced = await _announced(session, body)
    tried = flatten(body.facts, dictionary().names.shapes)
    answer: dict[str, Any] = await client.call(
        "eligibility",
        "POST",
        "/v1/matches",
        cities=(unit.city,),
        json={
            "facts": {**_facts(unit, leader, actor, tried), **tried},
            "lang": actor.lang,
            "guides": body.guides,
            "cities": body.cities,
            "announced": announced,
            "open_only": body.open_only,
            "limit": body.limit,
            "use_registers": True,
            "subjects": named(parties.registered(unit), _team(leader), tried),
        },
        timeout=PATIENCE_S,
    )
    return answer


async def _announced(session: AsyncSession, body: MatchesIn) -> list[dict[str, Any]]:
    """What the bureaus have said of the calls whose guides leave an end open; nulls where they have not."""
    return [
        {"guide": one.id, "open_at": one.open_at, "close_at": one.close_at}
        for one in await calls.listed(session, body.guides or None)
        if one.window_source is not WindowSource.stated and one.city in (body.cities or (one.city,))
    ]


async def _leader(session: AsyncSession, actor: Actor, unit: Unit, leader_id: UUID | None) -> Person | None:
    if leader_id is None:
        return None
    for person in await people.people(session, actor, [leader_id]):
        if person.unit_id == unit.id:
            return person
    raise NotFound


def _facts(unit: Unit, leader: Person | None, actor: Actor, tried: dict[str, Any]) -> dict[str, Any]:
    """What intake knows before there is an application, by flat name."""
    # who tries out to be another kind of unit does so as the one that leads, too
    lead = {} if tried.keys() & {"applicant.type", "applicant.reg_region"} else parties.lead(unit)
    found = {
        **lead,
        **people_service.organisation_values(unit),
        "applicant.names": unit.names,
        "session.login_kind": actor.login_kind_in(unit.city, Role.applicant),
    }
    if leader is not None:
        found["project.leader"] = str(leader.id)
        found["team.members"] = [{"person": str(leader.id), "role": "leader"}]
    return {name: value for name, value in found.items() if value is not None}


def _team(leader: Person | None) -> list[tuple[UUID, str]]:
    return [(leader.id, "leader")] if leader is not None else []
