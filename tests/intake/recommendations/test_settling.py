"""Settling, expiry and races, on real commits."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.intake.conftest import make_app
from tests.intake.factories import Cast, make_actor
from tests.intake.reviews.bureau import POOL, Bureau, submitted_cast

from common.actor import Actor
from common.db import ALL_CITIES, Database, cities
from common.ids import new_id
from common.roles import Role
from common.testing import http
from intake.applications.models import Application
from intake.recommendations import service, settling
from intake.recommendations.models import Recommendation, Tombstone
from intake.recommendations.states import RecommendationVoid

EXPIRY = timedelta(seconds=120)


async def ready(db: Database) -> Cast:
    async with db.write(ALL_CITIES) as session:
        return await submitted_cast(session, "initial_review_passed")


async def opening(db: Database, cast: Cast) -> UUID:
    async with db.write(cast.recommender) as session:
        made, _ = await service.open_(session, cast.recommender, cast.application.id, None, EXPIRY)
        return made.id


async def states_of(db: Database, cast: Cast, recommendation_id: UUID) -> tuple[str, str]:
    async with db.read(ALL_CITIES) as session:
        application = await session.get_one(Application, cast.application.id)
        return (await session.get_one(Recommendation, recommendation_id)).state, application.state


async def settled(app: Any, subject: UUID) -> Any:
    async with http(app, caller="quota") as client:
        answer = await client.post(f"/v1/holds/{subject}/settle", json={})
    assert answer.status_code == 200, answer.text
    return answer.json()["outcome"]


async def test_settling_an_open_one_voids_it_and_step_three_refuses(live: Database, owners: Bureau) -> None:
    cast, app = await ready(live), make_app(live, owners)
    owners.gate = asyncio.Event()
    running = asyncio.create_task(
        service.recommend(live, owners.client, cast.recommender, cast.application.id, key=None, expiry=EXPIRY)
    )
    await owners.reached.wait()
    async with live.read(ALL_CITIES) as session:
        opened = await service.queries.open_of(session, cast.application.id)
    assert opened is not None
    assert await settled(app, opened.id) == "void"
    owners.gate.set()
    with pytest.raises(RecommendationVoid):
        await running
    assert await states_of(live, cast, opened.id) == ("void", "initial_review_passed")
    assert await settled(app, opened.id) == "void"


async def test_settle_against_a_late_commit(live: Database, owners: Bureau) -> None:
    """Whoever gets the lock first decides, and both sides tell the same story."""
    app = make_app(live, owners)
    seen = set()
    for turn in range(8):
        cast = await ready(live)
        subject = await opening(live, cast)
        told = await asyncio.gather(
            service.recommend(
                live, owners.client, cast.recommender, cast.application.id, key=None, expiry=EXPIRY
            ),
            _after(turn * 40, settled(app, subject)),
            return_exceptions=True,
        )
        state, application = await states_of(live, cast, subject)
        if isinstance(told[0], RecommendationVoid):
            assert (state, application, told[1]) == ("void", "initial_review_passed", "void")
        else:
            assert not isinstance(told[0], BaseException), told[0]
            # settled before the request came: that one stays void, and the request opened another
            fresh = told[0].recommendation.id != subject
            expected = ("void", "recommended", "void") if fresh else ("recommended",) * 2 + ("committed",)
            assert (state, application, told[1]) == expected
        seen.add(state)
        owners.holds.clear()
    assert seen <= {"void", "recommended"}


async def _after(turns: int, what: Any) -> Any:
    """Begin some turns of the event loop later, to meet the other at another step."""
    for _ in range(turns):
        await asyncio.sleep(0)
    return await what


async def test_two_recommenders_and_the_last_place(live: Database, owners: Bureau) -> None:
    owners.limits[POOL], owners.seen_used = 1, 0
    first, second = await ready(live), await ready(live)
    outcomes = await asyncio.gather(
        *(
            service.recommend(
                live, owners.client, cast.recommender, cast.application.id, key=f"key-{n}", expiry=EXPIRY
            )
            for n, cast in enumerate((first, second))
        )
    )
    assert sorted(one.recommendation.state for one in outcomes) == ["recommended", "refused"]
    loser = next(one for one in outcomes if one.recommendation.state == "refused")
    place = next(one for one in loser.findings if one["rule"] == "QZ-4-8b")
    assert (place["outcome"], place["gap"]["value"]) == ("fail", 1)
    assert loser.application.state == "initial_review_passed"
    assert owners.used() == 1


async def test_a_double_click_makes_one_recommendation(live: Database, owners: Bureau) -> None:
    cast = await ready(live)
    outcomes = await asyncio.gather(
        *(
            service.recommend(
                live, owners.client, cast.recommender, cast.application.id, key="click", expiry=EXPIRY
            )
            for _ in range(4)
        )
    )
    assert {one.recommendation.state for one in outcomes} == {"recommended"}
    assert len({one.recommendation.id for one in outcomes}) == 1
    assert owners.used() == 1


async def test_expiry_voids_and_gives_back(live: Database, owners: Bureau, run_job: Any) -> None:
    cast = await ready(live)
    subject = await opening(live, cast)
    payload = {"recommendation_id": str(subject), "city": "330800"}
    await run_job(live, settling.EXPIRE_JOB, payload)
    assert await states_of(live, cast, subject) == ("void", "initial_review_passed")
    # nothing was held: quota does not know the subject, and that is well
    await run_job(live, settling.GIVE_BACK_JOB, payload)
    # an expired key is free for another try
    made = await service.recommend(
        live, owners.client, cast.recommender, cast.application.id, key=None, expiry=EXPIRY
    )
    assert made.recommendation.state == "recommended"
    assert made.recommendation.id != subject


async def test_expiry_leaves_a_committed_one_alone(live: Database, owners: Bureau, run_job: Any) -> None:
    cast = await ready(live)
    made = await service.recommend(
        live, owners.client, cast.recommender, cast.application.id, key=None, expiry=EXPIRY
    )
    payload = {"recommendation_id": str(made.recommendation.id), "city": "330800"}
    await run_job(live, settling.EXPIRE_JOB, payload)
    assert (await states_of(live, cast, made.recommendation.id))[0] == "recommended"
    assert await settled(make_app(live, owners), made.recommendation.id) == "committed"


async def test_a_change_meanwhile_voids(live: Database, owners: Bureau, run_job: Any) -> None:
    cast = await ready(live)
    owners.gate = asyncio.Event()
    running = asyncio.create_task(
        service.recommend(live, owners.client, cast.recommender, cast.application.id, key=None, expiry=EXPIRY)
    )
    await owners.reached.wait()
    async with live.write(cities("330800")) as session:
        (await session.get_one(Application, cast.application.id)).revision += 1
    owners.gate.set()
    with pytest.raises(RecommendationVoid) as caught:
        await running
    subject = caught.value.extra["recommendation_id"]
    await run_job(live, settling.GIVE_BACK_JOB, {"recommendation_id": subject, "city": "330800"})
    assert owners.used() == 0


async def test_an_unknown_subject_is_void_for_good(live: Database, owners: Bureau) -> None:
    app, subject = make_app(live, owners), new_id()
    assert [await settled(app, subject) for _ in range(2)] == ["void", "void"]
    async with live.read(ALL_CITIES) as session:
        assert (await session.get_one(Tombstone, subject)).city == "330800"


async def test_a_wrong_city_does_not_void(live: Database, owners: Bureau) -> None:
    cast = await ready(live)
    made = await service.recommend(
        live, owners.client, cast.recommender, cast.application.id, key=None, expiry=EXPIRY
    )
    elsewhere = Actor(caller="quota", cities=cities("330100"))
    assert await settling.settle(live, elsewhere, made.recommendation.id) == "committed"


async def test_only_quota_settles(live: Database, owners: Bureau) -> None:
    app, subject = make_app(live, owners), new_id()
    async with live.write(ALL_CITIES) as session:
        officer = await make_actor(session, Role.officer)
    for acting, caller in ((officer, "gateway"), (None, "gateway"), (None, "documents")):
        async with http(app, acting, caller=caller) as client:
            answer = await client.post(f"/v1/holds/{subject}/settle", json={})
        assert answer.status_code == 403
    async with http(app, caller="quota") as client:
        assert (await client.post("/v1/holds/nonsense/settle", json={})).status_code == 422
    async with live.read(ALL_CITIES) as session:
        assert await session.get(Tombstone, subject) is None
