"""What must hold after every step, read straight from the four databases."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from tests.life.world import World

from common.db import ALL_CITIES
from common.tables import AUDIT
from intake.applications.models import Application, Attempt
from intake.applications.states import MAIN_LINE, TRANSITIONS, State
from intake.awards.models import Award
from intake.feed import chain
from intake.feed.models import FeedItem
from intake.feed.publishing import content
from intake.recommendations.models import Recommendation
from quota.holds.models import Hold
from quota.pools.models import Pool
from quota.sweeps import mismatches

STANDING = {"opening", "recommended"}
_TABLE = [one for one in TRANSITIONS if one.exists_with(MAIN_LINE)]
_EDGES = {(str(one.source), one.action): set[str]() for one in _TABLE}
for _one in _TABLE:
    _EDGES[str(_one.source), _one.action].add(str(_one.target))


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything at one moment."""

    applications: Mapping[UUID, Application]
    attempts: list[Attempt]
    recommendations: list[Recommendation]
    awards: list[Award]
    feed: list[FeedItem]
    audited: Mapping[UUID, int]
    holds: Mapping[UUID, str]
    pools: Mapping[str, tuple[int, int]]

    def states(self) -> dict[UUID, str]:
        return {id_: one.state for id_, one in self.applications.items()}


async def take(world: World) -> Picture:
    """Look at all four; nothing else runs meanwhile."""
    async with world.databases["intake"].read(ALL_CITIES) as session:
        audit = session.info["metadata"].tables[AUDIT]
        counted = select(audit.c.application_id, func.count()).group_by(audit.c.application_id)
        applications = list(await session.scalars(select(Application)))
        attempts = list(await session.scalars(select(Attempt)))
        recommendations = list(await session.scalars(select(Recommendation)))
        awards = list(await session.scalars(select(Award)))
        feed = list(await session.scalars(select(FeedItem).order_by(FeedItem.seq)))
        audited = {row[0]: row[1] for row in await session.execute(counted)}
    async with world.databases["quota"].read(ALL_CITIES) as session:
        holds = {one.subject: one.state for one in await session.scalars(select(Hold))}
        pools = {one.key: (one.used, one.capacity) for one in await session.scalars(select(Pool))}
    return Picture(
        {one.id: one for one in applications},
        attempts, recommendations, awards, feed, audited, holds, pools,
    )  # fmt: skip


def moved_along_the_table(before: Picture, after: Picture, actions: Iterable[str]) -> None:
    """Each application is where the actions of this step can have brought it, and the trail tells of it."""
    words = {*actions, "complete"}
    for id_, application in after.applications.items():
        known = before.applications.get(id_)
        start = known.state if known else State.draft.value
        assert application.state in _reachable(start, words), (start, application.state, words)
        if known is not None and (known.state, known.revision) != (application.state, application.revision):
            assert application.revision > known.revision, id_
            assert after.audited.get(id_, 0) > before.audited.get(id_, 0), ("no audit row", id_, words)


def _reachable(start: str, actions: set[str]) -> set[str]:
    found, fresh = {start}, {start}
    while fresh:
        fresh = {
            target for state in fresh for action in actions for target in _EDGES.get((state, action), ())
        } - found
        found |= fresh
    return found


def nothing_contradicts(picture: Picture, close: datetime) -> None:
    """Holds for every moment, also while jobs wait and owners are away."""
    for key, (used, capacity) in picture.pools.items():
        assert 0 <= used <= capacity, key
    _recommendations(picture, close)
    _attempts(picture, close)
    _feed(picture)


def _recommendations(picture: Picture, close: datetime) -> None:
    standing = Counter(one.application_id for one in picture.recommendations if one.state in STANDING)
    assert not [id_ for id_, count in standing.items() if count > 1]
    for one in due(picture, close):
        assert picture.holds.get(one.id) in ("held", "confirmed"), ("a place was lost", one.id, one.state)
    for application in picture.applications.values():
        assert application.steps == list(MAIN_LINE)
        named = [one for one in picture.recommendations if one.id == application.recommendation_id]
        if application.state == State.recommended:
            assert [one.state for one in named] == ["recommended"]


def due(picture: Picture, close: datetime) -> list[Recommendation]:
    """Recommendations whose place is taken for good: those that stand, and those withdrawn after the close
    with their application (inventory section 6.3)."""

    def kept(one: Recommendation) -> bool:
        return one.state == "withdrawn" and one.closed_at is not None and one.closed_at > close

    return [one for one in picture.recommendations if one.state == "recommended" or kept(one)]


def _attempts(picture: Picture, close: datetime) -> None:
    for attempt in picture.attempts:
        application = picture.applications[attempt.application_id]
        if attempt.state == "open":
            assert application.open_attempt_id == attempt.id
        if attempt.state.startswith("admitted"):
            assert attempt.received_at <= close, ("admitted late", attempt.id)
        elif attempt.state == "refused" and attempt.received_at <= close:
            assert "window" not in attempt.failure["code"], ("refused in time", attempt.id, attempt.failure)  # type: ignore[index]
        if application.attempt_id == attempt.id and application.state not in ("returned", "withdrawn"):
            assert attempt.state == ("admitted_pending" if application.pending else "admitted")


def _feed(picture: Picture) -> None:
    assert [item.seq for item in picture.feed] == list(range(1, len(picture.feed) + 1))
    assert [item.entity_id for item in picture.feed] == [
        one.id for one in sorted(picture.awards, key=lambda one: one.number)
    ]
    approved = {id_ for id_, one in picture.applications.items() if one.state == State.approved}
    assert {one.application_id for one in picture.awards} == approved
    link: Any = None
    for item in picture.feed:
        link = chain.link(link or chain.genesis(item.city), chain.digest(content(item), item.salt or ""))
        assert link == item.chain_hash


async def all_is_settled(
    world: World, picture: Picture, close: datetime, complete: Mapping[UUID, bool]
) -> None:
    """Holds when nobody is away and no job waits: each attempt decided, each place accounted for."""
    assert not await mismatches(world.databases["quota"])
    live = {subject for subject, state in picture.holds.items() if state in ("held", "confirmed")}
    assert live == {one.id for one in due(picture, close)}
    assert {picture.holds[subject] for subject in live} <= {"confirmed"}
    assert not [one.id for one in picture.recommendations if one.state == "opening"]
    for attempt in picture.attempts:
        assert attempt.state in ("admitted", "refused"), ("never decided", attempt.id, attempt.state)
        if attempt.received_at <= close and complete[attempt.application_id] and attempt.state == "refused":
            assert attempt.failure == attempt.failure | {"code": "intake.revision_changed"}  # type: ignore[operator]
