"""What forms of the four cities take: records of partners, facts of persons and platforms; and no claim of
what intake, papers or reviewers say."""

from typing import Any

import pytest
from tests.intake.factories import make_actor, make_application, make_person, make_unit
from tests.intake.reviews.bureau import Bureau
from tests.intake.steps.conftest import Town, found

from common.db import ALL_CITIES, Database
from common.roles import Role

PARTNER = {"id": "91310000MADE000017", "type": "university", "region": "310100", "profile": "试作大学"}
DIRECTOR = {
    "director.on_post": True,
    "director.is_fixed_member": True,
    "director.title_level": "senior",
    "director.birth_date": "1975-03-01",
}


async def fill(acting: Any, town: Town, revision: int = 1, **body: Any) -> Any:
    async with acting(town.applicant, cities=tuple(town.applicant.cities)) as client:
        path, headers = f"/v1/applications/{town.draft.id}", {"if-match": f'"{revision}"'}
        return await client.patch(path, json=body, headers=headers)


async def asked(acting: Any, town: Town, owners: Bureau) -> dict[str, Any]:
    """What eligibility is told of the draft."""
    async with acting(town.applicant, cities=tuple(town.applicant.cities)) as client:
        checked = await client.post(f"/v1/applications/{town.draft.id}/precheck", json={})
    assert checked.status_code == 200, checked.text
    facts: dict[str, Any] = owners.questions("eligibility", "/v1/prechecks")[-1]["facts"]
    return facts


async def test_partners_are_records(acting: Any, db: Database, owners: Bureau) -> None:
    town = await found(db, owners, "lz-2022", "lz22-platform-iur")
    done = await fill(acting, town, form={"partners": [PARTNER]})
    assert done.status_code == 200, done.text
    facts = await asked(acting, town, owners)
    assert facts["partners"] == [PARTNER]
    assert facts["lead"]["type"] == "enterprise"


@pytest.mark.parametrize(
    ("form", "pointer", "code"),
    [
        ({"partners": [PARTNER, {"capability_ok": True}]}, "/form/partners/1/capability_ok", "owner"),
        ({"partners": [{"region": "CN"}]}, "/form/partners/0/region", "value"),
        ({"partners": [{"colour": "red"}]}, "/form/partners/0/colour", "value"),
        ({"partners": PARTNER}, "/form/partners", "value"),
        ({"recommendation.unit": {"id": "x"}}, "/form/recommendation.unit", "owner"),
        ({"table.row_count": 1}, "/form/table.row_count", "owner"),
        ({"director.birth_date": "1975-03-01"}, "/form/director.birth_date", "owner"),
        ({"platform.level": "provincial"}, "/form/platform.level", "owner"),
    ],
)
async def test_what_a_form_does_not_take(
    acting: Any, db: Database, owners: Bureau, form: Any, pointer: str, code: str
) -> None:
    town = await found(db, owners, "hy-2021", "hy21-rd-intl")
    refused = await fill(acting, town, form=form)
    assert refused.status_code == 422, refused.text
    assert [(one["pointer"], one["code"]) for one in refused.json()["errors"]] == [(pointer, code)]


async def test_what_registers_say_of_villages_is_not_the_applicants(
    acting: Any, db: Database, owners: Bureau
) -> None:
    town = await found(db, owners, "gl-2019", "gl19-14-sts-poverty")
    claimed = [{"id": "gy-1"}, {"id": "gy-2", "on_poor_list": True, "county": "450327"}]
    refused = await fill(acting, town, form={"beneficiary.villages": claimed})
    assert refused.status_code == 422, refused.text
    errors = [(one["pointer"], one["code"]) for one in refused.json()["errors"]]
    here = "/form/beneficiary.villages/1/"
    assert sorted(errors) == [(here + "county", "owner"), (here + "on_poor_list", "owner")]
    named = await fill(acting, town, form={"beneficiary.villages": [{"id": "gy-1"}, {"id": "gy-2"}]})
    assert named.status_code == 200, named.text


async def test_a_person_where_the_form_asks(acting: Any, db: Database, owners: Bureau) -> None:
    town = await found(db, owners, "hy-2021", "hy21-platform-keylab")
    done = await fill(acting, town, form=DIRECTOR)
    assert done.status_code == 200, done.text
    facts = await asked(acting, town, owners)
    assert facts["director"]["birth_date"] == "1975-03-01"


async def test_the_team_by_id_and_role(acting: Any, db: Database, owners: Bureau) -> None:
    town = await found(db, owners, "gl-2019", "gl19-14-sts-poverty")
    async with db.write(ALL_CITIES) as session:
        commissioner = await make_person(session, city="450300", unit=town.unit)
    leader = str(town.draft.leader_id)
    members = [{"person_id": leader, "role": "leader"}, {"person_id": str(commissioner.id), "role": "main"}]
    assert (await fill(acting, town, members=members)).status_code == 200
    facts = await asked(acting, town, owners)
    assert facts["team"]["members"] == [{"person": one["person_id"], "role": one["role"]} for one in members]
    assert facts["lead"]["org"]["id"] == town.unit.uscc
    assert facts["recommendation"]["unit"]["id"] == town.above.uscc


async def test_applications_on_one_platform(acting: Any, db: Database, owners: Bureau) -> None:
    """HY-BAS-02: whoever they are of; drafts, what was withdrawn and other platforms do not count."""
    town = await found(db, owners, "hy-2021", "hy21-basic")
    filled = await fill(acting, town, form={"platform.id": " ｌab-1\u3000"})
    assert filled.json()["form"] == {"platform.id": "lab-1"}
    assert (await asked(acting, town, owners))["platform"]["application_count"] == 1
    async with db.write(ALL_CITIES) as session:
        other = await make_unit(session, city="430400", reg_region="430402")
        for lab, state in (
            ("lab-1", "submitted"),
            ("lab-1", "draft"),
            ("lab-1", "withdrawn"),
            ("lab-2", "submitted"),
            ("ｌａｂ -1\u00a0", "submitted"),  # from before numbers were kept as registers compare them
        ):
            await make_application(
                session, other, guide="hy-2021", category="hy21-basic", form={"platform.id": lab}, state=state
            )
    assert (await asked(acting, town, owners))["platform"]["application_count"] == 3


async def test_the_recommenders_table(acting: Any, db: Database, owners: Bureau) -> None:
    """HY-G-02: what the unit has let through or recommended, this one included."""
    town = await found(db, owners, "hy-2021", "hy21-rd-agri")
    states = ("submitted", "initial_review_passed", "returned", "rejected", "withdrawn")
    async with db.write(ALL_CITIES) as session:
        for state in states:
            await make_application(
                session, town.unit, guide="hy-2021", category="hy21-basic", form={}, state=state
            )
    assert (await asked(acting, town, owners))["table"]["row_count"] == 2


async def test_an_expert_sees_a_form_that_names_nobody(acting: Any, db: Database, owners: Bureau) -> None:
    town = await found(db, owners, "hy-2021", "hy21-platform-keylab")
    form = DIRECTOR | {"lab.area_m2": "1200", "partners": [PARTNER]}
    async with db.write(ALL_CITIES) as session:
        expert = await make_actor(session, Role.expert, city="430400")
        reviewed = await make_application(
            session,
            town.unit,
            guide="hy-2021",
            category="hy21-platform-keylab",
            form=form,
            state="expert_review",
            pack_version=owners.pack.version,
        )
    async with acting(town.officer, cities=("430400",)) as client:
        path = f"/v1/applications/{reviewed.id}/assignments"
        assigned = await client.post(path, json={"expert_ids": [str(expert.person_id)]})
        assert assigned.status_code == 201, assigned.text
    shown = []
    for who in (expert, town.officer):
        async with acting(who, cities=("430400",)) as client:
            answer = await client.post("/v1/applications/batch", json={"ids": [str(reviewed.id)]})
        shown.append(answer.json()["items"][0]["form"])
    assert shown == [{"lab.area_m2": "1200", "director.is_fixed_member": True}, form]
