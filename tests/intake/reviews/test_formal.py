"""Acceptance by the office, judgements on findings, formal review."""

from typing import Any

import pytest
from sqlalchemy import select
from tests.intake.factories import Cast, make_actor
from tests.intake.reviews.bureau import JUDGED, Bureau, accepted_cast, strangers, submitted_cast

from common.db import ALL_CITIES, Database
from common.roles import Role
from intake.applications.models import Application
from intake.reviews import service
from intake.reviews.models import FormalReview


async def post(acting: Any, actor: Any, cast: Cast, what: str, body: Any, key: str | None = None) -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    async with acting(actor) as client:
        return await client.post(f"/v1/applications/{cast.application.id}/{what}", json=body, headers=headers)


async def state(db: Database, cast: Cast) -> str:
    async with db.read(ALL_CITIES) as session:
        return (await session.get_one(Application, cast.application.id)).state


@pytest.fixture
async def recommended(db: Database) -> Cast:
    async with db.write(ALL_CITIES) as session:
        return await submitted_cast(session, "recommended")


@pytest.fixture
async def cast(db: Database) -> Cast:
    async with db.write(ALL_CITIES) as session:
        return await accepted_cast(session)


async def test_accepting_routes_and_records_the_seal(acting: Any, recommended: Cast, db: Database) -> None:
    answer = await post(acting, recommended.officer, recommended, "accept", {"sealed": True})
    assert answer.status_code == 200, answer.text
    assert answer.json()["state"] == "accepted"
    assert answer.json()["office"]
    async with db.read(ALL_CITIES) as session:
        facts = {fact.name: fact.value for fact in await service.facts(session, recommended.application)}
    assert facts["recommendation.sealed"] is True
    assert facts["recommendation.date"] == "2020-06-01"
    # the form itself is a file: only documents can say that it is there
    assert "recommendation.form" not in facts


async def test_an_unsealed_form_is_not_accepted(acting: Any, recommended: Cast, db: Database) -> None:
    answer = await post(acting, recommended.officer, recommended, "accept", {"sealed": False})
    assert (answer.status_code, answer.json()["code"]) == (409, "intake.form_not_sealed")
    for body in ({}, {"sealed": "maybe"}, {"sealed": True, "office": "x"}):
        assert (await post(acting, recommended.officer, recommended, "accept", body)).status_code == 422
    assert await state(db, recommended) == "recommended"


async def test_who_may_accept(acting: Any, recommended: Cast, cast: Cast, db: Database) -> None:
    async with db.write(ALL_CITIES) as session:
        _, far = await strangers(session, Role.officer)
    sealed = {"sealed": True}
    for actor, status in ((recommended.recommender, 403), (recommended.applicant, 403), (far, 404)):
        assert (await post(acting, actor, recommended, "accept", sealed)).status_code == status
    # one that is accepted already
    assert (await post(acting, cast.officer, cast, "accept", sealed)).status_code == 409


async def test_a_judgement_is_recorded_once(acting: Any, cast: Cast, owners: Bureau) -> None:
    body = {"facts": {"project.topic_fit": True}, "reason": "符合指南方向", "evidence": ["form"]}
    answers = [
        await post(acting, cast.officer, cast, "findings/QZ-DIR-01/decide", body, key="k") for _ in range(2)
    ]
    assert [one.status_code for one in answers] == [201, 201]
    (sent,) = owners.questions("eligibility", "/v1/decisions")
    assert sent["rule"] == "QZ-DIR-01"
    assert sent["facts"] == {"project.topic_fit": True}
    assert sent["decided_by"] == cast.officer.label
    assert sent["id"] == answers[0].json()["id"]


async def test_a_judgement_lost_on_the_way_keeps_its_id(acting: Any, cast: Cast, owners: Bureau) -> None:
    body = {"outcome": "pass", "reason": "已核"}
    owners.down.add("eligibility")
    failed = await post(acting, cast.officer, cast, "findings/QZ-4-5a/decide", body, key="k")
    assert failed.status_code == 503
    owners.down.clear()
    first = await post(acting, cast.officer, cast, "findings/QZ-4-5a/decide", body, key="k")
    again = await post(acting, cast.officer, cast, "findings/QZ-4-5a/decide", body, key="k")
    assert first.json() == again.json()
    assert list(owners.decisions) == [first.json()["id"]]


@pytest.mark.parametrize(
    ("rule", "body", "status"),
    [
        ("QZ-NO-SUCH", {"outcome": "pass", "reason": "x"}, 404),
        ("QZ-SUB-08", {"outcome": "pass", "reason": "x"}, 404),  # a rule of another category
        ("QZ-DIR-01", {"reason": "x"}, 422),
        ("QZ-DIR-01", {"outcome": "pass"}, 422),
        ("QZ-DIR-01", {"outcome": "perhaps", "reason": "x"}, 422),
        ("QZ-DIR-01", {"facts": {"applicant.type": "enterprise"}, "reason": "x"}, 422),
        ("QZ-DIR-01", {"facts": {"no.such": True}, "reason": "x"}, 422),
        ("QZ-DIR-01", {"facts": {"project.topic_fit": True}, "outcome": "pass", "reason": "x"}, 422),
        ("QZ-INI-01", {"facts": {"initial_review.decision": "approved"}, "reason": "x"}, 422),
    ],
)
async def test_bad_judgements(
    acting: Any, cast: Cast, owners: Bureau, rule: str, body: dict[str, Any], status: int
) -> None:
    answer = await post(acting, cast.officer, cast, f"findings/{rule}/decide", body)
    assert answer.status_code == status, answer.text
    assert owners.decisions == {}


async def test_a_pass_needs_every_finding_decided(
    acting: Any, cast: Cast, owners: Bureau, db: Database
) -> None:
    refused = await post(acting, cast.officer, cast, "formal-review", {"decision": "pass"})
    assert (refused.status_code, refused.json()["code"]) == (409, "intake.findings_undecided")
    open_rules = {one["rule"] for one in refused.json()["findings"]}
    assert "QZ-DIR-01" in open_rules
    assert all(one["outcome"] in ("unknown", "manual") for one in refused.json()["findings"])
    assert await state(db, cast) == "accepted"
    for fact, value in JUDGED.items():
        body = {"facts": {fact: value}, "reason": "已核"}
        rule = "QZ-DIR-01" if fact == "project.topic_fit" else "QZ-4-7"
        await post(acting, cast.officer, cast, f"findings/{rule}/decide", body)
    owners.registers |= {"quota.used": 0, "recommendation.received_at": "2020-06-01T08:00:00+08:00"}
    passed = await post(acting, cast.officer, cast, "formal-review", {"decision": "pass"})
    assert passed.status_code == 200, [
        (one["rule"], one["outcome"], one["missing"]) for one in passed.json().get("findings", [])
    ]
    body = passed.json()
    assert body["application"]["state"] == "expert_review"
    assert body["application"]["assessments"]["formal_review"] == body["assessment_id"]
    assert body["rules"] == []


async def test_a_fail_records_the_rules(acting: Any, cast: Cast, owners: Bureau, db: Database) -> None:
    owners.papers["blind_bundle.texts"] = [f"由{cast.unit.name}承担"]
    owners.registers["blacklist.listed"] = True
    refused = await post(acting, cast.officer, cast, "formal-review", {"decision": "pass"})
    assert refused.status_code == 409
    answer = await post(acting, cast.officer, cast, "formal-review", {"decision": "fail"})
    assert answer.status_code == 200, answer.text
    assert {"QZ-4-7", "QZ-SUB-04"} <= set(answer.json()["rules"])
    shown = answer.json()["application"]
    assert (shown["state"], shown["failure"]["code"]) == ("failed_formal", "intake.formal_review_failed")
    async with db.read(ALL_CITIES) as session:
        (review,) = await session.scalars(select(FormalReview))
    assert review.rules == answer.json()["rules"]


async def test_a_fail_without_a_rule_needs_a_reason(acting: Any, cast: Cast) -> None:
    bare = await post(acting, cast.officer, cast, "formal-review", {"decision": "fail"})
    assert bare.status_code == 422
    told = await post(
        acting, cast.officer, cast, "formal-review", {"decision": "fail", "reason": "附件无法打开"}
    )
    assert told.json()["application"]["failure"]["reason"] == "附件无法打开"


async def test_formal_review_without_eligibility(
    acting: Any, cast: Cast, owners: Bureau, db: Database
) -> None:
    owners.down.add("eligibility")
    answer = await post(acting, cast.officer, cast, "formal-review", {"decision": "pass"})
    assert answer.status_code == 503
    assert await state(db, cast) == "accepted"


async def test_who_may_review_formally(acting: Any, cast: Cast, db: Database) -> None:
    async with db.write(ALL_CITIES) as session:
        _, far = await strangers(session, Role.formal_reviewer)
        expert = await make_actor(session, Role.expert)
        reviewer = await make_actor(session, Role.formal_reviewer)
    body = {"decision": "fail", "reason": "不符"}
    for actor, status in ((cast.applicant, 403), (cast.recommender, 403), (expert, 403), (far, 404)):
        assert (await post(acting, actor, cast, "formal-review", body)).status_code == status
        decided = {"outcome": "pass", "reason": "x"}
        answer = await post(acting, actor, cast, "findings/QZ-DIR-01/decide", decided)
        assert answer.status_code == status
    assert (await post(acting, reviewer, cast, "formal-review", body)).status_code == 200
    # and not twice
    assert (await post(acting, reviewer, cast, "formal-review", body)).status_code == 409


async def test_what_an_owner_could_not_say_is_no_finding_to_decide_on(
    acting: Any, cast: Cast, owners: Bureau, db: Database
) -> None:
    """Neither passed nor undecided: repeated once documents is back, it is judged on what it says."""
    owners.registers |= {**JUDGED, "quota.used": 0, "recommendation.received_at": "2020-06-01T08:00:00+08:00"}
    owners.down.add("documents")
    away = await post(acting, cast.officer, cast, "formal-review", {"decision": "pass"}, key="k")
    assert (away.status_code, away.json()["code"]) == (503, "common.owner_unavailable")
    assert away.json()["service"] == "documents"
    assert await state(db, cast) == "accepted"
    owners.down.clear()
    again = await post(acting, cast.officer, cast, "formal-review", {"decision": "pass"}, key="k")
    assert again.status_code == 200, again.text
