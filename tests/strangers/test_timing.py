"""How long a refusal takes, measured by hand: SHENBAO_TIMING=1, with -s.

It prints and judges no time. That the answers cannot differ in time for another reason than noise is shown by
test_rows.py: the same statements are sent to the database, in the same order, with the same answer.
"""

import os
import statistics
import time

import pytest
from tests.strangers.routes import Route
from tests.strangers.rules import ROUTES, ask, closest, never, rows_of
from tests.strangers.test_rows import said
from tests.strangers.world import World

from common.roles import Role

pytestmark = [
    pytest.mark.timeout(600),
    pytest.mark.skipif(not os.environ.get("SHENBAO_TIMING"), reason="a measurement: SHENBAO_TIMING=1"),
]
_TIMES = 300
_ASKED = (
    (("intake", "POST", "/v1/applications/{application_id}/precheck"), Role.applicant),
    (("intake", "POST", "/v1/applications/{application_id}/accept"), Role.officer),
    (("intake", "POST", "/v1/objections/{objection_id}/decide"), Role.officer),
    (("quota", "GET", "/v1/pools/{pool_id}/ledger"), Role.officer),
    (("eligibility", "GET", "/v1/registers/patents/entries/{entry_id}/history"), Role.officer),
)


@pytest.mark.parametrize(("key", "role"), _ASKED, ids=lambda one: str(one))
async def test_medians(world: World, key: tuple[str, str, str], role: Role) -> None:
    route: Route = ROUTES[key]
    foreign, actor = await rows_of(world, world.there), await closest(world, world.here, role)
    kinds = {"another city's": foreign, "never was": never(foreign)}
    seconds: dict[str, list[float]] = {name: [] for name in kinds}
    answers = {}
    for _ in range(_TIMES):
        for name, rows in kinds.items():
            begun = time.perf_counter()
            answer = await ask(world, route, rows, actor)
            seconds[name].append(time.perf_counter() - begun)
            answers[name] = said(answer, rows)
    assert answers["another city's"] == answers["never was"]
    medians = {name: round(statistics.median(found) * 1000, 2) for name, found in seconds.items()}
    print(f"\n{route}: {medians} ms over {_TIMES} each")  # noqa: T201  # a measurement is for reading
