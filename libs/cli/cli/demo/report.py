"""What came of the story: who got how far and why not, the quota rows, the pulled list."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cli.local import Say

if TYPE_CHECKING:
    from cli.demo.story import Story


@dataclass(frozen=True, slots=True)
class Fate:
    """Where an application ended, and by which rule and clause if one decided it."""

    at: str
    message: str = ""
    rule: str | None = None
    clause: str = ""
    award: str | None = None
    seq: int | None = None

    def meets(self, due: Mapping[str, str]) -> bool:
        """Whether it is what a cast expects: `{at, rule?, clause?}`."""
        return (
            self.at == due["at"]
            and self.rule == due.get("rule")
            and self.clause == due.get("clause", self.clause)
        )

    @classmethod
    def by_finding(cls, at: str, finding: dict[str, Any]) -> "Fate":
        clause = finding["clause"]
        place = f"{clause['section']} L{clause['lines']}" if clause["lines"] else clause["section"]
        return cls(at, finding["remedy"] or finding["message"], finding["rule"], place)


def show(story: "Story", pulled: Sequence[dict[str, Any]]) -> None:
    """Print the three tables."""
    fates(story)
    _quota(story)
    listed(story, pulled)


def fates(story: "Story") -> None:
    """Print who got how far, and by which rule and clause no further."""
    say = story.house.say
    say("")
    say("Who got how far, and why not")
    rows = []
    for number, one in story.plays.items():
        fate = story.fates[number]
        why = fate.award or fate.message
        rows.append((number, story.cast.unit_of(one)["name"], fate.at, fate.rule or "", fate.clause, why))
    table(say, ("no.", "unit", "got to", "rule", "clause", "why / award"), rows)


def _quota(story: "Story") -> None:
    say = story.house.say
    say("")
    say("Quota rows with a place taken")
    query = "query($guide: String!) { quotaRows(guide: $guide) { key unit { zh } limit used left } }"
    quota = story.staff["officer"].ask(query, guide=story.cast.guide)["quotaRows"]
    used = [row for row in quota if row["used"]]
    table(
        say,
        ("row", "unit", "limit", "used", "left"),
        [
            (row["key"], row["unit"]["zh"], str(row["limit"]), str(row["used"]), str(row["left"]))
            for row in used
        ],
    )


def listed(story: "Story", pulled: Sequence[dict[str, Any]]) -> None:
    """Print the list as the province pulled it."""
    say = story.house.say
    say("")
    say("The list as the province pulled it")
    table(
        say,
        ("seq", "op", "award", "category", "title", "digest"),
        [
            (
                str(item["seq"]),
                item["op"],
                str(item["record"]["project_number"]),
                str(item["record"]["category"]),
                str(item["record"]["title"]),
                item["digest"][:12],
            )
            for item in pulled
        ],
    )


def verdict(story: "Story", pulled: Sequence[dict[str, Any]]) -> int:
    """0 when all came out as the cast expects; otherwise what differs is printed."""
    wrong = []
    for number, play in story.plays.items():
        fate, due = story.fates.get(number), play["expect"]
        if fate is None or not fate.meets(due):
            wrong.append(f"{number}: {fate}, expected {due}")
    approved = {fate.seq for fate in story.fates.values() if fate.seq is not None}
    if [item["seq"] for item in pulled] != sorted(approved) or sorted(approved) != list(
        range(1, len(approved) + 1)
    ):
        wrong.append(
            f"the pulled list has {[item['seq'] for item in pulled]}, approved were {sorted(approved)}"
        )
    for line in wrong:
        story.house.say(f"NOT AS EXPECTED: {line}")
    return 1 if wrong else 0


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def table(say: Say, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table; Chinese letters take two places."""
    widths = [max(_width(row[column]) for row in (heads, *rows)) for column in range(len(heads))]
    for row in (heads, tuple("-" * width for width in widths), *rows):
        cells = (cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True))
        say("  " + "  ".join(cells).rstrip())
