"""Assessing once more, by an officer's explicit act: another assessment, and nothing else."""

from typing import Any

import pytest
from sqlalchemy import select
from tests.intake.factories import Cast
from tests.intake.reviews.bureau import Bureau, strangers, submitted_cast

from common.db import ALL_CITIES, Database
from common.roles import Role
from common.tables import AUDIT
from intake.applications.models import Application
from intake.applications.states import TRANSITIONS, State
from intake.base import Base
from intake.reviews.again import ACTION, STAGES

BODY = {"reason": "失信名单已更正"}


async def again(acting: Any, actor: Any, cast: Cast, body: Any = None, key: str | None = None) -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    path = f"/v1/applications/{cast.application.id}/reassess"
    async with acting(actor) as client:
        return await client.post(path, json=BODY if body is None else body, headers=headers)


async def stored(db: Database, cast: Cast) -> dict[str, Any]:
    async with db.read(ALL_CITIES) as session:
        row = await session.get_one(Application, cast.application.id)
        return {"state": row.state, "revision": row.revision, "assessments": row.assessments}


async def in_state(db: Database, state: str) -> Cast:
    async with db.write(ALL_CITIES) as session:
        return await submitted_cast(session, state)


def test_every_state_of_the_table_has_a_stage() -> None:
    assert {one.source for one in TRANSITIONS if one.action == ACTION} == set(STAGES)
    assert all(one.target == one.source for one in TRANSITIONS if one.action == ACTION)


@pytest.mark.parametrize("state", sorted(STAGES))
async def test_it_is_taken_at_the_stage_where_the_application_stands(
    acting: Any, db: Database, owners: Bureau, state: State
) -> None:
    cast = await in_state(db, state.value)
    before = await stored(db, cast)
    answer = await again(acting, cast.officer, cast)
    assert answer.status_code == 201, answer.text
    body = answer.json()
    (asked,) = owners.questions("eligibility", "/v1/assessments")
    assert (asked["id"], asked["stage"]) == (body["assessment_id"], STAGES[state])
    assert asked["again"] == {"reason": BODY["reason"], "by": cast.officer.label}
    assert asked["pack_version"] == cast.application.pack_version
    assert body["stage"] == STAGES[state]
    assert body["findings"]
    assert await stored(db, cast) == before
    assert body["application"]["state"] == state.value


async def test_a_refusing_assessment_moves_nothing(acting: Any, db: Database, owners: Bureau) -> None:
    cast = await in_state(db, "accepted")
    owners.registers["blacklist.listed"] = True
    answer = await again(acting, cast.officer, cast)
    assert (answer.status_code, answer.json()["eligible"]) == (201, "not_eligible")
    assert (await stored(db, cast))["state"] == "accepted"


async def test_it_is_on_record_with_who_and_without_the_words(
    acting: Any, db: Database, owners: Bureau
) -> None:
    cast = await in_state(db, "accepted")
    taken = (await again(acting, cast.officer, cast)).json()["assessment_id"]
    audit = Base.metadata.tables[AUDIT]
    async with db.read(ALL_CITIES) as session:
        query = select(audit).where(audit.c.object_id == taken)
        (row,) = (await session.execute(query)).mappings().all()
    assert (row["action"], row["actor"]) == ("application.reassessed", cast.officer.label)
    assert row["data"]["stage"] == "formal_review"
    assert BODY["reason"] not in str(dict(row))


async def test_the_same_key_takes_one(acting: Any, db: Database, owners: Bureau) -> None:
    cast = await in_state(db, "accepted")
    answers = [await again(acting, cast.officer, cast, key="k") for _ in range(2)]
    assert [one.status_code for one in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert len(owners.questions("eligibility", "/v1/assessments")) == 1
    other = await again(acting, cast.officer, cast, {"reason": "另一原因"}, key="k")
    assert other.status_code == 422
    fresh = await again(acting, cast.officer, cast)
    assert fresh.json()["assessment_id"] != answers[0].json()["assessment_id"]


async def test_one_lost_on_the_way_is_found_again(acting: Any, db: Database, owners: Bureau) -> None:
    """Eligibility away: nothing is on record, and the same key takes the same assessment later."""
    cast = await in_state(db, "accepted")
    owners.down = {"eligibility"}
    assert (await again(acting, cast.officer, cast, key="k")).status_code == 503
    owners.down = set()
    assert (await again(acting, cast.officer, cast, key="k")).status_code == 201


@pytest.mark.parametrize("state", ["draft", "returned", "withdrawn", "failed_formal", "approved"])
async def test_where_nobody_decides_any_more_there_is_nothing_to_assess(
    acting: Any, db: Database, state: str
) -> None:
    cast = await in_state(db, state)
    answer = await again(acting, cast.officer, cast)
    assert (answer.status_code, answer.json()["reason"]) == (409, "not_in_state")


async def test_what_is_still_being_completed_is_not_taken_beside(acting: Any, db: Database) -> None:
    async with db.write(ALL_CITIES) as session:
        cast = await submitted_cast(session)
        cast.application.pending = True
    answer = await again(acting, cast.officer, cast)
    assert (answer.status_code, answer.json()["reason"]) == (409, "assessment_pending")


async def test_who_may(acting: Any, db: Database) -> None:
    cast = await in_state(db, "accepted")
    async with db.write(ALL_CITIES) as session:
        _, far = await strangers(session, Role.officer)
    for actor, status in ((cast.recommender, 403), (cast.applicant, 403), (far, 404)):
        assert (await again(acting, actor, cast)).status_code == status


@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": "  "}, {"reason": "x", "stage": "approval"}])
async def test_it_needs_a_reason_and_nothing_else(acting: Any, db: Database, body: Any) -> None:
    cast = await in_state(db, "accepted")
    assert (await again(acting, cast.officer, cast, body)).status_code == 422
