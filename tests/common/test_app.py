"""What every service does with a request: who is asking, how refusals look, which limits hold."""

import json

import httpx
import pytest
from fastapi import FastAPI

from common.roles import Role
from common.testing import actor, http, tokens_of


async def test_a_request_without_a_token_is_refused(probe: FastAPI) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(probe), base_url="http://probe") as client:
        answer = await client.get("/v1/notes")
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json()["code"] == "common.unauthenticated"


async def test_a_token_for_another_service_is_refused(probe: FastAPI) -> None:
    token = tokens_of("intake").mint("quota", None, ["330800"])
    async with http(probe, caller="intake") as client:
        answer = await client.get("/v1/inside", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401


async def test_a_service_cannot_sign_as_another(probe: FastAPI) -> None:
    signed = tokens_of("quota").sign(
        {"iss": "service:intake", "aud": "gateway", "exp": 9_999_999_999, "act": None, "cities": []}
    )
    async with http(probe) as client:
        answer = await client.get("/v1/inside", headers={"Authorization": f"Bearer {signed}"})
    assert answer.status_code == 401


async def test_only_the_named_service_passes(probe: FastAPI) -> None:
    async with http(probe, caller="intake") as client:
        assert (await client.get("/v1/inside")).json() == {"caller": "intake"}
    async with http(probe, caller="quota") as client:
        assert (await client.get("/v1/inside")).status_code == 403
    async with http(probe, actor(Role.officer)) as client:
        assert (await client.get("/v1/inside")).status_code == 403


async def test_a_role_is_needed(probe: FastAPI) -> None:
    async with http(probe, actor(Role.applicant)) as client:
        answer = await client.post("/v1/notes", json={"word": "水"})
    assert answer.status_code == 403
    assert answer.json()["needs"] == ["officer"]


async def test_invalid_input_names_the_place(probe: FastAPI) -> None:
    async with http(probe, actor(Role.officer)) as client:
        answer = await client.post("/v1/notes", json={"word": ""})
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (422, "common.invalid")
    assert problem["errors"][0]["pointer"] == "/word"
    assert problem["title"] == "内容不符合要求"
    assert problem["trace_id"] == answer.headers["trace-id"]


async def test_malformed_json_is_a_problem_too(probe: FastAPI) -> None:
    async with http(probe, actor(Role.officer)) as client:
        answer = await client.post("/v1/notes", content=b"{", headers={"content-type": "application/json"})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nowhere", 404), ("PUT", "/v1/notes", 405)])
async def test_the_framework_s_own_refusals_are_problems(
    probe: FastAPI, method: str, path: str, status: int
) -> None:
    async with http(probe, actor(Role.officer, lang="en")) as client:
        answer = await client.request(method, path, headers={"accept-language": "en"})
    assert answer.status_code == status
    assert answer.json()["status"] == status
    assert answer.json()["title"] in {"No such object", "Method not allowed"}


async def test_an_error_of_our_own_says_nothing(probe: FastAPI, capsys: pytest.CaptureFixture[str]) -> None:
    async with http(probe, actor(Role.officer)) as client:
        answer = await client.get("/v1/broken")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert answer.json()["code"] == "common.internal"
    captured = capsys.readouterr()
    assert "secret" not in captured.out + captured.err


async def test_a_large_body_is_refused(probe: FastAPI) -> None:
    body = json.dumps({"word": "x" * 2_000_000}).encode()
    async with http(probe, actor(Role.officer)) as client:
        declared = await client.post("/v1/notes", content=body, headers={"content-type": "application/json"})

        async def chunks():  # type: ignore[no-untyped-def]  # an async generator for httpx
            for start in range(0, len(body), 65_536):
                yield body[start : start + 65_536]

        streamed = await client.post(
            "/v1/notes", content=chunks(), headers={"content-type": "application/json"}
        )
    assert (declared.status_code, streamed.status_code) == (413, 413)
    assert declared.json()["limit"] == 1_048_576


async def test_the_caller_s_trace_goes_on(probe: FastAPI) -> None:
    trace_id = "4bf92f3577b34da6a3ce929d0e0e4736"
    async with http(probe, actor(Role.officer)) as client:
        answer = await client.get("/v1/notes", headers={"traceparent": f"00-{trace_id}-00f067aa0ba902b7-01"})
        other = await client.get("/v1/notes", headers={"traceparent": "not a trace"})
    assert answer.headers["trace-id"] == trace_id
    assert len(other.headers["trace-id"]) == 32


async def test_health_ready_and_metrics_are_open(probe: FastAPI) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(probe), base_url="http://probe") as client:
        assert (await client.get("/healthz")).json() == {"status": "ok"}
        ready = await client.get("/readyz")
        metrics = await client.get("/metrics")
    assert ready.json() == {
        "ready": True,
        "checks": {"database": True, "worker": True, "stays": True},
        "instance": None,
    }
    assert 'http_requests_total{method="GET",route="/readyz",service="gateway",status="200"}' in metrics.text


async def test_the_pages_for_developers_load_nothing_from_elsewhere(probe: FastAPI) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(probe), base_url="http://probe") as client:
        page = await client.get("/docs")
    assert page.status_code == 200
    assert "http://" not in page.text.replace("http://probe", "")
    assert "https://" not in page.text


async def test_a_lock_that_is_not_given_in_time_is_busy_and_not_our_error(probe: FastAPI) -> None:
    async with http(probe, actor(Role.officer)) as client:
        answer = await client.get("/v1/slow")
    assert (answer.status_code, answer.json()["code"]) == (503, "common.busy")
    assert answer.headers["retry-after"] == "1"
