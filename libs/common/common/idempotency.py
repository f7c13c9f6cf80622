"""`Idempotency-Key`: the same key and body get the same answer, however often they arrive.

The key row is written before the work and filled after it. A crash in between leaves it `running`; its lease
then lapses and the next try does the work again, so handlers stay repeatable by their own unique keys.
"""

import hashlib
from datetime import datetime, timedelta
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from common.auth import actor_of
from common.clock import clock
from common.db import ALL_CITIES, Database
from common.errors import Conflict, Unprocessable
from common.ids import new_id
from common.tables import IDEMPOTENCY, KEY_LENGTH

LEASE = timedelta(seconds=60)


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
    actor, path = actor_of(request).label, f"{request.method} {request.url.path}"[:255]
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
            answer = _known_answer(dict(row) if row else None, body_hash, now)
            if answer is None:
                await session.execute(update(table).where(same).values(started_at=now))
    if answer is not None:
        await answer(request.scope, request.receive, send)
        return
    kept = _Kept()
    try:
        await route(request.scope, _replay(body), kept.send)
    finally:
        async with database.write(ALL_CITIES) as session:
            # a refusal has changed nothing and may be asked again; an answer stays
            done = update(table).where(same).values(**kept.values())
            await session.execute(done if kept.succeeded else delete(table).where(same))
    for message in kept.messages:
        await send(message)


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


def _known_answer(known: dict[str, Any] | None, body_hash: str, now: datetime) -> Response | None:
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
    if known["started_at"] + LEASE > now:
        raise StillRunning(headers={"Retry-After": "1"})
    return None
