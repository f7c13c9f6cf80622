"""`Idempotency-Key`: the same key and body get the same answer, however often they arrive.

The key row is written before the work and filled after it. A crash in between leaves it `running`; its lease
then lapses and the next try does the work again, so handlers stay repeatable by their own unique keys.
"""

import hashlib
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from common.auth import current_actor
from common.clock import clock
from common.db import ALL_CITIES, Database
from common.errors import Conflict, Unprocessable
from common.ids import new_id
from common.tables import IDEMPOTENCY, KEY_LENGTH

LEASE = timedelta(seconds=60)
KEPT = timedelta(days=30)


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
    """Route class for POSTs that create or consume; without the header it is an ordinary route."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        inner = super().get_route_handler()

        async def handle(request: Request) -> Response:
            key = request.headers.get("idempotency-key")
            if key is None or request.method != "POST":
                return await inner(request)
            return await _once(inner, request, key)

        return handle


async def _once(
    inner: Callable[[Request], Coroutine[Any, Any, Response]], request: Request, key: str
) -> Response:

    if not 0 < len(key) <= KEY_LENGTH or not key.isprintable():
        raise KeyInvalid
    database: Database = request.app.state.database
    actor, route = current_actor(request).label, f"{request.method} {request.url.path}"[:255]
    body_hash = hashlib.sha256(await request.body()).hexdigest()
    now = clock.system()
    async with database.write(ALL_CITIES) as session:
        table = session.info["metadata"].tables[IDEMPOTENCY]
        same = (table.c.actor == actor) & (table.c.route == route) & (table.c.key == key)
        taken = await session.execute(
            insert(table)
            .values(id=new_id(), actor=actor, route=route, key=key, body_hash=body_hash, started_at=now)
            .on_conflict_do_nothing()
            .returning(table.c.id)
        )
        if taken.scalar_one_or_none() is None:
            known = (await session.execute(select(table).where(same).with_for_update())).mappings().one()
            answer = _known_answer(dict(known), body_hash, now)
            if answer is not None:
                return answer
            await session.execute(update(table).where(same).values(started_at=now))
    try:
        response = await inner(request)
    except BaseException:
        async with database.write(ALL_CITIES) as session:
            await session.execute(delete(table).where(same))
        raise
    async with database.write(ALL_CITIES) as session:
        await session.execute(
            update(table)
            .where(same)
            .values(
                status=response.status_code,
                media_type=response.media_type or response.headers.get("content-type"),
                body=bytes(response.body),
            )
        )
    return response


def _known_answer(known: dict[str, Any], body_hash: str, now: datetime) -> Response | None:
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
