"""Experts: assignments, conflicts of interest, scores."""

from typing import Any

import pytest
from tests.intake.factories import Cast, make_actor
from tests.intake.reviews.bureau import id_of, scored, strangers, submitted_cast

from common.actor import Actor
from common.db import ALL_CITIES, Database
from common.ids import new_id
from common.roles import Role
from intake.applications.models import Application


@pytest.fixture
async def cast(db: Database) -> Cast:
    async with db.write(ALL_CITIES) as session:
        return await submitted_cast(session, "expert_review")


@pytest.fixture
async def expert(db: Database) -> Actor:
    async with db.write(ALL_CITIES) as session:
        return await make_actor(session, Role.expert)


async def assign(acting: Any, actor: Actor, cast: Cast, *experts: Any) -> Any:
    wanted = {"expert_ids": [str(one) for one in experts]}
    async with acting(actor) as client:
        return await client.post(f"/v1/applications/{cast.application.id}/assignments", json=wanted)


async def assigned(acting: Any, cast: Cast, expert: Actor) -> str:
    answer = await assign(acting, cast.officer, cast, id_of(expert))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["assignments"][0]["id"])


async def act(acting: Any, actor: Actor, assignment: Any, what: str, body: Any) -> Any:
    async with acting(actor) as client:
        return await client.post(f"/v1/assignments/{assignment}/{what}", json=body)


async def visible(acting: Any, actor: Actor, cast: Cast) -> list[Any]:
    async with acting(actor) as client:
        wanted = {"ids": [str(cast.application.id)]}
        items: list[Any] = (await client.post("/v1/applications/batch", json=wanted)).json()["items"]
        return items


async def test_an_assigned_expert_sees_and_scores(acting: Any, cast: Cast, expert: Actor) -> None:
    assert await visible(acting, expert, cast) == []
    assignment = await assigned(acting, cast, expert)
    (seen,) = await visible(acting, expert, cast)
    assert (seen["unit_id"], seen["leader_id"], seen["members"]) == (None, None, [])
    answer = await act(acting, expert, assignment, "score", {"score": 88, "comment": "路线可行"})
    assert answer.status_code == 200, answer.text
    assert (answer.json()["state"], answer.json()["score"]) == ("scored", 88)
    again = await act(acting, expert, assignment, "score", {"score": 90, "comment": "改分"})
    assert (again.status_code, again.json()["code"]) == (409, "intake.assignment_done")


async def test_a_conflict_ends_access_and_a_second_assignment_fills(
    acting: Any, cast: Cast, expert: Actor, db: Database
) -> None:
    assignment = await assigned(acting, cast, expert)
    assert (await act(acting, expert, assignment, "conflict", {})).status_code == 422
    answer = await act(acting, expert, assignment, "conflict", {"reason": "曾共同署名"})
    assert answer.json()["state"] == "conflicted"
    assert await visible(acting, expert, cast) == []
    scoring = await act(acting, expert, assignment, "score", {"score": 88, "comment": "好"})
    assert scoring.status_code == 409
    # not the same expert again
    twice = await assign(acting, cast.officer, cast, id_of(expert))
    assert (twice.status_code, twice.json()["code"]) == (409, "intake.expert_already_assigned")
    async with db.write(ALL_CITIES) as session:
        second = await make_actor(session, Role.expert)
    filled = await assigned(acting, cast, second)
    done = await act(acting, second, filled, "score", {"score": 70, "comment": "一般"})
    assert done.json()["state"] == "scored"


@pytest.mark.parametrize(
    "body",
    [
        {"score": 101, "comment": "x"},
        {"score": -1, "comment": "x"},
        {"score": 80.5, "comment": "x"},
        {"score": "80", "comment": "x"},
        {"score": True, "comment": "x"},
        {"score": 80},
        {"score": 80, "comment": " "},
        {"comment": "x"},
    ],
)
async def test_bad_scores(acting: Any, cast: Cast, expert: Actor, body: dict[str, Any]) -> None:
    assignment = await assigned(acting, cast, expert)
    assert (await act(acting, expert, assignment, "score", body)).status_code == 422


@pytest.mark.parametrize("score", [0, 100])
async def test_the_ends_of_the_scale(acting: Any, cast: Cast, expert: Actor, score: int) -> None:
    assignment = await assigned(acting, cast, expert)
    answer = await act(acting, expert, assignment, "score", {"score": score, "comment": "x"})
    assert answer.json()["score"] == score


async def test_experts_with_an_interest(acting: Any, cast: Cast, expert: Actor, db: Database) -> None:
    async with db.write(ALL_CITIES) as session:
        colleague = await make_actor(session, Role.expert, unit=cast.unit)
        leader = cast.application.leader_id
    answer = await assign(acting, cast.officer, cast, id_of(expert), id_of(colleague))
    assert (answer.status_code, answer.json()["code"]) == (409, "intake.expert_conflicted")
    assert answer.json()["expert_ids"] == [str(id_of(colleague))]
    # all or none: the other one was not assigned either
    assert await visible(acting, expert, cast) == []
    not_expert = await assign(acting, cast.officer, cast, leader)
    assert not_expert.status_code == 422
    assert not_expert.json()["errors"][0]["pointer"] == "/expert_ids/0"


async def test_bad_assignments(acting: Any, cast: Cast, expert: Actor, db: Database) -> None:
    async with db.write(ALL_CITIES) as session:
        _, far = await strangers(session, Role.expert)
    for ids in ([], ["x"], [new_id()], [id_of(far)], [id_of(expert), id_of(expert)]):
        assert (await assign(acting, cast.officer, cast, *ids)).status_code == 422


async def test_who_may_assign(acting: Any, cast: Cast, expert: Actor, db: Database) -> None:
    async with db.write(ALL_CITIES) as session:
        _, far = await strangers(session, Role.officer)
    for actor, status in ((cast.applicant, 403), (cast.recommender, 403), (expert, 403), (far, 404)):
        assert (await assign(acting, actor, cast, id_of(expert))).status_code == status


async def test_only_the_own_assignment(acting: Any, cast: Cast, expert: Actor, db: Database) -> None:
    assignment = await assigned(acting, cast, expert)
    async with db.write(ALL_CITIES) as session:
        other = await make_actor(session, Role.expert)
        _, far = await strangers(session, Role.expert)
    body = {"score": 50, "comment": "x"}
    for actor, status in ((other, 404), (far, 404), (cast.officer, 403), (cast.applicant, 403)):
        assert (await act(acting, actor, assignment, "score", body)).status_code == status
        conflict = await act(acting, actor, assignment, "conflict", {"reason": "x"})
        assert conflict.status_code == status


async def test_no_score_after_the_review(acting: Any, cast: Cast, expert: Actor, db: Database) -> None:
    assignment = await assigned(acting, cast, expert)
    async with db.write(ALL_CITIES) as session:
        (await session.get_one(Application, cast.application.id)).state = "not_selected"
    answer = await act(acting, expert, assignment, "score", {"score": 50, "comment": "x"})
    assert (answer.status_code, answer.json()["code"]) == (409, "intake.not_under_review")


async def test_who_sees_assignments(acting: Any, cast: Cast, expert: Actor, db: Database) -> None:
    own = await assigned(acting, cast, expert)
    async with db.write(ALL_CITIES) as session:
        application = await session.get_one(Application, cast.application.id)
        await scored(session, application, 60, 70)
        _, far = await strangers(session, Role.officer)
    wanted = {"application_ids": [str(cast.application.id)]}
    for actor, count in ((cast.officer, 3), (expert, 1), (cast.applicant, 0), (far, 0)):
        async with acting(actor) as client:
            found = (await client.post("/v1/assignments/search", json=wanted)).json()["items"]
            assert len(found) == count
            mine = (await client.post("/v1/assignments/search", json={"mine": True})).json()["items"]
            assert [one["id"] for one in mine] == ([own] if actor is expert else [])
            batch = (await client.post("/v1/assignments/batch", json={"ids": [own]})).json()["items"]
            assert len(batch) == (1 if actor in (cast.officer, expert) else 0)
