"""Units and persons, and what a login may do."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from common import audit
from common.actor import Actor
from common.clock import clock
from common.errors import FieldError, Forbidden, NotFound, RevisionMismatch, Unprocessable
from common.roles import Role
from guide import Pack, check_facts, nest
from intake.guides import packs
from intake.guides import service as guides
from intake.people import queries
from intake.people.models import Unit
from intake.people.schemas import ActionOut, GrantOut, Resolved, UnitOut, UnitPatch

# facts of the organisation that have a column of their own
COLUMN_FACTS = {
    "applicant.type": "type",
    "applicant.legal_person": "legal_person",
    "applicant.reg_region": "reg_region",
    "applicant.jurisdiction": "jurisdiction",
    "applicant.industry_class": "industry_class",
}


class UnitRefused(Unprocessable):
    code = "intake.unit_invalid"
    title_zh, title_en = "单位资料有误", "The unit's data are not valid"


async def resolve(session: AsyncSession, issuer: str, subject: str) -> Resolved:
    """What a login may do at this business instant; empty for an unknown one."""
    found = await queries.memberships(session, issuer, subject, clock.business())
    if not found:
        return Resolved()
    person = await queries.person(session, found[0].person_id)
    return Resolved(
        person_id=found[0].person_id,
        name=person.name if person else None,
        grants=[
            GrantOut(role=Role(one.role), city=one.city, unit_id=one.unit_id, login_kind=one.login_kind)
            for one in found
        ],
        login_kind=next((one.login_kind for one in found if one.login_kind), None),
        cities=sorted({one.city for one in found}),
    )


async def confirm(
    session: AsyncSession, actor: Actor, *roles: Role, city: str, unit_id: UUID | None = None
) -> None:
    """Ask the memberships again, inside a command's own transaction: a token may be a minute old.

    Raises:
        Forbidden: no membership in force gives one of the roles there.
    """
    if actor.person_id is not None and await queries.holds(
        session, actor.person_id, roles, city, unit_id, clock.business()
    ):
        return
    raise Forbidden(extra={"needs": [role.value for role in roles]})


async def administer(session: AsyncSession, actor: Actor, city: str) -> None:
    """Ask that the actor administers people in a city, by a membership that still stands; the operator does
    in the cities of its token.

    Raises:
        NotFound: not one of the actor's cities: what is there is not to be seen.
        Forbidden: no longer an administrator.
    """
    if city not in actor.cities_as([Role.membership_administrator]):
        raise NotFound
    if not actor.is_service:
        await confirm(session, actor, Role.membership_administrator, city=city)


def administers(actor: Actor, city: str) -> bool:
    """May the actor administer people in a city, as far as the token says?"""
    return city in actor.cities_as([Role.membership_administrator])


async def fresh(session: AsyncSession, actor: Actor) -> Actor:
    """The actor with those grants only that still stand: a token may be half a minute old."""
    if actor.person_id is None:
        return actor
    standing = await queries.standing(session, actor.person_id, clock.business())
    kept = tuple(one for one in actor.grants if (one.role.value, one.city, one.unit_id) in standing)
    return replace(actor, grants=kept)


def organisation_values(unit: Unit) -> dict[str, Any]:
    """What a unit states about itself, by flat fact name; what it does not state is left out."""
    columns = {name: getattr(unit, column) for name, column in COLUMN_FACTS.items()}
    stated = columns | unit.profile
    return {name: value for name, value in stated.items() if value is not None and value != ""}


def missing_facts(unit: Unit, in_force: Iterable[Pack], category: str | None = None) -> list[str]:
    """Required fields of the profiles that calls in force ask for (`profile` of the pack) and the unit lacks:
    for a category, else for whichever category it may apply in.

    A field with a condition is asked for only where that holds, an industry class of enterprises for example.
    The base information of an account is complete (QZ-CH-03) when none is missing.
    """
    stated = organisation_values(unit)
    asked = {name for pack in in_force for name in packs.profile_fields(pack, stated, category)}
    return sorted(asked - stated.keys())


def profile_problems(profile: dict[str, Any], in_force: Sequence[Pack], pointer: str) -> list[FieldError]:
    """What is wrong with facts of a profile: unknown names, other owners, wrong types.

    Where the city has no call in force yet, names cannot be known and only their form is checked.
    """
    problems: list[FieldError] = []
    for name, value in profile.items():
        here = f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"
        if name in COLUMN_FACTS or name in packs.DERIVED_ORGANISATION_FACTS:
            problems.append(FieldError(here, "fact", "this fact has its own field or is derived"))
        elif value is None:
            continue
        elif not in_force:
            if not name.replace(".", "").replace("_", "").isalnum() or not name.isascii():
                problems.append(FieldError(here, "fact", "not a fact's name"))
        else:
            problems.extend(_fact_problems(name, value, in_force, here))
    return problems


def _fact_problems(name: str, value: Any, in_force: Sequence[Pack], here: str) -> list[FieldError]:
    knowing = [pack for pack in in_force if name in pack.facts]
    if not knowing:
        return [FieldError(here, "fact", "no call in force knows this fact")]
    problems: list[FieldError] = []
    for pack in knowing:
        if pack.facts[name].owner != "org":
            problems.append(FieldError(here, "fact", "this fact is not the organisation's"))
            continue
        found = check_facts(pack, pack.leaves[0].id, nest({name: value}))
        problems.extend(FieldError(here, "fact", one.reason) for one in found)
    return problems[:1]


def present(unit: Unit, in_force: Sequence[Pack], actor: Actor, *, whole: bool) -> UnitOut:
    """A unit as the caller may see it."""
    missing = missing_facts(unit, in_force) if whole else None
    return UnitOut(
        id=unit.id,
        city=unit.city,
        uscc=unit.uscc,
        name=unit.name,
        short_names=unit.short_names,
        former_names=unit.former_names,
        type=unit.type,
        legal_person=unit.legal_person,
        reg_region=unit.reg_region,
        jurisdiction=unit.jurisdiction,
        industry_class=unit.industry_class,
        quota_token=unit.quota_token,
        recommending_unit_id=unit.recommending_unit_id,
        profile=unit.profile if whole else None,
        profile_complete=not missing if missing is not None else None,
        missing=missing,
        revision=unit.revision,
        allowed_actions=steps(actor, unit.city, "update_registration", "add_person"),
    )


def steps(actor: Actor, city: str, *actions: str) -> list[ActionOut]:
    """What an administrator of the city may do with an object of it; nobody else may."""
    return [ActionOut(action=action, allowed=True) for action in actions if administers(actor, city)]


async def packs_of(session: AsyncSession, city: str) -> list[Pack]:
    """The packs in force in a city."""
    return [pack for pack in await guides.in_force(session) if pack.city == city]


async def units(session: AsyncSession, actor: Actor, ids: Iterable[UUID]) -> list[UnitOut]:
    """Visible units of these."""
    in_force = await guides.in_force(session)
    return [
        present(unit, [pack for pack in in_force if pack.city == unit.city], actor, whole=whole)
        for unit, whole in await queries.units(session, actor, ids)
    ]


async def update_unit(
    session: AsyncSession, actor: Actor, unit_id: UUID, revision: int, patch: UnitPatch
) -> UnitOut:
    """Change what a unit keeps about itself.

    Raises:
        NotFound: not the actor's unit.
        RevisionMismatch: changed since it was read.
        UnitRefused: a fact that no call knows, or a wrong value.
    """
    keepers = (Role.applicant, Role.department_manager)
    unit = await queries.unit(session, actor, unit_id, lock=True)
    if unit is None:
        raise NotFound
    actor.require(*keepers, city=unit.city, unit_id=unit.id)
    await confirm(session, actor, *keepers, city=unit.city, unit_id=unit.id)
    if unit.revision != revision:
        raise RevisionMismatch(extra={"revision": unit.revision})
    in_force = await packs_of(session, unit.city)
    changed = patch.model_dump(exclude_unset=True)
    profile = changed.pop("profile", None) or {}
    problems = profile_problems(profile, in_force, "/profile")
    problems += column_problems(changed, in_force, "")
    if problems:
        raise UnitRefused(errors=problems)
    for column, value in changed.items():
        if value is None and column in ("name", "short_names"):
            continue
        setattr(unit, column, value)
    merged = unit.profile | profile
    unit.profile = {name: value for name, value in merged.items() if value is not None}
    unit.revision += 1
    unit.updated_at = clock.business()
    await audit.record(
        session,
        actor,
        action="unit.updated",
        object_type="unit",
        object_id=unit.id,
        city=unit.city,
        data={"revision": unit.revision, "fields": sorted([*changed, *profile])},
    )
    return present(unit, in_force, actor, whole=True)


def column_problems(columns: dict[str, Any], in_force: Sequence[Pack], pointer: str) -> list[FieldError]:
    """What the calls in force say against the values of a unit's typed columns."""
    problems: list[FieldError] = []
    for name, column in COLUMN_FACTS.items():
        value = columns.get(column)
        if value is not None and any(name in pack.facts for pack in in_force):
            problems += _fact_problems(name, value, in_force, f"{pointer}/{column}")
    return problems
