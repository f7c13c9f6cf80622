"""What an assessment takes into account, and what never changes afterwards."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from common.ids import new_id
from common.testing import http
from guide import Pack, load_pack

URL = "/v1/assessments"
GUILIN = Path(__file__).parents[3] / "deploy" / "guides" / "gl-2019.yaml"
USCC = "91330800TEST000017"

Json = dict[str, Any]
Question = Callable[..., Json]
Finding = Callable[[Json, str], Json]


@pytest.fixture
def register(operator: httpx.AsyncClient) -> Callable[..., Awaitable[Json]]:
    async def made(name: str, **entry: Any) -> Json:
        answer = await operator.post(f"/v1/registers/{name}/entries", json=entry)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    return made


def listed(**changes: Any) -> Json:
    return {"unit_uscc": USCC, "list_id": "city-credit", "from": "2020-01-01T00:00:00+08:00", **changes}


def project(**changes: Any) -> Json:
    return {
        "unit_uscc": USCC,
        "title": "试例项目",
        "level": "city",
        "subsidised": True,
        "track": "competitive",
        "status": "in_progress",
        "from": "2019-01-01T00:00:00+08:00",
        **changes,
    }


async def take(intake: httpx.AsyncClient, asked: Json) -> Json:
    answer = await intake.post(URL, json=asked)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def test_late_registration_does_not_count(
    intake: httpx.AsyncClient, question: Question, finding: Finding, register: Any
) -> None:
    """Received 10:00; listed one microsecond later."""
    await register("credit_blacklist", **listed(**{"from": "2020-06-15T10:00:00.000001+08:00"}))
    at_receipt = await take(intake, question())
    assert finding(at_receipt, "QZ-SUB-04")["outcome"] == "pass"
    later = await take(intake, question(as_of="2020-06-15T10:00:00.000001+08:00"))
    assert finding(later, "QZ-SUB-04")["outcome"] == "fail"


async def test_blacklist_changed_between_two_stages(
    intake: httpx.AsyncClient, question: Question, finding: Finding, register: Any
) -> None:
    asked = question()
    first = await take(intake, asked)
    await register("credit_blacklist", **listed(**{"from": "2020-07-01T00:00:00+08:00"}))
    second = await take(
        intake,
        {**asked, "id": str(new_id()), "stage": "formal_review", "as_of": "2020-07-10T09:00:00+08:00"},
    )
    assert finding(first, "QZ-SUB-04")["outcome"] == "pass"
    assert finding(second, "QZ-SUB-04")["outcome"] == "fail"
    assert (second["eligible"], second["decision"]["decision"]) == ("not_eligible", "refuse")
    assert "QZ-SUB-04" in second["decision"]["rules"]
    stored = await intake.post(f"{URL}/by-application/batch", json={"ids": [asked["application_id"]]})
    assert stored.json()["items"] == [first, second]


async def test_corrected_register_leaves_the_earlier_assessment_alone(
    intake: httpx.AsyncClient,
    operator: httpx.AsyncClient,
    question: Question,
    finding: Finding,
    register: Any,
) -> None:
    entry = await register("credit_blacklist", **listed())
    asked = question()
    first = await take(intake, asked)
    assert finding(first, "QZ-SUB-04")["outcome"] == "fail"
    void = {"to": entry["from"], "reason": "误列，已撤销"}
    path = f"/v1/registers/credit_blacklist/entries/{entry['id']}/end"
    assert (await operator.post(path, json=void)).status_code == 200
    second = await take(intake, {**asked, "id": str(new_id())})
    assert finding(second, "QZ-SUB-04")["outcome"] == "pass"
    stored = await intake.post(f"{URL}/batch", json={"ids": [first["id"]]})
    assert stored.json()["items"] == [first]


async def test_pack_published_between_draft_and_submission(
    intake: httpx.AsyncClient,
    question: Question,
    finding: Finding,
    publish: Callable[[str], Awaitable[Pack]],
    next_text: str,
) -> None:
    """The pinned version judges, whatever is current."""
    asked = question({"budget.rd_total": 3_000_000}, category="qz20-major")
    before = await take(intake, asked)
    later = await publish(next_text)
    after = await take(intake, {**asked, "id": str(new_id())})
    newer = await take(intake, {**asked, "id": str(new_id()), "pack_version": later.version})
    assert [finding(one, "QZ-4-2")["outcome"] for one in (before, after, newer)] == ["pass", "pass", "fail"]
    assert after["pack_version"] == before["pack_version"] != newer["pack_version"] == later.version
    current = await intake.post(
        "/v1/prechecks",
        json={
            "guide": "qz-2020",
            "category": "qz20-major",
            "as_of": asked["as_of"],
            "facts": {"budget": {"rd_total": 3_000_000}},
        },
    )
    assert current.json()["pack_version"] == load_pack(next_text).version


async def test_owner_away_is_unknown_and_pending_never_false(
    intake: httpx.AsyncClient, question: Question, finding: Finding, register: Any
) -> None:
    """Even a register hit does not count while its source is said to be unreachable."""
    await register("credit_blacklist", **listed())
    away = ["blacklist.*", "commitment.file", "person.lead_count"]
    body = await take(intake, question({"commitment.file": None}, unavailable=away))
    for rule, missing in (
        ("QZ-SUB-04", "blacklist.listed"),
        ("QZ-4-6b", "commitment.file"),
        ("QZ-4-4a", "person.lead_count"),
    ):
        one = finding(body, rule)
        assert one["outcome"] == "unknown"
        assert missing in one["missing"]
        assert {used["source"] for used in one["facts_used"] if used["name"] == missing} == {"unavailable"}
    assert body["unavailable"] == away
    assert body["eligible"] == "pending"


async def test_counts_of_people_and_unit(
    intake: httpx.AsyncClient, question: Question, finding: Finding, register: Any
) -> None:
    """Two led by the leader, three with the member; one unaccepted subsidised project bars the enterprise."""
    for title in ("甲", "乙"):
        await register(
            "projects_in_progress",
            **project(
                title=title, leader_ids=["p-lead"], member_ids=["p-main"], unit_uscc="91330800TEST000099"
            ),
        )
    await register(
        "projects_in_progress", **project(title="丙", member_ids=["p-main"], planned_end="2019-12-31")
    )
    body = await take(intake, question({"applicant.type": "enterprise"}))
    used = {fact["name"]: fact["value"] for one in body["findings"] for fact in one["facts_used"]}
    assert used["person.lead_count"] == 2
    assert used["person.member_count"] == 3
    assert used["applicant.unaccepted_subsidised_count"] == 1
    assert [finding(body, rule)["outcome"] for rule in ("QZ-4-4a", "QZ-4-4b", "QZ-4-4c")] == ["fail"] * 3
    assert "1 项" in finding(body, "QZ-4-4a")["remedy"]


async def test_the_projects_that_came_of_this_application_do_not_count(
    intake: httpx.AsyncClient, question: Question, finding: Finding, register: Any
) -> None:
    asked = question({"applicant.type": "enterprise"})
    own = {"leader_ids": ["p-lead"], "application_id": asked["application_id"]}
    await register("projects_in_progress", **project(**own))
    await register("projects_in_progress", **project(title="另一", leader_ids=["p-lead"], subsidised=False))
    body = await take(intake, asked)
    assert [finding(body, rule)["outcome"] for rule in ("QZ-4-4a", "QZ-4-4c")] == ["pass", "pass"]


async def test_guidance_project_does_not_bar_the_enterprise(
    intake: httpx.AsyncClient, question: Question, finding: Finding, register: Any
) -> None:
    await register("projects_in_progress", **project(track="guidance", subsidised=False))
    body = await take(intake, question({"applicant.type": "enterprise"}))
    assert finding(body, "QZ-4-4c")["outcome"] == "pass"


PATENT = {
    "number": "ZL 2015 1 0012345.6",
    "type": "invention",
    "status": "granted",
    "filing_date": "2015-03-01",
    "owners": [{"id": USCC, "name": "衢州试例材料有限公司"}],
    "prior_listings": 0,
    "from": "2018-01-01T00:00:00+08:00",
}
CERT = {"sha256": "0" * 64, "at": "2020-06-01T00:00:00+08:00", "name": "cert.pdf"}


def patent_question(question: Question, number: str | None) -> Json:
    asked = question(
        {"patent.cert": CERT, "patent.number": number, "patent.never_listed_declared": True},
        category="qz20-patent",
    )
    asked["subjects"]["patent_number"] = number
    return asked


async def test_patent_is_looked_up_by_number(
    intake: httpx.AsyncClient, question: Question, finding: Finding, register: Any
) -> None:
    await register("patents", **PATENT)
    body = await take(intake, patent_question(question, "201510012345.6"))
    rules = ("QZ-PAT-01", "QZ-PAT-03", "QZ-PAT-04", "QZ-4-3g")
    assert {rule: finding(body, rule)["outcome"] for rule in rules} == dict.fromkeys(rules, "pass")


async def test_patent_that_is_not_registered_is_unknown_not_clean(
    intake: httpx.AsyncClient, question: Question, finding: Finding
) -> None:
    body = await take(intake, patent_question(question, "201510012345.6"))
    for rule, fact in (
        ("QZ-PAT-01", "patent.type"),
        ("QZ-PAT-03", "patent.filing_date"),
        ("QZ-PAT-04", "patent.owners"),
        ("QZ-4-3g", "patent.prior_listing_count"),
    ):
        assert finding(body, rule)["outcome"] == "unknown", rule
        assert fact in finding(body, rule)["missing"]


async def test_listed_before_anywhere_fails(
    intake: httpx.AsyncClient, question: Question, finding: Finding, register: Any
) -> None:
    await register("patents", **{**PATENT, "prior_listings": 1})
    body = await take(intake, patent_question(question, "ZL201510012345.6"))
    assert finding(body, "QZ-4-3g")["outcome"] == "fail"


async def test_registers_are_asked_again_at_each_stage(
    intake: httpx.AsyncClient, question: Question, finding: Finding, register: Any
) -> None:
    """Trap 71: list and count move between submission, formal review and approval; every answer stays."""
    asked = question(
        subjects={
            "unit": {"id": str(new_id()), "uscc": USCC, "names": []},
            "people": [{"id": "p-lead", "role": "leader"}],
        }
    )
    taken = []
    for stage, as_of in (
        ("submission", "2020-06-15T10:00:00+08:00"),
        ("formal_review", "2020-07-10T09:00:00+08:00"),
        ("approval", "2020-08-20T09:00:00+08:00"),
    ):
        taken.append(await take(intake, {**asked, "id": str(new_id()), "stage": stage, "as_of": as_of}))
        if stage == "submission":
            await register("credit_blacklist", **listed(**{"from": "2020-07-01T00:00:00+08:00"}))
        else:
            project_of_leader = {"leader_ids": ["p-lead"], "from": "2020-08-01T00:00:00+08:00"}
            await register("projects_in_progress", **project(**project_of_leader))
            await register("projects_in_progress", **project(**project_of_leader, title="又一项目"))
    assert [finding(one, "QZ-SUB-04")["outcome"] for one in taken] == ["pass", "fail", "fail"]
    assert [finding(one, "QZ-4-4a")["outcome"] for one in taken] == ["pass", "pass", "fail"]
    used = [
        next(fact for fact in finding(one, "QZ-SUB-04")["facts_used"] if fact["name"] == "blacklist.listed")
        for one in taken
    ]
    assert [fact["value"] for fact in used] == [False, True, True]
    assert {fact["source"] for fact in used} == {"register:credit_blacklist"}
    assert len({fact["at"] for fact in used}) == 3
    stored = await intake.post(f"{URL}/by-application/batch", json={"ids": [asked["application_id"]]})
    assert stored.json()["items"] == taken


async def test_the_clause_of_the_version_in_force_at_submission_is_cited(
    intake: httpx.AsyncClient,
    question: Question,
    finding: Finding,
    publish: Callable[[str], Awaitable[Pack]],
    pack_text: str,
) -> None:
    """Trap 58: a later version words the clause anew; findings and reports keep the one that was in force."""
    (clause,) = [line for line in pack_text.splitlines() if "The budgeted research and development" in line]
    reworded = pack_text.replace(clause, clause.replace("The budgeted research", "Reworded, the research"))
    asked = question({"budget.rd_total": 2_999_999}, category="qz20-major")
    first = await take(intake, asked)
    later = await publish(reworded)
    review = {**asked, "id": str(new_id()), "stage": "formal_review", "as_of": "2020-07-10T09:00:00+08:00"}
    second = await take(intake, review)
    third = await take(intake, {**review, "id": str(new_id()), "pack_version": later.version})
    texts = [finding(one, "QZ-4-2")["clause"]["text_en"] for one in (first, second, third)]
    assert texts[0] == texts[1] != texts[2]
    assert texts[2].startswith("Reworded, ")
    page = await intake.get(f"{URL}/{second['id']}/report", params={"format": "html", "lang": "en"})
    assert texts[0] in page.text
    assert "Reworded, " not in page.text


@pytest.mark.parametrize(
    ("leads", "pointers"),
    [
        ({"lead.type": "university"}, ["/facts/0/value", "/facts/1/value"]),
        (
            {"lead.org": {"id": "applicant", "type": "university"}},
            ["/facts/0/value", "/facts/1/value/type"],
        ),
    ],
)
async def test_facts_that_contradict_each_other_are_refused_and_nothing_is_stored(
    app: FastAPI, publish: Callable[[str], Awaitable[Pack]], leads: Json, pointers: list[str]
) -> None:
    pack = await publish(GUILIN.read_text(encoding="utf-8"))
    facts = {"applicant.type": "enterprise", **leads}
    asked = {
        "id": str(new_id()),
        "application_id": str(new_id()),
        "city": pack.city,
        "guide": pack.id,
        "pack_version": pack.version,
        "category": "gl19-14-sts-poverty",
        "stage": "submission",
        "as_of": "2019-05-20T10:00:00+08:00",
        "facts": [{"name": name, "value": value, "source": "form"} for name, value in facts.items()],
    }
    async with http(app, caller="intake", cities=(pack.city,)) as intake:
        refused = await intake.post(URL, json=asked)
        assert (refused.status_code, refused.json()["code"]) == (422, "eligibility.question_refused")
        assert [one["pointer"] for one in refused.json()["errors"]] == pointers
        found = await intake.post(f"{URL}/batch", json={"ids": [asked["id"]]})
        assert found.json()["items"] == []
        agreeing = {**asked, "facts": asked["facts"][:1]}
        assert (await intake.post(URL, json=agreeing)).status_code == 201
