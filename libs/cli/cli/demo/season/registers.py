"""What the registers know of the season's units, people and patents; entered by the officer."""

from typing import Any

from cli.demo.applying import raw_id
from cli.demo.season.roster import Entry
from cli.demo.season.season import Season, each

_SINCE = "2019-01-01T00:00:00+08:00"
_OTHER_USCC = "91330802MADE00214T"


async def fill(season: Season) -> str:
    """Blacklists, projects in progress, patents."""
    officer, lines = season.person("officer"), []
    for entry in season.entries:
        lines += _about(entry)

    async def add(line: tuple[str, dict[str, Any]]) -> None:
        await officer.do("addRegisterEntry", "entry", register=line[0], entry=line[1])

    await each(lines, add)
    return f"{len(lines)} entries"


async def blacklist(season: Season, entry: Entry, since: str) -> None:
    """Put a unit on the list while its application is under way."""
    officer = season.person("officer")
    await officer.do("addRegisterEntry", "entry", register="credit_blacklist", entry=_listed(entry, since))


def _about(entry: Entry) -> list[tuple[str, dict[str, Any]]]:
    kind, _, count = (entry.case.register or "").partition(":")
    found: list[tuple[str, dict[str, Any]]] = []
    if kind == "blacklist":
        found.append(("credit_blacklist", _listed(entry, "2020-03-01T00:00:00+08:00")))
    if kind == "unaccepted":
        found.append(("projects_in_progress", _project(entry, 1, subsidised=True)))
    if kind == "lead":
        person = raw_id(entry.people[entry.leader])
        found += [
            ("projects_in_progress", _project(entry, number, leader_ids=[person]))
            for number in range(int(count))
        ]
    if kind == "member":
        person = raw_id(entry.people[entry.members[0]])
        found += [
            ("projects_in_progress", _project(entry, number, member_ids=[person]))
            for number in range(int(count))
        ]
    if entry.patent is not None:
        found.append(("patents", _patent(entry, entry.patent)))
    return found


def _listed(entry: Entry, since: str) -> dict[str, Any]:
    return {
        "unit_uscc": entry.unit["uscc"],
        "list_id": "quzhou-credit",
        "reason": "演练：失信记录",
        "from": since,
    }


def _project(entry: Entry, number: int, **more: Any) -> dict[str, Any]:
    title = f"在研项目{entry.no}-{number}"
    running = {
        "unit_uscc": entry.unit["uscc"],
        "title": title,
        "identity": title,
        "level": "city",
        "subsidised": False,
        "track": "competitive",
        "leader_ids": [],
        "member_ids": [],
        "status": "in_progress",
        "from": _SINCE,
    }
    return running | more


def _patent(entry: Entry, patent: dict[str, Any]) -> dict[str, Any]:
    own = {"id": entry.unit["uscc"], "name": entry.unit["name"]}
    other = {"id": _OTHER_USCC, "name": "另一专利权人（演练）"}
    owners = [own, other] if patent.get("co_owner") else [other] if patent.get("other") else [own]
    return {
        "number": patent["number"],
        "type": patent["type"],
        "status": "granted",
        "filing_date": patent["filing_date"],
        "owners": owners,
        "prior_listings": patent["prior_listings"],
        "from": f"{patent['filing_date']}T00:00:00+08:00",
    }
