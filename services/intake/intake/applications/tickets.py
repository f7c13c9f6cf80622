"""Tickets: intake's signed leave to bring a file to documents, or to fetch one."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from common.actor import Actor, Grant
from common.client import ServiceClient
from common.clock import clock
from common.db import Database
from common.errors import FieldError, Forbidden, NotFound, Unprocessable
from common.ids import new_id
from common.roles import Role
from common.tokens import ServiceTokens
from guide import Material, Owner, Pack, keys_of_others, stated_problems
from intake import clients
from intake.applications import queries, service, states
from intake.applications.in_force import DRAFTING, pack_for
from intake.applications.models import Application
from intake.applications.schemas import DownloadIn, DownloadTicket, UploadIn, UploadTicket
from intake.applications.states import State
from intake.clients import Budget
from intake.guides import service as guides
from intake.people import service as people_service
from intake.settings import Settings

AUDIENCE = "documents"
DEFAULT_MAX_BYTES = 50 * 1024 * 1024
LONGEST_ATTRIBUTES = 4096
"""They travel in the ticket, which is a header."""
_KEEPERS = (Role.applicant, Role.department_manager, Role.project_leader)
_RECOMMENDING = (State.submitted, State.initial_review_passed, State.recommended)


class MaterialRefused(Unprocessable):
    code = "intake.material_refused"
    title_zh, title_en = "不能上传此材料", "This material cannot be uploaded"


class NotUploadable(states.MoveRefused):
    """The step for which the material is meant is over, or has not come."""


async def upload(
    session: AsyncSession,
    settings: Settings,
    tokens: ServiceTokens,
    actor: Actor,
    application_id: UUID,
    asked: UploadIn,
) -> UploadTicket:
    """Leave to upload one file of a material.

    Raises:
        NotFound: not there for this actor.
        MoveRefused: not now; `intake.attempt_open` while a submission is being decided.
        CategoryUnknown: the version in force has dropped the draft's category.
        MaterialRefused: not a material of the category, or wrong format, size or attribute.
    """
    row = await service.locked(session, actor, application_id)
    pack = await _pack(session, row)
    material = _material(pack, row, asked)
    grounds = await _may_upload(session, actor, row, material)
    file_id = new_id()
    expires = clock.system() + timedelta(minutes=settings.ticket_minutes)
    ticket = tokens.sign(
        {
            **_base(actor, file_id, row.city, expires, grounds),
            "sub": str(row.id),
            "application_id": str(row.id),
            "guide": pack.id,
            "version": pack.version,
            "category": row.category,
            "material": material.id,
            "bundle": material.bundle,
            "filename": asked.filename,
            "content_type": asked.content_type,
            "max_bytes": material.max_bytes or DEFAULT_MAX_BYTES,
            "attributes": asked.attributes,
        }
    )
    await service.record(
        session, actor, row, "upload.permitted", {"file_id": str(file_id), "material": material.id}
    )
    return UploadTicket(file_id=file_id, ticket=ticket, upload_path="/v1/files", expires_at=expires)


def _base(actor: Actor, file_id: UUID, city: str, expires: datetime, grounds: list[Grant]) -> dict[str, Any]:
    """Claims of every ticket. `grants`: role and unit (or none) of the memberships that it stands on; after a
    minute documents takes it only from somebody who still has one of them."""
    return {
        "aud": AUDIENCE,
        "iat": int(clock.system().timestamp()),
        "exp": int(expires.timestamp()),
        "file_id": str(file_id),
        "city": city,
        "by": actor.label,
        "grants": [[one.role.value, str(one.unit_id) if one.unit_id else None] for one in grounds],
    }


def _grants(actor: Actor, city: str, roles: Iterable[Role], unit_id: UUID | None = None) -> list[Grant]:
    """The actor's grants of these roles in a city, for a unit where one is given."""
    wanted = frozenset(roles)
    return [
        one
        for one in actor.grants
        if one.city == city and one.role in wanted and unit_id in (None, one.unit_id)
    ]


async def _pack(session: AsyncSession, row: Application) -> Pack:
    if row.pack_version is not None and row.state not in DRAFTING:
        return await guides.pack(session, row.guide, row.pack_version)
    return await pack_for(session, row.guide, row.category)


def _material(pack: Pack, row: Application, asked: UploadIn) -> Material:
    found = {one.id: one for one in pack.materials_for(row.category)}.get(asked.material)
    if found is None or found.form != "file" or found.supplier == "system":
        raise MaterialRefused(
            errors=[FieldError("/material", "material", "not a file of this category's checklist")]
        )
    problems: list[FieldError] = []
    suffix = asked.filename.rpartition(".")[2].lower()
    if found.formats is not None and suffix not in found.formats:
        problems.append(FieldError("/filename", "format", "accepted: " + ", ".join(found.formats)))
    if asked.size > (found.max_bytes or DEFAULT_MAX_BYTES):
        limit = found.max_bytes or DEFAULT_MAX_BYTES
        problems.append(FieldError("/size", "too_large", f"at most {limit} bytes"))
    problems += _stated_faults(pack, found, asked.attributes)
    if problems:
        raise MaterialRefused(errors=problems[:100])
    return found


def _stated_faults(pack: Pack, material: Material, attributes: dict[str, Any]) -> list[FieldError]:
    if len(orjson.dumps(attributes)) > LONGEST_ATTRIBUTES:
        return [FieldError("/attributes", "too_long", f"at most {LONGEST_ATTRIBUTES} bytes")]
    problems: list[FieldError] = []
    for name, value in attributes.items():
        here = f"/attributes/{name.replace('~', '~0').replace('/', '~1')}"
        if name not in material.gives:
            problems.append(FieldError(here, "attribute", "the material does not state this fact"))
            continue
        faults = stated_problems(pack, name, value, here)
        faults += keys_of_others(name, value, (Owner.rev,), here)
        problems += [FieldError(one.pointer, "value", one.reason) for one in faults]
    return problems


async def _may_upload(
    session: AsyncSession, actor: Actor, row: Application, material: Material
) -> list[Grant]:
    """The grants that allow it, asked again; raises where there are none."""
    if material.when == "A":
        found = await service.windows(session, [row])
        states.check(row, "edit", actor, clock.business(), found.get(row.guide))
        await people_service.confirm(session, actor, *_KEEPERS, city=row.city, unit_id=row.unit_id)
        return _grants(actor, row.city, _KEEPERS, row.unit_id)
    if material.when == "R":
        unit = row.recommending_unit_id
        if unit is None or not actor.has(Role.recommender, row.city, unit):
            raise Forbidden(extra={"needs": [Role.recommender.value]})
        if row.state not in _RECOMMENDING:
            raise states.refused("not_in_state", row, "upload")
        await people_service.confirm(session, actor, Role.recommender, city=row.city, unit_id=unit)
        return _grants(actor, row.city, [Role.recommender], unit)
    raise states.refused("not_in_state", row, "upload")


async def download(
    db: Database,
    client: ServiceClient,
    settings: Settings,
    tokens: ServiceTokens,
    actor: Actor,
    application_id: UUID,
    asked: DownloadIn,
) -> DownloadTicket:
    """Leave to download one file of an application.

    An expert gets the blind files of the sealed bundle and no others: the ticket names the bundle, and
    documents holds to it.

    Raises:
        NotFound: the application or the file is not there for this actor.
        OwnerUnavailable: documents cannot say whose file it is.
    """
    async with db.read(actor) as session:
        actor = await people_service.fresh(session, actor)
        row = await service.visible(session, actor, application_id)
        openly = bool(await queries.seen_openly(session, actor, [row.id]))
    expires = clock.system() + timedelta(minutes=settings.ticket_minutes)
    claims = _base(actor, asked.file_id, row.city, expires, _sight(actor, row))
    if openly:
        file = await clients.stored_file(
            client, asked.file_id, city=row.city, budget=Budget(settings.call_timeout_s)
        )
        if file is None or file.application_id != row.id:
            raise NotFound
        claims["purpose"] = "office" if _is_bureau(actor, row.city) else "own"
    else:
        claims |= await _blind(client, settings, row, asked.file_id)
    return DownloadTicket(ticket=tokens.sign(claims), path=f"/v1/files/{asked.file_id}", expires_at=expires)


def _sight(actor: Actor, row: Application) -> list[Grant]:
    """The grants by which the actor may see the application."""
    found = _grants(actor, row.city, (*queries.BUREAU, Role.expert))
    found += _grants(actor, row.city, queries.UNIT, row.unit_id)
    above = row.recommending_unit_id
    return found + (_grants(actor, row.city, [Role.recommender], above) if above is not None else [])


def _is_bureau(actor: Actor, city: str) -> bool:
    return actor.has_any(queries.BUREAU, city)


async def _blind(
    client: ServiceClient, settings: Settings, row: Application, file_id: UUID
) -> dict[str, Any]:
    if row.bundle_id is None:
        raise NotFound
    files = await clients.sealed_files(
        client, row.bundle_id, city=row.city, budget=Budget(settings.call_timeout_s)
    )
    if not any(one.file_id == file_id and one.bundle == "blind" for one in files):
        raise NotFound
    return {"purpose": "review", "bundle": "blind", "bundle_id": str(row.bundle_id)}
