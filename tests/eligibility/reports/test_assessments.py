"""The report on a stored assessment: JSON and page, Chinese and English, and how it differs from the last."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from common.actor import Actor
from common.clock import clock
from common.ids import new_id
from common.roles import Role
from common.testing import actor, http

URL = "/v1/assessments"
LATER = "2020-07-10T09:00:00+08:00"

Json = dict[str, Any]
Question = Callable[..., Json]


async def take(intake: httpx.AsyncClient, asked: Json) -> Json:
    answer = await intake.post(URL, json=asked)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def report(intake: httpx.AsyncClient, taken: Json, **query: str) -> Json:
    answer = await intake.get(f"{URL}/{taken['id']}/report", params=query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def group(body: Json, name: str) -> dict[str, Json]:
    (found,) = [one for one in body["groups"] if one["id"] == name]
    return {finding["rule"]: finding for finding in found["findings"]}


@pytest.fixture
def short(question: Question) -> Json:
    """A major project whose R&D budget is 120,000 yuan short, with a partner's list and an open file."""
    facts = {
        "applicant.type": "enterprise",
        "applicant.reg_region": "330802",
        "budget.rd_total": 2_880_000,
        "commit.no_double_subsidy": True,
    }
    return question(facts, category="qz20-major", unavailable=["commitment.file"])


async def test_it_says_everything_once_and_in_groups(intake: httpx.AsyncClient, short: Json) -> None:
    taken = await take(intake, short)
    body = await report(intake, taken)
    assert (body["assessment_id"], body["application_id"]) == (taken["id"], short["application_id"])
    assert body["guide"]["title"] == "2020年度衢州市科技计划竞争性分配项目申报"
    assert body["category"]["label"] == "重大科技攻关项目"
    assert (body["stage"]["label"], body["as_of"]) == ("提交", "2020-06-15T10:00:00+08:00")
    assert (body["pack_version"], body["lang"]) == (taken["pack_version"], "zh")
    assert body["eligible"] == {"code": "not_eligible", "label": "不符合申报条件"}
    named = [finding["rule"] for one in body["groups"] for finding in one["findings"]]
    assert sorted(named) == sorted(finding["rule"] for finding in taken["findings"])
    assert len(named) == len(set(named))


async def test_a_fail_has_clause_remedy_and_distance(intake: httpx.AsyncClient, short: Json) -> None:
    body = await report(intake, await take(intake, short))
    finding = group(body, "against")["QZ-4-2"]
    assert finding["remedy"] == "研发投入预算还差 120,000 元"
    assert finding["gap"] == {
        "fact": {"code": "budget.rd_total", "label": "研发投入预算"},
        "value": 120_000,
        "unit": "yuan",
    }
    assert finding["clause"]["document"]
    assert (finding["clause"]["lines"], bool(finding["clause"]["text"])) == ("25", True)
    (fact,) = [one for one in body["facts"] if one["name"] == "budget.rd_total"]
    assert (fact["label"], fact["value"], fact["text"]) == ("研发投入预算", 2_880_000, "2,880,000 元")
    assert (fact["source"]["label"], fact["revision"]) == ("申报表", 3)
    assert fact["at"] == "2020-06-15T10:00:00+08:00"


async def test_what_is_missing_and_what_could_not_be_checked(intake: httpx.AsyncClient, short: Json) -> None:
    body = await report(intake, await take(intake, short))
    away = group(body, "missing")["QZ-4-6b"]
    assert [one["code"] for one in away["unavailable"]] == ["commitment.file"]
    assert "commitment.file" not in [one["code"] for one in away["missing"]]
    assert [one["code"] for one in body["unavailable"]] == ["commitment.file"]
    assert all(one["label"] != one["code"] for one in body["unavailable"])
    later = group(body, "later")
    assert "QZ-INI-01" in later
    assert later["QZ-INI-01"]["due"]["code"] == "recommendation"


async def test_english_has_the_same_outcomes(intake: httpx.AsyncClient, short: Json) -> None:
    taken = await take(intake, short)
    zh, en = await report(intake, taken), await report(intake, taken, lang="en")

    def outcomes(body: Json) -> Json:
        return {one["rule"]: one["outcome"]["code"] for part in body["groups"] for one in part["findings"]}

    assert outcomes(zh) == outcomes(en)
    assert (
        group(en, "against")["QZ-4-2"]["remedy"] == "the budgeted R&D investment falls short by 120,000 yuan"
    )
    assert en["stage"]["label"] == "submission"


@pytest.mark.parametrize(
    ("headers", "query", "kind"),
    [
        ({}, {}, "application/json"),
        ({"accept": "*/*"}, {}, "application/json"),
        ({"accept": "text/html,application/xhtml+xml"}, {}, "text/html"),
        ({}, {"format": "html"}, "text/html"),
        ({"accept": "text/html"}, {"format": "json"}, "application/json"),
    ],
)
async def test_a_browser_gets_a_page(
    intake: httpx.AsyncClient, short: Json, headers: Json, query: Json, kind: str
) -> None:
    taken = await take(intake, short)
    answer = await intake.get(f"{URL}/{taken['id']}/report", headers=headers, params=query)
    assert answer.headers["content-type"].startswith(kind)


async def test_the_page_has_no_names_from_the_code(intake: httpx.AsyncClient, short: Json) -> None:
    taken = await take(intake, short)
    for lang in ("zh", "en"):
        answer = await intake.get(f"{URL}/{taken['id']}/report", params={"format": "html", "lang": lang})
        text = answer.text.split("<body>")[1]
        for code in (
            "budget.rd_total",
            "not_eligible",
            "fails_formal_review",
            "formal_review",
            'enterprise"',
        ):
            assert code not in text
        assert "120,000" in text
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "<script" not in answer.text


async def test_what_people_wrote_stays_text(intake: httpx.AsyncClient, question: Question) -> None:
    asked = question({"project.summary": "<script>alert(1)</script>", "project.identity": "<b>x</b>"})
    taken = await take(intake, asked)
    answer = await intake.get(f"{URL}/{taken['id']}/report", params={"format": "html"})
    assert answer.status_code == 200
    assert "<script" not in answer.text
    assert "<b>x</b>" not in answer.text


async def test_late_registration_is_told_as_the_difference(
    intake: httpx.AsyncClient, operator: httpx.AsyncClient, question: Question
) -> None:
    """Recorded after the submission, valid before it: the first stays, the second sees it and says why."""
    asked = question()
    first = await take(intake, asked)
    entry = {
        "unit_uscc": asked["subjects"]["unit"]["uscc"],
        "list_id": "city-credit",
        "from": "2020-01-01T00:00:00+08:00",
    }
    assert (await operator.post("/v1/registers/credit_blacklist/entries", json=entry)).status_code == 201
    second = await take(intake, {**asked, "id": str(new_id()), "stage": "formal_review", "as_of": LATER})
    before, after = await report(intake, first), await report(intake, second)
    assert "QZ-SUB-04" in group(before, "passed")
    assert before["since"] is None
    assert "QZ-SUB-04" in group(after, "against")
    assert after["since"]["assessment_id"] == first["id"]
    (change,) = [one for one in after["since"]["changes"] if one["rule"] == "QZ-SUB-04"]
    assert (change["before"]["code"], change["after"]["code"]) == ("pass", "fail")
    (fact,) = [one for one in change["facts"] if one["name"] == "blacklist.listed"]
    assert (fact["before"], fact["after"]) == ("否", "是")
    assert fact["source"]["label"] == "登记库：信用黑名单"
    page = await intake.get(f"{URL}/{second['id']}/report", params={"format": "html"})
    assert "该次审查保持不变" in page.text


async def test_why_it_was_taken_again_stands_in_it(intake: httpx.AsyncClient, question: Question) -> None:
    asked = question()
    first = await take(intake, asked)
    again = {"reason": "失信名单已更正", "by": "https://id.test|officer-7"}
    second = await take(intake, {**asked, "id": str(new_id()), "again": again})
    assert (first["again"], second["again"]) == (None, again)
    assert (await report(intake, second))["again"] == again
    page = await intake.get(f"{URL}/{second['id']}/report", params={"format": "html"})
    assert again["reason"] in page.text


@pytest.mark.parametrize(
    "acting",
    [
        actor(Role.expert),
        actor(Role.provincial_client),
        actor(Role.portal_client),
        actor(Role.officer, city="430400"),
    ],
    ids=["expert", "province", "portal", "another city"],
)
async def test_it_quotes_people_and_is_closed_to_others(
    app: FastAPI, intake: httpx.AsyncClient, question: Question, acting: Actor
) -> None:
    taken = await take(intake, question())
    async with http(app, acting=acting) as client:
        answer = await client.get(f"{URL}/{taken['id']}/report")
    assert answer.status_code in (403, 404)
    assert taken["application_id"] not in answer.text


async def test_an_unknown_one_is_not_there(intake: httpx.AsyncClient) -> None:
    assert (await intake.get(f"{URL}/{new_id()}/report")).status_code == 404
    answer = await intake.get(f"{URL}/{new_id()}/report", params={"format": "pdf"})
    assert answer.status_code == 422


async def test_reading_reads_only(intake: httpx.AsyncClient, short: Json) -> None:
    """The same report at any time: nothing is judged as of now."""
    taken = await take(intake, short)
    first = await report(intake, taken)
    assert clock.business().isoformat() not in str(first)
    assert await report(intake, taken) == first
