"""Reading pools and ledgers: shape, pages, who may."""

from typing import Any

import pytest

from common.actor import Actor
from common.ids import new_id
from common.roles import Role
from common.testing import actor, http

SOME_LEDGER = "/v1/pools/0190b6c0-0000-7000-8000-000000000000/ledger"
ROWS = {"rd/city": 3, "rd/kaihua": 1, "patent/city": 2}


async def test_listing_follows_the_guides_tables(quota: Any) -> None:
    await quota.allot(ROWS)
    await quota.take("rd/kaihua")
    async with quota.by(Actor(caller="gateway", anonymous=True, cities=frozenset({quota.city}))) as visitor:
        everything = (await visitor.get("/v1/pools", params={"guide": quota.guide})).json()
        patents = (await visitor.get("/v1/pools", params={"guide": quota.guide, "category": "patent"})).json()
    assert [pool["row"] for pool in everything["items"]] == list(ROWS)
    assert everything["next_cursor"] is None
    assert [pool["row"] for pool in patents["items"]] == ["patent/city"]
    kaihua = everything["items"][1]
    assert kaihua.pop("id")
    assert kaihua == {
        "city": quota.city,
        "kind": "place",
        "key": quota.key("rd/kaihua"),
        "guide": quota.guide,
        "category": "rd",
        "row": "rd/kaihua",
        "unit_zh": "单位 rd/kaihua",
        "unit_en": "Unit rd/kaihua",
        "limit": 1,
        "used": 1,
        "left": 0,
    }


async def test_pages_meet_without_gap_or_overlap(quota: Any) -> None:
    await quota.allot({f"rd/row{index:02}": 1 for index in range(7)})
    seen: list[str] = []
    cursor: str | None = None
    async with quota.by_intake() as intake:
        for _ in range(4):
            params = {"guide": quota.guide, "limit": 2} | ({"cursor": cursor} if cursor else {})
            page = (await intake.get("/v1/pools", params=params)).json()
            seen += [pool["row"] for pool in page["items"]]
            cursor = page["next_cursor"]
    assert seen == [f"rd/row{index:02}" for index in range(7)]
    assert cursor is None


async def test_batch_by_key_and_id_leaves_out_what_is_not_there(quota: Any) -> None:
    await quota.allot(ROWS)
    known = await quota.pool("patent/city")
    async with quota.by_intake() as intake:
        keys = [quota.key("rd/city"), quota.key("rd/nowhere")]
        found = await intake.post(
            "/v1/pools/batch", json={"keys": keys, "ids": [str(known.id), str(new_id())]}
        )
        assert {pool["row"] for pool in found.json()["items"]} == {"rd/city", "patent/city"}
        assert (await intake.post("/v1/pools/batch", json={})).json() == {"items": []}


async def test_ledger_tells_who_when_why_and_what_was_left(quota: Any, business_clock: Any) -> None:
    business_clock.at("2020-06-15T10:00:00+08:00")
    await quota.allot(ROWS)
    subject, application = new_id(), new_id()
    body = {
        "city": quota.city,
        "subject": str(subject),
        "pools": [{"key": quota.key("rd/city")}],
        "reason": "recommended",
        "application_id": str(application),
        "decided_by": "person-7",
    }
    async with quota.by_intake() as intake:
        trace = {"traceparent": f"00-{'ab' * 16}-{'cd' * 8}-01"}
        assert (await intake.post("/v1/holds", json=body, headers=trace)).status_code == 201
        assert (await intake.post(f"/v1/holds/{subject}/confirm")).status_code == 200
        void = {"reason": "withdrawn by the unit", "decided_by": "person-8"}
        assert (await intake.post(f"/v1/holds/{subject}/void", json=void)).status_code == 200
    pool = await quota.pool("rd/city")
    async with quota.by(actor(Role.auditor)) as auditor:
        first = (await auditor.get(f"/v1/pools/{pool.id}/ledger", params={"limit": 2})).json()
        params = {"limit": 2, "cursor": first["next_cursor"]}
        second = (await auditor.get(f"/v1/pools/{pool.id}/ledger", params=params)).json()
    entries = first["items"] + second["items"]
    assert second["next_cursor"] is None
    columns = ("seq", "kind", "delta", "used", "limit", "left", "decided_by", "reason")
    assert [tuple(entry[column] for column in columns) for entry in entries] == [
        (1, "limit", 0, 0, 3, 3, None, f"guide version {'61'.ljust(64, '0')} activated"),
        (2, "held", 1, 1, 3, 2, "person-7", "recommended"),
        (3, "confirmed", 0, 1, 3, 2, None, "committed"),
        (4, "void", -1, 0, 3, 3, "person-8", "withdrawn by the unit"),
    ]
    held = entries[1]
    assert held["subject"] == str(subject)
    assert held["application_id"] == str(application)
    assert held["by"] == "service:intake"
    assert held["trace_id"] == "ab" * 16
    assert held["at"] == "2020-06-15T02:00:00Z"
    assert held["recorded_at"] > "2025"
    assert entries[3]["application_id"] == str(application)


@pytest.mark.parametrize("role", [Role.officer, Role.auditor, Role.bureau_head])
async def test_roles_that_read_ledgers(quota: Any, role: Role) -> None:
    await quota.allot(ROWS)
    pool = await quota.pool("rd/city")
    async with quota.by(actor(role)) as person:
        assert (await person.get(f"/v1/pools/{pool.id}/ledger")).status_code == 200
        unknown = await person.get(f"/v1/pools/{new_id()}/ledger")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "quota.pool_unknown")


@pytest.mark.parametrize("role", [Role.applicant, Role.recommender, Role.expert, Role.provincial_client])
async def test_roles_that_do_not(quota: Any, role: Role) -> None:
    await quota.allot(ROWS)
    pool = await quota.pool("rd/city")
    async with quota.by(actor(role)) as person:
        assert (await person.get(f"/v1/pools/{pool.id}/ledger")).status_code == 403


@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("/v1/pools", {}),
        ("/v1/pools", {"guide": "Not A Guide"}),
        ("/v1/pools", {"guide": "g", "limit": 0}),
        ("/v1/pools", {"guide": "g", "limit": 501}),
        ("/v1/pools", {"guide": "g", "cursor": "!!"}),
        ("/v1/pools", {"guide": "g", "cursor": "eyJzZXEiOjF9"}),  # {"seq":1}: a ledger's
        ("/v1/pools", {"guide": "g", "cursor": "eyJwb3NpdGlvbiI6Ing"}),
        ("/v1/pools/not-a-uuid/ledger", {}),
        (SOME_LEDGER, {"cursor": "eyJzZXEiOi0xfQ"}),  # {"seq":-1}
        # {"seq":9223372036854775808}
        (
            SOME_LEDGER,
            {"cursor": "eyJzZXEiOjkyMjMzNzIwMzY4NTQ3NzU4MDh9"},
        ),
    ],
)
async def test_bad_questions_get_a_problem(quota: Any, path: str, params: dict[str, Any]) -> None:
    async with quota.by(actor(Role.officer)) as officer:
        answer = await officer.get(path, params=params)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


async def test_without_a_service_token_nothing_is_told(quota: Any) -> None:
    async with http(quota.app, caller="gateway") as client:
        client.headers.pop("authorization")
        for path in ("/v1/pools?guide=g", f"/v1/holds/{new_id()}", f"/v1/pools/{new_id()}/ledger"):
            assert (await client.get(path)).status_code == 401
