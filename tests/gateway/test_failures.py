"""A service that is down, refuses, or breaks: the rest is answered, and nothing inner leaves."""

from typing import Any

import pytest
from tests.gateway.conftest import Gateway
from tests.gateway.owners import Owners, application, known, unit
from tests.gateway.test_loading import WIDE, furnish

from common.errors import Forbidden
from common.ids import new_id


@pytest.mark.parametrize(
    ("service", "lost"),
    [
        ("eligibility", {"assessments", "assessment"}),
        ("quota", {"quotaRow"}),
        ("documents", {"documents"}),
    ],
)
async def test_without_one_service_the_rest_is_answered(
    service: str, lost: set[str], gateway: Gateway, owners: Owners
) -> None:
    furnish(owners, 2)
    getattr(owners, service).down = True
    answer = await gateway.ask(WIDE, "officer")
    node = answer["data"]["applications"]["nodes"][0]
    assert {name for name in lost if node[name] is None} == lost
    assert node["unit"]["name"] == "样例单位"
    assert {error["path"][-1] for error in answer["errors"]} == lost
    for error in answer["errors"]:
        assert error["extensions"]["code"] == "common.owner_unavailable"
        assert error["extensions"]["service"] == service
        assert error["message"] == "相关服务暂时不可用，请稍后重试"


async def test_without_intake_the_time_is_still_told(gateway: Gateway, owners: Owners) -> None:
    owners.intake.down = True
    answer = await gateway.ask(
        "{ serverTime { business } viewer { roles } calls { nodes { key } } }", "somebody", lang="en"
    )
    assert answer["data"]["serverTime"]["business"]
    assert answer["data"]["viewer"] is None
    assert answer["data"]["calls"] is None
    assert {error["extensions"]["service"] for error in answer["errors"]} == {"intake"}
    assert answer["errors"][0]["message"] == "A service that is needed is unavailable"


async def test_a_service_that_never_answers_is_given_up(gateway: Gateway, owners: Owners) -> None:
    from common.inprocess import InProcessClient

    client = gateway.app.state.client.client
    assert isinstance(client, InProcessClient)
    client._apps = lambda name: None if name == "quota" else owners.app(name)
    furnish(owners, 1)
    answer = await gateway.ask(WIDE, "officer")
    assert answer["errors"][0]["extensions"]["service"] == "quota"


async def test_a_refusal_keeps_its_code(gateway: Gateway, owners: Owners) -> None:
    def refuse(*_: Any) -> None:
        raise Forbidden

    owners.intake.on("POST", "/v1/applications/search", refuse)
    answer = await gateway.ask("{ applications { nodes { id } } serverTime { business } }", "x")
    assert answer["data"]["applications"] is None
    assert answer["errors"][0]["extensions"]["code"] == "common.forbidden"
    assert answer["errors"][0]["extensions"]["status"] == 403


async def test_an_error_of_our_own_leaks_nothing(
    gateway: Gateway, owners: Owners, capsys: pytest.CaptureFixture[str]
) -> None:
    key = str(new_id())
    owners.applications[key] = application(key, title="机密项目名称", state="state-of-tomorrow")
    answer = await gateway.ask(
        "query SpyOnIt($id: ID!) { application(id: $id) { title } serverTime { business } }", "x", id=key
    )
    error = answer["errors"][0]
    assert answer["data"]["serverTime"]["business"]
    assert error["message"] == "系统内部错误"
    assert error["extensions"]["code"] == "common.internal"
    assert len(error["extensions"]["traceId"]) == 32
    logged = "".join(capsys.readouterr())
    assert "graphql.failed" in logged
    for secret in ("state-of-tomorrow", "机密项目名称", key, "SpyOnIt"):
        assert secret not in logged
        assert secret not in str(answer["errors"])


async def test_the_trail_is_merged_and_names_who_is_missing(gateway: Gateway, owners: Owners) -> None:
    key = str(new_id())
    owners.people["auditor"] = known("auditor")
    owners.applications[key] = application(key)

    def line(at: str, action: str) -> dict[str, Any]:
        entry = {"id": str(new_id()), "city": "330800", "at": at, "recorded_at": at, "actor": "a"}
        more = {"caller": "gateway", "action": action, "object_type": "x", "object_id": "1", "data": {}}
        return entry | more | {"application_id": key, "trace_id": None}

    first, second = line("2020-06-01T01:00:00Z", "one"), line("2020-06-01T01:00:00.5Z", "two")
    owners.intake.on("GET", "/v1/audit", lambda *_: {"items": [second]})
    owners.quota.on("GET", "/v1/audit", lambda *_: {"items": [first]})
    owners.documents.down = True
    data = await gateway.data(
        "query($id: ID!) { application(id: $id) { auditTrail { unavailable entries { service action } } } }",
        "auditor",
        id=key,
    )
    assert data["application"]["auditTrail"] == {
        "unavailable": ["documents"],
        "entries": [{"service": "quota", "action": "one"}, {"service": "intake", "action": "two"}],
    }


async def test_a_broken_pack_is_the_owners_fault(gateway: Gateway, owners: Owners) -> None:
    owners.intake.on("GET", "/v1/guides/([^/]+)/versions/([^/]+)", lambda *_: {"text": "id: nonsense"})
    answer = await gateway.ask('{ call(id: "qz-2020") { key topics { key } } }')
    assert answer["data"]["call"] == {"key": "qz-2020", "topics": None}
    assert answer["errors"][0]["extensions"]["code"] == "common.owner_unavailable"


async def test_a_row_of_another_version_fails_only_its_own_field(gateway: Gateway, owners: Owners) -> None:
    key = str(new_id())
    owners.units[key] = {name: value for name, value in unit(key).items() if name != "revision"}
    answer = await gateway.ask("query($i: ID!) { unit(id: $i) { name } calls { nodes { key } } }", "x", i=key)
    assert answer["data"]["unit"] is None
    assert answer["data"]["calls"]["nodes"] == [{"key": "qz-2020"}]
