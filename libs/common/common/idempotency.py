"""`Idempotency-Key`: the same key and body get the same answer, however often they arrive.

The key row is written before the work and filled with the answer in the transaction of the work: by the
route, where the request has one session, or by `keep`, where a command opens its own blocks. So work that was
committed is answered again, though the process died before it could answer. A crash before that commit leaves
the key `running`; its lease then lapses and the next try does the work. Commands without either stay
repeatable by their own unique keys.
"""

import hashlib
from collections.abc import Callable, Coroutine
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel
from sqlalchemy import ColumnElement, Table, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from common import faults
from common.actor import Actor
from common.auth import actor_of
from common.clock import clock
from common.db import ALL_CITIES, Database
from common.errors import Conflict, Unprocessable
from common.ids import new_id
from common.tables import IDEMPOTENCY, KEY_LENGTH

CLAIMED = faults.point("common.idempotency.claimed")
WORKED = faults.point("common.idempotency.worked")
_JSON = "application/json"


@dataclass(frozen=True, slots=True)
class _Claim:
    """The key row of the request under way."""

    table: Table
    same: ColumnElement[bool]


_claim: ContextVar[_Claim | None] = ContextVar("idempotency_claim", default=None)


async def keep(session: AsyncSession, answer: BaseModel, *, status: int = 200) -> None:
    """Keep a command's answer in the session's transaction, for requests with the same key.

    For commands with blocks of their own; call it last in the block that does the work. It does nothing where
    the request came without a key.
    """
    await _keep(session, status, _JSON, answer.model_dump_json().encode())


async def _keep(session: AsyncSession, status: int, media_type: str, body: bytes) -> None:
    claim = _claim.get()
    if claim is not None:
        kept = {"status": status, "media_type": media_type, "body": body}
        await session.execute(update(claim.table).where(claim.same).values(**kept))


class KeyReused(Unprocessable):
    code = "idempotency.key_reused"
    title_zh, title_en = "同一幂等键被用于不同内容", "The idempotency key was used with another body"


class KeyInvalid(Unprocessable):
    code = "idempotency.key_invalid"
    title_zh, title_en = "幂等键须为1至255个可见字符", "An idempotency key has 1 to 255 visible characters"


class StillRunning(Conflict):
    code = "idempotency.running"
    title_zh, title_en = "同一请求正在处理", "The same request is still running"


class IdempotentRoute(APIRoute):
    """Route class for POSTs that create or consume; without the header it is an ordinary route.

    It stands around the route as ASGI, because a function-scoped session commits only after the handler has
    returned: the answer may be kept once that commit is through, and not before.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def keeping(request: Request) -> Response:
            response: Response = await handler(request)
            session = getattr(request.state, "session", None)
            # not yet committed: FastAPI leaves the function's scope after this
            if session is not None and response.status_code < 400:
                await _keep(session, response.status_code, response.media_type or _JSON, bytes(response.body))
            return response

        return keeping

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        key = request.headers.get("idempotency-key")
        if key is None or request.method != "POST":
            await super().handle(scope, receive, send)
        else:
            await _once(super().handle, request, key, send)


async def _once(route: ASGIApp, request: Request, key: str, send: Send) -> None:
    if not 0 < len(key) <= KEY_LENGTH or not key.isprintable():
        raise KeyInvalid
    database: Database = request.app.state.database
    actor, path = _holder(actor_of(request)), f"{request.method} {request.url.path}"[:255]
    body = await request.body()
    body_hash, now = _digest(body, request.url.query), clock.system()
    answer: Response | None = None
    async with database.write(ALL_CITIES) as session:
        table = session.info["metadata"].tables[IDEMPOTENCY]
        same = (table.c.actor == actor) & (table.c.route == path) & (table.c.key == key)
        taken = await session.execute(
            insert(table)
            .values(id=new_id(), actor=actor, route=path, key=key, body_hash=body_hash, started_at=now)
            .on_conflict_do_nothing()
            .returning(table.c.id)
        )
        if taken.scalar_one_or_none() is None:
            row = (
                (await session.execute(select(table).where(same).with_for_update())).mappings().one_or_none()
            )
            answer = _known_answer(dict(row) if row else None, body_hash, now, lease_of(request))
            if answer is None:
                await session.execute(update(table).where(same).values(started_at=now))
    if answer is not None:
        await answer(request.scope, request.receive, send)
        return
    await faults.reach(CLAIMED)
    kept, claimed = _Kept(), _claim.set(_Claim(table, same))
    try:
        await route(request.scope, _replay(body), kept.send)
        await faults.reach(WORKED)
    finally:
        _claim.reset(claimed)
        async with database.write(ALL_CITIES) as session:
            # a refusal has changed nothing and may be asked again; an answer stays
            unkept = same & table.c.status.is_(None)
            done = update(table).where(unkept).values(**kept.values())
            await session.execute(done if kept.succeeded else delete(table).where(unkept))
    for message in kept.messages:
        await send(message)


def _holder(actor: Actor) -> str:
    """Who hears a kept answer again: the person; of services, only one whose token is for the same cities."""
    if not actor.is_service:
        return actor.label
    return f"{actor.label} {hashlib.sha256(','.join(sorted(actor.cities)).encode()).hexdigest()[:32]}"


def _digest(body: bytes, query: str) -> str:
    """What was asked: the body, and the query, in which `dry_run` for example stands."""
    return hashlib.sha256(body + (b"\0?" + query.encode() if query else b"")).hexdigest()


class _Kept:
    """The route's answer, held back until it is stored."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    async def send(self, message: Message) -> None:
        self.messages.append(message)

    @property
    def succeeded(self) -> bool:
        return bool(self.messages) and self.messages[0]["status"] < 400

    def values(self) -> dict[str, Any]:
        headers = dict(self.messages[0]["headers"]) if self.messages else {}
        return {
            "status": self.messages[0]["status"] if self.messages else None,
            "media_type": headers.get(b"content-type", b"application/json").decode(),
            "body": b"".join(message.get("body", b"") for message in self.messages[1:]),
        }


def _replay(body: bytes) -> Receive:
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        return messages.pop() if messages else {"type": "http.disconnect"}

    return receive


def lease_of(request: Request) -> timedelta:
    """How long a key may be `running`: twice the time that a request has; later its holder has died."""
    return timedelta(seconds=2 * request.app.state.settings.request_timeout_s)


def _known_answer(
    known: dict[str, Any] | None, body_hash: str, now: datetime, lease: timedelta
) -> Response | None:
    if known is None:  # the holder was refused in this moment
        raise StillRunning(headers={"Retry-After": "1"})
    if known["body_hash"] != body_hash:
        raise KeyReused
    if known["status"] is not None:
        return Response(
            content=known["body"],
            status_code=known["status"],
            media_type=known["media_type"],
            headers={"Idempotent-Replayed": "true"},
        )
    if known["started_at"] + lease > now:
        raise StillRunning(headers={"Retry-After": "1"})
    return None
