"""Calls without a window in their guide, direct grants, and calls without a recommendation, over GraphQL."""

from typing import Any

import pytest
from tests.gateway.conftest import Gateway
from tests.gateway.owners import GUIDE, Owners, application, call, known

from common.errors import Conflict
from common.ids import new_id
from gateway.nouns.base import global_id

KEY = str(new_id())
APPLICATION = global_id("Application", KEY)
AT = "2020-06-28T09:00:00+00:00"
CLOSE = {"kind": "close", "at": AT, "reason": "延期", "announced_at": "2020-06-01T09:00:00+08:00"}


@pytest.fixture(autouse=True)
def somebody(owners: Owners) -> None:
    owners.people["li"] = known("officer")


@pytest.mark.parametrize(("command", "kind"), [("openCall", "open"), ("closeCall", "close")])
@pytest.mark.parametrize("named", [GUIDE, global_id("Call", GUIDE)])
async def test_a_call_is_announced(
    gateway: Gateway, owners: Owners, command: str, kind: str, named: str
) -> None:
    announced = call() | {"window_source": "announced", "announcements": [CLOSE]}
    owners.intake.on("POST", f"/v1/calls/{GUIDE}/{kind}", lambda *_: announced)
    data = await gateway.data(
        "mutation($c: ID!) { done: "
        + command
        + """(input: {callId: $c, at: "2020-06-28T17:00:00+08:00",
             reason: "延期", idempotencyKey: "k"}) { errors { code }
             call { key windowSource announcements { kind at reason announcedAt } } } }""",
        "li",
        c=named,
    )
    assert data["done"]["errors"] == []
    assert data["done"]["call"]["windowSource"] == "announced"
    assert [one["kind"] for one in data["done"]["call"]["announcements"]] == ["close"]
    path, body = owners.intake.bodies[-1]
    assert path.endswith(f"/v1/calls/{GUIDE}/{kind}")
    assert body["reason"] == "延期"
    assert owners.intake.headers[-1]["idempotency-key"] == "k"


async def test_without_an_instant_it_is_now(gateway: Gateway, owners: Owners) -> None:
    owners.intake.on("POST", f"/v1/calls/{GUIDE}/open", lambda *_: call())
    await gateway.data(
        'mutation { openCall(input: {callId: "qz-2020", reason: "开始"}) { call { key } } }', "li"
    )
    assert owners.intake.bodies[-1][1] == {"at": None, "reason": "开始"}


async def test_a_window_that_the_guide_states(gateway: Gateway, owners: Owners) -> None:
    class WindowStated(Conflict):
        code = "intake.window_stated"
        title_zh, title_en = "申报指南已规定该时间", "The guide itself says when"

    def refuse(*_: Any) -> Any:
        raise WindowStated

    owners.intake.on("POST", f"/v1/calls/{GUIDE}/close", refuse)
    data = await gateway.data(
        """mutation { closeCall(input: {callId: "qz-2020", reason: "截止"}) { errors { code message }
             call { key } } }""",
        "li",
    )
    assert data["closeCall"]["call"] is None
    assert data["closeCall"]["errors"][0]["code"] == "intake.window_stated"


async def test_a_direct_grant(gateway: Gateway, owners: Owners) -> None:
    approved = application(KEY, state="approved", steps=["direct_grant"])
    award = {
        "id": str(new_id()),
        "city": "330800",
        "application_id": KEY,
        "guide": GUIDE,
        "category": "c",
        "number": "qz-2020-0001",
        "grant": 50_000,
        "approved_at": "2020-06-01T09:00:00+08:00",
    }
    owners.intake.on(
        "POST",
        f"/v1/applications/{KEY}/grant-directly",
        lambda *_: {"application": approved, "award": award, "seq": 1},
    )
    data = await gateway.data(
        """mutation($a: ID!) { grantDirectly(input: {applicationId: $a, grant: 50000}) { errors { code } seq
             award { number grant } application { state steps } } }""",
        "li",
        a=APPLICATION,
    )
    assert data["grantDirectly"] == {
        "errors": [],
        "seq": 1,
        "award": {"number": "qz-2020-0001", "grant": 50_000},
        "application": {"state": "approved", "steps": ["direct_grant"]},
    }
    assert owners.intake.bodies[-1][1] == {"grant": 50_000}


@pytest.mark.parametrize(("given", "sent"), [("", None), (", sealed: true", True)])
async def test_acceptance_with_and_without_a_seal(
    gateway: Gateway, owners: Owners, given: str, sent: bool | None
) -> None:
    owners.intake.on("POST", f"/v1/applications/{KEY}/accept", lambda *_: application(KEY, state="accepted"))
    command = "mutation($a: ID!) { acceptApplication(input: {applicationId: $a" + given + "}) {"
    data = await gateway.data(command + " errors { code } application { state } } }", "li", a=APPLICATION)
    assert data["acceptApplication"] == {"errors": [], "application": {"state": "accepted"}}
    assert owners.intake.bodies[-1][1] == {"sealed": sent}


async def test_the_inbox_asks_for_steps_of_its_roles(gateway: Gateway, owners: Owners) -> None:
    await gateway.data("{ inbox { action } }", "li")
    asked = next(body for path, body in owners.intake.bodies if path.endswith("/v1/applications/search"))
    steps = {(one["state"], one["action"]) for one in asked["awaiting"]}
    assert {("recommended", "accept"), ("submitted", "accept")} <= steps
    assert ("submitted", "initial_review") not in steps
    assert "states" not in asked
