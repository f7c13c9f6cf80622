"""An expert here who is something else elsewhere sees what an expert sees, and no more."""

from types import SimpleNamespace
from typing import Any

import pytest

from common.actor import Actor, Grant
from common.ids import new_id
from common.roles import Role
from common.testing import http

HERE, THERE = "330800", "430400"


@pytest.mark.parametrize("there", [Role.applicant, Role.officer])
async def test_a_role_elsewhere_opens_no_identity_file(
    service: Any, make: SimpleNamespace, there: Role
) -> None:
    version = await service.stage()
    blind = (await service.put(make.pdf(), "a.pdf")).json()["id"]
    identity = (await service.put(make.pdf(), "b.pdf", material="QZ-D05", bundle="identity")).json()["id"]
    bundle = str(new_id())
    sealing = service.question(version) | {"id": bundle}
    assert (await service.intake.post("/v1/bundles", json=sealing)).status_code == 201
    both = Actor(
        caller="gateway",
        subject="somebody",
        grants=(Grant(Role.expert, HERE), Grant(there, THERE)),
        cities=frozenset({HERE, THERE}),
    )
    async with http(service.app, both) as client:
        files = (await client.post("/v1/files/batch", json={"ids": [blind, identity]})).json()["items"]
        of = {"ids": [str(service.application_id)]}
        [listed] = (await client.post("/v1/files/by-application/batch", json=of)).json()["items"]
        [sealed] = (await client.post("/v1/bundles/batch", json={"ids": [bundle]})).json()["items"]
    assert [one["id"] for one in files] == [blind]
    assert [one["id"] for one in listed["files"]] == [blind]
    assert [one["file_id"] for one in sealed["files"]] == [blind]
    assert sealed["manifest"] is None
