"""What a unit may apply for, asked through intake with the real eligibility behind it."""

from pathlib import Path
from typing import Any

import pytest
from tests.intake.factories import Cast, make_actor, make_cast, make_unit, pack, pack_text
from tests.intake.house import House

from common.actor import Actor
from common.db import ALL_CITIES
from common.ids import new_id
from common.roles import Role
from common.testing import http
from guide import load_pack
from intake.applications.subjects import named

GUIDES = Path(__file__).parents[3] / "deploy" / "guides"
Json = dict[str, Any]


@pytest.fixture
async def cast(house: House) -> Cast:
    async with http(house.apps["intake"], caller="operator") as operator:
        staged = await operator.post("/v1/guides", json={"text": pack_text()})
        assert staged.status_code == 201, staged.text
        published = await operator.post(f"/v1/guides/qz-2020/versions/{pack().version}/publish")
        assert published.json()["activated"] is True, published.text
    async with house.databases["intake"].write(ALL_CITIES) as session:
        return await make_cast(session)


async def ask(house: House, acting: Actor, cast: Cast, **body: Any) -> Any:
    async with http(house.apps["intake"], acting) as client:
        return await client.post(f"/v1/units/{cast.unit.id}/matches", json=body)


def of(found: Json, category: str) -> Json:
    return dict(next(one for one in found["items"] if one["category"] == category))


async def test_what_the_unit_and_the_registers_state_is_not_asked_for_again(house: House, cast: Cast) -> None:
    leader = str(cast.application.leader_id)
    answer = await ask(house, cast.applicant, cast, leader_id=leader, facts={"budget.rd_total": 2_400_000})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    major = of(found, "qz20-major")
    assert [one["finding"]["rule"] for one in major["failures"]] == ["QZ-4-2"]
    used = {fact["name"]: fact["source"] for fact in major["failures"][0]["finding"]["facts_used"]}
    assert "budget.rd_total" in used
    asked = {one["fact"] for one in found["questions"]}
    # the unit's own columns, the login, and what registers look up
    assert not asked & {"applicant.type", "applicant.reg_region", "session.login_kind", "blacklist.listed"}
    missing = {name for one in found["items"] for name in one["missing"]["others"]}
    assert not missing & {"blacklist.listed", "person.lead_count", "applicant.unaccepted_subsidised_count"}


async def test_a_blacklisted_unit_is_told_so(house: House, cast: Cast) -> None:
    async with http(house.apps["eligibility"], caller="operator") as operator:
        listed = await operator.post(
            "/v1/registers/credit_blacklist/entries",
            json={
                "unit_uscc": cast.unit.uscc,
                "list_id": "city-credit",
                "from": "2020-01-01T00:00:00+08:00",
            },
        )
        assert listed.status_code == 201, listed.text
    found = (await ask(house, cast.applicant, cast)).json()
    for one in found["items"]:
        assert "QZ-SUB-04" in {failure["finding"]["rule"] for failure in one["failures"]}


async def test_a_silent_guide_is_shut_until_its_bureau_opens_it(
    house: House, cast: Cast, business_clock: Any
) -> None:
    text = (GUIDES / "lz-2022.yaml").read_text(encoding="utf-8")
    lanzhou = load_pack(text)
    business_clock.at("2022-03-01T09:00:00+08:00")
    asked = {"guides": ["lz-2022"], "limit": 500}
    async with http(house.apps["intake"], caller="operator", cities=(lanzhou.city,)) as operator:
        await operator.post("/v1/guides", json={"text": text})
        published = await operator.post(f"/v1/guides/lz-2022/versions/{lanzhou.version}/publish")
        assert published.json()["activated"] is True, published.text
    assert (await ask(house, cast.applicant, cast, **asked)).json()["items"] == []
    shut = (await ask(house, cast.applicant, cast, **asked, open_only=False)).json()["items"]
    assert {one["window"]["state"] for one in shut} == {"not_announced"}
    async with house.databases["intake"].write(ALL_CITIES) as session:
        officer = await make_actor(session, Role.officer, city=lanzhou.city)
    async with http(house.apps["intake"], officer, cities=(lanzhou.city,)) as client:
        said = await client.post("/v1/calls/lz-2022/open", json={"at": None, "reason": "局办公会决定"})
        assert said.status_code == 200, said.text
    opened = (await ask(house, cast.applicant, cast, **asked)).json()["items"]
    assert {one["window"]["state"] for one in opened} == {"open"}


async def test_what_registers_are_asked_for_is_what_a_draft_would_name(house: House, cast: Cast) -> None:
    """Too long for a register, it is not looked up; the question itself is sound."""
    tried = {"patent.number": "9" * 300, "platform.id": " ", "talent.person": {"id": "t" * 300}}
    answer = await ask(house, cast.applicant, cast, facts=tried)
    assert all("subjects" not in one["pointer"] for one in answer.json().get("errors", ()))


def test_what_facts_name_before_they_are_checked() -> None:
    unit = {"id": "u"}
    values = {
        "patent.number": "p" * 300,
        "project.identity": "a\x00b",
        "platform.id": "lab-1",
        "contract.registration_no": "2022620100001234",
        "talent.person": {"id": "t-1"},
        "beneficiary.villages": [{"id": "v-1"}, {"id": 7}, "v-2", {"id": "v" * 300}],
    }
    assert named(unit, [], values) == {
        "unit": unit,
        "people": [],
        "patent_number": None,
        "project_identity": None,
        "platform_id": "lab-1",
        "contract_number": "2022620100001234",
        "talent": "t-1",
        "villages": ["v-1"],
    }
    assert named(unit, [], {"beneficiary.villages": 5, "talent.person": 5})["villages"] == []


async def test_who_does_not_see_the_unit_in_full_hears_of_nothing(house: House, cast: Cast) -> None:
    async with house.databases["intake"].write(ALL_CITIES) as session:
        elsewhere = await make_unit(session)
        stranger = await make_actor(session, Role.applicant, unit=elsewhere)
    for acting, status in ((stranger, 404), (cast.officer, 200), (cast.recommender, 200)):
        assert (await ask(house, acting, cast)).status_code == status


async def test_a_leader_is_somebody_of_the_unit(house: House, cast: Cast) -> None:
    for leader in (new_id(), cast.officer.person_id):
        answer = await ask(house, cast.applicant, cast, leader_id=str(leader))
        assert (answer.status_code, answer.json()["code"]) == (404, "common.not_found")


async def test_another_kind_of_unit_may_be_tried_out(house: House, cast: Cast) -> None:
    tried = await ask(house, cast.applicant, cast, facts={"applicant": {"type": "university"}})
    assert tried.status_code == 200, tried.text


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"facts": {"no.such": 1}}, 422, "eligibility.question_refused"),
        ({"facts": {"applicant": {"type": "guild"}}}, 422, "eligibility.question_refused"),
        ({"cities": ["x"]}, 422, "common.invalid"),
        ({"limit": 0}, 422, "common.invalid"),
        ({"surplus": 1}, 422, "common.invalid"),
    ],
)
async def test_bad_questions(house: House, cast: Cast, body: Json, status: int, code: str) -> None:
    answer = await ask(house, cast.applicant, cast, **body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_nobody_without_a_person_asks(house: House, cast: Cast) -> None:
    async with http(house.apps["intake"], caller="gateway") as client:
        answer = await client.post(f"/v1/units/{cast.unit.id}/matches", json={})
    assert answer.status_code == 403
