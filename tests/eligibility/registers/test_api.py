"""Keeping registers over HTTP: who may, typed entries, history."""

from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from common.db import Database, cities
from common.ids import new_id
from common.roles import Role
from common.tables import AUDIT
from common.testing import actor, http
from eligibility.base import Base

URL = "/v1/registers/credit_blacklist/entries"
ENTRY = {
    "unit_uscc": "91330800TEST000017",
    "list_id": "city-credit",
    "reason": "未按期归还",
    "from": "2020-06-01T00:00:00+08:00",
}
PROJECT = {
    "unit_uscc": "91330800TEST000017",
    "title": "试例项目",
    "level": "city",
    "subsidised": True,
    "status": "in_progress",
    "from": "2019-01-01T00:00:00+08:00",
}


@pytest.fixture
async def officer(app: FastAPI) -> Any:
    async with http(app, actor(Role.officer, subject="officer-1")) as client:
        yield client


async def test_officer_records_and_reads(officer: Any) -> None:
    made = await officer.post(URL, json={**ENTRY, "source": "市信用办通报"})
    assert made.status_code == 201
    body = made.json()
    assert {key: body[key] for key in ENTRY if key != "from"} == {
        key: value for key, value in ENTRY.items() if key != "from"
    }
    assert body["from"] == "2020-05-31T16:00:00Z"
    assert (body["to"], body["revision"], body["city"]) == (None, 1, "330800")
    assert (body["source"], body["recorded_by"]) == ("市信用办通报", "officer-1")
    listed = (await officer.get(URL)).json()
    assert [one["id"] for one in listed["items"]] == [body["id"]]


async def test_the_end_of_the_calendar_is_no_end(officer: Any) -> None:
    entry = {
        "unit_uscc": "91330800TEST000017",
        "certificate_no": "GR1",
        "from": "2019-01-01T00:00:00+08:00",
        "to": "9999-12-31T23:59:59Z",
    }
    made = await officer.post("/v1/registers/hnte/entries", json=entry)
    assert (made.status_code, made.json()["to"]) == (201, None)
    asked = {"subjects": {"unit": {"uscc": entry["unit_uscc"]}}, "as_of": "2020-06-01T00:00:00Z"}
    found = await officer.post("/v1/registers/lookup", json=asked)
    assert found.status_code == 200
    assert "valid" in [one["value"] for one in found.json()["items"]]


@pytest.mark.parametrize(
    "period",
    [
        {"from": "9999-12-31T00:00:00Z"},
        {"from": "1899-12-31T00:00:00Z"},
        {"to": "2201-01-01T00:00:00Z"},
    ],
)
async def test_periods_out_of_reach(officer: Any, period: dict[str, str]) -> None:
    assert (await officer.post(URL, json={**ENTRY, **period})).status_code == 422
    made = (await officer.post(URL, json=ENTRY)).json()
    ends = {"to": "9999-12-31T00:00:00Z", "reason": "never"}
    assert (await officer.post(f"{URL}/{made['id']}/end", json=ends)).status_code == 422


async def test_source_defaults_to_who_records(operator: Any) -> None:
    made = await operator.post(URL, json=ENTRY)
    assert (made.status_code, made.json()["source"]) == (201, "service:operator")


async def test_repeating_an_id_changes_nothing(officer: Any) -> None:
    entry = {**ENTRY, "id": str(new_id())}
    first, second = await officer.post(URL, json=entry), await officer.post(URL, json=entry)
    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json() == first.json()
    other = await officer.post(URL, json={**entry, "list_id": "another"})
    assert (other.status_code, other.json()["code"]) == (409, "eligibility.entry_taken")


async def test_end_and_correct_keep_history(officer: Any) -> None:
    entry = (await officer.post(URL, json=ENTRY)).json()
    one = f"{URL}/{entry['id']}"
    ended = await officer.post(f"{one}/end", json={"to": "2020-06-20T00:00:00+08:00", "reason": "已移出"})
    again = await officer.post(f"{one}/end", json={"to": "2020-06-20T00:00:00+08:00", "reason": "已移出"})
    assert ended.json()["revision"] == again.json()["revision"] == 2
    correction = {**ENTRY, "list_id": "st-credit", "change_reason": "名单编号有误"}
    corrected = await officer.post(f"{one}/correct", json=correction)
    assert (corrected.json()["revision"], corrected.json()["to"]) == (3, None)
    history = (await officer.get(f"{one}/history")).json()["items"]
    assert [(row["revision"], row["list_id"], row["to"]) for row in history] == [
        (1, "city-credit", None),
        (2, "city-credit", "2020-06-19T16:00:00Z"),
        (3, "st-credit", None),
    ]
    assert [row["superseded_at"] is None for row in history] == [False, False, True]
    current = (await officer.get(URL)).json()["items"]
    assert [row["revision"] for row in current] == [3]


async def test_pages_come_in_order_and_end(officer: Any) -> None:
    made = [(await officer.post(URL, json=ENTRY)).json()["id"] for _ in range(5)]
    seen: list[str] = []
    cursor = None
    while True:
        params = {"limit": 2, **({"cursor": cursor} if cursor else {})}
        page = (await officer.get(URL, params=params)).json()
        seen += [one["id"] for one in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == sorted(made)


async def test_changes_leave_audit_rows_without_content(officer: Any, db: Database) -> None:
    entry = (await officer.post(URL, json=ENTRY)).json()
    table = Base.metadata.tables[AUDIT]
    async with db.read(cities("330800")) as session:
        rows = (await session.execute(select(table).where(table.c.object_id == entry["id"]))).mappings().all()
    assert [(row["action"], row["actor"]) for row in rows] == [("register_entry.added", "officer-1")]
    assert rows[0]["data"] == {"register": "credit_blacklist", "revision": 1}


@pytest.mark.parametrize("role", [Role.applicant, Role.expert, Role.recommender, Role.provincial_client])
async def test_others_may_neither_write_nor_read(app: FastAPI, role: Role) -> None:
    async with http(app, actor(role)) as client:
        assert (await client.post(URL, json=ENTRY)).status_code == 403
        assert (await client.get(URL)).status_code == 403


async def test_officer_of_another_city_finds_nothing(app: FastAPI, officer: Any) -> None:
    entry = (await officer.post(URL, json=ENTRY)).json()
    async with http(app, actor(Role.officer, city="430400")) as stranger:
        assert (await stranger.get(URL)).json()["items"] == []
        end = {"to": "2020-06-20T00:00:00+08:00", "reason": "x"}
        assert (await stranger.post(f"{URL}/{entry['id']}/end", json=end)).status_code == 404
        assert (await stranger.get(f"{URL}/{entry['id']}/history")).status_code == 404
        assert (await stranger.post(URL, json={**ENTRY, "city": "330800"})).status_code == 403


async def test_role_in_one_city_is_no_role_in_another(app: FastAPI) -> None:
    both = actor(Role.officer)
    guest = type(both)(**{**_fields(both), "cities": frozenset({"330800", "430400"})})
    async with http(app, guest) as client:
        assert (await client.post(URL, json={**ENTRY, "city": "430400"})).status_code == 403
        unclear = await client.post(URL, json=ENTRY)
    assert (unclear.status_code, unclear.json()["code"]) == (422, "eligibility.city_unclear")


def _fields(one: Any) -> dict[str, Any]:
    return {name: getattr(one, name) for name in one.__dataclass_fields__}


@pytest.mark.parametrize(
    ("url", "body", "pointer"),
    [
        (URL, {**ENTRY, "from": "2020-06-01T00:00:00"}, "/from"),
        (URL, {**ENTRY, "from": 1590940800}, "/from"),
        (URL, {**ENTRY, "from": "2020-06-01"}, "/from"),
        (URL, {**ENTRY, "from": "2020-02-30T00:00:00Z"}, "/from"),
        (URL, {**ENTRY, "to": "2020-05-01T00:00:00+08:00"}, ""),
        (URL, {**ENTRY, "unit_uscc": " "}, "/unit_uscc"),
        (URL, {**ENTRY, "reason": "a\x00b"}, "/reason"),
        (URL, {**ENTRY, "colour": "red"}, "/colour"),
        (URL, {key: value for key, value in ENTRY.items() if key != "list_id"}, "/list_id"),
        (URL, {**ENTRY, "city": "衢州"}, "/city"),
        ("/v1/registers/projects_in_progress/entries", {**PROJECT, "level": "市级"}, "/level"),
        ("/v1/registers/projects_in_progress/entries", {**PROJECT, "status": "overdue"}, "/status"),
        ("/v1/registers/projects_in_progress/entries", {**PROJECT, "leader_ids": "p1"}, "/leader_ids"),
    ],
)
async def test_bad_entries_are_refused_with_the_place(
    officer: Any, url: str, body: dict[str, Any], pointer: str
) -> None:
    answer = await officer.post(url, json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]
    assert (await officer.get(url)).json()["items"] == []


async def test_bad_ends_and_unknown_things(officer: Any) -> None:
    entry = (await officer.post(URL, json=ENTRY)).json()
    early = {"to": "2020-05-01T00:00:00+08:00", "reason": "x"}
    assert (await officer.post(f"{URL}/{entry['id']}/end", json=early)).status_code == 422
    unknown = await officer.post(f"{URL}/{UUID(int=5)}/end", json={**early, "to": "2021-01-01T00:00:00Z"})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "eligibility.entry_unknown")
    assert (await officer.get("/v1/registers/horoscopes/entries")).status_code == 404
    assert (await officer.get(URL, params={"cursor": "not-one"})).status_code == 422
    assert (await officer.get(URL, params={"cursor": "eyJhIjoxfQ"})).status_code == 422
