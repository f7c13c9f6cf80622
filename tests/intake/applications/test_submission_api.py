"""Submitting over HTTP: what comes back, who may, and what is refused."""

import hashlib
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx
import orjson
import pytest
from tests.intake.factories import CLOSE, OTHER_CITY, Cast, make_actor, make_application, make_unit
from tests.intake.owners import Owners

from common.db import ALL_CITIES, Database
from common.roles import Role
from common.testing import actor as stranger
from intake.applications.models import Application

As = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]


async def submit(
    client: httpx.AsyncClient, cast: Cast, *, revision: int = 1, key: str | None = "k1"
) -> httpx.Response:
    headers = {"Idempotency-Key": key} if key else {}
    path = f"/v1/applications/{cast.application.id}/submit"
    return await client.post(path, json={"expected_revision": revision}, headers=headers)


async def stored(db: Database, cast: Cast) -> Application:
    async with db.read(ALL_CITIES) as session:
        found = await session.get(Application, cast.application.id, populate_existing=True)
        assert found is not None
        return found


async def test_a_sound_draft_is_admitted_with_a_receipt(acting: As, cast: Cast, owners: Owners) -> None:
    async with acting(cast.applicant) as client:
        answer = await submit(client, cast)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    application, attempt, receipt = body["application"], body["attempt"], body["receipt"]
    assert attempt["state"] == "admitted"
    assert application["state"] == "submitted"
    assert application["pending"] is False
    assert application["attempt_open"] is False
    assert application["bundle_id"] == attempt["id"]
    assert application["assessments"]["submission"] == body["assessment"]["id"]
    assert application["received_at"] == attempt["received_at"] == "2020-06-01T01:00:00Z"
    told = {"application_id": application["id"], **{k: v for k, v in receipt.items() if k != "digest"}}
    told["received_at"] = "2020-06-01T01:00:00+00:00"
    assert receipt["digest"] == hashlib.sha256(orjson.dumps(told, option=orjson.OPT_SORT_KEYS)).hexdigest()
    assert receipt["manifest_sha256"] == owners.bundles[attempt["id"]]["manifest_sha256"]


async def test_facts_are_pushed_with_source_time_and_revision(acting: As, cast: Cast, owners: Owners) -> None:
    async with acting(cast.applicant) as client:
        await submit(client, cast)
    (asked,) = owners.questions("eligibility", "/v1/assessments")
    facts = {fact["name"]: fact for fact in asked["facts"]}
    assert asked["unavailable"] == []
    assert facts["project.topic"]["source"] == "form"
    assert facts["project.topic"]["revision"] == 1
    assert facts["applicant.jurisdiction"]["value"] == "qujiang"
    assert facts["applicant.profile_complete"]["value"] is True
    assert facts["applicant.names"]["value"] == [cast.unit.name]
    assert facts["applicant.other_applications"]["value"] == []
    assert facts["session.login_kind"]["value"] == "personal"
    assert facts["submission.channel"]["value"] == "online_competitive_2020"
    assert facts["commitment.unit_signed"]["source"] == "documents"
    assert facts["quota.row"]["value"] == "qz20-rd/qujiang"
    assert facts["quota.used"]["value"] == 1
    assert asked["subjects"]["unit"]["uscc"] == cast.unit.uscc
    assert asked["subjects"]["people"] == [{"id": str(cast.application.leader_id), "role": "leader"}]
    (sealed,) = owners.questions("documents", "/v1/bundles")
    assert cast.unit.name in sealed["names"]
    assert len(sealed["names"]) == 2  # the unit's and the leader's


@pytest.mark.parametrize("key", ["k1", None])
async def test_a_retry_finds_the_same_attempt(
    acting: As, cast: Cast, owners: Owners, key: str | None
) -> None:
    async with acting(cast.applicant) as client:
        first = await submit(client, cast, key=key)
        again = await submit(client, cast, key=key)
    assert again.status_code == first.status_code == 200
    assert again.json()["attempt"] == first.json()["attempt"]
    assert again.json()["receipt"] == first.json()["receipt"]
    assert len(owners.questions("documents", "/v1/bundles")) == 1


async def test_a_key_with_another_body_is_refused(acting: As, cast: Cast) -> None:
    async with acting(cast.applicant) as client:
        await submit(client, cast)
        answer = await submit(client, cast, revision=2)
    assert answer.status_code == 422
    assert answer.json()["code"] == "idempotency.key_reused"


async def test_what_is_submitted_cannot_be_submitted_again(acting: As, cast: Cast) -> None:
    async with acting(cast.applicant) as client:
        await submit(client, cast)
        answer = await submit(client, cast, revision=2, key="k2")
    assert answer.status_code == 409
    assert answer.json()["reason"] == "not_in_state"


async def test_a_stale_revision_is_refused(acting: As, cast: Cast, db: Database) -> None:
    async with acting(cast.applicant) as client:
        answer = await submit(client, cast, revision=7)
    assert answer.status_code == 412
    assert (await stored(db, cast)).open_attempt_id is None


async def test_exactly_at_the_close_is_in_time(acting: As, cast: Cast, business_clock: Any) -> None:
    business_clock.at(CLOSE)
    async with acting(cast.applicant) as client:
        answer = await submit(client, cast)
    assert answer.json()["attempt"]["state"] == "admitted"


@pytest.mark.parametrize("away", [set(), {"eligibility"}, {"eligibility", "documents", "quota"}])
async def test_one_millisecond_late_is_refused_whoever_is_away(
    acting: As, cast: Cast, owners: Owners, db: Database, business_clock: Any, away: set[str]
) -> None:
    business_clock.at("2020-06-28T17:00:00.001+08:00")
    owners.down = away
    async with acting(cast.applicant) as client:
        answer = await submit(client, cast)
    assert answer.status_code == 200
    body = answer.json()
    assert body["attempt"]["state"] == "refused"
    assert body["attempt"]["failure"]["code"] == "intake.window_closed"
    assert body["receipt"] is None
    failed = {one["rule"]: one for one in body["assessment"]["findings"] if one["outcome"] == "fail"}
    assert failed.keys() == {"QZ-WIN-01", "QZ-4-8a"}
    assert failed["QZ-4-8a"]["effect"] == "deemed_given_up"
    assert failed["QZ-4-8a"]["clause"]["lines"]
    assert failed["QZ-4-8a"]["gap"]["value"] == 1
    assert body["application"]["state"] == "draft"
    assert (await stored(db, cast)).open_attempt_id is None


async def test_before_the_opening_is_refused(acting: As, cast: Cast, business_clock: Any) -> None:
    business_clock.at("2020-05-17T23:59:59.999+08:00")
    async with acting(cast.applicant) as client:
        body = (await submit(client, cast)).json()
    assert body["attempt"]["failure"]["code"] == "intake.window_not_open"
    assert body["application"]["state"] == "draft"


async def test_missing_answers_are_refused_and_named(acting: As, cast: Cast, db: Database) -> None:
    async with db.write(ALL_CITIES) as session:
        row = await session.get(Application, cast.application.id)
        assert row is not None
        row.form = {}
    async with acting(cast.applicant) as client:
        body = (await submit(client, cast)).json()
        assert body["attempt"]["state"] == "refused"
        assert set(body["assessment"]["decision"]["missing"]) >= {
            "project.topic",
            "commitment.truth_declared",
        }
        assert body["application"]["failure"]["rules"] == body["assessment"]["decision"]["rules"]
        # what was missing is put right and handed in again
        etag = body["application"]["revision"]
        form = {"project.topic": "qz20-t-1-1-fluorine", "commitment.truth_declared": True}
        path = f"/v1/applications/{cast.application.id}"
        fixed = await client.patch(path, json={"form": form}, headers={"If-Match": f'"{etag}"'})
        again = await submit(client, cast, revision=fixed.json()["revision"], key="k2")
    assert again.json()["attempt"]["state"] == "admitted"
    assert again.json()["application"]["failure"] is None


async def test_only_the_units_applicant_may_submit(acting: As, cast: Cast, db: Database) -> None:
    async with db.write(ALL_CITIES) as session:
        other_unit = await make_unit(session)
        neighbour = await make_actor(session, Role.applicant, unit=other_unit)
        abroad = await make_unit(session, city=OTHER_CITY)
        other_city = await make_actor(session, Role.applicant, city=OTHER_CITY, unit=abroad)
        manager = await make_actor(
            session, Role.department_manager, unit=cast.unit, login_kind="legal_person"
        )
    for actor, status in ((neighbour, 404), (other_city, 404), (cast.officer, 403), (manager, 403)):
        async with acting(actor) as client:
            assert (await submit(client, cast)).status_code == status
    # a token that still claims the role after the membership is gone
    async with acting(stranger(Role.applicant, unit_id=cast.unit.id)) as client:
        assert (await submit(client, cast)).status_code == 403
    assert (await stored(db, cast)).open_attempt_id is None


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/expected_revision"),
        ({"expected_revision": "x"}, "/expected_revision"),
        ({"expected_revision": 0}, "/expected_revision"),
        ({"expected_revision": 1, "state": "approved"}, "/state"),
    ],
)
async def test_a_bad_body_is_refused(acting: As, cast: Cast, body: dict[str, Any], pointer: str) -> None:
    async with acting(cast.applicant) as client:
        answer = await client.post(f"/v1/applications/{cast.application.id}/submit", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer


async def test_other_applications_of_the_unit_are_told(
    acting: As, cast: Cast, owners: Owners, db: Database
) -> None:
    async with db.write(ALL_CITIES) as session:
        other = await make_application(session, cast.unit, state="submitted", category="qz20-major")
        await make_application(session, cast.unit, state="draft")
        await make_application(session, cast.unit, state="withdrawn")
    async with acting(cast.applicant) as client:
        await submit(client, cast)
    (asked,) = owners.questions("eligibility", "/v1/assessments")
    facts = {fact["name"]: fact["value"] for fact in asked["facts"]}
    assert [one["id"] for one in facts["applicant.other_applications"]] == [str(other.id)]
    assert facts["applicant.guidance_track_applications"] == []


async def test_attempts_are_read_by_who_sees_the_application(acting: As, cast: Cast, db: Database) -> None:
    async with acting(cast.applicant) as client:
        attempt = (await submit(client, cast)).json()["attempt"]
        mine = (await client.post("/v1/attempts/batch", json={"ids": [attempt["id"]]})).json()
    assert mine["items"][0]["attempt"] == attempt
    assert mine["items"][0]["receipt"]["digest"]
    async with db.write(ALL_CITIES) as session:
        neighbour = await make_actor(session, Role.applicant, unit=await make_unit(session))
    async with acting(neighbour) as client:
        theirs = (await client.post("/v1/attempts/batch", json={"ids": [attempt["id"]]})).json()
    assert theirs["items"] == []
