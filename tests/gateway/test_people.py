"""Administering people through GraphQL: what is asked of intake, and what comes back."""

from typing import Any

import pytest
from tests.gateway.conftest import Gateway
from tests.gateway.owners import CITY, Owners, known, membership, person, unit

from common.errors import Conflict, FieldError, Unprocessable
from common.ids import new_id
from gateway.nouns.base import global_id

PERSON, UNIT, HELD = (str(new_id()) for _ in range(3))
ENDED = {"action": "end", "allowed": False, "reason": "intake.membership_ended", "reason_zh": "已终止",
         "reason_en": "ended"}  # fmt: skip


@pytest.fixture(autouse=True)
def head(owners: Owners) -> None:
    owners.people["head"] = known("membership_administrator")
    owners.units[UNIT] = unit(UNIT)
    owners.persons[PERSON] = person(PERSON, unit_id=UNIT, phone_masked="142****0001")


def page(*rows: dict[str, Any]) -> Any:
    return lambda _body, _actor: {"items": list(rows), "next_cursor": None}


async def test_lists_with_their_filters(gateway: Gateway, owners: Owners) -> None:
    owners.intake.on("POST", "/v1/people/search", page(owners.persons[PERSON]))
    owners.intake.on("POST", "/v1/units/search", page(owners.units[UNIT]))
    row = membership(HELD, person_id=PERSON, unit_id=UNIT, state="ended", allowed_actions=[ENDED])
    owners.intake.on("POST", "/v1/memberships/search", page(row))
    data = await gateway.data(
        """query($u: ID!) {
          people(filter: {unitId: $u, text: "甲"}) { nodes { name phoneMasked unit { name } } }
          units(filter: {city: "330800"}) { nodes { uscc allowedActions { action } } }
          memberships(filter: {role: officer, inForce: true}) { edges { cursor node {
            role state person { name } unit { uscc }
            allowedActions { allowed reason explanation { zh } } } } }
        }""",
        "head",
        u=global_id("Unit", UNIT),
    )
    assert data["people"]["nodes"] == [
        {"name": "甲", "phoneMasked": "142****0001", "unit": {"name": "样例单位"}}
    ]
    node = data["memberships"]["edges"][0]["node"]
    assert (node["role"], node["state"], node["person"]["name"]) == ("officer", "ended", "甲")
    assert node["allowedActions"] == [
        {"allowed": False, "reason": "intake.membership_ended", "explanation": {"zh": "已终止"}}
    ]
    asked = dict(owners.intake.bodies)
    assert asked["POST /v1/people/search"] == {"unit_id": UNIT, "text": "甲", "first": 20}
    assert asked["POST /v1/units/search"] == {"city": CITY, "first": 20}
    assert asked["POST /v1/memberships/search"] == {"role": "officer", "in_force": True, "first": 20}


async def test_a_membership_is_a_node(gateway: Gateway, owners: Owners) -> None:
    owners.intake.on("POST", "/v1/memberships/batch", page(membership(HELD)))
    key = global_id("MembershipRecord", HELD)
    query = "query($i: ID!) { node(id: $i) { ... on MembershipRecord { subject revision } } }"
    data = await gateway.data(query, "head", i=key)
    assert data["node"] == {"subject": "li", "revision": 1}


COMMANDS = [
    (
        "grantMembership",
        "membership { role }",
        {
            "personId": PERSON,
            "issuer": "https://i",
            "subject": "s",
            "role": "expert",
            "clientMutationId": "k",
        },
        ("POST", "/v1/memberships", membership(HELD, role="expert")),
        {"membership": {"role": "expert"}},
        {
            "person_id": PERSON,
            "issuer": "https://i",
            "subject": "s",
            "role": "expert",
            "unit_id": None,
            "login_kind": None,
            "valid_from": None,
            "valid_to": None,
        },
    ),
    (
        "endMembership",
        "membership { state }",
        {"membershipId": HELD, "expectedRevision": 3, "at": "2020-06-10T00:00:00+08:00"},
        ("POST", f"/v1/memberships/{HELD}/end", membership(HELD, state="ended")),
        {"membership": {"state": "ended"}},
        {"at": "2020-06-10T00:00:00+08:00"},
    ),
    (
        "movePerson",
        "person { name } ended { id } granted { role }",
        {"personId": PERSON, "expectedRevision": 3, "unitId": UNIT, "roles": ["applicant"]},
        (
            "POST",
            f"/v1/people/{PERSON}/move",
            {
                "person_id": PERSON,
                "unit_id": UNIT,
                "ended": [],
                "granted": [membership(HELD, role="applicant")],
            },
        ),
        {"person": {"name": "甲"}, "ended": [], "granted": [{"role": "applicant"}]},
        {"unit_id": UNIT, "roles": ["applicant"], "at": None},
    ),
    (
        "createUnit",
        "unit { name }",
        {"city": CITY, "uscc": "91330800TEST000001", "name": "样例单位", "recommendingUnitId": UNIT},
        ("POST", "/v1/units", unit(UNIT)),
        {"unit": {"name": "样例单位"}},
        {
            "city": CITY,
            "uscc": "91330800TEST000001",
            "name": "样例单位",
            "short_names": [],
            "former_names": [],
            "recommending_unit_id": UNIT,
        },
    ),
    (
        "updateUnitRegistration",
        "unit { revision }",
        {"unitId": UNIT, "expectedRevision": 3, "quotaToken": None, "recommendingUnitId": None},
        ("PATCH", f"/v1/units/{UNIT}/registration", unit(UNIT)),
        {"unit": {"revision": 1}},
        {"quota_token": None, "recommending_unit_id": None},
    ),
    (
        "updatePerson",
        "person { phoneMasked }",
        {"personId": PERSON, "expectedRevision": 3, "phone": "14200000001", "residentId": None},
        ("PATCH", f"/v1/people/{PERSON}", person(PERSON, phone_masked="142****0001")),
        {"person": {"phoneMasked": "142****0001"}},
        {"phone": "14200000001", "resident_id": None},
    ),
    (
        "createPerson",
        "person { ref }",
        {"name": "甲", "city": CITY, "ref": "p-1"},
        ("POST", "/v1/people", person(PERSON, ref="p-1")),
        {"person": {"ref": "p-1"}},
        {"name": "甲", "city": CITY, "ref": "p-1"},
    ),
    (
        "revealIdentifiers",
        "residentId phone",
        {"personId": PERSON},
        ("POST", f"/v1/people/{PERSON}/identifiers", {"resident_id": None, "phone": "14200000001"}),
        {"residentId": None, "phone": "14200000001"},
        {},
    ),
]


@pytest.mark.parametrize(
    ("name", "fields", "given", "route", "shown", "sent"), COMMANDS, ids=[one[0] for one in COMMANDS]
)
async def test_commands(
    gateway: Gateway,
    owners: Owners,
    name: str,
    fields: str,
    given: dict[str, Any],
    route: tuple[str, str, dict[str, Any]],
    shown: dict[str, Any],
    sent: dict[str, Any],
) -> None:
    method, path, answer = route
    owners.intake.on(method, path, lambda _body, _actor: answer)
    kind = f"{name[0].upper()}{name[1:]}Input"
    query = f"mutation($i: {kind}!) {{ {name}(input: $i) {{ errors {{ code path }} {fields} }} }}"
    data = await gateway.data(query, "head", i=given)
    assert data[name] == {"errors": [], **shown}
    at = [index for index, (called, _) in enumerate(owners.intake.bodies) if called == f"{method} {path}"][-1]
    assert owners.intake.bodies[at][1] == sent
    headers = [one for one in owners.intake.headers if "if-match" in one]
    assert [one["if-match"] for one in headers] == (['"3"'] if "expectedRevision" in given else [])


async def test_a_refusal_points_at_the_input(gateway: Gateway, owners: Owners) -> None:
    class Last(Conflict):
        code, title_zh, title_en = "intake.last_administrator", "最后一名", "the last one"

    class Wrong(Unprocessable):
        code, title_zh, title_en = "intake.move_invalid", "不能调动", "cannot be moved"

    def refuse(error: Exception) -> Any:
        def answer(_body: Any, _actor: Any) -> Any:
            raise error

        return answer

    owners.intake.on("POST", f"/v1/memberships/{HELD}/end", refuse(Last()))
    owners.intake.on(
        "POST", f"/v1/people/{PERSON}/move", refuse(Wrong(errors=[FieldError("/unit_id", "unit", "no")]))
    )
    data = await gateway.data(
        """mutation($m: ID!, $p: ID!, $u: ID!) {
          endMembership(input: {membershipId: $m, expectedRevision: 1}) {
            membership { id } errors { code } }
          movePerson(input: {personId: $p, unitId: $u, expectedRevision: 1}) {
            errors { code path } person { id } }
        }""",
        "head",
        m=HELD,
        p=PERSON,
        u=UNIT,
    )
    assert data["endMembership"] == {"membership": None, "errors": [{"code": "intake.last_administrator"}]}
    assert data["movePerson"] == {
        "person": None,
        "errors": [{"code": "unit", "path": ["input", "unitId"]}],
    }


async def test_an_import_is_reported(gateway: Gateway, owners: Owners) -> None:
    counts = {"created": 1, "changed": 0, "unchanged": 2}
    problem = {"pointer": "/people/0/ref", "code": "twice", "reason": "twice", "reason_zh": "重复"}
    answer = {
        "units": [],
        "people": [],
        "memberships": 0,
        "report": dict.fromkeys(("units", "people", "memberships"), counts),
        "problems": [problem],
    }
    owners.intake.on("POST", "/v1/memberships/import", lambda *_: answer)
    query = """mutation { importMemberships(input: {dryRun: true}) {
      report { people { created unchanged } } problems { code reason } } }"""
    data = await gateway.data(query, "head")
    assert data["importMemberships"] == {
        "report": {"people": {"created": 1, "unchanged": 2}},
        "problems": [{"code": "twice", "reason": "重复"}],
    }
