"""GraphQL over HTTP: media types, status codes, malformed requests, methods; what is shown of the schema."""

from typing import Any

import pytest
from tests.gateway.conftest import Gateway, Make
from tests.gateway.owners import Owners

GRAPHQL, JSON = "application/graphql-response+json", "application/json"


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        (GRAPHQL, GRAPHQL),
        (JSON, JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        (f"{GRAPHQL}, {JSON};q=0.9", GRAPHQL),
        (f"{GRAPHQL};q=0.1, {JSON}", JSON),
        ("text/html, */*;q=0.1", JSON),
    ],
)
async def test_the_answer_is_what_the_client_takes(accept: str, media: str, gateway: Gateway) -> None:
    answer = await gateway.http.post("/graphql", json={"query": "{ __typename }"}, headers={"accept": accept})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == f"{media}; charset=utf-8"
    assert answer.json() == {"data": {"__typename": "Query"}}


async def test_a_client_that_takes_neither_is_told(gateway: Gateway) -> None:
    answer = await gateway.http.post(
        "/graphql", json={"query": "{ __typename }"}, headers={"accept": "text/csv"}
    )
    assert answer.status_code == 406


UNANSWERABLE = {
    "no document": "{",
    "unknown field": "{ nonsense }",
    "missing argument": "{ call { key } }",
    "wrong variable": "query($n: Int!) { calls(first: $n) { nodes { key } } }",
    "two operations": "query a { __typename } query b { __typename }",
}


@pytest.mark.parametrize("kind", UNANSWERABLE)
@pytest.mark.parametrize(("media", "status"), [(GRAPHQL, 400), (JSON, 200)])
async def test_an_operation_that_cannot_be_carried_out(
    kind: str, media: str, status: int, gateway: Gateway
) -> None:
    answer = await gateway.http.post(
        "/graphql", json={"query": UNANSWERABLE[kind]}, headers={"accept": media}
    )
    assert answer.status_code == status
    content = answer.json()
    assert "data" not in content
    assert content["errors"][0]["extensions"]["code"] == "graphql.invalid"


MALFORMED: dict[str, Any] = {
    "no JSON": b"query",
    "a list": b"[]",
    "nothing": b"",
    "no query": b"{}",
    "query is null": b'{"query": null}',
    "query is a number": b'{"query": 1}',
    "query is empty": b'{"query": " "}',
    "variables is text": b'{"query": "{__typename}", "variables": "a"}',
    "variables is a list": b'{"query": "{__typename}", "variables": []}',
    "operationName is a number": b'{"query": "{__typename}", "operationName": 1}',
    "extensions is a list": b'{"query": "{__typename}", "extensions": []}',
    "no UTF-8": b'{"query": "\xff"}',
}


@pytest.mark.parametrize("kind", MALFORMED)
@pytest.mark.parametrize("media", [GRAPHQL, JSON])
async def test_a_malformed_request_is_400(kind: str, media: str, gateway: Gateway) -> None:
    headers = {"accept": media, "content-type": JSON}
    answer = await gateway.http.post("/graphql", content=MALFORMED[kind], headers=headers)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["extensions"]["code"] == "graphql.malformed"


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "", f"{JSON}; charset=gbk"]
)
async def test_other_content_types_are_refused(kind: str, gateway: Gateway) -> None:
    answer = await gateway.http.post(
        "/graphql", content=b'{"query": "{__typename}"}', headers={"content-type": kind}
    )
    assert answer.status_code == 415


async def test_null_members_are_as_absent_ones(gateway: Gateway) -> None:
    body = {"query": "{ __typename }", "variables": None, "operationName": None, "extensions": None}
    assert (await gateway.http.post("/graphql", json=body)).json() == {"data": {"__typename": "Query"}}


async def test_queries_by_get(gateway: Gateway) -> None:
    parameters = {
        "query": "query A($id: ID!) { call(id: $id) { key } } query B { __typename }",
        "variables": '{"id": "qz-2020"}',
        "operationName": "A",
    }
    answer = await gateway.http.get("/graphql", params=parameters)
    assert answer.json() == {"data": {"call": {"key": "qz-2020"}}}
    for wrong in ({"variables": "{"}, {"variables": "[]"}, {"extensions": "x"}):
        assert (await gateway.http.get("/graphql", params=parameters | wrong)).status_code == 400
    assert (await gateway.http.get("/graphql")).status_code == 400


async def test_mutations_by_get_are_refused_and_not_done(gateway: Gateway, owners: Owners) -> None:
    query = 'mutation { createPerson(input: {unitId: "x", name: "y"}) { person { id } } }'
    answer = await gateway.http.get("/graphql", params={"query": query})
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"
    assert not owners.intake.calls


async def test_other_methods_are_refused(gateway: Gateway) -> None:
    assert (await gateway.http.put("/graphql", json={"query": "{ __typename }"})).status_code == 405


async def test_a_body_past_the_limit_is_refused(make: Make) -> None:
    gateway: Gateway = await make(max_body_bytes=100)
    answer = await gateway.http.post("/graphql", json={"query": "{ __typename }" + " " * 200})
    assert answer.status_code == 413


INTROSPECTION = "{ __schema { queryType { name } } }"


async def test_introspection_and_suggestions_are_off_unless_switched_on(make: Make) -> None:
    shut: Gateway = await make()
    answer = await shut.ask(INTROSPECTION)
    assert "data" not in answer
    assert "introspection" in answer["errors"][0]["message"]
    assert "Did you mean" not in (await shut.ask("{ cals { nodes { key } } }"))["errors"][0]["message"]
    assert "Did you mean" not in str(await shut.ask("{ calls(frist: 1) { nodes { key } } }"))
    assert "Did you mean" not in str(
        await shut.ask("{ applications(filter: {states: [drft]}) { nodes { id } } }")
    )
    assert (await shut.ask("{ __typename }"))["data"] == {"__typename": "Query"}
    open_: Gateway = await make(introspection=True)
    assert (await open_.ask(INTROSPECTION))["data"] == {"__schema": {"queryType": {"name": "Query"}}}
    assert "Did you mean" in (await open_.ask("{ cals { nodes { key } } }"))["errors"][0]["message"]


@pytest.mark.parametrize(("environment", "shown"), [("development", True), ("test", False)])
async def test_introspection_follows_the_environment(environment: str, shown: bool, make: Make) -> None:
    gateway: Gateway = await make(environment=environment)
    assert ("data" in await gateway.ask(INTROSPECTION)) is shown


async def test_suggestions_in_variables_are_off_too(gateway: Gateway) -> None:
    answer = await gateway.ask(
        "query($f: ApplicationFilter) { applications(filter: $f) { nodes { id } } }", f={"stats": ["draft"]}
    )
    assert "Did you mean" not in str(answer)


async def test_cors_is_by_setting(make: Make, gateway: Gateway) -> None:
    preflight = {"origin": "https://front.test", "access-control-request-method": "POST"}
    assert (
        "access-control-allow-origin"
        not in (await gateway.http.options("/graphql", headers=preflight)).headers
    )
    opened: Gateway = await make(cors_origins=["https://front.test"])
    answer = await opened.http.options("/graphql", headers=preflight)
    assert answer.headers["access-control-allow-origin"] == "https://front.test"
    foreign = await opened.http.options("/graphql", headers=preflight | {"origin": "https://other.test"})
    assert "access-control-allow-origin" not in foreign.headers


async def test_one_subject_cannot_flood_and_others_go_on(make: Make, owners: Owners) -> None:
    gateway: Gateway = await make(rate_per_second=0.01, rate_burst=3)

    async def status(subject: str | None) -> Any:
        return await gateway.http.post(
            "/graphql", json={"query": "{ __typename }"}, headers=gateway.headers(subject)
        )

    assert [(await status("a")).status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = await status("a")
    assert refused.json()["code"] == "gateway.too_many_requests"
    assert 1 <= int(refused.headers["retry-after"]) <= 100
    assert (await status("b")).status_code == 200
    assert (await status(None)).status_code == 200


async def test_guessing_tokens_is_rate_limited_too(make: Make) -> None:
    gateway: Gateway = await make(rate_per_second=0.01, rate_burst=2)
    found = []
    for _ in range(3):
        answer = await gateway.http.post(
            "/graphql", json={"query": "{ __typename }"}, headers={"authorization": "Bearer a.b.c"}
        )
        found.append(answer.status_code)
    assert found == [401, 401, 429]
