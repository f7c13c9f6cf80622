"""Assessments over HTTP: who may, the stored row, idempotency, bad input."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import func, select
from structlog.testing import capture_logs

from common.actor import Actor
from common.clock import clock
from common.db import Database, cities
from common.ids import new_id
from common.roles import Role
from common.testing import actor, http, settings_for
from eligibility.app import create_app
from eligibility.assessments.models import Assessment
from eligibility.base import Base
from eligibility.guides import queries
from eligibility.settings import Settings
from guide import Pack, load_pack

URL = "/v1/assessments"
ANONYMOUS = Actor(caller="gateway", anonymous=True, cities=frozenset({"330800"}))

Json = dict[str, Any]
Question = Callable[..., Json]
Finding = Callable[[Json, str], Json]


async def test_take_and_read_back(
    app: FastAPI, intake: httpx.AsyncClient, question: Question, finding: Finding, pack: Pack
) -> None:
    asked = question({"budget.rd_total": 3_000_000, "applicant.legal_person": True})
    made = await intake.post(URL, json=asked)
    assert made.status_code == 201, made.text
    body = made.json()
    for key in ("id", "application_id", "city", "guide", "pack_version", "category", "stage"):
        assert body[key] == asked[key]
    assert body["as_of"] == "2020-06-15T02:00:00Z"
    assert (body["ignored"], body["unavailable"]) == ([], [])
    assert [one["rule"] for one in body["findings"]] == [rule.id for rule in pack.rules_for("qz20-rd")]
    assert finding(body, "QZ-SUB-02")["facts_used"] == [
        {
            "name": "applicant.legal_person",
            "value": True,
            "source": "application",
            "at": "2020-06-15T02:00:00+00:00",
        }
    ]
    async with http(app, actor(Role.officer)) as officer:
        found = await officer.post(f"{URL}/batch", json={"ids": [asked["id"], str(new_id())]})
        assert found.json() == {"items": [body]}
        of_application = await officer.post(
            f"{URL}/by-application/batch", json={"ids": [asked["application_id"]]}
        )
        assert of_application.json() == {"items": [body]}


async def test_every_fact_is_stored_with_its_provenance(
    intake: httpx.AsyncClient, question: Question, db: Database
) -> None:
    asked = question({"applicant.legal_person": True})
    await intake.post(URL, json=asked)
    async with db.read(cities("330800")) as session:
        row = (await session.scalars(select(Assessment).where(Assessment.id == asked["id"]))).one()
    facts = {fact["name"]: fact for fact in row.facts}
    assert facts["applicant.legal_person"] == {
        "name": "applicant.legal_person",
        "value": True,
        "source": "application",
        "at": "2020-06-15T02:00:00+00:00",
        "revision": 3,
    }
    assert facts["blacklist.listed"]["source"] == "register:credit_blacklist"
    assert facts["blacklist.listed"]["value"] is False
    assert facts["blacklist.checked_at"]["value"] == "2020-06-15T02:00:00+00:00"
    assert facts["person.lead_count"]["value"] == 0


async def test_the_same_id_gets_the_stored_answer(
    intake: httpx.AsyncClient, operator: httpx.AsyncClient, question: Question, finding: Finding
) -> None:
    asked = question()
    first = await intake.post(URL, json=asked)
    entry = {"unit_uscc": "91330800TEST000017", "list_id": "x", "from": "2020-01-01T00:00:00Z"}
    await operator.post("/v1/registers/credit_blacklist/entries", json=entry)
    again = await intake.post(URL, json={**asked, "facts": [], "unavailable": ["blacklist.*"]})
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert finding(again.json(), "QZ-SUB-04")["outcome"] == "pass"


@pytest.mark.parametrize("change", ["application_id", "stage"])
async def test_an_id_stands_for_one_application_and_stage(
    intake: httpx.AsyncClient, question: Question, change: str
) -> None:
    asked = question()
    await intake.post(URL, json=asked)
    changed = {**asked, change: {"application_id": str(new_id()), "stage": "approval"}[change]}
    answer = await intake.post(URL, json=changed)
    assert (answer.status_code, answer.json()["code"]) == (409, "eligibility.assessment_taken")


async def test_idempotency_key(intake: httpx.AsyncClient, question: Question) -> None:
    asked, key = question(), {"Idempotency-Key": "k1"}
    first = await intake.post(URL, json=asked, headers=key)
    again = await intake.post(URL, json=asked, headers=key)
    assert (again.status_code, again.json()) == (201, first.json())
    other = await intake.post(URL, json=question(), headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency.key_reused")


async def test_twins_at_the_same_time_store_one(
    engine: Callable[[str], Any], question: Question, pack_text: str
) -> None:
    """Real commits on separate connections: the first one counts, the others hear its answer.

    The guide is its own, since what is committed is there for every other test.
    """
    text = pack_text.replace("id: qz-2020\n", "id: qz-2020-raced\n", 1)
    pack = load_pack(text)
    database = Database(engine("eligibility"), Base.metadata)
    async with database.write(cities("330800")) as session:
        await queries.keep(
            session,
            city="330800",
            guide=pack.id,
            version=pack.version,
            text=text,
            at=clock.business(),
        )
    app = create_app(settings_for(Settings), database=database)
    asked = question(guide=pack.id, pack_version=pack.version)
    async with http(app, caller="intake", cities=("330800",)) as client:
        answers = await asyncio.gather(*(client.post(URL, json=asked) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [201]
    assert len({answer.content for answer in answers}) == 1
    async with database.read(cities("330800")) as session:
        of_application = Assessment.application_id == asked["application_id"]
        assert await session.scalar(select(func.count()).where(of_application)) == 1


async def test_audit_names_rules_and_no_values(intake: httpx.AsyncClient, question: Question) -> None:
    asked = question({"team.names": ["章文博"], "budget.rd_total": 1_234_567})
    await intake.post(URL, json=asked)
    trail = await intake.get("/v1/audit", params={"application_id": asked["application_id"]})
    (entry,) = trail.json()["items"]
    assert (entry["action"], entry["actor"]) == ("assessment.taken", "service:intake")
    assert entry["object_id"] == asked["id"]
    assert entry["data"]["eligible"] == "pending"
    assert "章文博" not in trail.text
    assert "1234567" not in trail.text


async def test_logs_carry_ids_and_no_values(intake: httpx.AsyncClient, question: Question) -> None:
    asked = question({"team.names": ["章文博"], "budget.rd_total": 1_234_567})
    with capture_logs() as logs:
        await intake.post(URL, json=asked)
        await intake.post(URL, json={**asked, "id": "章文博"})
    taken = [line for line in logs if line["event"] == "assessment.taken"]
    assert [line["assessment_id"] for line in taken] == [asked["id"]]
    assert not any(word in str(logs) for word in ("章文博", "1234567", "TEST000017"))


@pytest.mark.parametrize(
    ("acting", "caller"),
    [(None, "gateway"), (None, "operator"), (None, "quota"), (actor(Role.officer), "gateway")],
)
async def test_only_intake_takes_assessments(
    app: FastAPI, question: Question, acting: Actor | None, caller: str
) -> None:
    async with http(app, acting, caller=caller) as client:
        assert (await client.post(URL, json=question())).status_code == 403


async def test_intake_acting_for_a_person_takes_none(app: FastAPI, question: Question) -> None:
    person = actor(Role.applicant)
    async with http(app, person, caller="intake") as client:
        assert (await client.post(URL, json=question())).status_code == 403


@pytest.mark.parametrize("acting", [ANONYMOUS, actor(Role.provincial_client), actor(Role.portal_client)])
async def test_outsiders_read_no_assessment(app: FastAPI, acting: Actor) -> None:
    async with http(app, acting) as client:
        for path in ("batch", "by-application/batch"):
            assert (await client.post(f"{URL}/{path}", json={"ids": []})).status_code == 403


async def test_batches_are_bounded(intake: httpx.AsyncClient) -> None:
    for path in ("batch", "by-application/batch"):
        many = await intake.post(f"{URL}/{path}", json={"ids": [str(new_id()) for _ in range(201)]})
        assert many.status_code == 422
        assert (await intake.post(f"{URL}/{path}", json={"ids": ["x"]})).status_code == 422


def fact(name: str, value: Any, **changes: Any) -> Json:
    return {"name": name, "value": value, "source": "application", **changes}


@pytest.mark.parametrize(
    ("changes", "status", "pointer"),
    [
        ({"guide": "qz-1999"}, 404, None),
        ({"pack_version": "0" * 64}, 404, None),
        ({"pack_version": "newest"}, 422, "/pack_version"),
        ({"category": "qz20"}, 422, "/category"),
        ({"category": "hy21-basic"}, 422, "/category"),
        ({"stage": "contract"}, 422, "/stage"),
        ({"as_of": "2020-06-15T10:00:00"}, 422, "/as_of"),
        ({"city": "430400"}, 403, None),
        ({"id": "1"}, 422, "/id"),
        ({"unavailable": ["weather.*"]}, 422, "/unavailable/0"),
        ({"colour": "red"}, 422, "/colour"),
        ({"subjects": {"people": [{"id": "p", "role": "boss"}]}}, 422, "/subjects/people/0/role"),
        ({"facts": [fact("budget.rd_total", "3000000")]}, 422, "/facts/0/value"),
        ({"facts": [fact("budget.rd_total", 3e6)]}, 422, "/facts/0/value"),
        ({"facts": [fact("applicant.type", "企业")]}, 422, "/facts/0/value"),
        ({"facts": [fact("category.cap", 1)]}, 422, "/facts/0/value"),
        ({"facts": [fact("applicant.names", ["甲", 1])]}, 422, "/facts/0/value/1"),
        ({"facts": [fact("project.identity", "a\x00b")]}, 422, "/facts/0/value"),
        ({"facts": [fact("budget.rd_total", 1, at="2020-06-15T10:00:00")]}, 422, "/facts/0/at"),
        ({"facts": [fact("Budget", 1)]}, 422, "/facts/0/name"),
        ({"facts": [fact("budget.rd_total", 1), fact("budget.rd_total", 2)]}, 422, ""),
        ({"facts": [{"name": "budget.rd_total", "value": 1}]}, 422, "/facts/0/source"),
    ],
)
async def test_bad_input_is_refused_and_nothing_stored(
    intake: httpx.AsyncClient, question: Question, changes: Json, status: int, pointer: str | None
) -> None:
    asked = {**question(), **changes}
    answer = await intake.post(URL, json=asked)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    if pointer is not None:
        assert pointer in [error["pointer"] for error in answer.json()["errors"]], answer.text
    if "id" not in changes:
        found = await intake.post(f"{URL}/batch", json={"ids": [asked["id"]]})
        assert found.json() == {"items": []}


async def test_facts_that_are_not_the_callers_are_ignored_and_named(
    intake: httpx.AsyncClient, question: Question, finding: Finding
) -> None:
    """Registers own their facts; facts of other guides are none of this pack's."""
    asked = question({"person.lead_count": 7, "hnte.status": "valid", "budget.rd_total": 1})
    body = (await intake.post(URL, json=asked)).json()
    assert body["ignored"] == ["person.lead_count", "hnte.status"]
    assert finding(body, "QZ-4-4a")["outcome"] == "pass"
