"""A call without expert review and without public notice: proposed unscored, approved from the proposal."""

from typing import Any

import pytest
from tests.intake.factories import pack
from tests.intake.reviews.bureau import Bureau, id_of
from tests.intake.steps.conftest import Town, found

from common.db import Database

STEPS = ["submission"]


@pytest.fixture
async def town(db: Database, owners: Bureau) -> Town:
    version = pack("lz-2022").version
    columns = {"state": "expert_review", "pack_version": version, "steps": STEPS}
    return await found(db, owners, "lz-2022", "lz22-support-agri", **columns)


async def take(acting: Any, who: Any, path: str, body: Any) -> Any:
    async with acting(who, cities=tuple(who.cities)) as client:
        return await client.post(path, json=body)


async def test_proposed_without_scores_and_approved_without_notice(acting: Any, town: Town) -> None:
    path = f"/v1/applications/{town.draft.id}"
    experts = {"expert_ids": [str(id_of(town.officer))]}
    for action, body in (("assignments", experts), ("approve", {})):
        refused = await take(
            acting, town.head if action == "approve" else town.officer, f"{path}/{action}", body
        )
        expected = "step_not_used" if action == "assignments" else "not_in_state"
        assert (refused.status_code, refused.json()["reason"]) == (409, expected)
    wanted = {"guide": "lz-2022", "application_ids": [str(town.draft.id)]}
    proposed = await take(acting, town.officer, "/v1/proposals", wanted)
    assert proposed.status_code == 201, proposed.text
    ranking = [(one["place"], one["score_sum"], one["score_count"]) for one in proposed.json()["ranking"]]
    assert ranking == [(1, 0, 0)]
    approved = await take(acting, town.head, f"{path}/approve", {"grant": 100_000})
    assert approved.status_code == 200, approved.text
    assert approved.json()["application"]["state"] == "approved"


async def test_no_notice_of_what_needs_none(acting: Any, town: Town) -> None:
    wanted: dict[str, Any] = {"guide": "lz-2022", "application_ids": [str(town.draft.id)]}
    await take(acting, town.officer, "/v1/proposals", wanted)
    period = {"starts_at": "2020-06-01T10:00:00+08:00", "ends_at": "2020-06-09T10:00:00+08:00"}
    refused = await take(acting, town.officer, "/v1/notices", {**wanted, **period, "where_zh": "市科技局"})
    assert (refused.status_code, refused.json()["reason"]) == (409, "step_not_used")


async def test_what_is_refused_at_approval_has_a_way_out(acting: Any, town: Town) -> None:
    await take(
        acting,
        town.officer,
        "/v1/proposals",
        {"guide": "lz-2022", "application_ids": [str(town.draft.id)]},
    )
    path = f"/v1/applications/{town.draft.id}/not-select"
    left = await take(acting, town.officer, path, {"reason": "列入失信名单"})
    assert left.json()["state"] == "not_selected", left.text
