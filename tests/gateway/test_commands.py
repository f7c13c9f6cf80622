"""Mutations: what is sent on, and how refusals come back."""

from typing import Any

import pytest
from tests.gateway.conftest import Gateway
from tests.gateway.owners import GUIDE, MAJOR, Owners, application, assessment, finding, known, unit

from common.errors import Conflict, FieldError, RevisionMismatch, Unprocessable
from common.ids import new_id
from gateway.nouns.base import global_id

KEY, UNIT, OTHER = (str(new_id()) for _ in range(3))
APPLICATION = global_id("Application", KEY)


@pytest.fixture(autouse=True)
def somebody(owners: Owners) -> None:
    owners.people["wang"] = known("applicant", unit_id=UNIT)
    owners.applications[KEY] = application(KEY)


async def test_create_sends_the_key_and_gives_the_object_back(gateway: Gateway, owners: Owners) -> None:
    owners.intake.on("POST", "/v1/applications", lambda body, _actor: application(KEY, title=body["title"]))
    data = await gateway.data(
        """mutation($u: ID!) { createApplication(input: {clientMutationId: "c-1", guide: "qz-2020",
             category: "qz20-major", unitId: $u, title: "氟材料"}) {
             clientMutationId errors { code } application { id title revision } } }""",
        "wang",
        u=global_id("Unit", UNIT),
    )
    assert data["createApplication"] == {
        "clientMutationId": "c-1",
        "errors": [],
        "application": {"id": APPLICATION, "title": "氟材料", "revision": 1},
    }
    assert owners.intake.bodies[-1][1] == {
        "guide": GUIDE,
        "category": MAJOR,
        "unit_id": UNIT,
        "title": "氟材料",
    }
    assert owners.intake.headers[-1]["idempotency-key"] == "c-1"


UPDATE = """mutation($i: UpdateApplicationInput!) { updateApplication(input: $i) {
  errors { code message path details } application { revision } } }"""


async def test_update_sends_what_was_given_and_nothing_else(gateway: Gateway, owners: Owners) -> None:
    owners.intake.on("PATCH", f"/v1/applications/{KEY}", lambda *_: application(KEY, revision=8))
    given: dict[str, Any] = {"applicationId": APPLICATION, "expectedRevision": 7}
    for changes, body in (
        ({"title": "新名"}, {"title": "新名"}),
        ({"form": {"budget.rd_total": 1, "x.y": None}}, {"form": {"budget.rd_total": 1, "x.y": None}}),
        ({"leaderId": None}, {"leader_id": None}),
        (
            {"members": [{"personId": global_id("Person", OTHER), "role": "main"}]},
            {"members": [{"person_id": OTHER, "role": "main"}]},
        ),
        ({}, {}),
    ):
        data = await gateway.data(UPDATE, "wang", i=given | changes)
        assert data["updateApplication"] == {"errors": [], "application": {"revision": 8}}
        assert owners.intake.bodies[-1][1] == body
        assert owners.intake.headers[-1]["if-match"] == '"7"'


def raising(error: Exception) -> Any:
    def answer(*_: Any) -> None:
        raise error

    return answer


async def test_faults_point_into_the_input(gateway: Gateway, owners: Owners) -> None:
    faults = [FieldError("/leader_id", "unknown", "no such person"), FieldError("/form/a~1b", "type", "x")]
    owners.intake.on("PATCH", f"/v1/applications/{KEY}", raising(Unprocessable(errors=faults)))
    data = await gateway.data(UPDATE, "wang", i={"applicationId": KEY, "expectedRevision": 1})
    errors = data["updateApplication"]["errors"]
    assert data["updateApplication"]["application"] is None
    assert [(error["code"], error["path"]) for error in errors] == [
        ("unknown", ["input", "leaderId"]),
        ("type", ["input", "form", "a/b"]),
    ]
    assert errors[0]["message"] == "内容不符合要求: no such person"


async def test_a_lost_update_is_a_user_error(gateway: Gateway, owners: Owners) -> None:
    owners.intake.on("PATCH", f"/v1/applications/{KEY}", raising(RevisionMismatch()))
    data = await gateway.data(UPDATE, "wang", i={"applicationId": KEY, "expectedRevision": 1})
    assert data["updateApplication"]["errors"][0]["code"] == "common.revision_mismatch"
    assert data["updateApplication"]["errors"][0]["path"] == ["input"]


async def test_what_a_refusal_adds_is_kept(gateway: Gateway, owners: Owners) -> None:
    owners.intake.on("PATCH", f"/v1/applications/{KEY}", raising(Conflict(extra={"reason": "window_closed"})))
    data = await gateway.data(UPDATE, "wang", i={"applicationId": KEY, "expectedRevision": 1})
    assert data["updateApplication"]["errors"][0]["details"] == {"reason": "window_closed"}


async def test_a_command_to_a_service_that_is_down_can_be_repeated(gateway: Gateway, owners: Owners) -> None:
    await gateway.data("{ viewer { roles } }", "wang")
    owners.intake.down = True
    answer = await gateway.ask(UPDATE, "wang", i={"applicationId": KEY, "expectedRevision": 1})
    assert answer["data"] == {"updateApplication": None}
    assert answer["errors"][0]["extensions"] | {"traceId": ""} == {
        "code": "common.owner_unavailable",
        "service": "intake",
        "traceId": "",
    }
    owners.intake.down = False
    owners.intake.on("PATCH", f"/v1/applications/{KEY}", lambda *_: application(KEY))
    await gateway.data(UPDATE, "wang", i={"applicationId": KEY, "expectedRevision": 1})


async def test_a_refused_submission_shows_its_findings(gateway: Gateway, owners: Owners) -> None:
    attempt = {
        "id": OTHER,
        "application_id": KEY,
        "state": "refused",
        "received_at": "2020-06-28T09:00:00.001Z",
        "application_revision": 3,
        "failure": {"code": "intake.window_closed", "rules": ["QZ-4-8"], "reason": None},
    }
    owners.intake.on(
        "POST",
        f"/v1/applications/{KEY}/submit",
        lambda *_: {
            "attempt": attempt,
            "application": application(KEY),
            "receipt": None,
            "assessment": assessment(OTHER, KEY),
        },
    )
    data = await gateway.data(
        """mutation($a: ID!) { submitApplication(input: {applicationId: $a, expectedRevision: 3,
             idempotencyKey: "k"}) { errors { code } eligible receipt { digest }
             attempt { state receivedAt failure { code rules } }
             findings { rule outcome remedy clause { section } } application { state } } }""",
        "wang",
        a=APPLICATION,
    )
    answer = data["submitApplication"]
    assert answer["errors"] == []
    assert answer["attempt"]["state"] == "refused"
    assert answer["attempt"]["failure"] == {"code": "intake.window_closed", "rules": ["QZ-4-8"]}
    assert answer["eligible"] == "not_eligible"
    assert answer["findings"][0]["remedy"] == "还差 1 元"
    assert owners.intake.headers[-1]["idempotency-key"] == "k"
    assert owners.intake.bodies[-1][1] == {"expected_revision": 3}


async def test_after_a_command_rows_are_read_again(gateway: Gateway, owners: Owners) -> None:
    owners.units[UNIT] = unit(UNIT, revision=1)

    def patch(body: Any, _actor: Any) -> Any:
        owners.units[UNIT] = unit(UNIT, revision=owners.units[UNIT]["revision"] + 1, name=body["name"])
        return owners.units[UNIT]

    owners.intake.on("PATCH", f"/v1/units/{UNIT}", patch)
    owners.intake.on("POST", "/v1/applications", lambda *_: application(KEY, unit_id=UNIT))
    create = """createApplication(input: {guide: "qz-2020", category: "c", unitId: $u, title: "t"}) {
                  application { unit { name } } }"""
    rename = """completeUnitProfile(input: {unitId: $u, expectedRevision: 1, name: "新名"}) {
                  unit { revision } }"""
    data = await gateway.data(
        "mutation($u: ID!) { a: " + create + " b: " + rename + " c: " + create + " }", "wang", u=UNIT
    )
    assert data["a"]["application"]["unit"]["name"] == "样例单位"
    assert data["b"]["unit"]["revision"] == 2
    assert data["c"]["application"]["unit"]["name"] == "新名"


async def test_a_full_row_refuses_with_distance(gateway: Gateway, owners: Owners) -> None:
    refused = {
        "id": OTHER,
        "application_id": KEY,
        "state": "refused",
        "row": f"{MAJOR}/qujiang",
        "hold": None,
        "assessment_id": OTHER,
        "reason": None,
        "received_at": "2020-06-20T01:00:00Z",
        "created_at": "2020-06-20T01:00:00Z",
        "closed_at": "2020-06-20T01:00:00Z",
    }
    owners.intake.on(
        "POST",
        f"/v1/applications/{KEY}/recommend",
        lambda *_: {
            "recommendation": refused,
            "application": application(KEY, state="initial_review_passed"),
            "findings": [finding("QZ-4-8b")],
        },
    )
    data = await gateway.data(
        """mutation($a: ID!) { recommend(input: {applicationId: $a}) { errors { code }
             recommendation { state rowKey } findings { rule outcome } } }""",
        "wang",
        a=APPLICATION,
    )
    assert data["recommend"] == {
        "errors": [],
        "recommendation": {"state": "refused", "rowKey": "qz20-major/qujiang"},
        "findings": [{"rule": "QZ-4-8b", "outcome": "fail"}],
    }


async def test_publishing_stages_first_and_a_dry_run_only_validates(gateway: Gateway, owners: Owners) -> None:
    staged = {"guide": GUIDE, "version": "v1", "state": "staged", "problems": []}
    owners.intake.on("POST", "/v1/guides", lambda *_: staged)
    owners.intake.on(
        "POST",
        f"/v1/guides/{GUIDE}/versions/v1/publish",
        lambda *_: {"guide": GUIDE, "version": "v1", "state": "published", "activated": True},
    )
    query = """mutation($d: Boolean!) {
                 publishGuide(input: {text: "id: x", dryRun: $d, idempotencyKey: "k"}) { state version } }"""
    assert (await gateway.data(query, "wang", d=True))["publishGuide"]["state"] == "staged"
    assert (await gateway.data(query, "wang", d=False))["publishGuide"]["state"] == "published"
    assert owners.intake.calls[f"POST /v1/guides/{GUIDE}/versions/v1/publish"] == 1


@pytest.mark.parametrize(
    "rule",
    ["../../x", "a/b", "a?b=c", "a#b", "a%2f..", "", "QZ 4"],
)
async def test_a_path_cannot_be_steered_by_input(rule: str, gateway: Gateway, owners: Owners) -> None:
    for query in (
        """mutation($r: String!, $a: ID!) { decideFinding(input: {applicationId: $a, rule: $r, reason: "x"}) {
             rule } }""",
        """mutation($r: String!, $a: ID!) { addRegisterEntry(input: {register: $r, entry: {}}) { entry }
             decideFinding(input: {applicationId: $a, rule: "a", reason: "x"}) { rule } }""",
    ):
        answer = await gateway.ask(query, "wang", r=rule, a=APPLICATION)
        first = next(iter(answer["data"]))
        assert answer["data"][first] is None
        assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert not owners.eligibility.calls


@pytest.mark.parametrize(
    ("mutation", "path"), [("withdrawApplication", "withdraw"), ("reopenApplication", "reopen")]
)
async def test_a_reason_goes_with_what_is_undone(
    mutation: str, path: str, gateway: Gateway, owners: Owners
) -> None:
    owners.intake.on("POST", f"/v1/applications/{KEY}/{path}", lambda *_: application(KEY, revision=9))
    given = 'applicationId: $a, reason: "x", idempotencyKey: "k-1"'
    fields = "errors { code } application { revision }"
    query = f"mutation($a: ID!) {{ {mutation}(input: {{ {given} }}) {{ {fields} }} }}"
    data = await gateway.data(query, "wang", a=APPLICATION)
    assert data[mutation] == {"errors": [], "application": {"revision": 9}}
    assert owners.intake.bodies[-1][1] == {"reason": "x"}
    assert owners.intake.headers[-1]["idempotency-key"] == "k-1"


async def test_another_assessment_is_answered_with_its_verdict(gateway: Gateway, owners: Owners) -> None:
    answer = {
        "application": application(KEY, state="accepted"),
        "assessment_id": KEY,
        "stage": "formal_review",
        "eligible": "pending",
        "findings": [finding(gap={"fact": "lab.area_m2", "value": "12.50", "unit": "m2"})],
    }
    owners.intake.on("POST", f"/v1/applications/{KEY}/reassess", lambda *_: answer)
    query = """mutation($a: ID!) { reassessApplication(input: {
                 applicationId: $a, reason: "x", idempotencyKey: "k-1"}) {
                 errors { code } stage eligible application { state } findings { gap { value unit } } } }"""
    data = await gateway.data(query, "wang", a=APPLICATION)
    assert data["reassessApplication"] == {
        "errors": [],
        "stage": "formal_review",
        "eligible": "pending",
        "application": {"state": "accepted"},
        "findings": [{"gap": {"value": "12.50", "unit": "m2"}}],
    }
    assert owners.intake.bodies[-1][1] == {"reason": "x"}
    assert owners.intake.headers[-1]["idempotency-key"] == "k-1"
