"""Matches by GraphQL and by their door, and the door through which an impact streams."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse
from tests.gateway.conftest import Gateway, Make
from tests.gateway.owners import CITY, GUIDE, Owners, finding, known
from tests.gateway.test_doors import serving

from common.ids import new_id
from common.testing import tokens_of
from gateway.nouns.base import global_id

Json = dict[str, Any]
CLAUSE = {"id": "c", "document": "d", "section": "四", "lines": "25", "text_zh": "文", "text_en": "text"}


def answer() -> Json:
    return {
        "as_of": "2020-06-01T09:00:00+08:00",
        "total": 48,
        "items": [
            {
                "rank": 1,
                "guide": GUIDE,
                "pack_version": "0" * 64,
                "city": CITY,
                "category": "qz20-major",
                "name": "重大",
                "eligible": "not_eligible",
                "why": "1 项条件不符",
                "failures": [
                    {
                        "finding": finding(outcome="fail") | {"clause": CLAUSE},
                        "reach": "application",
                        "shortfall": 20,
                    }
                ],
                "out_of_reach": False,
                "open_rules": ["QZ-4-1"],
                "missing": {"applicant": ["applicant.type"], "application": [], "others": ["quota.used"]},
                "for_person": [],
                "priorities": [{"rule": "QZ-P-1", "title": "优先", "clause": CLAUSE}],
                "window": {"state": "open", "open_at": None, "close_at": "2020-06-28T17:00:00+08:00"},
                "funding": [{"tier": None, "min": None, "max": 500_000}],
                "funding_mode": "grant",
                "years": None,
                "cap": 10,
                "office": None,
            }
        ],
        "questions": [
            {
                "fact": "applicant.type",
                "about": "applicant",
                "label": "单位类型",
                "type": "enum",
                "unit": None,
                "owner": "org",
                "choices": [{"token": "enterprise", "label": "企业"}],
                "keys": None,
                "decides": 30,
            }
        ],
        "ignored": [{"fact": "budget.rd_total", "guides": ["hy-2021"]}],
    }


QUERY = """query($unit: ID!, $leader: ID, $facts: JSON) {
  matches(input: {unitId: $unit, leaderId: $leader, facts: $facts, cities: ["330800"]}, first: 5) {
    total asOf
    items { rank guide callId categoryKey name eligible why outOfReach openRules
      failures { reach shortfall finding { rule outcome clause { lines } } }
      missingAboutApplicant missingInApplication missingElsewhere
      priorities { rule title clause { section } }
      window { state openAt closeAt } funding { least most } fundingMode cap office }
    questions { fact about label choices { token label } decides }
    ignored { fact guides } } }"""


async def test_a_units_matches_come_from_intake(gateway: Gateway, owners: Owners) -> None:
    owners.people["x"] = known("applicant")
    owners.intake.on("POST", "/v1/units/([^/]+)/matches", lambda *_: answer())
    unit, leader = str(new_id()), str(new_id())
    data = await gateway.data(
        QUERY,
        "x",
        unit=global_id("Unit", unit),
        leader=global_id("Person", leader),
        facts={"budget.rd_total": 2_400_000},
    )
    route, body = owners.intake.bodies[-1]
    assert route == f"POST /v1/units/{unit}/matches"
    assert body == {
        "leader_id": leader,
        "facts": {"budget.rd_total": 2_400_000},
        "cities": [CITY],
        "open_only": True,
        "limit": 5,
    }
    found = data["matches"]
    (one,) = found["items"]
    assert (one["eligible"], one["callId"]) == ("not_eligible", global_id("Call", GUIDE))
    assert one["failures"][0]["reach"] == "application"
    assert one["missingElsewhere"] == ["quota.used"]
    assert one["window"]["closeAt"] == "2020-06-28T17:00:00+08:00"
    assert one["funding"] == [{"least": None, "most": 500_000}]
    assert found["questions"][0]["choices"] == [{"token": "enterprise", "label": "企业"}]
    assert found["ignored"] == [{"fact": "budget.rd_total", "guides": ["hy-2021"]}]


@pytest.mark.parametrize("first", [0, 101])
async def test_as_many_as_a_page_holds(gateway: Gateway, first: int) -> None:
    query = "query($u: ID!, $n: Int!) { matches(input: {unitId: $u}, first: $n) { total } }"
    found = await gateway.ask(query, "x", u=str(new_id()), n=first)
    assert found["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_a_visitor_asks_by_facts(gateway: Gateway, owners: Owners) -> None:
    owners.eligibility.on("POST", "/v1/matches", lambda body, _actor: {"asked": body})
    found = await gateway.http.post("/v1/matches", json={"facts": {}}, headers={"accept-language": "en"})
    assert found.json() == {"asked": {"facts": {}, "lang": "en"}}
    assert owners.eligibility.actors[-1].anonymous
    wrong = await gateway.http.post("/v1/matches", content=b"[]")
    assert wrong.status_code == 422


class Slow:
    """Eligibility with an impact whose second line waits."""

    def __init__(self) -> None:
        self.second = asyncio.Event()
        self.asked: list[tuple[Any, bytes]] = []
        self.app = FastAPI()
        self.app.add_api_route("/v1/impact", self._impact, methods=["POST"])

    async def _impact(self, request: Request) -> StreamingResponse:
        actor = tokens_of("eligibility").verify(request.headers["authorization"].removeprefix("Bearer "))
        self.asked.append((actor, await request.body()))

        async def lines() -> AsyncIterator[bytes]:
            yield b'{"type":"start"}\n'
            await self.second.wait()
            yield b'{"type":"summary"}\n'

        return StreamingResponse(lines(), media_type="application/x-ndjson")


async def test_an_impact_is_streamed_as_it_comes(make: Make, owners: Owners) -> None:
    """Longer than any JSON body may be, and line by line: the first one is here before the second is made."""
    owners.people["officer"] = known("officer")
    slow = Slow()
    async with serving(slow.app) as url:
        gateway: Gateway = await make(eligibility_url=url, max_body_bytes=1000)
        async with (
            serving(gateway.app) as here,
            httpx.AsyncClient(trust_env=False) as client,
            client.stream(
                "POST", f"{here}/v1/impact", content=b"x" * 5000, headers=gateway.headers("officer")
            ) as found,
        ):
            lines = found.aiter_lines()
            assert await anext(lines) == '{"type":"start"}'
            slow.second.set()
            assert [line async for line in lines] == ['{"type":"summary"}']
    assert (found.status_code, found.headers["content-type"]) == (200, "application/x-ndjson")
    ((actor, body),) = slow.asked
    assert (actor.subject, len(body)) == ("officer@issuer.test", 5000)


async def test_an_impact_needs_a_token(gateway: Gateway) -> None:
    assert (await gateway.http.post("/v1/impact", json={"text": "x"})).status_code == 401
