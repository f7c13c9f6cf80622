"""What an operator sees of intake's rows: what is not finished yet, and how the feed stands."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from sqlalchemy import Select, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from common.clock import clock
from common.figures import Figure, Figures, Sample
from intake.applications.models import Attempt
from intake.applications.states import AttemptState
from intake.awards.models import Award
from intake.feed.models import Disclosure, FeedHead, FeedItem, Subscriber
from intake.recommendations.models import Recommendation
from intake.recommendations.states import RecommendationState

UNFINISHED: Final = Figure(
    "intake_unfinished",
    "Attempts being decided (attempt) or admitted as pending (pending), recommendations being decided",
    ("city", "what"),
)
UNFINISHED_AGE: Final = Figure("intake_unfinished_age_seconds", "Age of the oldest of them", ("city", "what"))
FEED_HEAD: Final = Figure("intake_feed_head", "Newest sequence number of the feed", ("city",))
FEED_MISMATCH: Final = Figure(
    "intake_feed_mismatch",
    "Awards without an item, items without an award, and numbers of the sequence without an item",
    ("city",),
)
PULL_AGE: Final = Figure(
    "intake_feed_pull_age_seconds", "Since when the quietest subscriber has not pulled", ("city",)
)


async def _unfinished(session: AsyncSession) -> Iterable[Sample]:
    now, found = clock.business(), []
    for query in (
        _waiting(Attempt, AttemptState.open, "attempt"),
        _waiting(Attempt, AttemptState.admitted_pending, "pending"),
        _waiting(Recommendation, RecommendationState.opening, "recommendation"),
    ):
        for city, what, number, oldest in await session.execute(query):
            found.append(Sample(UNFINISHED, number, (city, what)))
            found.append(Sample(UNFINISHED_AGE, _age(now, oldest), (city, what)))
    return found


def _waiting(
    model: type[Attempt] | type[Recommendation], state: str, what: str
) -> Select[str, str, int, datetime]:
    # `received_at` of an application that was opened once more is that of its first attempt
    since = Attempt.filed_at if model is Attempt else Recommendation.received_at
    return (
        select(model.city, literal(what), func.count(), func.min(since))
        .where(model.state == state)
        .group_by(model.city)
    )


def _age(now: datetime, since: datetime) -> float:
    return max(0.0, (now - since).total_seconds())


async def _feed(session: AsyncSession) -> Iterable[Sample]:
    published = select(FeedItem.city, FeedItem.entity_id).distinct().subquery()
    unmatched = (
        select(func.coalesce(Award.city, published.c.city), func.count())
        .select_from(Award)
        .join(published, (published.c.city == Award.city) & (published.c.entity_id == Award.id), full=True)
        .where(or_(Award.id.is_(None), published.c.entity_id.is_(None)))
        .group_by(func.coalesce(Award.city, published.c.city))
    )
    items = select(FeedItem.city, func.count()).group_by(FeedItem.city)
    wrong = dict((await session.execute(unmatched)).all())
    counted = dict((await session.execute(items)).all())
    heads = dict((await session.execute(select(FeedHead.city, FeedHead.last_seq))).all())
    found = [Sample(FEED_HEAD, seq, (city,)) for city, seq in heads.items()]
    for city in {*heads, *wrong, *counted}:
        gaps = abs(heads.get(city, 0) - counted.get(city, 0))
        found.append(Sample(FEED_MISMATCH, wrong.get(city, 0) + gaps, (city,)))
    return found


async def _pulls(session: AsyncSession) -> Iterable[Sample]:
    last = select(func.max(Disclosure.at)).where(Disclosure.subscriber_id == Subscriber.id).scalar_subquery()
    quiet = func.min(func.coalesce(last, Subscriber.created_at))
    rows = await session.execute(select(Subscriber.city, quiet).group_by(Subscriber.city))
    now = clock.business()
    return [Sample(PULL_AGE, _age(now, since), (city,)) for city, since in rows]


FIGURES: Final = (
    Figures((UNFINISHED, UNFINISHED_AGE), _unfinished),
    Figures((FEED_HEAD, FEED_MISMATCH), _feed),
    Figures((PULL_AGE,), _pulls),
)
