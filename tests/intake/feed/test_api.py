"""The feed's doors: order, cursors, validators, filters, signatures."""

import base64
import hashlib
import json
import re
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from joserfc.jwk import OKPKey
from sqlalchemy import select
from tests.intake.conftest import make_app
from tests.intake.factories import CITY, OTHER_CITY, make_actor
from tests.intake.feed.items import Harvester, add, subscribe

from common.actor import Actor, Grant
from common.db import ALL_CITIES, Database
from common.ids import new_id
from common.pagination import encode_cursor
from common.roles import Role
from common.testing import http
from intake.feed import chain, dictionary
from intake.feed.models import Disclosure

FEED = "/v1/feeds/approved-projects"


@pytest.fixture
async def reader(db: Database) -> Actor:
    async with db.write(ALL_CITIES) as session:
        return await subscribe(session)


async def get(acting: Any, actor: Actor | None, path: str, **named: Any) -> Any:
    async with acting(actor) as client:
        return await client.get(f"{FEED}/{path}", **named)


async def disclosures(db: Database) -> list[Disclosure]:
    async with db.read(ALL_CITIES) as session:
        return list(await session.scalars(select(Disclosure).order_by(Disclosure.id)))


async def published(db: Database, count: int, **named: Any) -> None:
    async with db.write(ALL_CITIES) as session:
        for _ in range(count):
            await add(session, **named)


async def test_changes_in_order_by_pages(acting: Any, reader: Actor, db: Database) -> None:
    await published(db, 5)
    first = await get(acting, reader, "changes?limit=2")
    assert first.status_code == 200, first.text
    assert [one["seq"] for one in first.json()["items"]] == [1, 2]
    assert first.json()["has_more"]
    link = re.fullmatch(r'<(.+)>; rel="next"', first.headers["link"])
    assert link is not None
    async with acting(reader) as client:
        second = await client.get(link.group(1))
    assert [one["seq"] for one in second.json()["items"]] == [3, 4]
    last = await get(acting, reader, f"changes?cursor={second.json()['next_cursor']}")
    assert [one["seq"] for one in last.json()["items"]] == [5]
    assert not last.json()["has_more"]
    assert "link" not in last.headers
    beyond = await get(acting, reader, f"changes?cursor={last.json()['next_cursor']}")
    assert (beyond.json()["items"], beyond.json()["next_cursor"]) == ([], last.json()["next_cursor"])
    given = [(one.door, one.from_seq, one.to_seq, one.items) for one in await disclosures(db)]
    assert given == [("changes", 0, 2, 2), ("changes", 2, 4, 2), ("changes", 4, 5, 1)]


async def test_digests_and_chain_can_be_checked(acting: Any, db: Database) -> None:
    async with db.write(ALL_CITIES) as session:
        reader = await subscribe(session, fields=list(dictionary.RECORD_FIELDS))
    await published(db, 3)
    before = hashlib.sha256(f"approved-projects/{CITY}".encode()).hexdigest()
    for item in (await get(acting, reader, "changes")).json()["items"]:
        members = ("seq", "entity_id", "revision", "op", "effective_at", "reason", "state", "record", "salt")
        content = json.dumps(
            {name: item[name] for name in members},
            sort_keys=True,
            separators=(",", ":"),
            ensure_ascii=False,
        )
        assert hashlib.sha256(content.encode()).hexdigest() == item["digest"]
        linked = hashlib.sha256(bytes.fromhex(before) + bytes.fromhex(item["digest"])).hexdigest()
        assert linked == item["chain_hash"]
        before = linked


async def test_a_page_that_is_known_is_not_sent_again(acting: Any, reader: Actor, db: Database) -> None:
    await published(db, 2)
    first = await get(acting, reader, "changes")
    known = {"If-None-Match": first.headers["etag"]}
    again = await get(acting, reader, "changes", headers=known)
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert len(await disclosures(db)) == 1
    await published(db, 1)
    assert (await get(acting, reader, "changes", headers=known)).status_code == 200


@pytest.mark.parametrize(
    "position",
    [
        {"feed": chain.FEED, "c": CITY, "s": 1, "h": "0" * 64},
        {"feed": chain.FEED, "c": CITY, "s": 99, "h": "0" * 64},
        {"feed": chain.FEED, "c": CITY, "s": -1, "h": "0" * 64},
        {"feed": chain.FEED, "c": CITY, "s": 2**63, "h": "0" * 64},
        {"feed": chain.FEED, "c": OTHER_CITY, "s": 0, "h": chain.genesis(OTHER_CITY)},
        {"feed": "another", "c": CITY, "s": 0, "h": chain.genesis(CITY)},
    ],
)
async def test_a_cursor_that_is_gone(
    acting: Any, reader: Actor, db: Database, position: dict[str, Any]
) -> None:
    await published(db, 2)
    answer = await get(acting, reader, f"changes?cursor={encode_cursor(position)}")
    assert (answer.status_code, answer.json()["code"]) == (410, "intake.feed_cursor_gone")
    assert answer.json()["snapshot"] == f"{FEED}/snapshot?city={CITY}"
    assert 'rel="snapshot"' in answer.headers["link"]


@pytest.mark.parametrize(
    "query",
    ["cursor=nonsense!", "cursor=e30", "limit=0", "limit=1001", "limit=x", "city=33", "city=abcdef"],
)
async def test_bad_questions(acting: Any, reader: Actor, query: str) -> None:
    answer = await get(acting, reader, f"changes?{query}")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


async def test_who_may_read(acting: Any, db: Database, reader: Actor) -> None:
    await published(db, 1)
    async with db.write(ALL_CITIES) as session:
        officer = await make_actor(session, Role.officer)
        unknown = await make_actor(session, Role.provincial_client)
        far = await subscribe(session, city=OTHER_CITY)
    for path in ("changes", "snapshot", "manifest", "reconciliation"):
        assert (await get(acting, officer, path)).status_code == 403
        assert (await get(acting, None, path)).status_code == 403
        assert (await get(acting, far, f"{path}?city={CITY}")).status_code == 404
    refused = await get(acting, unknown, "changes")
    assert (refused.status_code, refused.json()["code"]) == (403, "intake.not_subscribed")
    assert (await get(acting, far, "changes")).json()["items"] == []


async def test_a_client_of_two_cities_names_one(acting: Any, reader: Actor, db: Database) -> None:
    role = Role.provincial_client
    both = Actor(
        caller="gateway",
        subject=reader.subject,
        person_id=reader.person_id,
        grants=(Grant(role, CITY), Grant(role, OTHER_CITY)),
        cities=frozenset({CITY, OTHER_CITY}),
    )
    answer = await get(acting, both, "changes")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/query/city")
    assert (await get(acting, both, f"changes?city={CITY}")).status_code == 200


async def test_regions_and_fields_are_held_to_the_subscription(acting: Any, db: Database) -> None:
    async with db.write(ALL_CITIES) as session:
        narrow = await subscribe(session, fields=["title"], regions=["330802"])
        wide = await subscribe(session, regions=["330800"])
        seen = await add(session, region="330802")
        await add(session, region="330803")
        await add(session, region=None)
    items = (await get(acting, narrow, "changes")).json()["items"]
    assert [one["withheld"] for one in items] == [False, True, True]
    assert (items[0]["record"], items[0]["salt"]) == ({"title": "含氟材料研发"}, None)
    assert {name for name, value in items[1].items() if value is not None} == {
        "seq", "digest", "chain_hash", "withheld",
    }  # fmt: skip
    assert [one.items for one in await disclosures(db)] == [1]
    harvester = Harvester()
    harvester.load((await get(acting, narrow, "snapshot")).content)
    assert list(harvester.listed) == [str(seen.entity_id)]
    assert [group["count"] for group in (await get(acting, narrow, "reconciliation")).json()["items"]] == [1]
    open_items = (await get(acting, wide, "changes")).json()["items"]
    assert [one["withheld"] for one in open_items] == [False, False, True]
    assert "leader_name" not in open_items[0]["record"]
    assert open_items[0]["record"]["grant"] == 300_000


async def test_a_project_stays_visible_to_who_saw_it(acting: Any, db: Database) -> None:
    async with db.write(ALL_CITIES) as session:
        reader = await subscribe(session, regions=["330803"])
        first = await add(session, region="330803")
        await add(session, first.entity_id, "correct", region="330802")
        await add(session, first.entity_id, "withdraw", region="330802")
    items = (await get(acting, reader, "changes")).json()["items"]
    assert [(one["op"], one["withheld"]) for one in items] == [
        ("upsert", False),
        ("correct", False),
        ("withdraw", False),
    ]


async def test_a_redaction_empties_what_was_published(acting: Any, reader: Actor, db: Database) -> None:
    async with db.write(ALL_CITIES) as session:
        first = await add(session)
        await add(session)
        await add(session, first.entity_id, "correct", title="更正后")
    before = (await get(acting, reader, "changes")).json()["items"]
    async with db.write(ALL_CITIES) as session:
        await add(session, first.entity_id, "redact")
    after = (await get(acting, reader, "changes")).json()["items"]
    assert [one["digest"] for one in after[:3]] == [one["digest"] for one in before]
    assert [one["record"] is None for one in after] == [True, False, True, True]
    assert [one["revision"] for one in after] == [1, 1, 2, 3]
    harvester = Harvester()
    assert harvester.load((await get(acting, reader, "snapshot")).content) == 4
    assert list(harvester.listed) == [after[1]["entity_id"]]


async def test_the_manifest_is_signed(db: Database, owners: Any, reader: Actor) -> None:
    await published(db, 3)
    key = OKPKey.generate_key("Ed25519", {"kid": "feed"}, private=True)
    app = make_app(db, owners, feed_key=json.dumps(key.as_dict(private=True)))
    async with http(app, reader) as client:
        answer = (await client.get(f"{FEED}/manifest")).json()
        changes = (await client.get(f"{FEED}/changes")).json()
    body, signature = answer["manifest"], answer["signature"]
    assert (body["count"], body["last_seq"]) == (3, 3)
    assert body["chain_hash"] == changes["items"][-1]["chain_hash"]
    assert (signature["algorithm"], signature["kid"]) == ("Ed25519", "feed")
    signed = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    value = base64.urlsafe_b64decode(signature["value"] + "==")
    public: Any = key.public_key
    public.verify(value, signed)
    with pytest.raises(InvalidSignature):
        public.verify(value, signed + b" ")


async def test_nothing_unsigned_is_given_out(acting: Any, reader: Actor) -> None:
    answer = await get(acting, reader, "manifest")
    assert (answer.status_code, answer.json()["code"]) == (503, "intake.feed_signer_missing")


async def test_reconciliation_by_year_and_category(acting: Any, reader: Actor, db: Database) -> None:
    async with db.write(ALL_CITIES) as session:
        gone = await add(session, category="qz20-rd")
        await add(session, category="qz20-rd")
        await add(session, category="qz20-patent")
        await add(session, gone.entity_id, "withdraw")
    answer = (await get(acting, reader, "reconciliation")).json()
    assert answer["seq"] == 4
    assert [(one["year"], one["category"], one["count"]) for one in answer["items"]] == [
        (2020, "qz20-patent", 1),
        (2020, "qz20-rd", 1),
    ]
    items = (await get(acting, reader, "changes")).json()["items"]
    line = f"{items[2]['entity_id']} 1 {items[2]['digest']}\n"
    assert answer["items"][0]["digest"] == hashlib.sha256(line.encode()).hexdigest()


async def test_the_dictionary_names_every_member(acting: Any, reader: Actor, db: Database) -> None:
    await published(db, 1)
    members = (await get(acting, None, "dictionary")).json()["items"]
    assert all(one["zh"] and one["en"] and one["type"] for one in members)
    names = {(one["place"], one["name"]) for one in members}
    (item,) = (await get(acting, reader, "changes")).json()["items"]
    assert {("item", name) for name in item} == {one for one in names if one[0] == "item"}
    assert {("record", name) for name in item["record"]} <= names


def subscription(**changed: Any) -> dict[str, Any]:
    return {
        "city": CITY,
        "client": f"client-{new_id()}",
        "name": "省级平台",
        "legal_basis": "数据共享协议第三条",
        "purpose": "项目查重",
        **changed,
    }


async def test_subscribing(acting: Any, db: Database) -> None:
    async with db.write(ALL_CITIES) as session:
        officer = await make_actor(session, Role.officer)
        far = await make_actor(session, Role.officer, city=OTHER_CITY)
        auditor = await make_actor(session, Role.auditor)
        applicant = await make_actor(session, Role.applicant)
    wanted = subscription(fields=["title", "grant"], regions=["330803"])
    async with acting(officer) as client:
        made = await client.post("/v1/subscribers", json=wanted)
        assert made.status_code == 201, made.text
        again = await client.post("/v1/subscribers", json=wanted)
        assert (again.status_code, again.json()["code"]) == (409, "intake.subscriber_exists")
    async with acting(None, caller="operator") as client:
        assert (await client.post("/v1/subscribers", json=subscription())).status_code == 201
    for actor in (far, auditor, applicant):
        async with acting(actor) as client:
            assert (await client.post("/v1/subscribers", json=subscription())).status_code == 403
    async with acting(None, caller="documents") as client:
        assert (await client.post("/v1/subscribers", json=subscription())).status_code == 403
    for actor, count in ((auditor, 2), (far, 0)):
        async with acting(actor) as client:
            assert len((await client.get("/v1/subscribers")).json()["items"]) == count
            path = f"/v1/subscribers/{made.json()['id']}/disclosures"
            assert (await client.get(path)).status_code == (200 if count else 404)


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"fields": ["title", "resident_id"]}, "/fields/1"),
        ({"fields": []}, "/fields"),
        ({"regions": []}, "/regions"),
        ({"regions": ["33"]}, "/regions/0"),
        ({"legal_basis": " "}, "/legal_basis"),
        ({"purpose": None}, "/purpose"),
        ({"secret": 1}, "/secret"),
    ],
)
async def test_bad_subscriptions(acting: Any, db: Database, changed: dict[str, Any], pointer: str) -> None:
    async with db.write(ALL_CITIES) as session:
        officer = await make_actor(session, Role.officer)
    async with acting(officer) as client:
        answer = await client.post("/v1/subscribers", json=subscription(**changed))
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"].endswith(pointer)
        assert (await client.get("/v1/subscribers")).json()["items"] == []


async def test_disclosures_can_be_read_by_pages(acting: Any, db: Database, reader: Actor) -> None:
    await published(db, 3)
    for _ in range(3):
        await get(acting, reader, "changes?limit=1")
    await get(acting, reader, "snapshot")
    async with db.write(ALL_CITIES) as session:
        auditor = await make_actor(session, Role.auditor)
    async with acting(auditor) as client:
        (subscriber,) = (await client.get("/v1/subscribers")).json()["items"]
        path = f"/v1/subscribers/{subscriber['id']}/disclosures"
        first = (await client.get(f"{path}?limit=3")).json()
        second = (await client.get(f"{path}?limit=3&cursor={first['next_cursor']}")).json()
        assert (await client.get(f"{path}?cursor=x")).status_code == 422
    assert (len(first["items"]), len(second["items"]), second["next_cursor"]) == (3, 1, None)
    assert second["items"][0]["door"] == "snapshot"
    assert second["items"][0]["purpose"] == "项目查重"
