"""What quota tells the operator who compares the owners, and one hold settled on demand."""

from typing import Any

import pytest
from sqlalchemy import text
from tests.quota.test_sweeps import Intake

from common.db import ALL_CITIES
from common.ids import new_id
from common.testing import http, settings_for
from quota.app import create_app
from quota.settings import Settings

BASE = "/v1/reconciliation"


def operator(house: Any, *, city: str = "330800", app: Any = None) -> Any:
    return http(app or house.app, caller="operator", cities=(city,))


async def listed(house: Any, path: str) -> list[dict[str, Any]]:
    found, cursor = [], None
    async with operator(house) as client:
        while True:
            params = {"limit": 2, **({"cursor": cursor} if cursor else {})}
            answer = await client.get(f"{BASE}/{path}", params=params)
            assert answer.status_code == 200, answer.text
            found += answer.json()["items"]
            cursor = answer.json()["next_cursor"]
            if cursor is None:
                return found


async def test_holds_by_subject_tombstones_included(quota: Any) -> None:
    await quota.allot({"rd/longyou": 5})
    taken = [(await quota.take("rd/longyou")).subject for _ in range(4)]
    await quota.confirm(taken[0])
    await quota.void(taken[1])
    never = new_id()
    await quota.void(never)
    own = {str(one) for one in (*taken, never)}
    found = [one for one in await listed(quota, "holds") if one["subject"] in own]
    assert [one["subject"] for one in found] == sorted(str(one) for one in (*taken, never))
    states = {one["subject"]: (one["state"], len(one["pools"])) for one in found}
    assert states[str(taken[0])] == ("confirmed", 1)
    assert (states[str(taken[1])], states[str(never)]) == (("void", 1), ("void", 0))
    assert found[0]["pools"] == [{"key": quota.key("rd/longyou"), "n": 1}]


async def test_pools_with_both_sums(quota: Any) -> None:
    await quota.allot({"rd/longyou": 5, "rd/kaihua": 2, "rd/jiangshan": 1})
    await quota.take("rd/longyou", n=2)
    async with quota.db.write(ALL_CITIES) as session:
        await session.execute(
            text("UPDATE pools SET used = 2 WHERE key = :key"), {"key": quota.key("rd/kaihua")}
        )
    found = {one["key"]: one for one in await listed(quota, "pools") if quota.guide in one["key"]}
    sums = {key: (one["used"], one["booked"], one["held"]) for key, one in found.items()}
    assert sums == {
        quota.key("rd/longyou"): (2, 2, 2),
        quota.key("rd/kaihua"): (2, 0, 0),
        quota.key("rd/jiangshan"): (0, 0, 0),
    }


async def test_versions_and_cities(quota: Any) -> None:
    await quota.allot({"rd/longyou": 5}, "a")
    await quota.stage({"rd/longyou": 6}, "b")
    async with operator(quota) as client:
        found = (await client.get(f"{BASE}/guides")).json()["items"]
        assert [one["active"] for one in found if one["guide"] == quota.guide] == [True, False]
        assert "330800" in (await client.get(f"{BASE}/cities")).json()["cities"]


@pytest.mark.parametrize(
    ("before", "answer", "after"),
    [
        ("held", "committed", "confirmed"),
        ("held", "void", "void"),
        ("confirmed", "committed", "confirmed"),
        ("confirmed", "void", "void"),
    ],
)
async def test_a_hold_is_settled_as_intake_says(quota: Any, before: str, answer: str, after: str) -> None:
    await quota.allot({"rd/longyou": 5})
    subject = (await quota.take("rd/longyou")).subject
    if before == "confirmed":
        await quota.confirm(subject)
    intake = Intake(answers={subject: answer})
    app = create_app(settings_for(Settings), client=intake.client(), database=quota.db)
    path = f"{BASE}/holds/{subject}/settle"
    async with operator(quota, app=app) as client:
        for _ in range(2):
            settled = await client.post(path, json={})
            assert (settled.status_code, settled.json()) == (200, {"state": after})
        assert (await client.post(f"{BASE}/holds/{new_id()}/settle", json={})).status_code == 404
    assert (await quota.pool("rd/longyou")).used == (0 if after == "void" else 1)
    reasons = [entry.reason for entry in await quota.ledger("rd/longyou") if entry.subject == subject]
    assert (f"reconciled: {answer}" in reasons) == (before != after)
    assert await quota.explained()


async def test_without_intake_or_against_its_word_nothing_is_done(quota: Any) -> None:
    await quota.allot({"rd/longyou": 5})
    gone, kept = (await quota.take("rd/longyou")).subject, (await quota.take("rd/longyou")).subject
    await quota.void(gone)
    intake = Intake(answers={gone: "committed"})
    app = create_app(settings_for(Settings), client=intake.client(), database=quota.db)
    async with operator(quota, app=app) as client:
        answer = await client.post(f"{BASE}/holds/{gone}/settle", json={})
        assert (answer.status_code, answer.json()["code"]) == (409, "quota.hold_void")
        intake.up = False
        assert (await client.post(f"{BASE}/holds/{kept}/settle", json={})).status_code == 503
    assert (await quota.pool("rd/longyou")).used == 1
    async with operator(quota, city="330100", app=app) as client:
        assert (await client.post(f"{BASE}/holds/{kept}/settle", json={})).status_code == 404
    async with quota.by_intake() as client:
        assert (await client.post(f"{BASE}/holds/{kept}/settle", json={})).status_code == 403
        assert (await client.get(f"{BASE}/holds")).status_code == 403
