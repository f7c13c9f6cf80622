"""Drafting an application: opening it, the form, the team."""

from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from common.actor import Actor
from common.clock import clock
from common.errors import FieldError, NotFound, RevisionMismatch, Unprocessable
from common.ids import new_id
from common.roles import Role
from guide import Owner, Pack, check_facts, keys_of_others, nest
from intake.applications import in_force, parties, service, states
from intake.applications.models import Application, Member
from intake.applications.schemas import ApplicationIn, ApplicationOut, ApplicationPatch, MemberIn
from intake.guides import packs
from intake.guides import service as guides
from intake.people import queries as people
from intake.people import service as people_service

LONGEST_FORM = 262_144
_OF_FORMS = (Owner.app, Owner.org, Owner.person, Owner.platform)
_NOT_OF_FORMS = tuple(owner for owner in Owner if owner not in _OF_FORMS)
"""Owners of keys that no record on a form has: papers state them, reviewers, registers, other services."""
_KEEPERS = (Role.applicant, Role.department_manager, Role.project_leader)


class FormRefused(Unprocessable):
    code = "intake.form_invalid"
    title_zh, title_en = "申报内容有误", "The application's contents are not valid"


async def create(session: AsyncSession, actor: Actor, new: ApplicationIn) -> ApplicationOut:
    """Open a draft for a unit of the actor's.

    Raises:
        NotFound: not the actor's unit.
        CallNotPublished: the call is not published in the unit's city.
        CategoryUnknown: no selectable category of the call.
    """
    unit = await people.unit(session, actor, new.unit_id)
    if unit is None or not actor.has(Role.applicant, unit.city, unit.id):
        raise NotFound
    await people_service.confirm(session, actor, Role.applicant, city=unit.city, unit_id=unit.id)
    pack = await guides.current(session, new.guide)
    if pack is None or pack.city != unit.city:
        raise guides.CallNotPublished
    in_force.demand_category(pack, new.category)
    now = clock.business()
    row = Application(
        id=new_id(),
        city=unit.city,
        guide=pack.id,
        category=new.category,
        unit_id=unit.id,
        title=new.title,
        form={},
        created_by=actor.person_id,
        created_at=now,
        updated_at=now,
        state=states.State.draft.value,
        revision=1,
        assessments={},
        pending=False,
        reopened=False,
        steps=packs.steps(pack, new.category),
        recommending_unit_id=unit.recommending_unit_id,
        members=[],
    )
    session.add(row)
    await session.flush()
    await service.record(session, actor, row, "application.drafted", {"category": row.category})
    return await service.present_one(session, actor, row)


async def edit(
    session: AsyncSession, actor: Actor, application_id: UUID, revision: int, patch: ApplicationPatch
) -> ApplicationOut:
    """Change a draft.

    Raises:
        NotFound: not there for this actor.
        MoveRefused: not in this state; `intake.attempt_open` while a submission is being decided.
        RevisionMismatch: changed since it was read.
        CategoryUnknown: the version in force has dropped its category.
        FormRefused: with a pointer for every fault.
    """
    row = await service.locked(session, actor, application_id)
    await people_service.confirm(session, actor, *_KEEPERS, city=row.city, unit_id=row.unit_id)
    found = await service.windows(session, [row])
    states.check(row, "edit", actor, clock.business(), found.get(row.guide))
    if row.revision != revision:
        raise RevisionMismatch(extra={"revision": row.revision})
    pack = await in_force.pack_for(session, row.guide, row.category)
    row.steps = packs.steps(pack, row.category)
    changed = patch.model_dump(exclude_unset=True)
    if patch.form:
        _merge_form(row, patch.form, pack)
    if "members" in changed or "leader_id" in changed:
        await _set_team(session, row, patch, changed)
    if patch.title is not None:
        row.title = patch.title
    row.touch(clock.business())
    await session.flush()
    await service.record(session, actor, row, "application.edited", {"fields": sorted(changed)})
    return await service.present_one(session, actor, row)


def _merge_form(row: Application, form: dict[str, Any], pack: Pack) -> None:
    problems = [fault for name, value in form.items() for fault in _form_faults(pack, row, name, value)]
    merged = {name: value for name, value in (row.form | form).items() if value is not None}
    if isinstance(platform := merged.get(parties.PLATFORM), str):
        merged[parties.PLATFORM] = parties.comparable(platform)
    if not problems and len(orjson.dumps(merged)) > LONGEST_FORM:
        problems.append(FieldError("/form", "too_long", f"the form may take {LONGEST_FORM} bytes"))
    if problems:
        raise FormRefused(errors=problems[:200])
    row.form = merged


def _form_faults(pack: Pack, row: Application, name: str, value: Any) -> list[FieldError]:
    pointer = "/form/" + name.replace("~", "~0").replace("/", "~1")
    fact = pack.facts.get(name)
    if fact is None:
        return [FieldError(pointer, "fact", "not a fact of this call")]
    if name in parties.SUPPLIED:
        return [FieldError(pointer, "owner", "this fact is known from the records")]
    if not packs.stated_on_form(pack, row.category, name):
        return [FieldError(pointer, "owner", f"this fact is stated by its owner ({fact.owner})")]
    if value is None:
        return []
    path = "/" + name.replace(".", "/")
    return [
        FieldError(one.pointer, "owner", one.reason)
        for one in keys_of_others(name, value, _NOT_OF_FORMS, pointer)
    ] + [
        FieldError(pointer + one.pointer.removeprefix(path), "value", one.reason)
        for one in check_facts(pack, row.category, nest({name: value}))
    ]


async def _set_team(
    session: AsyncSession, row: Application, patch: ApplicationPatch, changed: dict[str, Any]
) -> None:
    wanted = (
        list(patch.members or [])
        if "members" in changed
        else [MemberIn.model_validate(one, from_attributes=True) for one in row.members]
    )
    if "leader_id" in changed:
        wanted = _with_leader(wanted, patch.leader_id)
    ids = [one.person_id for one in wanted]
    known = {person.id for person in await people.people_of_unit(session, row.unit_id, ids)}
    problems = [
        FieldError(f"/members/{index}/person_id", "person", "not a person of this unit, or named twice")
        for index, person in enumerate(ids)
        if person not in known or person in ids[:index]
    ]
    if problems:
        raise FormRefused(errors=problems)
    row.members.clear()
    await session.flush()
    row.members.extend(
        Member(
            id=new_id(),
            city=row.city,
            application_id=row.id,
            person_id=one.person_id,
            role=one.role,
            position=position,
        )
        for position, one in enumerate(wanted)
    )
    leaders = [one.person_id for one in wanted if one.role == "leader"]
    if "leader_id" in changed:
        row.leader_id = patch.leader_id
    elif row.leader_id not in leaders:
        row.leader_id = leaders[0] if leaders else None


def _with_leader(wanted: list[MemberIn], leader_id: UUID | None) -> list[MemberIn]:
    """The team with this person as its leader; who led before stays as a main member."""
    others = [
        MemberIn(person_id=one.person_id, role="main" if one.role == "leader" else one.role)
        for one in wanted
        if one.person_id != leader_id
    ]
    if leader_id is None:
        return others
    return [MemberIn(person_id=leader_id, role="leader"), *others]
