"""A precheck's answer as a report: what a front end prints for the applicant; nothing is stored."""

from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import func, select

from common.db import ALL_CITIES, Database
from common.testing import http
from eligibility.assessments.models import Assessment

URL = "/v1/prechecks/report"
ASKED: dict[str, Any] = {
    "guide": "qz-2020",
    "category": "qz20-patent",
    "as_of": "2020-06-01T09:00:00+08:00",
    "facts": {
        "applicant": {"type": "enterprise", "names": ["衢州试例材料有限公司"]},
        "patent": {"type": "invention", "filing_date": "2012-06-28"},
        "submission": {"received_at": "2020-06-01T01:00:00.250Z"},
    },
}


async def test_the_answer_is_that_of_the_precheck(intake: httpx.AsyncClient) -> None:
    told = (await intake.post("/v1/prechecks", json=ASKED)).json()
    body = (await intake.post(URL, json=ASKED)).json()
    assert (body["assessment_id"], body["application_id"], body["since"]) == (None, None, None)
    assert body["eligible"]["code"] == told["eligible"]
    found = {one["rule"]: one["outcome"]["code"] for part in body["groups"] for one in part["findings"]}
    assert found == {one["rule"]: one["outcome"] for one in told["findings"]}
    values = {one["name"]: one["text"] for one in body["facts"]}
    assert values["patent.filing_date"] == "2012年6月28日"
    assert values["submission.received_at"] == "2020年6月1日 09:00:00.25"
    assert values["patent.type"] == "发明"
    assert {one["source"]["label"] for one in body["facts"]} == {"提问者填报", "申报指南"}


async def test_visitors_print_it_and_nothing_is_stored(app: FastAPI, db: Database) -> None:
    async def stored() -> int:
        async with db.read(ALL_CITIES) as session:
            return await session.scalar(select(func.count()).select_from(Assessment)) or 0

    before = await stored()
    async with http(app) as visitor:
        answer = await visitor.post(URL, json=ASKED | {"lang": "en"}, params={"format": "html"})
    assert answer.status_code == 200
    assert '<html lang="en">' in answer.text
    assert "not stored" in answer.text
    assert await stored() == before


async def test_chosen_readings_are_shown_with_their_question(intake: httpx.AsyncClient) -> None:
    asked = ASKED | {"interpretations": {"qz.patent_as_of": "2020-06-28"}}
    body = (await intake.post(URL, json=asked)).json()
    (finding,) = [one for part in body["groups"] for one in part["findings"] if one["rule"] == "QZ-PAT-03"]
    (reading,) = [one for one in finding["interpretations"] if one["id"] == "qz.patent_as_of"]
    assert (reading["value"], reading["confirmed"]) == ("2020-06-28", True)
    assert reading["question"] != reading["id"]


@pytest.mark.parametrize(
    "changed",
    [{"category": "qz20"}, {"facts": {"moon": 1}}, {"facts": {"applicant.type": "市级"}}, {"lang": "fr"}],
)
async def test_a_bad_question_has_no_report(intake: httpx.AsyncClient, changed: dict[str, Any]) -> None:
    assert (await intake.post(URL, json=ASKED | changed)).status_code == 422
