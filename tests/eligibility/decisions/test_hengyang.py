"""A reading that nobody has settled (解释口径未确认) is for a person to decide, by its outcome."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from common.ids import new_id
from common.testing import http
from guide import Pack

HENGYANG = "430400"
PACK_FILE = Path(__file__).parents[3] / "deploy" / "guides" / "hy-2021.yaml"
AT, LATER = "2021-06-20T09:00:00+08:00", "2021-06-21T09:00:00+08:00"
COUNTY = {"applicant.type": "government", "applicant.reg_region": "430421"}
FIRM = {"applicant.type": "enterprise", "project.field": "eyewear", "table.contact": "经办人"}

Json = dict[str, Any]
Finding = Callable[[Json, str], Json]


@pytest.fixture
async def version(publish: Callable[[str], Awaitable[Pack]]) -> str:
    return (await publish(PACK_FILE.read_text(encoding="utf-8"))).version


@pytest.fixture
async def intake(app: FastAPI, version: str) -> AsyncIterator[httpx.AsyncClient]:
    async with http(app, caller="intake", cities=(HENGYANG,)) as client:
        yield client


@pytest.fixture
def question(version: str) -> Callable[..., Json]:
    def made(category: str, facts: Json) -> Json:
        return {
            "id": str(new_id()),
            "application_id": str(new_id()),
            "city": HENGYANG,
            "guide": "hy-2021",
            "pack_version": version,
            "category": category,
            "stage": "formal_review",
            "as_of": AT,
            "facts": [{"name": name, "value": value, "source": "form"} for name, value in facts.items()],
        }

    return made


async def assess(intake: httpx.AsyncClient, asked: Json) -> Json:
    answer = await intake.post("/v1/assessments", json=asked)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def decide(intake: httpx.AsyncClient, asked: Json, rule: str, **stated: Any) -> httpx.Response:
    body = {
        "id": str(new_id()),
        "application_id": asked["application_id"],
        "city": HENGYANG,
        "rule": rule,
        "reason": "指南未写，由其科技主管部门报送，予以认可",
        "evidence": [],
        "decided_by": "officer-1",
        "decided_at": AT,
        **stated,
    }
    return await intake.post("/v1/decisions", json=body)


@pytest.mark.parametrize("outcome", ["pass", "fail"])
@pytest.mark.parametrize("rule", ["HY-G-01", "HY-G-03"])
async def test_an_unsettled_reading_is_decided_though_the_rule_reads_a_reviewers_fact(
    intake: httpx.AsyncClient, question: Callable[..., Json], finding: Finding, rule: str, outcome: str
) -> None:
    asked = question("hy21-region-innovative-county", COUNTY)
    assert finding(await assess(intake, asked), rule)["outcome"] == "manual"
    answer = await decide(intake, asked, rule, outcome=outcome)
    assert answer.status_code == 201, answer.text
    later = finding(await assess(intake, {**asked, "id": str(new_id()), "as_of": LATER}), rule)
    assert (later["outcome"], later["decision"]["id"]) == (outcome, answer.json()["id"])


async def test_it_can_be_decided_again(
    intake: httpx.AsyncClient, question: Callable[..., Json], finding: Finding
) -> None:
    asked = question("hy21-region-innovative-county", COUNTY)
    await assess(intake, asked)
    assert (await decide(intake, asked, "HY-G-01", outcome="fail")).status_code == 201
    await assess(intake, {**asked, "id": str(new_id()), "as_of": LATER})
    assert (await decide(intake, asked, "HY-G-01", outcome="pass", decided_at=LATER)).status_code == 201
    later = finding(await assess(intake, {**asked, "id": str(new_id()), "as_of": LATER}), "HY-G-01")
    assert later["outcome"] == "pass"


async def test_where_the_reviewers_fact_is_what_is_missing_it_must_be_stated(
    intake: httpx.AsyncClient, question: Callable[..., Json]
) -> None:
    asked = question("hy21-rd-industry", FIRM)
    await assess(intake, asked)
    refused = await decide(intake, asked, "HY-G-03", outcome="pass")
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/outcome")
    assert (await decide(intake, asked, "HY-G-03", facts={"table.joint_seal": True})).status_code == 201
