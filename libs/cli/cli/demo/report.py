"""What came of the story: who got how far and why not, the quota rows, the pulled list."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cli.demo.story import Story

# what the story is meant to show: application -> where it ends, by which rule
EXPECTED: dict[str, tuple[str, str | None]] = {
    "01": ("approved", None),
    "02": ("public notice", None),
    "03": ("recommendation", "QZ-4-8b"),
    "04": ("formal review", "QZ-4-2"),
    "05": ("approved", None),
    "06": ("submission", "QZ-4-8a"),
    "07": ("submission", "QZ-SUB-04"),
    "08": ("formal review", "QZ-4-4a"),
    "09": ("approved", None),
    "10": ("approved", None),
    "11": ("approved", None),
    "12": ("expert review", None),
    "13": ("approved", None),
    "14": ("approved", None),
}


@dataclass(frozen=True, slots=True)
class Fate:
    """Where an application ended, and by which rule and clause if one decided it."""

    at: str
    message: str = ""
    rule: str | None = None
    clause: str = ""
    award: str | None = None
    seq: int | None = None

    @classmethod
    def by_finding(cls, at: str, finding: dict[str, Any]) -> "Fate":
        clause = finding["clause"]
        place = f"{clause['section']} L{clause['lines']}" if clause["lines"] else clause["section"]
        return cls(at, finding["remedy"] or finding["message"], finding["rule"], place)


def show(story: "Story", pulled: Sequence[dict[str, Any]]) -> None:
    """Print the three tables."""
    say = story.house.say
    say("")
    say("Who got how far, and why not")
    rows = []
    for number, one in story.plays.items():
        fate = story.fates[number]
        why = fate.award or fate.message
        rows.append((number, story.cast.unit_of(one)["name"], fate.at, fate.rule or "", fate.clause, why))
    _table(say, ("no.", "unit", "got to", "rule", "clause", "why / award"), rows)
    say("")
    say("Quota rows with a place taken")
    query = "query($guide: String!) { quotaRows(guide: $guide) { key unit { zh } limit used left } }"
    quota = story.staff["officer"].ask(query, guide=story.cast.guide)["quotaRows"]
    used = [row for row in quota if row["used"]]
    _table(
        say,
        ("row", "unit", "limit", "used", "left"),
        [
            (row["key"], row["unit"]["zh"], str(row["limit"]), str(row["used"]), str(row["left"]))
            for row in used
        ],
    )
    say("")
    say("The list as the province pulled it")
    _table(
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
    """0 when all came out as expected; otherwise what differs is printed."""
    found = {number: (fate.at, fate.rule) for number, fate in story.fates.items()}
    wrong = [
        f"{number}: {found.get(number)}, expected {due}"
        for number, due in EXPECTED.items()
        if found.get(number) != due
    ]
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


def _table(say: Any, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    widths = [max(_width(row[column]) for row in (heads, *rows)) for column in range(len(heads))]
    for row in (heads, tuple("-" * width for width in widths), *rows):
        cells = (cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True))
        say("  " + "  ".join(cells).rstrip())
