"""The page of a guide and the comparison of its versions: for whom, of which version, kept by whom."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Any

import httpx
import pytest
from tests.intake.factories import GUIDE, OTHER_CITY, make_actor, pack, pack_text

from common.actor import Actor
from common.clock import clock
from common.db import ALL_CITIES, Database
from common.roles import Role
from guide import load_pack
from intake.guides import packs, queries
from intake.guides.recent import Recent

As = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]
REVIEW, DIFF = f"/v1/guides/{GUIDE}/review", f"/v1/guides/{GUIDE}/diff"
STRICTER = pack_text().replace("budget.rd_total >= 3000000", "budget.rd_total >= 4000000", 1)
NEWER = pack_text().replace("budget.rd_total >= 3000000", "budget.rd_total >= 5000000", 1)


def operator(acting: As, city: str = "330800") -> Any:
    return acting(None, caller="operator", cities=(city,))


def visitor(acting: As) -> Any:
    return acting(Actor(caller="gateway", anonymous=True, cities=frozenset({"330800"})))


def version_of(text: str) -> str:
    return load_pack(text).version


def review_of(text: str) -> str:
    return f"/v1/guides/{GUIDE}/versions/{version_of(text)}/review"


async def staged(client: httpx.AsyncClient, text: str) -> None:
    answer = await client.post("/v1/guides", json={"text": text})
    assert answer.status_code == 201, answer.text


async def published(client: httpx.AsyncClient, text: str, business_clock: Any) -> None:
    await staged(client, text)
    answer = await client.post(f"/v1/guides/{GUIDE}/versions/{version_of(text)}/publish")
    assert answer.status_code == 200, answer.text
    business_clock.at(clock.business() + timedelta(hours=1))


async def test_a_published_guide_is_anyones_to_read(acting: As, business_clock: Any) -> None:
    async with operator(acting) as client:
        await published(client, pack_text(), business_clock)
    async with visitor(acting) as client:
        page = await client.get(REVIEW)
        english = await client.get(REVIEW, params={"lang": "en"})
        odd = await client.get(REVIEW, params={"lang": "fr"})
        missing = await client.get("/v1/guides/no-such/review")
        unknown = await client.get(f"/v1/guides/{GUIDE}/versions/abc/review")
    assert page.status_code == english.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "public, no-cache"
    assert '<html lang="zh-CN">' in page.text
    assert "研发投入预算 ≥ 3,000,000 元" in page.text
    assert '<html lang="en">' in english.text
    assert "budgeted R&amp;D investment ≥ 3,000,000 yuan" in english.text
    assert [rule for rule in pack().rules if f'id="rule-{rule}"' not in page.text] == []
    assert odd.status_code == 422
    assert missing.status_code == unknown.status_code == 404


async def test_a_page_that_the_reader_has_is_not_sent_again(acting: As, business_clock: Any) -> None:
    async with operator(acting) as client:
        await published(client, pack_text(), business_clock)
    async with visitor(acting) as client:
        first = await client.get(review_of(pack_text()))
        again = await client.get(review_of(pack_text()), headers={"if-none-match": first.headers["etag"]})
        weak = await client.get(REVIEW, headers={"if-none-match": f'"x", W/{first.headers["etag"]}'})
        other = await client.get(
            REVIEW, params={"lang": "en"}, headers={"if-none-match": first.headers["etag"]}
        )
    assert first.headers["cache-control"] == "public, max-age=86400, immutable"
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert weak.status_code == 304
    assert other.status_code == 200
    assert other.headers["etag"] != first.headers["etag"]


async def test_drafts_are_for_the_citys_guide_administrators(acting: As, db: Database) -> None:
    async with operator(acting) as client:
        await staged(client, pack_text())
    async with db.write(ALL_CITIES) as session:
        own = await make_actor(session, Role.guide_administrator)
        foreign = await make_actor(session, Role.guide_administrator, city=OTHER_CITY)
        officer = await make_actor(session, Role.officer)
    paths = (REVIEW, review_of(pack_text()), DIFF)
    async with acting(own) as client:
        seen = [await client.get(path) for path in paths]
        page = await client.get(REVIEW)
    assert [one.status_code for one in seen] == [200, 200, 200]
    assert {one.headers["cache-control"] for one in seen} == {"private, no-cache"}
    for actor in (foreign, officer):
        async with acting(actor) as client:
            assert [(await client.get(path)).status_code for path in paths] == [404, 404, 404]
    async with visitor(acting) as client:
        known = {"if-none-match": page.headers["etag"]}
        assert [(await client.get(path, headers=known)).status_code for path in paths] == [404, 404, 404]


async def test_what_a_version_changes(acting: As, db: Database, business_clock: Any) -> None:
    async with operator(acting) as client:
        await published(client, pack_text(), business_clock)
        alone = (await client.get(DIFF)).json()
        await published(client, STRICTER, business_clock)
        await staged(client, NEWER)
        drafted = (await client.get(DIFF)).json()
        named = await client.get(DIFF, params={"from": version_of(NEWER), "to": version_of(pack_text())})
    async with visitor(acting) as client:
        answer = await client.get(DIFF)
        hidden = [await client.get(DIFF, params={side: version_of(NEWER)}) for side in ("from", "to")]
        page = await client.get(DIFF, headers={"accept": "text/html,*/*"})
        english = await client.get(DIFF, params={"format": "html", "lang": "en"})
        kept = await client.get(
            DIFF, params={"format": "html"}, headers={"if-none-match": page.headers["etag"]}
        )
        same = await client.get(DIFF, headers={"if-none-match": answer.headers["etag"]})
    assert (same.status_code, same.content, same.headers["vary"]) == (304, b"", "Accept")
    assert answer.headers["etag"] != page.headers["etag"] != english.headers["etag"]
    old, now, draft = (version_of(text) for text in (pack_text(), STRICTER, NEWER))
    assert (alone["before"], alone["after"], alone["clauses"]) == (old, old, [])
    assert (drafted["before"], drafted["after"]) == (now, draft)
    assert (named.json()["before"], named.json()["after"]) == (draft, old)
    shown = answer.json()
    assert (shown["guide"], shown["before"], shown["after"]) == (GUIDE, old, now)
    ((change,),) = [one["changes"] for one in shown["clauses"]]
    assert (change["section"], change["id"], change["kind"]) == ("rules", "QZ-4-2", "changed")
    (only,) = change["fields"]
    assert only["before"]["zh"] == "研发投入预算 ≥ 3,000,000 元"
    assert only["after"]["en"] == "budgeted R&D investment ≥ 4,000,000 yuan"
    assert answer.headers["vary"] == "Accept"
    assert [one.status_code for one in hidden] == [404, 404]
    assert "研发投入预算 ≥ 4,000,000 元" in page.text
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "budgeted R&amp;D investment ≥ 4,000,000 yuan" in english.text
    assert kept.status_code == 304


async def test_a_pack_with_its_cases_is_shown_and_not_kept(acting: As, db: Database) -> None:
    cases = """
    - id: at/the-figure
      title: 恰好400万元
      category: qz20-major
      as_of: "2020-06-15T09:00:00+08:00"
      facts: {budget: {rd_total: 3999999}}
      expect: [{rule: QZ-4-2, outcome: pass}, {rule: QZ-4-1, outcome: unknown}]
    """
    async with db.write(ALL_CITIES) as session:
        own = await make_actor(session, Role.guide_administrator)
        foreign = await make_actor(session, Role.guide_administrator, city=OTHER_CITY)
        officer = await make_actor(session, Role.officer)
    body = {"text": STRICTER, "cases": [cases]}
    async with acting(own) as client:
        page = await client.post("/v1/guides/review", json=body)
        refused = await client.post("/v1/guides/review", json={**body, "cases": ["- {id: x}"]})
        faulty = await client.post("/v1/guides/review", json={"text": "format: 1\n"})
        many = await client.post("/v1/guides/review", json={**body, "cases": ["[]"] * 21})
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    assert "恰好400万元" in page.text
    assert "QZ-4-2 gives fail, not pass" in page.text
    assert page.text.count('class="mark pass"') == 1
    assert (refused.status_code, refused.json()["code"]) == (422, "intake.guide_cases_refused")
    assert refused.json()["errors"][0]["pointer"].startswith("/cases/0")
    assert (faulty.status_code, faulty.json()["code"]) == (422, "intake.guide_refused")
    assert many.status_code == 422
    for actor in (foreign, officer):
        async with acting(actor) as client:
            assert (await client.post("/v1/guides/review", json=body)).status_code == 403
    async with db.read(ALL_CITIES) as session:
        assert await queries.get(session, GUIDE) is None


async def test_what_is_only_looked_at_pushes_no_version_out(acting: As) -> None:
    other = pack_text().replace("budget.rd_total >= 3000000", "budget.rd_total >= 6000000", 1)
    stored = await packs.load(pack_text())
    async with operator(acting) as client:
        dry = await client.post("/v1/guides", params={"dry_run": True}, json={"text": other})
        page = await client.post("/v1/guides/review", json={"text": other, "cases": []})
    assert (dry.status_code, page.status_code) == (200, 200)
    assert packs.kept(stored.version) is stored
    assert packs.kept(version_of(other)) is None


def test_the_one_that_was_not_asked_for_longest_goes_first() -> None:
    kept: Recent[str, int] = Recent(2)
    kept.keep("a", 1)
    kept.keep("b", 2)
    assert kept.get("a") == 1
    kept.keep("c", 3)
    assert [kept.get(key) for key in "abc"] == [1, None, 3]


@pytest.mark.parametrize("path", [REVIEW, DIFF])
async def test_words_of_a_pack_are_text(acting: As, business_clock: Any, path: str) -> None:
    bad = "<script>alert(1)</script>"
    hostile = pack_text().replace("text_zh: 绩效目标", f"text_zh: {bad}绩效目标", 1)
    assert bad in hostile
    async with operator(acting) as client:
        await published(client, pack_text(), business_clock)
        await published(client, hostile, business_clock)
    async with visitor(acting) as client:
        html = (await client.get(path, params={"format": "html"})).text
    assert "<script" not in html
    assert "&lt;script&gt;alert(1)" in html
