"""The quota rows at the end: nothing oversold, and the ledger says the same as the counters."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from cli.demo.season import outcome
from cli.demo.season.doors import Person
from cli.demo.season.plan import CASES, LIMITS
from cli.demo.season.roster import GUIDE
from cli.demo.season.season import Season

_LEDGER = """query($id: ID!, $after: String) { node(id: $id) { ... on QuotaRow {
    ledger(first: 100, after: $after) {
        nodes { delta used kind } pageInfo { hasNextPage endCursor } } } } }"""


# the twin that is withdrawn on 30 June: after the close its place stays taken
_KEPT = Counter(
    f"{case.category}/{case.home}" for case in CASES if case.step == "withdrawn" and case.twin is not None
)


@dataclass(frozen=True, slots=True)
class Row:
    """A row with its figures; `holding`: applications that stand recommended, or keep a place anyway."""

    key: str
    unit: str
    limit: int
    used: int
    ledger: int
    highest: int
    entries: int
    holding: int


async def rows(season: Season, found: dict[str, outcome.Found]) -> list[Row]:
    """All rows, checked against each other and the notice."""
    officer = season.person("officer")
    query = "query($g: String!) { quotaRows(guide: $g) { id key unit { zh } limit used } }"
    holding = Counter(_short(one.row) for one in found.values() if one.row is not None)
    holding.update(_KEPT)
    lines = (await officer.ask(query, g=GUIDE))["quotaRows"]
    made = [_row(line, await _ledger(officer, line["id"]), holding[_short(line["key"])]) for line in lines]
    season.check("places of 附件2", {one.key: one.limit for one in made} == LIMITS, True)
    season.check("rows oversold", [one.key for one in made if max(one.used, one.highest) > one.limit], [])
    season.check("rows whose ledger sums otherwise", [one.key for one in made if one.ledger != one.used], [])
    season.check(
        "rows with other than the standing recommendations",
        [one.key for one in made if one.holding != one.used],
        [],
    )
    return made


async def _ledger(officer: Person, row_id: str) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = []
    after = None
    while True:
        page = (await officer.ask(_LEDGER, id=row_id, after=after))["node"]["ledger"]
        entries += page["nodes"]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            return entries


def _row(line: dict[str, Any], entries: list[dict[str, Any]], holding: int) -> Row:
    taking = [one for one in entries if one["kind"] != "limit"]
    return Row(
        key=_short(line["key"]),
        unit=line["unit"]["zh"],
        limit=line["limit"],
        used=line["used"],
        ledger=sum(one["delta"] for one in taking),
        highest=max((one["used"] for one in taking), default=0),
        entries=len(entries),
        holding=holding,
    )


def _short(key: str) -> str:
    return key.removeprefix(f"{GUIDE}/")
