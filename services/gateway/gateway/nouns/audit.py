"""The trail of one application, merged from all services."""

import asyncio
from datetime import datetime

import strawberry
from strawberry import field

from common.errors import OwnerUnavailable
from gateway.graph.context import Context
from gateway.graph.loaders import Row
from gateway.nouns.base import Instant, Json
from gateway.wording import d

OWNERS = ("intake", "eligibility", "quota", "documents")


@strawberry.type(description=d("审计记录", "One line of the audit trail."))
class AuditEntry:
    service: str = field(description=d("记录的服务", "Service that recorded it."))
    at: Instant = field(description=d("业务时间", "Business time."))
    recorded_at: Instant = field(description=d("系统时间", "Machine time."))
    actor: str = field(description=d("操作人", "Who acted."))
    caller: str | None = field(description=d("经由的服务", "Service through which."))
    action: str = field(description=d("操作", "What was done."))
    object_type: str = field(description=d("对象类型", "Type of the object."))
    object_key: str = field(description=d("对象编号", "Key of the object."))
    trace_id: str | None = field(description=d("追踪号", "Trace id."))
    data: Json = field(description=d("附加信息（仅编号与代码）", "Ids and codes beside it."))


def _entry(service: str, row: Row) -> AuditEntry:
    return AuditEntry(
        service=service,
        at=Instant(row["at"]),
        recorded_at=Instant(row["recorded_at"]),
        actor=row["actor"],
        caller=row.get("caller"),
        action=row["action"],
        object_type=row["object_type"],
        object_key=str(row["object_id"]),
        trace_id=row.get("trace_id"),
        data=Json(row.get("data") or {}),
    )


@strawberry.type(description=d("审计记录全程", "The trail, and which services could not be asked."))
class AuditTrail:
    entries: list[AuditEntry] = field(description=d("记录，旧的在前", "Entries, oldest first."))
    unavailable: list[str] = field(description=d("未能取得记录的服务", "Services whose entries are missing."))


async def trail(context: Context, application_id: str) -> AuditTrail:
    """Asks all owners at once; one that is down is named and the rest is answered.

    Raises:
        RemoteProblem: the caller may not read trails.
    """

    async def one(service: str) -> list[AuditEntry] | None:
        try:
            answer = await context.ask(
                service, "GET", "/v1/audit", params={"application_id": application_id, "limit": 500}
            )
        except OwnerUnavailable:
            return None
        return [_entry(service, row) for row in answer["items"]]

    await context.actor()
    found = await asyncio.gather(*(one(service) for service in OWNERS))
    entries = [entry for part in found if part is not None for entry in part]
    entries.sort(key=lambda entry: (datetime.fromisoformat(entry.recorded_at), entry.service))
    missing = [service for service, part in zip(OWNERS, found, strict=True) if part is None]
    return AuditTrail(entries=entries, unavailable=missing)
