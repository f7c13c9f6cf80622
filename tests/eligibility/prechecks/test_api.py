"""Prechecks over HTTP: who may ask, the answer's shape, every kind of bad question."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import func, select

from common.actor import Actor
from common.db import ALL_CITIES, Database
from common.roles import Role
from common.testing import actor, http
from eligibility.base import Base
from guide import Pack, load_pack

URL = "/v1/prechecks"
ASKED: dict[str, Any] = {
    "guide": "qz-2020",
    "category": "qz20-major",
    "stage": "submission",
    "as_of": "2020-06-15T10:00:00+08:00",
    "facts": {"budget": {"rd_total": 2_999_999}},
}
ANONYMOUS = Actor(caller="gateway", anonymous=True, cities=frozenset({"330800"}))

Finding = Callable[[dict[str, Any], str], dict[str, Any]]


def with_facts(**facts: Any) -> dict[str, Any]:
    return {**ASKED, "facts": facts}


@pytest.mark.parametrize("acting", [None, ANONYMOUS, actor(Role.applicant), actor(Role.officer)])
async def test_anyone_may_ask(app: FastAPI, acting: Actor | None) -> None:
    async with http(app, acting) as client:
        assert (await client.post(URL, json=ASKED)).status_code == 200


async def test_without_a_service_token_nobody(app: FastAPI) -> None:
    async with http(app) as client:
        answer = await client.post(URL, json=ASKED, headers={"Authorization": "Bearer x.y.z"})
    assert (answer.status_code, answer.json()["code"]) == (401, "common.unauthenticated")


async def test_answer_cites_clause_and_distance(
    intake: httpx.AsyncClient, finding: Finding, pack: Pack
) -> None:
    body = (await intake.post(URL, json=ASKED)).json()
    assert set(body) == {"eligible", "findings", "pack_version", "decision"}
    assert (body["eligible"], body["pack_version"]) == ("not_eligible", pack.version)
    one = finding(body, "QZ-4-2")
    assert (one["outcome"], one["effect"], one["strength"]) == ("fail", "fails_formal_review", "hard")
    assert one["clause"]["lines"] == "25"
    assert one["clause"]["text_zh"]
    assert one["clause"]["text_en"]
    assert one["gap"] == {"fact": "budget.rd_total", "value": 1, "unit": "yuan"}
    assert "1 元" in one["remedy"]
    assert one["facts_used"] == [
        {"name": "budget.rd_total", "value": 2_999_999, "source": "request", "at": None}
    ]
    assert [each["rule"] for each in body["findings"]] == [rule.id for rule in pack.rules_for("qz20-major")]


async def test_english_on_request(intake: httpx.AsyncClient, finding: Finding) -> None:
    body = (await intake.post(URL, json={**ASKED, "lang": "en"})).json()
    assert "1 yuan" in finding(body, "QZ-4-2")["remedy"]


async def test_stage_defaults_to_submission_and_facts_may_be_missing(
    intake: httpx.AsyncClient, finding: Finding
) -> None:
    asked = {key: value for key, value in ASKED.items() if key != "stage"} | {"facts": {}}
    body = (await intake.post(URL, json=asked)).json()
    assert body["eligible"] == "pending"
    one = finding(body, "QZ-4-2")
    assert (one["outcome"], one["missing"]) == ("unknown", ["budget.rd_total"])
    assert body["decision"]["decision"] == "refuse"
    assert "budget.rd_total" in body["decision"]["missing"]


async def test_owner_that_is_away_makes_unknown_even_where_a_value_was_sent(
    intake: httpx.AsyncClient, finding: Finding
) -> None:
    facts = {"blacklist": {"listed": True, "checked_at": "2020-06-15T09:00:00+08:00"}}
    asked = {**ASKED, "facts": facts, "unavailable": ["blacklist.*"]}
    one = finding((await intake.post(URL, json=asked)).json(), "QZ-SUB-04")
    assert one["outcome"] == "unknown"
    assert {fact["source"] for fact in one["facts_used"]} == {"unavailable"}


async def test_nothing_is_stored(intake: httpx.AsyncClient, db: Database) -> None:
    async def rows() -> dict[str, int | None]:
        async with db.read(ALL_CITIES) as session:
            return {
                name: await session.scalar(select(func.count()).select_from(table))
                for name, table in Base.metadata.tables.items()
            }

    before = await rows()
    assert (await intake.post(URL, json=ASKED)).status_code == 200
    assert await rows() == before


@pytest.mark.parametrize("guide", ["qz-2021", "", "QZ-2020", "../qz-2020"])
async def test_unknown_guide(intake: httpx.AsyncClient, guide: str) -> None:
    answer = await intake.post(URL, json={**ASKED, "guide": guide})
    assert (answer.status_code, answer.json()["code"]) == (404, "eligibility.guide_unknown")


@pytest.mark.parametrize(
    "category", ["qz20-none", "hy21-basic", "qz20-t-mr-1", "", "qz20", "QZ20-RD", "gl19-09-talent"]
)
async def test_what_is_no_leaf_of_the_guide_gets_no_verdict(intake: httpx.AsyncClient, category: str) -> None:
    answer = await intake.post(URL, json={**ASKED, "category": category})
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/category"]


@pytest.mark.parametrize(
    ("asked", "pointer"),
    [
        ({**ASKED, "as_of": "2020-06-15T10:00:00"}, "/as_of"),
        ({**ASKED, "as_of": "2020-06-15"}, "/as_of"),
        ({**ASKED, "as_of": 1592186400}, "/as_of"),
        ({**ASKED, "as_of": "2020-02-30T10:00:00Z"}, "/as_of"),
        ({**ASKED, "as_of": "9999-12-31T23:59:59-10:00"}, "/as_of"),
        ({**ASKED, "as_of": "2020-06-28T17:00:00.0000001+08:00"}, "/as_of"),
        ({**ASKED, "stage": "contract"}, "/stage"),
        ({**ASKED, "lang": "de"}, "/lang"),
        ({**ASKED, "facts": []}, "/facts"),
        ({**ASKED, "unavailable": ["weather.*"]}, "/unavailable/0"),
        ({**ASKED, "interpretations": {"qz.moon_phase": "full"}}, "/interpretations/qz.moon_phase"),
        (
            {**ASKED, "interpretations": {"qz.close_inclusive": "maybe"}},
            "/interpretations/qz.close_inclusive",
        ),
        ({**ASKED, "pack_version": "latest"}, "/pack_version"),
        ({**ASKED, "mood": "hopeful"}, "/mood"),
        ({key: value for key, value in ASKED.items() if key != "facts"}, "/facts"),
        ({key: value for key, value in ASKED.items() if key != "as_of"}, "/as_of"),
        ({key: value for key, value in ASKED.items() if key != "category"}, "/category"),
        (with_facts(budget={"rd_total": "3000000"}), "/facts/budget/rd_total"),
        (with_facts(budget={"rd_total": 3e6}), "/facts/budget/rd_total"),
        (with_facts(budget={"rd_total": -1}), "/facts/budget/rd_total"),
        (with_facts(budget={"rd_total": True}), "/facts/budget/rd_total"),
        (with_facts(budget={"rd_total": 10**30}), "/facts/budget/rd_total"),
        (with_facts(budget=3_000_000), "/facts/budget"),
        (with_facts(budget={"rd_totall": 1}), "/facts/budget/rd_totall"),
        (with_facts(applicant={"type": "企业"}), "/facts/applicant/type"),
        (with_facts(applicant={"type": ["enterprise"]}), "/facts/applicant/type"),
        (with_facts(applicant={"legal_person": "是"}), "/facts/applicant/legal_person"),
        (with_facts(applicant={"reg_region": "衢州"}), "/facts/applicant/reg_region"),
        (with_facts(call={"close_at": "2020-07-01T00:00:00+08:00"}), "/facts/call/close_at"),
        (with_facts(category={"cap": 1}), "/facts/category/cap"),
        (with_facts(project={"start": "2020-13-01"}), "/facts/project/start"),
        (with_facts(project={"start": "2020-7-1"}), "/facts/project/start"),
        (
            with_facts(submission={"received_at": "2020-06-28T17:00:00"}),
            "/facts/submission/received_at",
        ),
        (with_facts(commitment={"file": "scan.pdf"}), "/facts/commitment/file"),
        (
            with_facts(commitment={"file": {"sha256": "x", "at": "2020-06-01T00:00:00Z"}}),
            "/facts/commitment/file/sha256",
        ),
        (with_facts(applicant={"names": "甲"}), "/facts/applicant/names"),
        (with_facts(project={"identity": "a\x00b"}), "/facts/project/identity"),
        (with_facts(quota={"row": "qz20-major/qujiang", "limit": 3}), "/facts/quota/limit"),
        (with_facts(quota={"row": "qz20-major/atlantis"}), "/facts/quota/row"),
    ],
)
async def test_bad_questions_are_refused_with_the_place(
    intake: httpx.AsyncClient, asked: dict[str, Any], pointer: str
) -> None:
    answer = await intake.post(URL, json=asked)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    body = answer.json()
    assert pointer in [error["pointer"] for error in body["errors"]], body["errors"]
    assert body["trace_id"]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'"x"', b"null", b"\xff\xfe", b'{"as_of": NaN}'])
async def test_what_is_no_request_at_all(intake: httpx.AsyncClient, content: bytes) -> None:
    answer = await intake.post(URL, content=content, headers={"content-type": "application/json"})
    assert 400 <= answer.status_code < 500
    assert answer.headers["content-type"].startswith("application/problem+json")


async def test_unpublished_versions_are_for_services_only(
    app: FastAPI, intake: httpx.AsyncClient, next_text: str, finding: Finding
) -> None:
    later = load_pack(next_text)
    staged = await intake.put(
        f"/v1/guides/qz-2020/versions/{later.version}", json={"city": "330800", "text": next_text}
    )
    assert staged.status_code == 200
    asked = {**ASKED, "pack_version": later.version, "facts": {"budget": {"rd_total": 3_000_000}}}
    body = (await intake.post(URL, json=asked)).json()
    assert body["pack_version"] == later.version
    assert finding(body, "QZ-4-2")["outcome"] == "fail"
    async with http(app, actor(Role.applicant)) as applicant:
        refused = await applicant.post(URL, json=asked)
        assert (refused.status_code, refused.json()["code"]) == (404, "eligibility.pack_version_unknown")
        current = await applicant.post(URL, json={**asked, "pack_version": None})
        assert finding(current.json(), "QZ-4-2")["outcome"] == "pass"


async def test_registers_answer_for_intake(
    intake: httpx.AsyncClient, operator: httpx.AsyncClient, finding: Finding
) -> None:
    entry = {"unit_uscc": "91330800TEST000017", "list_id": "city-credit", "from": "2020-06-01T00:00:00+08:00"}
    assert (await operator.post("/v1/registers/credit_blacklist/entries", json=entry)).status_code == 201
    asked = {
        **ASKED,
        "use_registers": True,
        "subjects": {"unit": {"uscc": "91330800TEST000017"}, "people": [{"id": "p", "role": "leader"}]},
        "facts": {"blacklist": {"listed": False}, "person": {"lead_count": 9}},
    }
    body = (await intake.post(URL, json=asked)).json()
    one = finding(body, "QZ-SUB-04")
    assert one["outcome"] == "fail"
    assert {fact["source"] for fact in one["facts_used"]} == {"register:credit_blacklist"}
    assert finding(body, "QZ-4-4a")["outcome"] == "pass"


async def test_registers_are_closed_to_everyone_else(app: FastAPI) -> None:
    asked = {**ASKED, "use_registers": True, "subjects": {"unit": {"uscc": "91330800TEST000017"}}}
    for acting in (None, actor(Role.officer), ANONYMOUS):
        async with http(app, acting) as client:
            assert (await client.post(URL, json=asked)).status_code == 403
