"""Which assessments and packs are here, for the operator alone."""

from collections.abc import Callable
from typing import Any

import httpx
from fastapi import FastAPI

from common.ids import new_id
from common.testing import http
from guide import Pack

BATCH = "/v1/reconciliation/assessments/batch"
GUIDES = "/v1/reconciliation/guides"


async def test_what_is_here(
    app: FastAPI,
    intake: httpx.AsyncClient,
    operator: httpx.AsyncClient,
    question: Callable[..., Any],
    pack: Pack,
    publish: Any,
    next_text: str,
) -> None:
    asked = question()
    assert (await intake.post("/v1/assessments", json=asked)).status_code == 201
    wanted = {"ids": [asked["id"], str(new_id())]}
    found = (await operator.post(BATCH, json=wanted)).json()
    assert found == {"items": [{"id": asked["id"], "application_id": asked["application_id"]}]}
    newer = await publish(next_text)
    guides = (await operator.get(GUIDES)).json()["items"]
    own = {one["version"]: one["active"] for one in guides if one["guide"] == pack.id}
    assert own == {pack.version: False, newer.version: True}
    async with http(app, caller="operator", cities=("430400",)) as elsewhere:
        assert (await elsewhere.post(BATCH, json=wanted)).json() == {"items": []}
        assert (await elsewhere.get(GUIDES)).json() == {"items": []}
    assert (await intake.post(BATCH, json=wanted)).status_code == 403
    assert (await intake.get(GUIDES)).status_code == 403
