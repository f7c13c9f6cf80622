"""Persons: entering, changing and finding them, and the one door by which whole identifiers leave."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from pydantic import SecretStr
from sqlalchemy import func, not_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from common import audit
from common.actor import Actor
from common.clock import clock
from common.errors import Conflict, Forbidden, NotFound, RevisionMismatch, constraint_error
from common.ids import new_id
from common.pagination import encode_cursor
from common.roles import Role
from intake.people import queries, service
from intake.people.models import Person
from intake.people.schemas import (
    ActionOut,
    NewPerson,
    PersonOut,
    PersonPage,
    PersonPatch,
    PersonSearch,
    Resealed,
    Revealed,
)
from intake.people.sealing import Identifiers, ResidentIdTaken

MASKED_FOR = (Role.membership_administrator, Role.officer, Role.formal_reviewer)
_RESEAL_AT_ONCE = 200


class RefTaken(Conflict):
    code = "intake.person_ref_taken"
    title_zh, title_en = "本市已有此编号的人员", "The city has a person with this ref"


constraint_error("uq_people_city_ref", RefTaken)


async def batch(
    session: AsyncSession, actor: Actor, identifiers: Identifiers, ids: Sequence[UUID]
) -> list[PersonOut]:
    """Visible persons of these."""
    found = await queries.people(session, actor, ids)
    return await present(session, actor, identifiers, found)


async def present(
    session: AsyncSession, actor: Actor, identifiers: Identifiers, found: Sequence[Person]
) -> list[PersonOut]:
    """Persons as this actor may see them: masked identifiers for the bureau and for themselves only."""
    own = await queries.own_persons(session, actor)
    bureau = actor.cities_as(MASKED_FOR)
    return [
        _out(one, actor, identifiers, own=one.id in own, closely=one.id in own or one.city in bureau)
        for one in found
    ]


def _out(person: Person, actor: Actor, identifiers: Identifiers, *, own: bool, closely: bool) -> PersonOut:
    resident_id, phone = identifiers.shown(person) if closely else (None, None)
    actions = service.steps(actor, person.city, "update", "move", "grant_membership")
    if own or service.administers(actor, person.city):
        actions.append(ActionOut(action="reveal_identifiers", allowed=True))
    return PersonOut(
        id=person.id,
        city=person.city,
        name=person.name,
        unit_id=person.unit_id,
        ref=person.ref if service.administers(actor, person.city) else None,
        resident_id_masked=resident_id,
        phone_masked=phone,
        revision=person.revision,
        allowed_actions=actions,
    )


async def search(
    session: AsyncSession, actor: Actor, identifiers: Identifiers, asked: PersonSearch
) -> PersonPage:
    """A page of the persons that the actor sees; by resident id in a city that the actor administers.

    Raises:
        Forbidden: looking for a resident id is the administrator's, in a named city.
    """
    indexes = None
    if asked.resident_id is not None:
        if asked.city is None or not service.administers(actor, asked.city):
            raise Forbidden(extra={"needs": [Role.membership_administrator.value]})
        indexes = identifiers.indexes(asked.resident_id.get_secret_value(), asked.city)
    found = await queries.search_people(
        session,
        actor,
        city=asked.city,
        unit_id=asked.unit_id,
        text=asked.text,
        indexes=indexes,
        first=asked.first,
        after=asked.after,
    )
    page, more = found[: asked.first], len(found) > asked.first
    return PersonPage(
        items=await present(session, actor, identifiers, page),
        next_cursor=encode_cursor({"person": page[-1].id}) if more else None,
    )


async def add(session: AsyncSession, actor: Actor, identifiers: Identifiers, new: NewPerson) -> PersonOut:
    """Enter a person: an applicant a member of the own unit, by name; an administrator anybody.

    Raises:
        NotFound: not the actor's unit or city.
        Forbidden: more than a name is the administrator's to state.
        ResidentIdTaken, RefTaken: the city has such a person.
    """
    city = new.city
    if new.unit_id is not None:
        unit = await queries.unit(session, actor, new.unit_id)
        if unit is None or city not in (None, unit.city):
            raise NotFound
        city = unit.city
    if city is None:
        raise NotFound
    if service.administers(actor, city):
        await service.administer(session, actor, city)
    else:
        await _as_applicant(session, actor, new, city)
    person = Person(
        id=new_id(),
        city=city,
        ref=new.ref,
        name=new.name,
        unit_id=new.unit_id,
        revision=1,
        created_at=clock.business(),
    )
    await _identify(session, identifiers, person, new)
    session.add(person)
    await session.flush()
    data = {"unit_id": str(new.unit_id) if new.unit_id else None, "fields": sorted(new.model_fields_set)}
    await record(session, actor, person, "person.added", data)
    return (await present(session, actor, identifiers, [person]))[0]


async def _as_applicant(session: AsyncSession, actor: Actor, new: NewPerson, city: str) -> None:
    if new.unit_id is None or not actor.has(Role.applicant, city, new.unit_id):
        raise NotFound
    if new.model_fields_set - {"unit_id", "city", "name"}:
        raise Forbidden(extra={"needs": [Role.membership_administrator.value]})
    await service.confirm(session, actor, Role.applicant, city=city, unit_id=new.unit_id)


async def change(
    session: AsyncSession,
    actor: Actor,
    identifiers: Identifiers,
    person_id: UUID,
    revision: int,
    patch: PersonPatch,
) -> PersonOut:
    """Change a person's name, ref or identifiers.

    Raises:
        NotFound: no such person in a city that the actor administers.
        RevisionMismatch: changed since it was read.
        ResidentIdTaken, RefTaken: the city has such a person.
    """
    person = await administered(session, actor, person_id, revision)
    if patch.name is not None:
        person.name = patch.name
    if "ref" in patch.model_fields_set:
        person.ref = patch.ref
    await _identify(session, identifiers, person, patch)
    touch(person)
    await session.flush()
    await record(session, actor, person, "person.updated", {"fields": sorted(patch.model_fields_set)})
    return (await present(session, actor, identifiers, [person]))[0]


async def administered(session: AsyncSession, actor: Actor, person_id: UUID, revision: int) -> Person:
    """A person for update, of a city that the actor administers.

    Raises:
        NotFound, RevisionMismatch.
    """
    person = await queries.person_locked(session, person_id)
    if person is None:
        raise NotFound
    await service.administer(session, actor, person.city)
    if person.revision != revision:
        raise RevisionMismatch(extra={"revision": person.revision})
    return person


def touch(person: Person) -> None:
    """Count a change; the caller holds the row's lock."""
    person.revision += 1
    person.updated_at = clock.business()


async def _identify(
    session: AsyncSession, identifiers: Identifiers, person: Person, stated: NewPerson | PersonPatch
) -> None:
    if "resident_id" in stated.model_fields_set:
        value = plain(stated.resident_id)
        if value is not None:
            taken = await queries.carrying(session, person.city, identifiers.indexes(value, person.city))
            if any(one.id != person.id for one in taken):
                raise ResidentIdTaken
        identifiers.put_resident_id(person, value)
    if "phone" in stated.model_fields_set:
        identifiers.put_phone(person, plain(stated.phone))


def plain(secret: SecretStr | None) -> str | None:
    """What stands in a secret."""
    return secret.get_secret_value() if secret is not None else None


async def reveal(session: AsyncSession, actor: Actor, identifiers: Identifiers, person_id: UUID) -> Revealed:
    """Whole identifiers, to an administrator of the city or to the person; an audit row says to whom.

    Raises:
        NotFound: no such person for this actor.
    """
    person = await queries.person(session, person_id)
    if person is None:
        raise NotFound
    if person.id not in await queries.own_persons(session, actor):
        await service.administer(session, actor, person.city)
    found = Revealed(resident_id=identifiers.resident_id(person), phone=identifiers.phone(person))
    await record(session, actor, person, "person.identifiers_revealed", {})
    return found


async def reseal(session: AsyncSession, identifiers: Identifiers) -> Resealed:
    """Seal a batch of identifiers with the first key that older keys have sealed; in the session's cities."""
    mark = identifiers.ring.mark()
    stale = or_(
        *(
            column.is_not(None) & not_(func.substring(column, 1, len(mark)) == mark)
            for column in (Person.resident_id_sealed, Person.phone_sealed)
        )
    )
    found = list(
        await session.scalars(
            select(Person).where(stale).order_by(Person.id).limit(_RESEAL_AT_ONCE).with_for_update()
        )
    )
    for person in found:
        identifiers.reseal(person)
    await session.flush()
    left = await session.scalar(select(func.count()).select_from(Person).where(stale))
    return Resealed(resealed=len(found), left=left or 0)


async def record(
    session: AsyncSession, actor: Actor, person: Person, action: str, data: Mapping[str, object]
) -> None:
    """An audit row about a person: field names, never values."""
    await audit.record(
        session,
        actor,
        action=action,
        object_type="person",
        object_id=person.id,
        city=person.city,
        data={"revision": person.revision, **data},
    )
