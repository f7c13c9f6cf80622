"""Taking, confirming, voiding: through the API and the service."""

import json
from typing import Any

import pytest
from sqlalchemy import text

from common.db import cities
from common.ids import new_id
from common.roles import Role
from common.testing import actor, http
from quota.holds.service import HoldDiffers, HoldUnknown, PlaceExhausted
from quota.holds.states import HoldVoid
from quota.pools.service import PoolUnknown

ROWS = {"major/city": 3, "major/qujiang": 1}


def body(house: Any, *rows: str, **more: Any) -> dict[str, Any]:
    return {
        "id": str(new_id()),
        "city": house.city,
        "subject": str(new_id()),
        "pools": [{"kind": "place", "key": house.key(row), "n": 1} for row in rows],
        "reason": "recommended",
        "application_id": str(new_id()),
        "decided_by": "person-7",
        **more,
    }


async def test_a_taken_place_is_answered_with_its_figures(quota: Any, business_clock: Any) -> None:
    business_clock.at("2020-06-15T10:00:00+08:00")
    await quota.allot(ROWS)
    order = body(quota, "major/qujiang")
    async with quota.by_intake() as intake:
        answer = await intake.post("/v1/holds", json=order)
        again = await intake.get(f"/v1/holds/{order['subject']}")
    assert answer.status_code == 201
    assert answer.json() == {
        "id": order["id"],
        "city": quota.city,
        "subject": order["subject"],
        "state": "held",
        "application_id": order["application_id"],
        "pools": [
            {"kind": "place", "key": quota.key("major/qujiang"), "n": 1, "limit": 1, "used": 1, "left": 0}
        ],
        "created_at": "2020-06-15T02:00:00Z",
        "changed_at": "2020-06-15T02:00:00Z",
    }
    assert again.json() == answer.json()


async def test_the_same_request_ten_times_takes_one_place(quota: Any) -> None:
    await quota.allot(ROWS)
    order = body(quota, "major/city")
    async with quota.by_intake() as intake:
        answers = [await intake.post("/v1/holds", json=order) for _ in range(10)]
        await intake.post(
            "/v1/holds", json=body(quota, "major/city")
        )  # figures of the first stay as they were
        answers.append(await intake.post("/v1/holds", json=order))
    assert [answer.status_code for answer in answers] == [201] + [200] * 10
    assert all(answer.json() == answers[0].json() for answer in answers)
    assert (await quota.pool("major/city")).used == 2
    assert [entry.kind for entry in await quota.ledger("major/city")] == ["limit", "held", "held"]
    assert await quota.explained()


async def test_an_idempotency_key_replays_and_refuses_another_body(quota: Any) -> None:
    await quota.allot(ROWS)
    order, key = body(quota, "major/city"), {"Idempotency-Key": "one"}
    async with quota.by_intake() as intake:
        first = await intake.post("/v1/holds", json=order, headers=key)
        second = await intake.post("/v1/holds", json=order, headers=key)
        other = await intake.post("/v1/holds", json=body(quota, "major/city"), headers=key)
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.headers["idempotent-replayed"] == "true"
    assert second.json() == first.json()
    assert (other.status_code, other.json()["code"]) == (422, "idempotency.key_reused")
    assert (await quota.pool("major/city")).used == 1


async def test_a_full_row_names_itself_and_its_limit(quota: Any) -> None:
    await quota.allot(ROWS)
    await quota.take("major/qujiang")
    async with quota.by_intake() as intake:
        refused = await intake.post("/v1/holds", json=body(quota, "major/qujiang"))
        english = await intake.post(
            "/v1/holds", json=body(quota, "major/qujiang"), headers={"Accept-Language": "en"}
        )
    problem = refused.json()
    assert (refused.status_code, problem["code"]) == (409, "quota.place_exhausted")
    assert problem["pool"] == {
        "kind": "place",
        "key": quota.key("major/qujiang"),
        "row": "major/qujiang",
        "unit_zh": "单位 major/qujiang",
        "limit": 1,
        "used": 1,
    }
    assert problem["title"] != english.json()["title"]
    assert (await quota.pool("major/qujiang")).used == 1
    assert await quota.explained()


async def test_several_pools_are_all_or_nothing(quota: Any) -> None:
    await quota.allot(ROWS)
    both = await quota.take("major/city", "major/qujiang")
    assert {pool.key for pool in both.pools} == {quota.key("major/city"), quota.key("major/qujiang")}
    subject = new_id()
    with pytest.raises(PlaceExhausted) as refused:
        await quota.take("major/city", "major/qujiang", subject=subject)
    assert refused.value.extra["pool"]["row"] == "major/qujiang"
    with pytest.raises(PoolUnknown):
        await quota.take("major/city", "major/nowhere", subject=subject)
    assert (await quota.pool("major/city")).used == 1
    assert (await quota.take("major/city", subject=subject)).state == "held"  # nothing was left behind
    await quota.void(both.subject)
    assert [(await quota.pool(row)).used for row in ROWS] == [1, 0]
    assert await quota.explained()


async def test_more_than_one_at_once(quota: Any) -> None:
    await quota.allot(ROWS)
    await quota.take("major/city", n=2)
    with pytest.raises(PlaceExhausted):
        await quota.take("major/city", n=2)
    assert (await quota.take("major/city")).pools[0].left == 0


async def test_a_confirmed_hold_stays_and_can_still_be_freed(quota: Any) -> None:
    await quota.allot(ROWS)
    subject = (await quota.take("major/qujiang")).subject
    assert [(await quota.confirm(subject)).state for _ in range(3)] == ["confirmed"] * 3
    assert (await quota.take("major/qujiang", subject=subject)).state == "confirmed"
    assert (await quota.pool("major/qujiang")).used == 1
    assert [(await quota.void(subject)).state for _ in range(3)] == ["void"] * 3
    assert (await quota.pool("major/qujiang")).used == 0
    kinds = [entry.kind for entry in await quota.ledger("major/qujiang")]
    assert kinds == ["limit", "held", "confirmed", "void"]
    assert await quota.explained()


async def test_void_is_final(quota: Any) -> None:
    await quota.allot(ROWS)
    subject = (await quota.take("major/city")).subject
    await quota.void(subject)
    with pytest.raises(HoldVoid):
        await quota.confirm(subject)
    with pytest.raises(HoldVoid):
        await quota.take("major/city", subject=subject)
    assert (await quota.pool("major/city")).used == 0


async def test_a_subject_voided_before_its_hold_arrives_gets_none(quota: Any) -> None:
    await quota.allot(ROWS)
    order = body(quota, "major/city")
    async with quota.by_intake() as intake:
        voids = [
            await intake.post(f"/v1/holds/{order['subject']}/void", json={"reason": "expired"})
            for _ in range(2)
        ]
        late = await intake.post("/v1/holds", json=order)
        confirmed = await intake.post(f"/v1/holds/{order['subject']}/confirm")
    assert [answer.status_code for answer in voids] == [200, 200]
    assert voids[0].json() == voids[1].json()
    assert (voids[0].json()["state"], voids[0].json()["pools"]) == ("void", [])
    for answer in (late, confirmed):
        assert (answer.status_code, answer.json()["code"]) == (409, "quota.hold_void")
        assert answer.json()["subject"] == order["subject"]
    assert (await quota.pool("major/city")).used == 0
    assert await quota.explained()


async def test_a_subject_cannot_turn_to_another_pool_or_amount(quota: Any) -> None:
    await quota.allot(ROWS)
    subject = (await quota.take("major/city")).subject
    for rows, n in ((("major/qujiang",), 1), (("major/city", "major/qujiang"), 1), (("major/city",), 2)):
        with pytest.raises(HoldDiffers):
            await quota.take(*rows, subject=subject, n=n)
    assert [(await quota.pool(row)).used for row in ROWS] == [1, 0]


async def test_confirming_what_is_not_held_is_404(quota: Any) -> None:
    with pytest.raises(HoldUnknown):
        await quota.confirm(new_id())
    async with quota.by_intake() as intake:
        for answer in (
            await intake.post(f"/v1/holds/{new_id()}/confirm", json={}),
            await intake.get(f"/v1/holds/{new_id()}"),
        ):
            assert (answer.status_code, answer.json()["code"]) == (404, "quota.hold_unknown")


async def test_batch_leaves_out_what_is_not_there(quota: Any) -> None:
    await quota.allot(ROWS)
    subjects = [(await quota.take("major/city")).subject for _ in range(2)]
    await quota.void(subjects[1])
    async with quota.by(actor(Role.officer)) as officer:
        wanted = {"subjects": [str(subject) for subject in (*subjects, new_id())]}
        answer = await officer.post("/v1/holds/batch", json=wanted)
    items = {item["subject"]: item for item in answer.json()["items"]}
    assert {subject: item["state"] for subject, item in items.items()} == {
        str(subjects[0]): "held",
        str(subjects[1]): "void",
    }
    assert [pool["key"] for pool in items[str(subjects[1])]["pools"]] == [quota.key("major/city")]


BAD_ORDERS: list[tuple[str, dict[str, Any], str]] = [
    ("no pools", {"pools": []}, "/pools"),
    ("a pool twice", {"pools": [{"key": "a/b"}, {"key": "a/b"}]}, ""),
    ("none of a pool", {"pools": [{"key": "a/b", "n": 0}]}, "/pools/0/n"),
    ("less than none", {"pools": [{"key": "a/b", "n": -1}]}, "/pools/0/n"),
    ("an amount as text", {"pools": [{"key": "a/b", "n": "1"}]}, "/pools/0/n"),
    ("a fraction", {"pools": [{"key": "a/b", "n": 1.5}]}, "/pools/0/n"),
    ("true", {"pools": [{"key": "a/b", "n": True}]}, "/pools/0/n"),
    ("past all bounds", {"pools": [{"key": "a/b", "n": 10**30}]}, "/pools/0/n"),
    ("an unknown kind", {"pools": [{"key": "a/b", "kind": "wish"}]}, "/pools/0/kind"),
    ("a key with a space", {"pools": [{"key": "a b"}]}, "/pools/0/key"),
    ("no subject", {"subject": None}, "/subject"),
    ("a subject that is no id", {"subject": "x"}, "/subject"),
    ("no city code", {"city": "Quzhou"}, "/city"),
    ("no reason", {"reason": ""}, "/reason"),
    ("a NUL in the reason", {"reason": "a\x00"}, "/reason"),
    ("half a character", {"reason": "\udc80"}, "/reason"),
    ("an unknown member", {"force": True}, "/force"),
]


@pytest.mark.parametrize(("_case", "spoilt", "pointer"), BAD_ORDERS, ids=[case[0] for case in BAD_ORDERS])
async def test_bad_orders_are_refused_and_take_nothing(
    quota: Any, _case: str, spoilt: dict[str, Any], pointer: str
) -> None:
    await quota.allot(ROWS)
    async with quota.by_intake() as intake:
        order = json.dumps(body(quota, "major/city") | spoilt)  # ASCII: carries what UTF-8 cannot
        answer = await intake.post("/v1/holds", content=order, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert pointer in [fault["pointer"] for fault in answer.json()["errors"]]
    assert (await quota.pool("major/city")).used == 0


async def test_an_unknown_pool_is_pointed_at(quota: Any) -> None:
    await quota.allot(ROWS)
    async with quota.by_intake() as intake:
        answer = await intake.post("/v1/holds", json=body(quota, "major/city", "major/nowhere"))
    assert (answer.status_code, answer.json()["code"]) == (404, "quota.pool_unknown")
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/pools/1/key"]


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        ("/v1/holds/x/void", {"reason": "r"}),
        ("/v1/holds/0190b6c0-0000-7000-8000-000000000000/void", {}),
        ("/v1/holds/0190b6c0-0000-7000-8000-000000000000/void", {"reason": ""}),
        ("/v1/holds/0190b6c0-0000-7000-8000-000000000000/confirm", {"why": "x"}),
        ("/v1/holds/batch", {"subjects": ["x"]}),
        ("/v1/holds/batch", {"subjects": [str(new_id())] * 201}),
        ("/v1/pools/batch", {"keys": ["a b"]}),
    ],
)
async def test_other_bad_bodies_are_refused(quota: Any, path: str, wrong: dict[str, Any]) -> None:
    async with quota.by_intake() as intake:
        answer = await intake.post(path, json=wrong)
    assert answer.status_code == 422
    assert answer.json()["errors"]


@pytest.mark.parametrize("caller", ["gateway", "eligibility", "documents", "operator"])
async def test_only_intake_takes_and_frees(quota: Any, caller: str) -> None:
    await quota.allot(ROWS)
    subject = (await quota.take("major/city")).subject
    async with http(quota.app, caller=caller) as service:
        answers = [
            await service.post("/v1/holds", json=body(quota, "major/city")),
            await service.post(f"/v1/holds/{subject}/confirm"),
            await service.post(f"/v1/holds/{subject}/void", json={"reason": "r"}),
        ]
    assert [answer.status_code for answer in answers] == [403] * 3


async def test_people_read_holds_by_role_and_never_change_them(quota: Any) -> None:
    await quota.allot(ROWS)
    subject = (await quota.take("major/city")).subject
    for role in Role:
        reads = role in (Role.officer, Role.bureau_head, Role.auditor, Role.recommender)
        async with quota.by(actor(role)) as person:
            assert (await person.get(f"/v1/holds/{subject}")).status_code == (200 if reads else 403)
            assert (await person.post(f"/v1/holds/{subject}/void", json={"reason": "r"})).status_code == 403
    assert (await quota.pool("major/city")).used == 1


async def test_every_change_leaves_an_audit_row_in_its_transaction(quota: Any) -> None:
    await quota.allot(ROWS)
    order = body(quota, "major/qujiang")
    subject, application = order["subject"], order["application_id"]
    async with quota.by_intake() as intake:
        await intake.post("/v1/holds", json=order)
        await intake.post("/v1/holds", json=order)
        await intake.post("/v1/holds", json=body(quota, "major/qujiang", application_id=application))  # full
        await intake.post(f"/v1/holds/{subject}/confirm")
        await intake.post(f"/v1/holds/{subject}/void", json={"reason": "withdrawn"})
        trail = (await intake.get("/v1/audit", params={"application_id": application})).json()["items"]
    assert [(row["action"], row["object_id"], row["actor"]) for row in trail] == [
        ("hold.taken", subject, "service:intake"),
        ("hold.confirmed", subject, "service:intake"),
        ("hold.voided", subject, "service:intake"),
    ]
    async with quota.db.read(cities(quota.city)) as session:
        guide = await session.execute(
            text("SELECT action FROM audit_entries WHERE object_id LIKE :id AND city = :city ORDER BY id"),
            {"id": f"{quota.guide}/%", "city": quota.city},
        )
    assert list(guide.scalars()) == ["allocation.staged", "allocation.activated"]
