"""Public notices, and objections to what they list."""

from typing import Any

import pytest
from tests.intake.factories import GUIDE, Cast, make_actor
from tests.intake.reviews.bureau import noticed, strangers, submitted_cast

from common.actor import Actor
from common.db import ALL_CITIES, Database
from common.ids import new_id
from common.roles import Role
from intake.applications.models import Application
from intake.notices import service

START, END = "2020-08-01T09:00:00+08:00", "2020-08-08T17:00:00+08:00"
VISITOR = Actor(caller="gateway", anonymous=True, cities=frozenset({"330800"}))


async def at_state(db: Database, state: str) -> Cast:
    async with db.write(ALL_CITIES) as session:
        return await submitted_cast(session, state)


async def application(db: Database, cast: Cast) -> Application:
    async with db.read(ALL_CITIES) as session:
        return await session.get_one(Application, cast.application.id)


async def publish(acting: Any, actor: Any, *casts: Cast, **body: Any) -> Any:
    wanted = {
        "guide": GUIDE,
        "application_ids": [str(cast.application.id) for cast in casts],
        "starts_at": START,
        "ends_at": END,
        "where_zh": "市科技局门户网站",
        **body,
    }
    async with acting(actor) as client:
        return await client.post("/v1/notices", json=wanted)


@pytest.fixture
async def proposed(db: Database, business_clock: Any) -> Cast:
    business_clock.at("2020-07-31T10:00:00+08:00")
    return await at_state(db, "proposed")


@pytest.fixture
async def running(db: Database, business_clock: Any) -> tuple[Cast, str]:
    """An application on a notice that runs from 1 to 8 August."""
    business_clock.at("2020-08-01T09:00:00+08:00")
    cast = await at_state(db, "public_notice")
    async with db.write(ALL_CITIES) as session:
        notice = await noticed(session, [cast.application])
    return cast, str(notice.id)


async def object_to(acting: Any, actor: Any, notice: str, cast: Cast, **body: Any) -> Any:
    wanted = {"application_id": str(cast.application.id), "text": "该成果已在他处立项", **body}
    async with acting(actor) as client:
        return await client.post(f"/v1/notices/{notice}/objections", json=wanted)


async def decide(acting: Any, actor: Any, objection: str, decision: str) -> Any:
    wanted = {"decision": decision, "reason": "经核查"}
    async with acting(actor) as client:
        return await client.post(f"/v1/objections/{objection}/decide", json=wanted)


async def test_the_public_reads_a_notice_without_private_fields(
    acting: Any, proposed: Cast, db: Database, business_clock: Any
) -> None:
    made = await publish(acting, proposed.officer, proposed)
    assert made.status_code == 201, made.text
    assert (await application(db, proposed)).state == "public_notice"
    for instant, state in (
        ("2020-08-01T08:59:59.999+08:00", "scheduled"),
        (START, "open"),
        (END, "open"),
        ("2020-08-08T17:00:00.001+08:00", "ended"),
    ):
        business_clock.at(instant)
        async with acting(VISITOR) as client:
            (shown,) = (await client.get(f"/v1/notices?guide={GUIDE}")).json()["items"]
        assert shown["state"] == state
    assert set(shown) == {
        "id", "city", "guide", "starts_at", "ends_at", "where_zh", "state", "application_ids", "projects",
    }  # fmt: skip
    (project,) = shown["projects"]
    assert set(project) == {"application_id", "title", "category", "unit_name", "leader_name"}
    assert project["unit_name"] == proposed.unit.name
    async with acting(VISITOR) as client:
        batch = (await client.post("/v1/notices/batch", json={"ids": [shown["id"]]})).json()
        other_guide = (await client.get("/v1/notices?guide=other")).json()
    assert (batch["items"], other_guide["items"]) == ([shown], [])
    elsewhere = Actor(caller="gateway", anonymous=True, cities=frozenset({"330100"}))
    async with acting(elsewhere) as client:
        assert (await client.get("/v1/notices")).json()["items"] == []


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"ends_at": START}, "/ends_at"),
        ({"ends_at": "2020-07-30T09:00:00+08:00", "starts_at": "2020-07-30T08:00:00+08:00"}, "/ends_at"),
        ({"starts_at": "2020-07-01T09:00:00+08:00"}, "/starts_at"),
        ({"starts_at": "2020-08-01T09:00:00"}, "/starts_at"),
        ({"where_zh": " "}, "/where_zh"),
        ({"guide": "qz-2021"}, "/application_ids/0"),
        ({"application_ids": []}, "/application_ids"),
    ],
)
async def test_bad_notices(
    acting: Any, proposed: Cast, db: Database, body: dict[str, Any], pointer: str
) -> None:
    answer = await publish(acting, proposed.officer, proposed, **body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"].endswith(pointer)
    assert (await application(db, proposed)).state == "proposed"


async def test_a_notice_is_all_or_nothing(acting: Any, proposed: Cast, db: Database) -> None:
    early = await at_state(db, "expert_review")
    assert (await publish(acting, proposed.officer, proposed, early)).status_code == 409
    assert (await publish(acting, proposed.officer, proposed, proposed)).status_code == 422
    assert (await application(db, proposed)).state == "proposed"


async def test_who_may_give_notice(acting: Any, proposed: Cast, db: Database) -> None:
    async with db.write(ALL_CITIES) as session:
        _, far = await strangers(session, Role.officer)
        head = await make_actor(session, Role.bureau_head)
    for actor, status in ((proposed.applicant, 403), (proposed.recommender, 403), (VISITOR, 403), (far, 404)):
        assert (await publish(acting, actor, proposed)).status_code == status
    assert (await publish(acting, head, proposed)).status_code == 201


async def test_an_objection_stops_the_notice(acting: Any, running: tuple[Cast, str], db: Database) -> None:
    cast, notice = running
    async with db.write(ALL_CITIES) as session:
        stranger, _ = await strangers(session, Role.applicant)
    answer = await object_to(acting, stranger, notice, cast)
    assert answer.status_code == 201, answer.text
    assert answer.json()["state"] == "open"
    row = await application(db, cast)
    assert row.state == "objection_handling"
    async with db.read(ALL_CITIES) as session:
        facts = {fact.name: fact.value for fact in await service.facts(session, row)}
    assert facts["notice.open_objections"] == 1
    assert facts["notice.start"].startswith("2020-08-01T01:00:00")


async def test_upheld_rejects_the_project_and_closes_the_others(
    acting: Any, running: tuple[Cast, str], db: Database
) -> None:
    cast, notice = running
    first = (await object_to(acting, cast.officer, notice, cast)).json()["id"]
    second = (await object_to(acting, cast.recommender, notice, cast)).json()["id"]
    answer = await decide(acting, cast.officer, first, "upheld")
    assert answer.json()["state"] == "upheld", answer.text
    row = await application(db, cast)
    assert (row.state, (row.failure or {})["code"]) == ("rejected", "intake.objection_upheld")
    again = await decide(acting, cast.officer, second, "rejected")
    assert (again.status_code, again.json()["code"]) == (409, "intake.objection_decided")


async def test_rejected_goes_back_when_the_last_is_decided(
    acting: Any, running: tuple[Cast, str], db: Database
) -> None:
    cast, notice = running
    first = (await object_to(acting, cast.officer, notice, cast)).json()["id"]
    second = (await object_to(acting, cast.recommender, notice, cast)).json()["id"]
    assert (await decide(acting, cast.officer, first, "rejected")).status_code == 200
    assert (await application(db, cast)).state == "objection_handling"
    assert (await decide(acting, cast.officer, second, "rejected")).status_code == 200
    assert (await application(db, cast)).state == "public_notice"


@pytest.mark.parametrize("instant", ["2020-08-01T08:59:59+08:00", "2020-08-08T09:00:00.001+08:00"])
async def test_objections_only_while_the_notice_runs(
    acting: Any, running: tuple[Cast, str], db: Database, business_clock: Any, instant: str
) -> None:
    cast, notice = running
    business_clock.at(instant)
    answer = await object_to(acting, cast.recommender, notice, cast)
    assert (answer.status_code, answer.json()["code"]) == (409, "intake.notice_not_open")
    assert (await application(db, cast)).state == "public_notice"


async def test_bad_objections(acting: Any, running: tuple[Cast, str], db: Database) -> None:
    cast, notice = running
    other = await at_state(db, "public_notice")
    async with db.write(ALL_CITIES) as session:
        _, far = await strangers(session, Role.applicant)
    assert (await object_to(acting, cast.officer, notice, cast, text="")).status_code == 422
    assert (await object_to(acting, cast.officer, notice, cast, application_id="x")).status_code == 422
    assert (await object_to(acting, cast.officer, notice, other)).status_code == 404
    assert (await object_to(acting, cast.officer, str(new_id()), cast)).status_code == 404
    assert (await object_to(acting, far, notice, cast)).status_code == 404
    assert (await object_to(acting, VISITOR, notice, cast)).status_code == 403


async def test_who_decides_and_who_sees(acting: Any, running: tuple[Cast, str], db: Database) -> None:
    cast, notice = running
    async with db.write(ALL_CITIES) as session:
        neighbour, far_officer = await strangers(session, Role.officer)
        plain, _ = await strangers(session, Role.applicant)
    made = (await object_to(acting, plain, notice, cast)).json()["id"]
    for actor, status in ((cast.applicant, 403), (plain, 403), (VISITOR, 403), (far_officer, 404)):
        assert (await decide(acting, actor, made, "upheld")).status_code == status
    assert (await decide(acting, neighbour, made, "perhaps")).status_code == 422
    assert (await decide(acting, neighbour, str(new_id()), "upheld")).status_code == 404
    wanted = {"notice_ids": [notice], "state": "open"}
    for actor, count in ((neighbour, 1), (plain, 1), (cast.applicant, 0), (far_officer, 0)):
        async with acting(actor) as client:
            found = await client.post("/v1/objections/search", json=wanted)
        assert len(found.json()["items"]) == count
