"""Proposing a set, all or nothing; not selecting."""

from typing import Any

import pytest
from sqlalchemy import select
from tests.intake.factories import GUIDE, Cast, make_actor
from tests.intake.reviews.bureau import scored, strangers, submitted_cast

from common.db import ALL_CITIES, Database
from common.ids import new_id
from common.roles import Role
from intake.applications.models import Application
from intake.proposals.models import Proposal


async def under_review(db: Database, *scores: int | None) -> Cast:
    async with db.write(ALL_CITIES) as session:
        cast = await submitted_cast(session, "expert_review")
        await scored(session, cast.application, *scores)
        return cast


async def propose(acting: Any, actor: Any, *casts: Cast, **body: Any) -> Any:
    ids = [str(cast.application.id) for cast in casts]
    wanted = {"guide": GUIDE, "application_ids": ids, **body}
    async with acting(actor) as client:
        return await client.post("/v1/proposals", json=wanted)


async def states(db: Database, *casts: Cast) -> list[str]:
    async with db.read(ALL_CITIES) as session:
        return [(await session.get_one(Application, cast.application.id)).state for cast in casts]


async def test_a_set_is_proposed_with_its_ranking(acting: Any, db: Database) -> None:
    low = await under_review(db, 60, 71)
    high = await under_review(db, 90, 80)
    tied = await under_review(db, 85, 85, 85)
    answer = await propose(acting, low.officer, low, high, tied, note="局长办公会")
    assert answer.status_code == 201, answer.text
    body = answer.json()
    ranking = [(one["place"], one["score_sum"], one["score_count"]) for one in body["ranking"]]
    assert sorted(ranking) == [(1, 170, 2), (1, 255, 3), (3, 131, 2)]
    assert ranking[2] == (3, 131, 2)
    assert await states(db, low, high, tied) == ["proposed"] * 3
    async with acting(low.officer) as client:
        again = await client.post("/v1/proposals/batch", json={"ids": [body["id"], str(new_id())]})
    assert again.json()["items"] == [body]


@pytest.mark.parametrize("scores", [(), (90,), (90, None), (90, 80, None)])
async def test_one_that_is_not_ready_holds_back_the_set(
    acting: Any, db: Database, scores: tuple[int | None, ...]
) -> None:
    ready, short = await under_review(db, 90, 80), await under_review(db, *scores)
    answer = await propose(acting, ready.officer, ready, short)
    assert (answer.status_code, answer.json()["code"]) == (409, "intake.scores_missing")
    (named,) = answer.json()["applications"]
    assert named["application_id"] == str(short.application.id)
    assert (named["scores"], named["needed"]) == (sum(one is not None for one in scores), 2)
    assert await states(db, ready, short) == ["expert_review"] * 2


async def test_one_in_another_state_holds_back_the_set(acting: Any, db: Database) -> None:
    ready = await under_review(db, 90, 80)
    async with db.write(ALL_CITIES) as session:
        early = await submitted_cast(session, "accepted")
        await scored(session, early.application, 90, 80)
    answer = await propose(acting, ready.officer, ready, early)
    assert (answer.status_code, answer.json()["code"]) == (409, "intake.action_not_allowed")
    assert await states(db, ready, early) == ["expert_review", "accepted"]
    async with db.read(ALL_CITIES) as session:
        assert list(await session.scalars(select(Proposal))) == []


async def test_bad_sets(acting: Any, db: Database) -> None:
    cast = await under_review(db, 90, 80)
    twice = await propose(acting, cast.officer, cast, cast)
    assert (twice.status_code, twice.json()["errors"][0]["code"]) == (422, "twice")
    other_call = await propose(acting, cast.officer, cast, guide="qz-2021")
    assert (other_call.status_code, other_call.json()["errors"][0]["code"]) == (422, "other_call")
    assert (await propose(acting, cast.officer)).status_code == 422
    assert (await propose(acting, cast.officer, cast, rank=1)).status_code == 422
    async with acting(cast.officer) as client:
        wanted = {"guide": GUIDE, "application_ids": [str(new_id())]}
        assert (await client.post("/v1/proposals", json=wanted)).status_code == 404
    assert await states(db, cast) == ["expert_review"]


async def test_who_may_propose(acting: Any, db: Database) -> None:
    cast = await under_review(db, 90, 80)
    async with db.write(ALL_CITIES) as session:
        _, far = await strangers(session, Role.officer)
        head = await make_actor(session, Role.bureau_head)
    made = (await propose(acting, cast.officer, await under_review(db, 70, 70))).json()["id"]
    path = f"/v1/applications/{cast.application.id}/not-select"
    for actor, status in ((cast.applicant, 403), (cast.recommender, 403), (head, 403), (far, 404)):
        assert (await propose(acting, actor, cast)).status_code == status
        async with acting(actor) as client:
            assert (await client.post(path, json={"reason": "x"})).status_code == status
    async with acting(far) as client:
        assert (await client.post("/v1/proposals/batch", json={"ids": [made]})).json()["items"] == []


async def test_not_selecting(acting: Any, db: Database) -> None:
    cast = await under_review(db, 50, 51)
    path = f"/v1/applications/{cast.application.id}/not-select"
    async with acting(cast.officer) as client:
        assert (await client.post(path, json={})).status_code == 422
        answer = await client.post(path, json={"reason": "名次靠后"})
        again = await client.post(path, json={"reason": "名次靠后"})
    assert answer.json()["state"] == "not_selected"
    assert answer.json()["failure"] == {"code": "intake.not_selected", "rules": [], "reason": "名次靠后"}
    assert again.status_code == 409
