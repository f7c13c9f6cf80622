"""Clauses in principle (原则上) and open readings of Lanzhou's guide, decided by a person and cited."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from common.clock import parse_instant
from common.ids import new_id
from common.testing import http
from eligibility.judging.deciding import Decided, Fact
from eligibility.judging.service import judge
from guide import Pack, load_pack

LANZHOU = "620100"
PACK_FILE = Path(__file__).parents[3] / "deploy" / "guides" / "lz-2022.yaml"
FILE = {"sha256": "0" * 64, "at": "2022-05-10T08:00:00+08:00"}
SUBMITTED, DECIDED, REVIEWED = (
    "2022-05-20T10:00:00+08:00",
    "2022-06-10T10:00:00+08:00",
    "2022-06-11T10:00:00+08:00",
)
ENTERPRISE = {
    "lead.type": "enterprise",
    "applicant.type": "enterprise",
    "applicant.revenue_2021": 20_000_000,
    "applicant.revenue_proof": FILE,
    "budget.total_investment": 8_000_000,
}
UNIVERSITY = {"lead.type": "university", "applicant.type": "university", "budget.total_investment": 8_000_000}

Json = dict[str, Any]
Finding = Callable[[Json, str], Json]


@pytest.fixture
async def version(publish: Callable[[str], Awaitable[Pack]]) -> str:
    return (await publish(PACK_FILE.read_text(encoding="utf-8"))).version


@pytest.fixture
async def intake(app: FastAPI, version: str) -> AsyncIterator[httpx.AsyncClient]:
    async with http(app, caller="intake", cities=(LANZHOU,)) as client:
        yield client


@pytest.fixture
def question(version: str) -> Callable[..., Json]:
    def made(facts: Json, **changes: Any) -> Json:
        return {
            "id": str(new_id()),
            "application_id": str(new_id()),
            "city": LANZHOU,
            "guide": "lz-2022",
            "pack_version": version,
            "category": "lz22-major-industry",
            "stage": "submission",
            "as_of": SUBMITTED,
            "facts": [
                {"name": name, "value": value, "source": "form", "at": SUBMITTED, "revision": 1}
                for name, value in facts.items()
            ],
            **changes,
        }

    return made


async def assess(intake: httpx.AsyncClient, asked: Json) -> Json:
    answer = await intake.post("/v1/assessments", json=asked)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def reviewed(asked: Json, **changes: Any) -> Json:
    return {**asked, "id": str(new_id()), "stage": "formal_review", "as_of": REVIEWED, **changes}


async def decide(intake: httpx.AsyncClient, asked: Json, rule: str, **stated: Any) -> httpx.Response:
    return await intake.post(
        "/v1/decisions",
        json={
            "id": str(new_id()),
            "application_id": asked["application_id"],
            "city": LANZHOU,
            "rule": rule,
            "reason": "已核对合同与发票",
            "evidence": ["file:7f2c"],
            "decided_by": "officer-1",
            "decided_at": DECIDED,
            **stated,
        },
    )


@pytest.mark.parametrize(("word", "outcome"), [("granted", "pass"), ("refused", "fail")])
async def test_below_the_figure_waits_for_a_person_and_cites_the_word(
    intake: httpx.AsyncClient, question: Callable[..., Json], finding: Finding, word: str, outcome: str
) -> None:
    asked = question(ENTERPRISE)
    first = finding(await assess(intake, asked), "LZ-MAJ-02")
    assert (first["outcome"], first["strength"]) == ("manual", "soft")
    assert set(first["missing"]) == {"exception.reason", "exception.decision"}
    answer = await decide(intake, asked, "LZ-MAJ-02", facts={"exception.decision": word})
    assert answer.status_code == 201, answer.text
    taken = await assess(intake, reviewed(asked))
    later = finding(taken, "LZ-MAJ-02")
    assert later["outcome"] == outcome
    assert later["decision"]["id"] == answer.json()["id"]
    assert later["decision"]["facts"] == {"exception.decision": word}
    assert (later["decision"]["by"], later["decision"]["evidence"]) == ("officer-1", ["file:7f2c"])
    assert ("LZ-MAJ-02" in taken["decision"]["rules"]) is (word == "refused")


async def test_an_exception_is_of_its_rule_alone(
    intake: httpx.AsyncClient, question: Callable[..., Json], finding: Finding
) -> None:
    """One word is read by four rules: granting the turnover grants no other leader."""
    asked = question(ENTERPRISE)
    await assess(intake, asked)
    await decide(intake, asked, "LZ-MAJ-02", facts={"exception.decision": "granted"})
    other = question(UNIVERSITY, application_id=asked["application_id"])
    later = finding(await assess(intake, reviewed(other)), "LZ-MAJ-05")
    assert (later["outcome"], later["decision"]) == ("manual", None)


async def test_what_reaches_the_figure_needs_no_exception(
    intake: httpx.AsyncClient, question: Callable[..., Json], finding: Finding
) -> None:
    """A refused exception stands on record and weighs nothing once the figure is reached."""
    asked = question(ENTERPRISE)
    await assess(intake, asked)
    await decide(intake, asked, "LZ-MAJ-02", facts={"exception.decision": "refused"})
    enough = question(
        {**ENTERPRISE, "applicant.revenue_2021": 30_000_000}, application_id=asked["application_id"]
    )
    later = finding(await assess(intake, reviewed(enough)), "LZ-MAJ-02")
    assert (later["outcome"], later["decision"]) == ("pass", None)


async def test_a_hard_figure_is_nobodys_to_except(
    intake: httpx.AsyncClient, question: Callable[..., Json], finding: Finding
) -> None:
    asked = question({**ENTERPRISE, "budget.total_investment": 7_999_999})
    assert finding(await assess(intake, asked), "LZ-MAJ-01")["outcome"] == "fail"
    refused = await decide(intake, asked, "LZ-MAJ-01", outcome="pass")
    assert (refused.status_code, refused.json()["code"]) == (409, "eligibility.finding_not_manual")
    word = await decide(intake, asked, "LZ-MAJ-01", facts={"exception.decision": "granted"})
    assert (word.status_code, word.json()["code"]) == (422, "eligibility.decision_invalid")
    assert finding(await assess(intake, reviewed(asked)), "LZ-MAJ-01")["outcome"] == "fail"


async def test_an_open_reading_is_named_and_decided_for_one_application(
    intake: httpx.AsyncClient, question: Callable[..., Json], finding: Finding
) -> None:
    asked = question(UNIVERSITY)
    first = finding(await assess(intake, asked), "LZ-MAJ-13")
    assert first["outcome"] == "manual"
    assert first["interpretation"]["id"] == "lz.public_unit_market_tax_papers"
    assert first["interpretation"]["value"] is None
    answer = await decide(intake, asked, "LZ-MAJ-13", outcome="pass")
    assert answer.status_code == 201, answer.text
    after = await assess(intake, reviewed(asked))
    assert finding(after, "LZ-MAJ-13")["outcome"] == "pass"
    assert finding(after, "LZ-MAJ-13")["decision"]["id"] == answer.json()["id"]
    # the same reading in another rule, and in another application, stays open
    assert finding(after, "LZ-MAJ-14")["outcome"] == "manual"
    assert finding(await assess(intake, question(UNIVERSITY)), "LZ-MAJ-13")["outcome"] == "manual"


async def test_a_reading_confirmed_in_the_pack_settles_it_for_everybody(
    intake: httpx.AsyncClient,
    question: Callable[..., Json],
    finding: Finding,
    publish: Callable[[str], Awaitable[Pack]],
) -> None:
    """What was submitted under the version before stays with it, open as it was."""
    text = PACK_FILE.read_text(encoding="utf-8")
    confirmed = text.replace(
        "    default: null\n    clause: lz22/1-2-4\n",
        "    default: null\n    confirmed: {value: not_required, by: 兰州市科学技术局, "
        'at: "2022-06-01T09:00:00+08:00"}\n    clause: lz22/1-2-4\n',
        1,
    )
    assert confirmed != text
    before = question(UNIVERSITY)
    await assess(intake, before)
    later = await publish(confirmed)
    settled = finding(await assess(intake, question(UNIVERSITY, pack_version=later.version)), "LZ-MAJ-13")
    assert settled["outcome"] == "not_applicable"
    reading = settled["interpretation"]
    assert (reading["value"], reading["confirmed"]) == ("not_required", True)
    assert finding(await assess(intake, reviewed(before)), "LZ-MAJ-13")["outcome"] == "manual"


async def test_a_fact_decided_on_one_rule_is_cited_by_every_rule_that_rests_on_it(
    app: FastAPI, publish: Callable[[str], Awaitable[Pack]], finding: Finding
) -> None:
    """Guilin: one officer's finding on the ecological industry is read by two rules."""
    guilin = await publish((PACK_FILE.parent / "gl-2019.yaml").read_text(encoding="utf-8"))
    at = "2019-06-20T10:00:00+08:00"
    asked = {
        "id": str(new_id()),
        "application_id": str(new_id()),
        "city": guilin.city,
        "guide": guilin.id,
        "pack_version": guilin.version,
        "category": "gl19-16-sdg-zone",
        "stage": "submission",
        "as_of": at,
        "facts": [
            {"name": name, "value": value, "source": "form", "at": at}
            for name, value in (("lead.type", "enterprise"), ("project.eco_industry", True))
        ],
    }
    async with http(app, caller="intake", cities=(guilin.city,)) as intake:
        await assess(intake, asked)
        answer = await decide(
            intake,
            asked,
            "GL-16-1",
            facts={"project.eco_industry_ok": True},
            city=guilin.city,
            decided_at="2019-07-01T09:00:00+08:00",
        )
        assert answer.status_code == 201, answer.text
        later = await assess(intake, reviewed(asked, as_of="2019-07-02T09:00:00+08:00"))
    for rule in ("GL-16-1", "GL-01-1p"):
        assert finding(later, rule)["decision"]["id"] == answer.json()["id"], rule
        assert finding(later, rule)["decision"]["reason"]


def test_an_outcome_leaves_the_facts_stand_that_were_found_before_it() -> None:
    guilin = load_pack((PACK_FILE.parent / "gl-2019.yaml").read_bytes())
    at = parse_instant("2019-07-01T09:00:00+08:00")

    def decided(number: int, **stated: Any) -> Decided:
        values = {"facts": None, "outcome": None, **stated}
        when = at + timedelta(minutes=number)
        return Decided(UUID(int=number), "GL-16-1", **values, reason="已核", evidence=[], by="o", at=when)

    found, outcome = decided(1, facts={"project.eco_industry_ok": True}), decided(2, outcome="fail")
    for decisions, citing in (([found, outcome], 1), ([outcome, found], 1), ([outcome], None)):
        judged = judge(
            guilin,
            category="gl19-16-sdg-zone",
            stage="formal_review",
            as_of=at + timedelta(days=1),
            facts=[Fact("lead.type", "enterprise"), Fact("project.eco_industry", True)],
            decisions=decisions,
        )
        (finding,) = [one for one in judged.findings if one["rule"] == "GL-01-1p"]
        cited = finding.get("decision")
        assert (cited and cited["id"]) == (citing and str(UUID(int=citing)))
