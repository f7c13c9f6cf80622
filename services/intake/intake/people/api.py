"""Units and persons, and what a login may do."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from common.actor import Actor
from common.auth import SignedInDep, requires, services
from common.db import ALL_CITIES, DatabaseDep, ReadSessionDep, SessionDep
from common.etag import IfMatchDep, set_etag
from common.idempotency import IdempotentRoute
from common.roles import Role
from intake.people import moving, persons, service, units
from intake.people.membership_schemas import MoveIn, MoveOut
from intake.people.schemas import (
    Ids,
    NewPerson,
    NewUnit,
    People,
    PersonOut,
    PersonPage,
    PersonPatch,
    PersonSearch,
    RegistrationPatch,
    Resealed,
    Resolved,
    ResolveIn,
    Revealed,
    UnitOut,
    UnitPage,
    UnitPatch,
    Units,
    UnitSearch,
)
from intake.people.sealing import Identifiers

router = APIRouter(prefix="/v1", tags=["people"])
creating = APIRouter(prefix="/v1", tags=["people"], route_class=IdempotentRoute)


async def get_identifiers(request: Request) -> Identifiers:
    """The service's keys for personal identifiers."""
    found: Identifiers = request.app.state.identifiers
    return found


IdentifiersDep = Annotated[Identifiers, Depends(get_identifiers)]
GatewayDep = Annotated[Actor, Depends(services("gateway"))]
KeeperDep = Annotated[Actor, Depends(requires(Role.applicant, Role.department_manager))]
ReaderDep = Annotated[Actor, Depends(services("gateway", "operator", roles=list(Role)))]
AdministratorDep = Annotated[Actor, Depends(services("operator", roles=[Role.membership_administrator]))]
EnteringDep = Annotated[
    Actor, Depends(services("operator", roles=[Role.applicant, Role.membership_administrator]))
]
OperatorDep = Annotated[Actor, Depends(services("operator"))]


@router.post("/memberships/resolve")
async def resolve(body: ResolveIn, _: GatewayDep, db: DatabaseDep) -> Resolved:
    """What a verified login may do; empty grants for an unknown one."""
    async with db.read(ALL_CITIES) as session:
        return await service.resolve(session, body.issuer, body.subject)


@router.post("/units/batch")
async def read_units(body: Ids, actor: ReaderDep, session: ReadSessionDep) -> Units:
    """These units, as far as the actor may see them."""
    return Units(items=await service.units(session, actor, body.ids))


@router.post("/units/search")
async def search_units(body: UnitSearch, actor: ReaderDep, session: ReadSessionDep) -> UnitPage:
    """Units that the actor sees in full, oldest first."""
    return await units.search(session, actor, body)


@creating.post("/units", status_code=201)
async def add_unit(body: NewUnit, actor: AdministratorDep, session: SessionDep) -> UnitOut:
    """Enter a unit."""
    return await units.add(session, actor, body)


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


@router.patch("/units/{unit_id}/registration")
async def register_unit(
    unit_id: UUID,
    body: RegistrationPatch,
    actor: AdministratorDep,
    session: SessionDep,
    revision: IfMatchDep,
    response: Response,
) -> UnitOut:
    """Change what a unit is registered with: names, type, recommending unit, quota row."""
    unit = await units.register(session, actor, unit_id, revision, body)
    set_etag(response, unit.revision)
    return unit


@router.post("/people/batch")
async def read_people(
    body: Ids, actor: ReaderDep, session: ReadSessionDep, identifiers: IdentifiersDep
) -> People:
    """These persons, as far as the actor may see them; identifiers are masked."""
    return People(items=await persons.batch(session, actor, identifiers, body.ids))


@router.post("/people/search")
async def search_people(
    body: PersonSearch, actor: ReaderDep, session: ReadSessionDep, identifiers: IdentifiersDep
) -> PersonPage:
    """Persons that the actor sees, oldest first; by resident id for an administrator."""
    return await persons.search(session, actor, identifiers, body)


@creating.post("/people", status_code=201)
async def add_person(
    body: NewPerson, actor: EnteringDep, session: SessionDep, identifiers: IdentifiersDep
) -> PersonOut:
    """Enter a person: an applicant a member of the own unit, an administrator anybody."""
    return await persons.add(session, actor, identifiers, body)


@router.patch("/people/{person_id}")
async def change_person(
    person_id: UUID,
    body: PersonPatch,
    actor: AdministratorDep,
    session: SessionDep,
    identifiers: IdentifiersDep,
    revision: IfMatchDep,
    response: Response,
) -> PersonOut:
    """Change a person's name, ref or identifiers."""
    person = await persons.change(session, actor, identifiers, person_id, revision, body)
    set_etag(response, person.revision)
    return person


@creating.post("/people/{person_id}/move")
async def move_person(
    person_id: UUID, body: MoveIn, actor: AdministratorDep, session: SessionDep, revision: IfMatchDep
) -> MoveOut:
    """Let a person change units: memberships for the old one end, for the new one begin, at one instant."""
    return await moving.move(session, actor, person_id, revision, body)


# never on `creating`: an idempotency key would keep the answer in a table
@router.post("/people/{person_id}/identifiers")
async def reveal_identifiers(
    person_id: UUID, actor: SignedInDep, session: SessionDep, identifiers: IdentifiersDep
) -> Revealed:
    """Whole identifiers, to the city's administrator or the person; it is recorded."""
    return await persons.reveal(session, actor, identifiers, person_id)


@router.post("/people/reseal")
async def reseal(_: OperatorDep, db: DatabaseDep, identifiers: IdentifiersDep) -> Resealed:
    """Seal a batch of identifiers with the first key; repeat until nothing is left."""
    async with db.write(ALL_CITIES) as session:
        return await persons.reseal(session, identifiers)
