"""Memberships, units and persons."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from common.actor import Actor
from common.auth import requires, services
from common.db import ALL_CITIES, DatabaseDep, ReadSessionDep, SessionDep
from common.etag import IfMatchDep, set_etag
from common.idempotency import IdempotentRoute
from common.roles import Role
from intake.people import importing, service
from intake.people.schemas import (
    Ids,
    ImportIn,
    ImportOut,
    NewPerson,
    People,
    PersonOut,
    Resolved,
    ResolveIn,
    UnitOut,
    UnitPatch,
    Units,
)

router = APIRouter(prefix="/v1", tags=["people"])
creating = APIRouter(prefix="/v1", tags=["people"], route_class=IdempotentRoute)

GatewayDep = Annotated[Actor, Depends(services("gateway"))]
ImporterDep = Annotated[Actor, Depends(services("operator", roles=[Role.membership_administrator]))]
KeeperDep = Annotated[Actor, Depends(requires(Role.applicant, Role.department_manager))]
ApplicantDep = Annotated[Actor, Depends(requires(Role.applicant))]
ReaderDep = Annotated[Actor, Depends(services("gateway", "operator", roles=list(Role)))]


@router.post("/memberships/resolve")
async def resolve(body: ResolveIn, _: GatewayDep, db: DatabaseDep) -> Resolved:
    """What a verified login may do; empty grants for an unknown one."""
    async with db.read(ALL_CITIES) as session:
        return await service.resolve(session, body.issuer, body.subject)


@creating.post("/memberships/import")
async def import_people(
    body: ImportIn, actor: ImporterDep, session: SessionDep, dry_run: Annotated[bool, Query()] = False
) -> ImportOut:
    """Bring in units, persons and memberships; all or nothing. `dry_run` names the problems only."""
    return await importing.read(session, actor, body, dry_run=dry_run)


@router.post("/units/batch")
async def read_units(body: Ids, actor: ReaderDep, session: ReadSessionDep) -> Units:
    """These units, as far as the actor may see them."""
    return Units(items=await service.units(session, actor, body.ids))


@router.post("/people/batch")
async def read_people(body: Ids, actor: ReaderDep, session: ReadSessionDep) -> People:
    """These persons, as far as the actor may see them."""
    return People(items=await service.people(session, actor, body.ids))


@router.patch("/units/{unit_id}")
async def update_unit(
    unit_id: UUID,
    body: UnitPatch,
    actor: KeeperDep,
    session: SessionDep,
    revision: IfMatchDep,
    response: Response,
) -> UnitOut:
    """Change what a unit keeps about itself."""
    unit = await service.update_unit(session, actor, unit_id, revision, body)
    set_etag(response, unit.revision)
    return unit


@creating.post("/people", status_code=201)
async def add_person(body: NewPerson, actor: ApplicantDep, session: SessionDep) -> PersonOut:
    """Add a person whom the unit's applications can name."""
    return await service.add_person(session, actor, body)
