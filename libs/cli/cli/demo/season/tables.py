"""What the season prints at its end, and leaves in the run's folder."""

import json
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import quantiles
from typing import Any

from cli.demo.season import outcome
from cli.demo.season.outcome import ORDER, Found, Outcome
from cli.demo.season.quota import Row
from cli.demo.season.roster import Entry
from cli.demo.season.season import Season

_WIDEST = 90
_WATCHED = ("createApplication", "submitApplication", "recommend", "formalReview", "approveApplication")


def outcomes(season: Season, found: dict[str, Found]) -> None:
    """How far they got, by rule, beside what the notice demands of the plan."""
    counts = Counter(one.outcome for one in found.values())
    due = outcome.expected(season)
    cases: dict[Outcome, Counter[str]] = {}
    for entry in season.entries:
        if entry.id in found:
            cases.setdefault(found[entry.id].outcome, Counter())[entry.case.key] += 1
    every = sorted({*counts, *due}, key=lambda one: (_place(one[0]), one[1]))
    lines = []
    for one in every:
        if counts[one] != due[one]:
            season.wrong.append(f"{outcome.words(one)}: {counts[one]}, expected {due[one]}")
        mark = "" if counts[one] == due[one] else "!"
        lines.append(
            (
                one[0],
                " ".join(one[1]),
                str(counts[one]),
                str(due[one]),
                mark,
                _planted(cases.get(one, Counter())),
            )
        )
    season.house.say("")
    season.house.say("How far they got, and by which rule it ended")
    table(season, ("ended", "rules", "count", "expected", "", "planted as"), lines)
    season.wrong += outcome.differing(season, found)
    season.check("applications in the bureau's list", len(found), len(season.entries))


def _place(label: str) -> int:
    return ORDER.index(label) if label in ORDER else len(ORDER)


def _planted(cases: Counter[str]) -> str:
    plain = sum(count for key, count in cases.items() if key.startswith("clean"))
    named = [f"{count} {key}" for key, count in sorted(cases.items()) if not key.startswith("clean")]
    words = "; ".join([*([f"{plain} clean"] if plain else []), *named])
    return words if len(words) <= _WIDEST else f"{words[:_WIDEST]}…"


def quota_rows(season: Season, rows: Sequence[Row]) -> None:
    """Limit, use, and what the ledger says."""
    season.house.say("")
    season.house.say("Quota rows (附件2)")
    heads = ("row", "unit", "limit", "used", "ledger", "highest", "standing", "ledger lines")
    figures = [(one.limit, one.used, one.ledger, one.highest, one.holding, one.entries) for one in rows]
    lines = [(one.key, one.unit, *map(str, numbers)) for one, numbers in zip(rows, figures, strict=True)]
    table(season, heads, lines)


def pulled(season: Season, items: Sequence[dict[str, Any]]) -> None:
    """The list as the province has it: the first and last lines; the whole lies in the run's folder."""
    season.house.say("")
    season.house.say(f"The list as the province pulled it ({len(items)} items)")
    shown = [*items[:5], *items[-3:]] if len(items) > 8 else list(items)
    lines = [
        (
            str(one["seq"]),
            one["record"]["project_number"],
            one["record"]["category"],
            one["record"]["title"],
            one["record"]["unit_name"],
            one["digest"][:12],
        )
        for one in shown
    ]
    table(season, ("seq", "award", "category", "title", "unit", "digest"), lines)


def strangers(season: Season) -> None:
    """What people tried who had no business there."""
    season.house.say("")
    season.house.say("What strangers tried")
    lines = []
    for what, (tries, away) in sorted(season.strangers.items()):
        lines.append((what, str(tries), str(away)))
        if tries != away:
            season.wrong.append(f"{what}: {tries - away} of {tries} not turned away")
    table(season, ("what", "tries", "turned away"), lines)


def checks(season: Season) -> None:
    """The further checks, one a line."""
    season.house.say("")
    season.house.say("Checks")
    lines = [
        (what, found if len(found) <= _WIDEST else f"{found[:_WIDEST]}…") for what, found in season.notes
    ]
    table(season, ("what", "found"), lines)


def pace(season: Season) -> None:
    """Seconds and requests of each phase; how long the watched commands took."""
    season.house.say("")
    season.house.say("Time")
    lines = [
        (name, f"{took:.1f}", str(asked), f"{asked / took:.0f}" if took > 0 else "")
        for name, took, asked in season.phases
    ]
    lines.append(
        ("all", f"{sum(one[1] for one in season.phases):.1f}", str(season.door.tally["requests"]), "")
    )
    table(season, ("phase", "s", "requests", "per s"), lines)
    table(season, ("command", "count", "p50 ms", "p95 ms", "p99 ms"), _commands(season.door.took))
    tally = ", ".join(f"{count} {what}" for what, count in sorted(season.door.tally.items()))
    season.house.say(f"  {tally}")


def _commands(took: Mapping[str, Sequence[float]]) -> list[Sequence[str]]:
    lines: list[Sequence[str]] = []
    for name in _WATCHED:
        if len(took.get(name, ())) > 1:
            cuts = quantiles(took[name], n=100, method="inclusive")
            lines.append((name, str(len(took[name])), *(f"{1000 * cuts[at]:.0f}" for at in (49, 94, 98))))
    return lines


def leave(
    season: Season,
    found: dict[str, Found],
    items: Sequence[dict[str, Any]],
    files: dict[str, tuple[int, int]],
) -> None:
    """Write outcomes and list into the run's folder, and say where papers and files lie."""
    folder = season.house.work_dir
    lines = ["no\tcase\tcategory\trow\tunit\ttitle\tended\trules"]
    lines += ["\t".join(_line(entry, found[entry.id])) for entry in season.entries if entry.id in found]
    outcomes_file = folder / "season-outcomes.tsv"
    outcomes_file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    list_file = folder / "season-list.json"
    list_file.write_text(json.dumps(list(items), ensure_ascii=False, indent=1), encoding="utf-8")
    stored = [file for file in season.house.run.files.rglob("*") if file.is_file()]
    size = sum(file.stat().st_size for file in stored)
    season.house.say("")
    season.house.say("Where papers and files lie")
    rows = [(what, f"{count} documents, {_mb(amount)}") for what, (count, amount) in sorted(files.items())]
    rows += [
        (str(_near(season.house.run.files)), f"{len(stored)} stored files, {_mb(size)}"),
        (str(_near(season.house.run.logs)), "logs of the services"),
        (str(_near(outcomes_file)), "each application and where it ended"),
        (str(_near(list_file)), "the list as pulled"),
    ]
    table(season, ("where", "what"), rows)


def _line(entry: Entry, found: Found) -> list[str]:
    label, rules = found.outcome
    case = entry.case
    return [
        entry.no,
        case.key,
        case.category,
        entry.row,
        entry.unit["name"],
        entry.title,
        label,
        " ".join(rules),
    ]


def _near(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _mb(amount: int) -> str:
    return f"{amount / 1_000_000:.1f} MB"


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def table(season: Season, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows under heads; wide characters count for two."""
    widths = [max(_width(row[column]) for row in (heads, *rows)) for column in range(len(heads))]
    for row in (heads, tuple("-" * width for width in widths), *rows):
        cells = (cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True))
        season.house.say("  " + "  ".join(cells).rstrip())
