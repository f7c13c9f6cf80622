"""A row of another city, or of another unit, is answered as one that never was: the same words, and for
another city the same statements to the database, so that not even time tells them apart."""

from typing import Any
from uuid import UUID

import httpx
import pytest
from tests.strangers.routes import INSIDE, Route
from tests.strangers.rules import Rows, ask, closest, never, of_another_unit, rows_of, rule_of
from tests.strangers.world import World

from common.actor import Actor

pytestmark = pytest.mark.timeout(600)  # the first test of a run plays two cities

_MARKS = ("trace-id", "content-length")
_SHARED = ("category", "rule", "pack", "kind")  # the same in both towns
BOUND = tuple(route for route in INSIDE if rule_of(route).sight != "everywhere")


def said(answer: httpx.Response, rows: Rows) -> tuple[int, str, dict[str, str]]:
    """An answer without what must differ: the ids that were asked for, and the trace id."""
    text = answer.text.replace(answer.headers["trace-id"], "<trace>")
    for name, value in sorted(rows.items()):
        if name not in _SHARED and isinstance(value, UUID | str):
            text = text.replace(str(value), f"<{name}>")
    headers = {name: value for name, value in answer.headers.items() if name not in _MARKS}
    return answer.status_code, text, headers


async def _compared(
    world: World, route: Route, rows: Rows, acting: Actor | None, caller: str = "gateway"
) -> tuple[Any, Any]:
    """(answer, statements) for rows that are there, and for such that never were."""
    found = []
    for one in (rows, never(rows)):
        with world.statements() as statements:
            answer = await ask(world, route, one, acting, caller=caller)
        found.append((said(answer, one), statements))
    return found[0], found[1]


@pytest.mark.parametrize("route", BOUND, ids=str)
async def test_a_row_of_another_city_is_as_one_that_never_was(world: World, route: Route) -> None:
    rule, foreign = rule_of(route), await rows_of(world, world.there)
    told = {}
    for role in rule.people:
        there, never_was = await _compared(
            world, route, foreign, await closest(world, world.here, role, rule.number)
        )
        if there != never_was:
            told[role.value] = (there, never_was)
    assert told == {}


@pytest.mark.parametrize("route", BOUND, ids=str)
async def test_a_row_of_another_unit_is_as_one_that_never_was(world: World, route: Route) -> None:
    rule, rows = rule_of(route), await rows_of(world, world.here)
    if rule.sight != "row":
        return
    told = {}
    for role in rule.people:
        stranger = await of_another_unit(world, world.here, role, rule.number)
        if stranger is None:
            continue
        there, never_was = await _compared(world, route, rows, stranger)
        if there[0] != never_was[0]:
            told[role.value] = (there[0], never_was[0])
    assert told == {}
