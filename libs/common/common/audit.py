"""Audit rows: who did what to which object, in the same transaction as the change; ids and enums only."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, BaseModel
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from common import trace
from common.actor import Actor
from common.auth import services
from common.clock import clock
from common.db import ReadSessionDep
from common.ids import new_id
from common.roles import Role
from common.tables import AUDIT

READERS = (Role.officer, Role.bureau_head, Role.auditor, Role.formal_reviewer)


async def record(
    session: AsyncSession,
    actor: Actor,
    *,
    action: str,
    object_type: str,
    object_id: UUID | str,
    city: str,
    application_id: UUID | None = None,
    data: dict[str, Any] | None = None,
) -> None:
    """Write one audit row in the session's transaction.

    Args:
        action: static, `<object>.<past participle>`, e.g. application.submitted.
        data: ids, enums, counts and instants only; never names, answers or document text.
    """
    await record_many(
        session,
        actor,
        [(object_id, data or {})],
        action=action,
        object_type=object_type,
        city=city,
        application_id=application_id,
    )


async def record_many(
    session: AsyncSession,
    actor: Actor,
    objects: Sequence[tuple[UUID | str, dict[str, Any]]],
    *,
    action: str,
    object_type: str,
    city: str,
    application_id: UUID | None = None,
) -> None:
    """As `record` for several objects that had the same done to them, each with its data."""
    if not objects:
        return
    table, at, recorded_at = session.info["metadata"].tables[AUDIT], clock.business(), clock.system()
    rows = [
        {
            "id": new_id(),
            "city": city,
            "at": at,
            "recorded_at": recorded_at,
            "actor": actor.label,
            "caller": actor.caller,
            "action": action,
            "object_type": object_type,
            "object_id": str(object_id),
            "application_id": application_id,
            "trace_id": trace.current_id(),
            "data": data,
        }
        for object_id, data in objects
    ]
    await session.execute(insert(table), rows)


class AuditEntryOut(BaseModel):
    """One line of the trail. `at` is business time, `recorded_at` machine time."""

    id: UUID
    city: str
    at: AwareDatetime
    recorded_at: AwareDatetime
    actor: str
    caller: str
    action: str
    object_type: str
    object_id: str
    application_id: UUID | None
    trace_id: str | None
    data: dict[str, Any]


class AuditTrail(BaseModel):
    """Entries of one application, oldest first."""

    items: list[AuditEntryOut]


async def trail(session: AsyncSession, actor: Actor, application_id: UUID, limit: int) -> list[AuditEntryOut]:
    """Entries of one application, oldest first, in the cities where the actor may read trails."""
    table = session.info["metadata"].tables[AUDIT]
    granted = frozenset(one.city for one in actor.grants if one.role in READERS)
    readable = actor.cities if actor.is_service else granted & actor.cities
    rows = await session.execute(
        select(table)
        .where(table.c.application_id == application_id, table.c.city.in_(sorted(readable)))
        .order_by(table.c.recorded_at, table.c.id)
        .limit(limit)
    )
    return [AuditEntryOut.model_validate(dict(row)) for row in rows.mappings()]


def router() -> APIRouter:
    """`GET /v1/audit` of a service."""
    routes = APIRouter(prefix="/v1", tags=["audit"])

    @routes.get("/audit")
    async def read_trail(
        session: ReadSessionDep,
        actor: Annotated[Actor, Depends(services("intake", "operator", roles=READERS))],
        application_id: UUID,
        limit: Annotated[int, Query(ge=1, le=500)] = 200,
    ) -> AuditTrail:
        """The audit trail of one application in this service."""
        return AuditTrail(items=await trail(session, actor, application_id, limit))

    return routes
