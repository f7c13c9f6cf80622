"""What the registers of a cast know, entered by its officer: single entries, and whole registers as files."""

import csv
import io
from typing import TYPE_CHECKING, Any

from cli.demo.cities.ids import resolved

if TYPE_CHECKING:
    from cli.demo.cities.play import CallStory


def fill(story: "CallStory") -> int:
    """Enter everything; how many entries that makes."""
    officer, script = story.staff["officer"], story.cast.script
    for line in script["registers"]:
        entry = resolved(line["entry"], story.ids.get(line.get("of"), {}))
        officer.do("addRegisterEntry", "entry", register=line["register"], entry=entry)
    lists = script.get("lists", [])
    for one in lists:
        officer.post(
            f"/v1/registers/{one['register']}/import",
            _table(one["rows"]),
            "text/csv",
            kind="csv",
            city=story.cast.city,
            source=one["source"],
            name=f"{one['register']}.csv",
            complete=one["complete"],
            whole_until=one["whole_until"],
        )
    return len(script["registers"]) + sum(len(one["rows"]) for one in lists)


def _table(rows: list[dict[str, Any]]) -> bytes:
    """A CSV file with the columns' Chinese headings."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()
