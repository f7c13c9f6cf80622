"""Matches over HTTP: which guides are looked at, what is asked for, what is refused."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from tests.eligibility.conftest import CITY, Publish
from tests.eligibility.impact.drafts import loaded, text_of

from common.actor import Actor
from common.clock import parse_instant
from common.db import ALL_CITIES, Database
from common.roles import Role
from common.testing import actor, http
from eligibility.guides import queries

URL = "/v1/matches"
OPEN = "2020-06-15T10:00:00+08:00"
ANONYMOUS = Actor(caller="gateway", anonymous=True, cities=frozenset({CITY}))
GUIDES = ["gl-2019", "hy-2021", "lz-2022", "qz-2020"]
USCC = "91330800TEST000017"
Json = dict[str, Any]


@pytest.fixture
async def cities(app: FastAPI, publish: Publish) -> FastAPI:
    """Quzhou, and three cities whose guides name no window."""
    for name in GUIDES[:3]:
        await publish(text_of(name))
    return app


@pytest.fixture
async def visitor(cities: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with http(cities, ANONYMOUS) as client:
        yield client


async def ask(client: httpx.AsyncClient, **asked: Any) -> Json:
    """Among the guides of this file: other tests may have left some of theirs."""
    answer = await client.post(URL, json={"as_of": OPEN, "limit": 500, "guides": GUIDES, **asked})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def of(found: Json, category: str) -> Json:
    return dict(next(one for one in found["items"] if one["category"] == category))


def guides_of(found: Json) -> set[str]:
    return {one["guide"] for one in found["items"]}


async def test_every_category_of_every_city_best_first(visitor: httpx.AsyncClient) -> None:
    found = await ask(visitor, facts={"budget": {"rd_total": 2_400_000}, "applicant.type": "enterprise"})
    assert found["total"] == len(found["items"]) == 47
    assert [one["rank"] for one in found["items"]] == list(range(1, 48))
    assert guides_of(found) == {"gl-2019", "hy-2021", "lz-2022", "qz-2020"}
    groups = ["eligible", "pending", "not_eligible"]
    assert [one["eligible"] for one in found["items"]] == sorted(
        (one["eligible"] for one in found["items"]), key=groups.index
    )
    major = of(found, "qz20-major")
    (failure,) = major["failures"]
    assert (failure["finding"]["rule"], failure["reach"], failure["shortfall"]) == (
        "QZ-4-2", "application", 20,
    )  # fmt: skip
    assert failure["finding"]["gap"] == {"fact": "budget.rd_total", "value": 600_000, "unit": "yuan"}
    assert failure["finding"]["clause"]["lines"] == "25"
    assert (major["out_of_reach"], major["why"]) == (False, "1 项条件不符，最大差距 20%")
    assert major["window"] == {
        "state": "open",
        "open_at": "2020-05-18T00:00:00+08:00",
        "close_at": "2020-06-28T17:00:00+08:00",
    }
    assert of(found, "hy21-basic")["window"]["state"] == "not_stated"


async def test_a_category_for_other_units_is_out_of_reach(visitor: httpx.AsyncClient) -> None:
    found = await ask(visitor, facts={"applicant.type": "enterprise"}, lang="en")
    county = of(found, "hy21-region-innovative-county")
    assert (county["eligible"], county["out_of_reach"]) == ("not_eligible", True)
    assert county["failures"][0]["reach"] == "nobody"
    assert county["rank"] > max(one["rank"] for one in found["items"] if not one["out_of_reach"])


async def test_what_is_missing_is_asked_for_as_a_form_would(visitor: httpx.AsyncClient) -> None:
    found = await ask(visitor, facts={}, lang="en")
    asked = {one["fact"]: one for one in found["questions"]}
    for one in found["items"]:
        missing = one["missing"]
        assert {*missing["applicant"], *missing["application"]} <= asked.keys()
        assert not set(missing["others"]) & asked.keys()
    kind = asked["applicant.type"]
    assert (kind["about"], kind["type"], kind["owner"]) == ("applicant", "enum", "org")
    assert {"token": "enterprise", "label": "enterprise"} in kind["choices"]
    about = [one["about"] for one in found["questions"]]
    assert about == sorted(about)  # applicant before application
    decides = [one["decides"] for one in found["questions"] if one["about"] == "applicant"]
    assert decides == sorted(decides, reverse=True)
    budget = asked["budget.rd_total"]
    assert (budget["unit"], budget["choices"], budget["about"]) == ("yuan", None, "application")


async def test_guides_that_are_closed_are_left_out_unless_asked_for(visitor: httpx.AsyncClient) -> None:
    for at, there in (
        ("2020-05-17T23:59:59.999999+08:00", False),
        ("2020-05-18T00:00:00+08:00", True),
        ("2020-06-28T17:00:00+08:00", True),
        ("2020-06-28T17:00:00.000001+08:00", False),
    ):
        assert ("qz-2020" in guides_of(await ask(visitor, as_of=at))) == there, at
    late = await ask(visitor, as_of="2020-06-29T00:00:00+08:00", open_only=False, guides=["qz-2020"])
    assert {one["window"]["state"] for one in late["items"]} == {"closed"}
    assert {one["eligible"] for one in late["items"]} == {"not_eligible"}


async def test_what_a_bureau_announced_counts_where_the_guide_is_silent(visitor: httpx.AsyncClient) -> None:
    past = "2020-06-01T00:00:00+08:00"
    said = [
        {"guide": "gl-2019", "open_at": "2020-05-01T00:00:00+08:00", "close_at": past},
        {"guide": "lz-2022", "open_at": past},
        {"guide": "hy-2021"},
        {"guide": "qz-2020", "close_at": past},
    ]
    found = await ask(visitor, announced=said)
    assert guides_of(found) == {"lz-2022", "qz-2020"}
    assert of(found, "lz22-major-industry")["window"]["state"] == "open"
    shut = await ask(visitor, announced=said, open_only=False)
    assert of(shut, "hy21-basic")["window"] == {"state": "not_announced", "open_at": None, "close_at": None}
    assert of(shut, "gl19-09-talent")["window"]["state"] == "closed"


async def test_what_is_granted_without_application_is_no_match(visitor: httpx.AsyncClient) -> None:
    found = await ask(visitor, guides=["hy-2021"], open_only=False)
    assert "hy21-transfer-signed2020" not in {one["category"] for one in found["items"]}


async def test_only_these_guides_or_cities(visitor: httpx.AsyncClient) -> None:
    assert guides_of(await ask(visitor, guides=["gl-2019", "never"])) == {"gl-2019"}
    assert guides_of(await ask(visitor, cities=["430400", CITY])) == {"hy-2021", "qz-2020"}
    nothing = await ask(visitor, guides=["never"], facts={"whatever": 1})
    assert (nothing["total"], nothing["items"]) == (0, [])


async def test_the_best_of_many(visitor: httpx.AsyncClient) -> None:
    every, few = await ask(visitor), await ask(visitor, limit=3)
    assert (few["total"], few["items"]) == (47, every["items"][:3])


async def test_staged_guides_are_not_looked_at(app: FastAPI, db: Database) -> None:
    text = text_of("gl-2019")
    pack = loaded(text)
    async with db.write(ALL_CITIES) as session:
        await queries.keep(
            session,
            city=pack.city,
            guide=pack.id,
            version=pack.version,
            text=text,
            at=parse_instant("2020-05-01T00:00:00+08:00"),
        )
    async with http(app, ANONYMOUS) as client:
        assert guides_of(await ask(client)) == {"qz-2020"}


async def test_facts_that_say_nothing_somewhere_are_named_once(visitor: httpx.AsyncClient) -> None:
    """A field of Quzhou's list is no field of Guilin's: it is left out there, not refused."""
    found = await ask(visitor, facts={"budget.rd_total": 3_000_000, "applicant.reg_region": "330881"})
    named = {one["fact"]: one["guides"] for one in found["ignored"]}
    assert "hy-2021" in named["budget.rd_total"]
    assert "qz-2020" not in named["budget.rd_total"]
    assert len(named) == len(found["ignored"])


@pytest.mark.parametrize(
    ("facts", "pointer"),
    [
        ({"no": {"such": 1}}, "/facts/no"),
        ({"applicant": {"type": "guild"}}, "/facts/applicant/type"),
        ({"applicant": {"type": 7}}, "/facts/applicant/type"),
        ({"budget": {"rd_total": 1.5}}, "/facts/budget/rd_total"),
        ({"budget": {"rd_total": 1}, "budget.rd_total": 1}, "/facts/budget.rd_total"),
        ({"applicant": {"type": "a\x00b"}}, "/facts/applicant/type"),
    ],
)
async def test_what_no_guide_takes_is_refused(visitor: httpx.AsyncClient, facts: Json, pointer: str) -> None:
    answer = await visitor.post(URL, json={"as_of": OPEN, "facts": facts})
    assert (answer.status_code, answer.json()["code"]) == (422, "eligibility.question_refused")
    assert pointer in {one["pointer"] for one in answer.json()["errors"]}


def _deep(levels: int) -> Json:
    found: Json = {}
    for _ in range(levels):
        found = {"applicant": found}
    return found


@pytest.mark.parametrize(
    "facts",
    [
        {f"fact{number}": number for number in range(50_000)},
        {"team": {"members": [{"person": str(number), "role": "main"} for number in range(3_000)]}},
        {"team": {"names": ["x"] * 50_000}},
        _deep(100),
    ],
)
async def test_more_than_facts_can_be_is_refused(visitor: httpx.AsyncClient, facts: Json) -> None:
    answer = await visitor.post(URL, json={"as_of": OPEN, "facts": facts})
    assert answer.status_code in (413, 422), answer.text[:300]
    assert answer.json()["code"] in {"eligibility.question_refused", "common.too_large"}


@pytest.mark.parametrize(
    "asked",
    [
        {"facts": []},
        {"surplus": 1},
        {"limit": 0},
        {"limit": 501},
        {"as_of": "2020-06-15"},
        {"as_of": "1899-12-31T23:59:59Z"},
        {"as_of": "2300-01-01T00:00:00Z"},
        {"cities": ["33"]},
        {"guides": ["x"] * 101},
        {"announced": [{"guide": "x", "close_at": "soon"}]},
    ],
)
async def test_bad_questions(visitor: httpx.AsyncClient, asked: Json) -> None:
    answer = await visitor.post(URL, json=asked)
    assert (answer.status_code, answer.json()["code"]) == (422, "common.invalid")


async def test_registers_are_asked_by_intake_alone(visitor: httpx.AsyncClient) -> None:
    answer = await visitor.post(URL, json={"use_registers": True})
    assert (answer.status_code, answer.json()["code"]) == (403, "common.forbidden")


async def test_registers_of_the_units_own_city_count(cities: FastAPI, operator: httpx.AsyncClient) -> None:
    """Listed in Quzhou: out there; what Guilin's registers say of the unit is nobody's to ask from here."""
    listed = await operator.post(
        "/v1/registers/credit_blacklist/entries",
        json={"unit_uscc": USCC, "list_id": "city-credit", "from": "2020-01-01T00:00:00+08:00"},
    )
    assert listed.status_code == 201, listed.text
    asked = {
        "use_registers": True,
        "facts": {"blacklist.listed": False},
        "subjects": {"unit": {"uscc": USCC}},
    }
    async with http(cities, caller="intake", cities=(CITY,)) as client:
        found = await ask(client, **asked)
    for category in ("qz20-major", "qz20-rd", "qz20-patent"):
        rules = {one["finding"]["rule"] for one in of(found, category)["failures"]}
        assert "QZ-SUB-04" in rules
    assert of(found, "gl19-09-talent")["eligible"] == "pending"


@pytest.mark.parametrize("acting", [None, ANONYMOUS, actor(Role.applicant), actor(Role.expert)])
async def test_anyone_may_ask(app: FastAPI, acting: Actor | None) -> None:
    async with http(app, acting) as client:
        assert (await client.post(URL, json={})).status_code == 200
