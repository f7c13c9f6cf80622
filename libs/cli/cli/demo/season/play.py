"""The season, from the first login to the provincial list; all through the gateway's public doors.

Only the starting memberships and the province's subscription are the operator's, as in the short story.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any, Final

import httpx

from cli import operations, tokens
from cli.demo.season import (
    applicants,
    formal,
    outcome,
    province,
    quota,
    recommenders,
    registers,
    selection,
    strangers,
    tables,
)
from cli.demo.season.doors import AT_ONCE, Door
from cli.demo.season.season import Season, each
from cli.house import CITY
from cli.local import House

_PATIENCE_S = 30


def play(house: House) -> int:
    """Play it; 0 when everything ended as the notice demands."""
    return asyncio.run(_play(house))


async def _play(house: House) -> int:
    limits = httpx.Limits(max_connections=2 * AT_ONCE, max_keepalive_connections=2 * AT_ONCE)
    async with httpx.AsyncClient(
        base_url=house.gateway_url, timeout=httpx.Timeout(_PATIENCE_S), trust_env=False, limits=limits
    ) as http:
        season = Season.of(house, Door(http))
        for name, work in PHASES:
            await season.phase(name, work)
        return await report(season)


async def sign_up(season: Season) -> str:
    """Import units, people and memberships, subscribe the province."""
    season.clock("05-17T09:00:00")
    content = season.roster.to_import()
    operations.import_memberships(season.house.intake_url, season.house.keys, content)
    operations.post(
        season.house.intake_url,
        season.house.keys,
        "/v1/subscribers",
        {
            "city": CITY,
            "client": tokens.label("province"),
            "name": "省级科技项目平台（演练）",
            "legal_basis": "演练：政务数据共享协议",
            "purpose": "立项项目归集",
            "fields": list(province.FIELDS),
        },
        cities=[CITY],
    )
    return f"{len(content['units'])} units, {len(content['people'])} people"


PHASES: Final[tuple[tuple[str, Callable[[Season], Awaitable[str]]], ...]] = (
    ("signing up", sign_up),
    ("base data", applicants.profiles),
    ("drafts and papers", applicants.drafts),
    ("registers", registers.fill),
    ("before the opening", applicants.too_early),
    ("filed early", applicants.early),
    ("recommended early", recommenders.before_the_rush),
    ("second thoughts", applicants.second_thoughts),
    ("the rush, 16:55 to 17:00", applicants.rush),
    ("recommended in the rush", recommenders.in_the_rush),
    ("strangers", strangers.try_all),
    ("a change of mind", recommenders.change_of_mind),
    ("at 17:00:00.000", applicants.at_the_close),
    ("too late", applicants.late),
    ("recommended after the close", recommenders.after_the_close),
    ("filed twice", formal.twins_asked),
    ("acceptance", formal.acceptance),
    ("formal review", formal.review),
    ("experts", selection.experts),
    ("proposal", selection.proposal),
    ("public notice", selection.notice),
    ("approval", selection.approval),
)
"""What happens, in order: the name of each phase and its work."""


async def report(season: Season) -> int:
    """Pull the list, check it and print the tables; 0 when everything ended as the notice demands."""
    found = await outcome.listed(season)
    items = await province.pull(season)
    await province.verify(season, items, sum(one.outcome[0] == "approved" for one in found.values()))
    rows = await quota.rows(season, found)
    season.check("double clicks with two different answers", season.door.differing, [])
    tables.outcomes(season, found)
    tables.quota_rows(season, rows)
    tables.pulled(season, items)
    tables.strangers(season)
    tables.leave(season, found, items, await _files(season))
    tables.checks(season)
    tables.pace(season)
    season.house.say("")
    for line in season.wrong:
        season.house.say(f"NOT AS EXPECTED: {line}")
    if not season.wrong:
        season.house.say(f"All {len(season.entries)} applications ended as the notice demands.")
    return 1 if season.wrong else 0


async def _files(season: Season) -> dict[str, tuple[int, int]]:
    """Bundle -> documents and bytes, as the bureau sees them."""
    officer, counts, sizes = season.person("officer"), Counter[str](), Counter[str]()
    query = """query($id: ID!) { application(id: $id) {
        documents { bundle size } sealedBundle { files { size } } } }"""

    async def look(entry: Any) -> None:
        found = (await officer.ask(query, id=entry.id))["application"]
        for one in found["documents"]:
            counts[f"bundle {one['bundle']}"] += 1
            sizes[f"bundle {one['bundle']}"] += one["size"]
        for one in (found["sealedBundle"] or {"files": []})["files"]:
            counts["sealed at submission"] += 1
            sizes["sealed at submission"] += one["size"]

    await each(season.entries, look)
    return {what: (counts[what], sizes[what]) for what in counts}
