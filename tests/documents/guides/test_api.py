"""Packs are staged by their hash, once."""

from pathlib import Path
from typing import Any

import pytest

from common.roles import Role
from common.testing import actor, http
from guide import load_pack

PACK = Path(__file__).parents[3] / "deploy" / "guides" / "qz-2020.yaml"


async def test_staging_is_idempotent(service: Any) -> None:
    version = await service.stage()
    assert await service.stage() == version
    trail = await service.intake.post("/v1/facts", json=service.question(version))
    assert trail.status_code == 200


@pytest.mark.parametrize(
    ("guide", "version", "city"),
    [("qz-2020", "0" * 64, "330800"), ("hy-2021", None, "330800"), ("qz-2020", None, "430400")],
)
async def test_names_must_fit_the_pack(service: Any, guide: str, version: str | None, city: str) -> None:
    text = PACK.read_text()
    async with http(service.app, caller="intake", cities=()) as intake:
        answer = await intake.put(
            f"/v1/guides/{guide}/versions/{version or load_pack(text).version}",
            json={"city": city, "text": text},
        )
    assert (answer.status_code, answer.json()["code"]) == (422, "documents.guide_refused")


async def test_a_text_that_is_no_pack_is_refused_with_places(service: Any) -> None:
    answer = await service.intake.put("/v1/guides/x/versions/y", json={"city": "330800", "text": "format: 1"})
    assert answer.json()["code"] == "documents.guide_refused"
    assert all(fault["pointer"].startswith("/text") for fault in answer.json()["errors"])
    assert answer.json()["errors"]


async def test_only_publishers_stage(service: Any) -> None:
    body = {"city": "330800", "text": "x"}
    assert (await service.gateway.put("/v1/guides/x/versions/y", json=body)).status_code == 403
    async with http(service.app, actor(Role.guide_administrator)) as person:
        assert (await person.put("/v1/guides/x/versions/y", json=body)).status_code == 403


async def test_an_unknown_guide_and_category(service: Any) -> None:
    answer = await service.intake.post("/v1/facts", json=service.question("0" * 64))
    assert (answer.status_code, answer.json()["code"]) == (404, "documents.guide_unknown")
    version = await service.stage()
    answer = await service.intake.post("/v1/facts", json=service.question(version, category="hy21-basic"))
    assert (answer.status_code, answer.json()["code"]) == (422, "documents.category_unknown")
