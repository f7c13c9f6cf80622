"""Who is not named in the table is refused by every route, on rows that are really there."""

from typing import Any

import httpx
import pytest
from tests.strangers.routes import INSIDE, Route
from tests.strangers.rules import ROUTES, TABLE, ask, closest, rows_of, rule_of
from tests.strangers.world import World

from common.actor import Actor
from common.roles import Role
from common.settings import SERVICES

pytestmark = pytest.mark.timeout(600)  # the first test of a run plays two cities

CALLERS = (*SERVICES, "operator")
_EMPTY: tuple[Any, ...] = ([], None, {}, 0)


def test_every_route_has_a_row_and_every_row_a_route() -> None:
    assert [" ".join(key) for key in ROUTES if key not in TABLE] == []
    assert [" ".join(key) for key in TABLE if key not in ROUTES] == []


def refused(answer: httpx.Response) -> bool:
    """Turned away, or shown an empty list."""
    if answer.status_code in (403, 404):
        return answer.headers["content-type"].startswith("application/problem+json")
    if answer.status_code != 200 or answer.headers["content-type"] != "application/json":
        return False
    return shows_nothing(answer.json())


def shows_nothing(content: Any) -> bool:
    """A list read whose items are none, or are bare names of what was asked for."""
    if not isinstance(content, dict) or "items" not in content:
        return False
    return all(
        isinstance(item, dict) and set(item) == {"application_id", "files"} and item["files"] == []
        for item in content["items"]
    )


@pytest.mark.parametrize("route", INSIDE, ids=str)
async def test_a_role_that_is_not_in_the_row_gets_nothing(world: World, route: Route) -> None:
    rule, rows = rule_of(route), await rows_of(world, world.here)
    allowed = {}
    for role in Role:
        if role in rule.people:
            continue
        answer = await ask(world, route, rows, await closest(world, world.here, role, rule.number))
        if not refused(answer):
            allowed[role.value] = (answer.status_code, answer.text[:300])
    assert allowed == {}


@pytest.mark.parametrize("route", INSIDE, ids=str)
async def test_a_role_that_is_in_the_row_gets_through(world: World, route: Route) -> None:
    """Otherwise the test above could be content with requests that nobody may make."""
    rule, rows = rule_of(route), await rows_of(world, world.here)
    stopped = {}
    for role in rule.people:
        answer = await ask(world, route, rows, await closest(world, world.here, role, rule.number))
        if refused(answer) or answer.status_code in (401, 500):
            stopped[role.value] = (answer.status_code, answer.text[:300])
    for caller in rule.services:
        answer = await ask(world, route, rows, caller=caller)
        if refused(answer) or answer.status_code in (401, 500):
            stopped[caller] = (answer.status_code, answer.text[:300])
    assert stopped == {}


@pytest.mark.parametrize("route", INSIDE, ids=str)
async def test_a_service_that_is_not_in_the_row_gets_nothing(world: World, route: Route) -> None:
    rule, rows = rule_of(route), await rows_of(world, world.here)
    allowed = {}
    for caller in CALLERS:
        if caller in rule.services:
            continue
        answer = await ask(world, route, rows, caller=caller)
        if not refused(answer):
            allowed[caller] = (answer.status_code, answer.text[:300])
    assert allowed == {}


@pytest.mark.parametrize("route", INSIDE, ids=str)
async def test_a_visitor_sees_what_is_public(world: World, route: Route) -> None:
    rule, rows = rule_of(route), await rows_of(world, world.here)
    visitor = Actor(caller="gateway", cities=frozenset({world.here.city}), anonymous=True)
    answer = await ask(world, route, rows, visitor)
    if rule.sight in ("public", "everywhere") and len(rule.services) == len(CALLERS):
        assert answer.status_code == 200
        assert not refused(answer)
    elif rule.ticket is None:
        assert refused(answer), (answer.status_code, answer.text[:300])
