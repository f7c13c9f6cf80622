"""What a draft pack would change: stored assessments judged once more under it; nothing is stored."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from common.actor import Actor
from common.clock import clock
from common.db import Database
from common.errors import FieldError
from common.log import log
from common.roles import Role
from eligibility.decisions import service as decisions
from eligibility.decisions.models import Decision
from eligibility.guides import service as guides
from eligibility.impact import queries, summing
from eligibility.impact.queries import Wanted
from eligibility.impact.replay import Draft, Looked, Page, Stored, Tally, look, replay
from eligibility.impact.schemas import ImpactIn
from eligibility.impact.workers import Workers
from eligibility.judging.deciding import Decided

PLANNERS = (Role.guide_administrator, Role.officer)
PAGE = 500
"""Assessments that are read, judged and told of at a time: a few megabytes."""


@dataclass(frozen=True, slots=True)
class Impact:
    """An impact that may be run: whose it is, of what, and how many assessments there are."""

    actor: Actor
    draft: str
    looked: Looked
    wanted: Wanted
    lang: str
    total: int


async def prepare(database: Database, workers: Workers, actor: Actor, body: ImpactIn) -> Impact:
    """Look at the draft, ask who wants to know, count.

    Raises:
        PackInvalid: the draft is no sound pack.
        GuideUnknown, VersionUnknown: no such staged version in the actor's cities.
        Forbidden: neither guide administrator nor officer in the draft's city.
    """
    text = body.text or await guides.staged_text(database, actor, body.guide or "", body.version or "")
    looked = await workers.start(look, text)
    if not isinstance(looked, Looked):
        raise guides.PackInvalid(
            errors=[FieldError(f"/text#{pointer}", "pack", reason) for pointer, reason in looked[:100]]
        )
    acting = actor.in_city(looked.city)
    if not acting.is_service:
        acting.require(*PLANNERS, city=looked.city)
    wanted = Wanted(body.of or looked.guide, clock.business(), body.stage, body.category, body.every)
    async with database.read(acting) as session:
        total = await queries.count(session, wanted)
    return Impact(acting, text, looked, wanted, body.lang, total)


async def run(database: Database, workers: Workers, impact: Impact) -> AsyncIterator[bytes]:
    """NDJSON: a line to start with, pages of what changed each with its progress, and the summary.

    Pages are read in short blocks of their own and judged in other processes, a few ahead of what has been
    sent; lines come in the order of the assessments' ids. When the caller has gone, nothing more is begun.
    """
    looked, tally = impact.looked, Tally()
    yield _line(
        {
            "type": "start",
            "guide": looked.guide,
            "pack_version": looked.version,
            "of": impact.wanted.guide,
            "city": looked.city,
            "total": impact.total,
        }
    )
    try:
        async for page in _judged(database, workers, impact):
            tally.add(page.tally)
            done, changed = tally.totals["replayed"], tally.totals["changed"]
            progress = {"type": "progress", "done": done, "total": max(impact.total, done)}
            yield page.lines + _line(progress | {"changed": changed})
    except Exception as error:
        # a process that died, a database that went away: the answer has begun, so its last line must say it
        log.error("impact.broken", error=type(error).__name__, done=tally.totals["replayed"])
        yield _line({"type": "failed", "done": tally.totals["replayed"]})
        return
    yield _line(await asyncio.to_thread(summing.summary, impact.draft, tally, impact.lang))


async def _judged(database: Database, workers: Workers, impact: Impact) -> AsyncIterator[Page]:
    """The pages, judged, in order; one more than there are processes is on the way at any time."""
    running: deque[asyncio.Future[Page]] = deque()
    texts: dict[str, str] = {}
    after: UUID | None = None
    more = True
    try:
        while more or running:
            while more and len(running) <= workers.count:
                page = await _page(database, impact, after)
                more = len(page) == PAGE
                if page:
                    after = UUID(page[-1].id)
                    await _read_texts(database, impact.wanted.guide, page, texts)
                    earlier = {one.pack_version: texts[one.pack_version] for one in page
                               if one.pack_version in texts}  # fmt: skip
                    draft = Draft(impact.draft, impact.lang, earlier)
                    running.append(workers.start(replay, draft, page))
            if running:
                yield await running.popleft()
    finally:
        for one in running:
            one.cancel()


async def _page(database: Database, impact: Impact, after: UUID | None) -> list[Stored]:
    async with database.read(impact.actor) as session:
        found = await queries.page(session, impact.wanted, after, PAGE)
        decided = await _decided(session, found)
    return [one._replace(decided=tuple(decided.get(one.id, ()))) for _, one in found]


async def _decided(
    session: AsyncSession, found: Sequence[tuple[datetime, Stored]]
) -> dict[str, list[Decided]]:
    """By assessment: the decisions that had been taken and recorded when it was taken, oldest first."""
    by_application: dict[str, list[Decision]] = {}
    for row in await decisions.by_applications(session, [UUID(one.application_id) for _, one in found]):
        by_application.setdefault(str(row.application_id), []).append(row)
    return {
        one.id: [
            decisions.decided(row)
            for row in by_application.get(one.application_id, ())
            if row.decided_at <= one.as_of and row.recorded_at <= at
        ]
        for at, one in found
    }


async def _read_texts(database: Database, guide: str, page: Sequence[Stored], texts: dict[str, str]) -> None:
    lacking = {one.pack_version for one in page} - texts.keys()
    if lacking:
        texts.update(await guides.texts(database, guide, lacking))


def _line(content: dict[str, Any]) -> bytes:
    return orjson.dumps(content, option=orjson.OPT_APPEND_NEWLINE)
