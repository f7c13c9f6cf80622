"""People's decisions on findings: what may be decided, by whom, and how later assessments cite it."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from common.actor import Actor
from common.ids import new_id
from common.roles import Role
from common.testing import actor, http

URL = "/v1/decisions"
CERT = {"sha256": "0" * 64, "at": "2020-06-01T00:00:00+08:00"}
CO_OWNED = {
    "number": "201510012345.6",
    "type": "invention",
    "status": "granted",
    "filing_date": "2015-03-01",
    "owners": [{"id": "91330800TEST000017"}, {"id": "91330800TEST000099"}],
    "prior_listings": 0,
    "from": "2018-01-01T00:00:00+08:00",
}

Json = dict[str, Any]
Question = Callable[..., Json]
Finding = Callable[[Json, str], Json]


async def assess(intake: httpx.AsyncClient, asked: Json) -> Json:
    answer = await intake.post("/v1/assessments", json=asked)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def again(asked: Json, as_of: str = "2020-07-02T09:00:00+08:00") -> Json:
    return {**asked, "id": str(new_id()), "stage": "formal_review", "as_of": as_of}


def decision(asked: Json, **changes: Any) -> Json:
    return {
        "id": str(new_id()),
        "application_id": asked["application_id"],
        "city": "330800",
        "rule": "QZ-DIR-01",
        "facts": {"project.topic_fit": True},
        "outcome": None,
        "reason": "内容与所选方向一致",
        "evidence": ["file:7f2c"],
        "decided_by": "officer-1",
        "decided_at": "2020-07-01T09:00:00+08:00",
        **changes,
    }


@pytest.fixture
async def asked(intake: httpx.AsyncClient, question: Question, pack: Any) -> Json:
    """An application of qz20-rd that has been assessed."""
    made = question({"project.topic": next(iter(pack.topics))})
    await assess(intake, made)
    return made


@pytest.fixture
async def patent(intake: httpx.AsyncClient, operator: httpx.AsyncClient, question: Question) -> Json:
    """A patent application whose QZ-PAT-04 turns on an unconfirmed reading."""
    await operator.post("/v1/registers/patents/entries", json=CO_OWNED)
    made = question({"patent.cert": CERT}, category="qz20-patent")
    made["subjects"]["patent_number"] = CO_OWNED["number"]
    await assess(intake, made)
    return made


async def test_reviewers_fact_is_cited_by_later_assessments(
    intake: httpx.AsyncClient, asked: Json, finding: Finding
) -> None:
    before = await assess(intake, again(asked))
    assert finding(before, "QZ-DIR-01")["outcome"] == "manual"
    made = decision(asked)
    recorded = await intake.post(URL, json=made)
    assert recorded.status_code == 201, recorded.text
    one = finding(await assess(intake, again(asked)), "QZ-DIR-01")
    assert one["outcome"] == "pass"
    assert one["decision"] == {
        "id": made["id"],
        "outcome": None,
        "facts": {"project.topic_fit": True},
        "reason": made["reason"],
        "evidence": made["evidence"],
        "by": "officer-1",
        "at": "2020-07-01T01:00:00+00:00",
    }
    assert {
        "name": "project.topic_fit",
        "value": True,
        "source": "decision",
        "at": "2020-07-01T01:00:00+00:00",
    } in one["facts_used"]
    stored = await intake.post("/v1/assessments/batch", json={"ids": [before["id"]]})
    assert stored.json()["items"] == [before]


async def test_decision_of_outcome_is_cited(
    intake: httpx.AsyncClient, patent: Json, finding: Finding
) -> None:
    before = finding(await assess(intake, again(patent)), "QZ-PAT-04")
    assert (before["outcome"], before["interpretation"]["id"]) == ("manual", "qz.exclusive_patent")
    made = decision(patent, rule="QZ-PAT-04", facts=None, outcome="pass", reason="共有人书面放弃")
    assert (await intake.post(URL, json=made)).status_code == 201
    after = finding(await assess(intake, again(patent)), "QZ-PAT-04")
    assert (after["outcome"], after["decision"]["outcome"]) == ("pass", "pass")
    assert (after["decision"]["reason"], after["decision"]["id"]) == ("共有人书面放弃", made["id"])


async def test_the_last_decision_counts_and_none_before_it_was_taken(
    intake: httpx.AsyncClient, asked: Json, finding: Finding
) -> None:
    await intake.post(URL, json=decision(asked))
    later = {"facts": {"project.topic_fit": False}, "decided_at": "2020-07-05T09:00:00+08:00"}
    await intake.post(URL, json=decision(asked, **later))
    outcomes = [
        finding(await assess(intake, again(asked, as_of)), "QZ-DIR-01")["outcome"]
        for as_of in (
            "2020-07-01T08:59:59+08:00",
            "2020-07-01T09:00:00+08:00",
            "2020-07-04T09:00:00+08:00",
            "2020-07-05T09:00:00+08:00",
        )
    ]
    assert outcomes == ["manual", "pass", "pass", "fail"]


async def test_decision_never_reaches_another_application(
    intake: httpx.AsyncClient, asked: Json, finding: Finding
) -> None:
    await intake.post(URL, json=decision(asked))
    other = {**again(asked), "application_id": str(new_id())}
    assert finding(await assess(intake, other), "QZ-DIR-01")["outcome"] == "manual"


async def test_decision_does_not_make_up_for_an_owner_that_is_away(
    intake: httpx.AsyncClient, asked: Json, finding: Finding
) -> None:
    await intake.post(URL, json=decision(asked))
    away = {**again(asked), "unavailable": ["project.topic_fit"]}
    assert finding(await assess(intake, away), "QZ-DIR-01")["outcome"] == "unknown"


async def test_repeating_an_id(intake: httpx.AsyncClient, asked: Json) -> None:
    made = decision(asked)
    first, second = await intake.post(URL, json=made), await intake.post(URL, json=made)
    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json() == first.json()
    other = await intake.post(URL, json={**made, "facts": {"project.topic_fit": False}})
    assert (other.status_code, other.json()["code"]) == (409, "eligibility.decision_taken")
    found = await intake.post(f"{URL}/by-application/batch", json={"ids": [asked["application_id"]]})
    assert found.json()["items"] == [first.json()]


async def test_audit_has_ids_and_no_reason(intake: httpx.AsyncClient, asked: Json) -> None:
    made = decision(asked)
    await intake.post(URL, json=made)
    trail = await intake.get("/v1/audit", params={"application_id": asked["application_id"]})
    entry = trail.json()["items"][-1]
    assert (entry["action"], entry["object_id"]) == ("decision.recorded", made["id"])
    assert entry["data"]["rule"] == "QZ-DIR-01"
    assert entry["data"]["decided_by"] == "officer-1"
    assert made["reason"] not in trail.text


@pytest.mark.parametrize(
    ("changes", "code", "pointer"),
    [
        ({"rule": "QZ-4-99"}, "eligibility.rule_unknown", "/rule"),
        ({"rule": "QZ-PAT-02"}, "eligibility.rule_unknown", "/rule"),
        ({"outcome": "pass"}, "eligibility.decision_invalid", ""),
        ({"facts": None}, "eligibility.decision_invalid", ""),
        ({"facts": None, "outcome": "pass"}, "eligibility.decision_invalid", "/outcome"),
        ({"facts": {"project.topic": "other"}}, "eligibility.decision_invalid", "/facts/project.topic"),
        ({"facts": {"budget.rd_total": 9}}, "eligibility.decision_invalid", "/facts/budget.rd_total"),
        (
            {"facts": {"anonymity.reviewer_ok": True}},
            "eligibility.decision_invalid",
            "/facts/anonymity.reviewer_ok",
        ),
        ({"facts": {"project.topic_fit": "yes"}}, "eligibility.decision_invalid", "/facts/project.topic_fit"),
        ({"facts": {"project.topic_fit": None}}, "eligibility.decision_invalid", "/facts/project.topic_fit"),
        ({"rule": "QZ-4-2x", "facts": {"x": 1}}, "eligibility.rule_unknown", "/rule"),
        ({"rule": "QZ-SUB-01"}, "eligibility.decision_invalid", "/facts"),
        ({"facts": {}}, "eligibility.decision_invalid", ""),
        ({"facts": None, "outcome": "manual"}, "common.invalid", "/outcome"),
        ({"reason": "  "}, "common.invalid", "/reason"),
        ({"reason": None}, "common.invalid", "/reason"),
        ({"evidence": "a file"}, "common.invalid", "/evidence"),
        ({"decided_at": "2020-07-01T09:00:00"}, "common.invalid", "/decided_at"),
        ({"decided_by": ""}, "common.invalid", "/decided_by"),
    ],
)
async def test_bad_decisions_are_refused(
    intake: httpx.AsyncClient, asked: Json, changes: Json, code: str, pointer: str
) -> None:
    answer = await intake.post(URL, json=decision(asked, **changes))
    assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text
    assert pointer in [error["pointer"] for error in answer.json()["errors"]], answer.text
    found = await intake.post(f"{URL}/by-application/batch", json={"ids": [asked["application_id"]]})
    assert found.json()["items"] == []


async def test_figures_are_nobodys_to_overrule(
    intake: httpx.AsyncClient, question: Question, finding: Finding
) -> None:
    asked = question({"budget.rd_total": 2_999_999}, category="qz20-major")
    assert finding(await assess(intake, asked), "QZ-4-2")["outcome"] == "fail"
    refused = await intake.post(URL, json=decision(asked, rule="QZ-4-2", facts=None, outcome="pass"))
    assert (refused.status_code, refused.json()["code"]) == (409, "eligibility.finding_not_manual")
    assert refused.json()["outcome"] == "fail"


async def test_a_decision_of_outcome_can_be_taken_again(
    intake: httpx.AsyncClient, patent: Json, finding: Finding
) -> None:
    made = decision(patent, rule="QZ-PAT-04", facts=None, outcome="pass")
    await intake.post(URL, json=made)
    await assess(intake, again(patent))
    changed = {**made, "id": str(new_id()), "outcome": "fail", "decided_at": "2020-07-03T09:00:00+08:00"}
    assert (await intake.post(URL, json=changed)).status_code == 201
    after = await assess(intake, again(patent, "2020-07-04T09:00:00+08:00"))
    assert finding(after, "QZ-PAT-04")["outcome"] == "fail"


async def test_what_was_never_assessed_has_no_findings_to_decide(intake: httpx.AsyncClient) -> None:
    answer = await intake.post(URL, json=decision({"application_id": str(new_id())}))
    assert (answer.status_code, answer.json()["code"]) == (404, "eligibility.not_assessed")


@pytest.mark.parametrize(
    ("acting", "caller"), [(None, "gateway"), (None, "operator"), (actor(Role.officer), "gateway")]
)
async def test_only_intake_records(app: FastAPI, asked: Json, acting: Actor | None, caller: str) -> None:
    async with http(app, acting, caller=caller) as client:
        assert (await client.post(URL, json=decision(asked))).status_code == 403


@pytest.mark.parametrize("role", [Role.expert, Role.provincial_client, Role.portal_client])
async def test_decisions_are_not_for_everyone_to_read(app: FastAPI, role: Role) -> None:
    async with http(app, actor(role)) as client:
        assert (await client.post(f"{URL}/by-application/batch", json={"ids": []})).status_code == 403
