"""All checks of a city: looked at twice, mended in order, looked at again.

The services go on working meanwhile, and jobs are under way: a difference counts when two looks, some seconds
apart, have seen it. A mend counts when a further look no longer sees the difference.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial

from cli.reconcile import places, records
from cli.reconcile.mending import NotMended
from cli.reconcile.owners import Owners
from cli.reconcile.report import LEFT, MENDED, Check, Difference, Result
from common.client import ServiceClient

Look = Callable[[], Awaitable[Check]]


@dataclass(frozen=True, slots=True)
class Wish:
    """How to compare.

    Attributes:
        mend: put right what can be.
        content: read and hash every file; otherwise only look whether it is there.
        again_after_s: seconds between the two looks at what differs.
    """

    mend: bool = False
    content: bool = True
    again_after_s: float = 5.0


async def compare(client: ServiceClient, city: str, wish: Wish) -> Result:
    """Compare one city's records, and mend if wished.

    Raises:
        CannotCompare: a service does not answer.
    """
    owners = Owners(client, city)
    looks = _looks(owners, wish)
    checks = {name: await look() for name, look in looks.items()}
    if any(check.differences for check in checks.values()):
        await asyncio.sleep(wish.again_after_s)
        await _look_again(checks, looks)
    result = Result(city, list(checks.values()))
    if wish.mend and result.found:
        reasons = await _mend(owners, result)
        still: set[Difference] = set()
        for name, check in checks.items():
            still |= set((await looks[name]()).differences) if check.differences else set()
        result.outcomes = {one: reasons.get(one, LEFT) if one in still else MENDED for one in result.found}
    return result


def _looks(owners: Owners, wish: Wish) -> dict[str, Look]:
    return {
        "guides": partial(records.guides, owners),
        "limits": partial(places.limits, owners),
        "ledger": partial(places.ledger, owners),
        "places": partial(places.holds, owners),
        "assessments": partial(records.assessments, owners),
        "bundles": partial(records.bundles, owners),
        "files": partial(records.files, owners, content=wish.content),
        "objects": partial(records.objects, owners),
        "feed": partial(records.feed, owners),
    }


async def _look_again(checks: Mapping[str, Check], looks: Mapping[str, Look]) -> None:
    """Keep of each check what a second look sees too."""
    for name, check in checks.items():
        if check.differences:
            again = set((await looks[name]()).differences)
            check.differences = [one for one in check.differences if one in again]


async def _mend(owners: Owners, result: Result) -> dict[Difference, str]:
    """Do every mend once, in their order; why one did not work, by difference."""
    reasons: dict[Difference, str] = {}
    for mend in sorted({one.mend for one in result.found if one.mend is not None}):
        try:
            await mend.do(owners)
        except NotMended as error:
            reasons |= {one: str(error) for one in result.found if one.mend == mend}
    return reasons
