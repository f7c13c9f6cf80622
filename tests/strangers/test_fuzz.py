"""What comes in at a service's door from who may use it is answered, and is never the service's fault."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.strangers.routes import INSIDE, Route
from tests.strangers.rules import Rows, rows_of, rule_of
from tests.strangers.world import World

from common.actor import Actor, Grant
from common.roles import Role

pytestmark = pytest.mark.timeout(600)  # the first test of a run plays two cities

Json = dict[str, Any]
_WORDS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        ["", "\0", "null", "../..", "%00", "😀" * 300, "a" * 5000, "０１２", "'; --", "$1", "{}"]
    ),
)
_NUMBERS = st.one_of(st.integers(), st.sampled_from([2**31, 2**63, -(2**63) - 1, 10**30]))
_INSTANTS = ("2020-06-15T09:00:00+08:00", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00", "2020")
_FEW = settings(
    max_examples=20, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
_DEEP: Any = "x"
for _ in range(200):
    _DEEP = [_DEEP]
_JUNK = st.one_of(
    st.none(),
    st.booleans(),
    _NUMBERS,
    st.floats(allow_nan=False, allow_infinity=False),
    _WORDS,
    st.just(_DEEP),
    st.lists(_WORDS, max_size=3),
    st.dictionaries(_WORDS, _WORDS, max_size=3),
)


def _sound(schema: Json, whole: Json, known: list[str]) -> st.SearchStrategy[Any]:
    """Values of a JSON schema's shape, now and then with something else inside."""
    if "$ref" in schema:
        return _sound(whole[schema["$ref"].rpartition("/")[2]], whole, known)
    if "anyOf" in schema:
        return st.one_of(*(_sound(one, whole, known) for one in schema["anyOf"]))
    if "enum" in schema or "const" in schema:
        return st.sampled_from(schema.get("enum") or [schema["const"]])
    if schema.get("type") == "array":
        return st.lists(_mixed(schema.get("items", {}), whole, known), max_size=3)
    if schema.get("type") == "object" or "properties" in schema:
        fields = {name: _mixed(one, whole, known) for name, one in schema.get("properties", {}).items()}
        needed = {name: fields.pop(name) for name in schema.get("required", ()) if name in fields}
        return st.fixed_dictionaries(needed, optional=fields)
    return _scalar(schema, known)


def _scalar(schema: Json, known: list[str]) -> st.SearchStrategy[Any]:
    if schema.get("format") == "uuid":
        return st.one_of(st.uuids().map(str), st.sampled_from(known))
    if schema.get("format") == "date-time":
        return st.sampled_from(_INSTANTS)
    kinds: dict[str, st.SearchStrategy[Any]] = {
        "integer": _NUMBERS,
        "number": st.floats(allow_nan=False, allow_infinity=False),
        "boolean": st.booleans(),
        "null": st.none(),
        "string": st.one_of(_WORDS, st.sampled_from(known)),
    }
    return kinds.get(str(schema.get("type")), _JUNK)


def _mixed(schema: Json, whole: Json, known: list[str]) -> st.SearchStrategy[Any]:
    sound = _sound(schema, whole, known)
    return st.integers(0, 9).flatmap(lambda dice: _JUNK if dice == 0 else sound)


def _requests(route: Route, openapi: Json, known: list[str]) -> st.SearchStrategy[Json]:
    whole = openapi.get("components", {}).get("schemas", {})
    operation = openapi["paths"][route.path][route.method.lower()]
    parts: dict[str, st.SearchStrategy[Any]] = {"path": st.fixed_dictionaries({}), "params": st.just({})}
    segments = st.one_of(st.uuids().map(str), st.sampled_from(known), _WORDS.map(_as_segment))
    parts["path"] = st.fixed_dictionaries(dict.fromkeys(route.parameters, segments))
    queries = [one for one in operation.get("parameters", ()) if one["in"] == "query"]
    plain = st.one_of(_WORDS, _NUMBERS.map(str), st.sampled_from(known))
    parts["params"] = st.fixed_dictionaries({}, optional={one["name"]: plain for one in queries})
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content is not None:
        parts["json"] = _mixed(content["schema"], whole, known)
    parts["key"] = st.sampled_from([None, None, "k", "x" * 300])
    return st.fixed_dictionaries(parts)


def _as_segment(word: str) -> str:
    return "".join(char for char in word if char.isalnum())[:200] or "x"


async def _everybody(world: World) -> Actor:
    """Somebody with every role of the town, so that nothing is refused before it is looked at."""
    officer = await world.login(world.here, "officer")
    rows = await rows_of(world, world.here)
    grants = tuple(Grant(role, world.here.city, rows["unit_id"], "legal_person") for role in Role)
    return Actor(
        caller="gateway",
        subject=officer.subject,
        person_id=officer.person_id,
        grants=grants,
        cities=frozenset({world.here.city}),
    )


def _known(rows: Rows) -> list[str]:
    return sorted({str(value) for name, value in rows.items() if name != "pack"})


@pytest.mark.parametrize("route", [one for one in INSIDE if rule_of(one).ticket is None], ids=str)
async def test_no_input_is_the_services_fault(world: World, route: Route) -> None:
    rule, person = rule_of(route), await _everybody(world)
    openapi = world.apps[route.service].openapi()
    found: list[Json] = []

    @given(_requests(route, openapi, _known(await rows_of(world, world.here))))
    @_FEW
    def gather(request: Json) -> None:
        found.append(request)

    gather()
    broken = []
    for request in found:
        key = request.pop("key")
        path = route.at(**request.pop("path"))
        headers = {"if-match": '"1"', **({"idempotency-key": key} if key else {})}
        caller = "gateway" if rule.people else sorted(rule.services)[0]
        answer = await world.call(
            route.service,
            route.method,
            path,
            person if rule.people else None,
            caller=caller,
            cities=(world.here.city,),
            headers=headers,
            **request,
        )
        if answer.status_code >= 500:
            broken.append((answer.status_code, path, request))
    assert broken == []
    assert len(found) >= 5 or not route.parameters
