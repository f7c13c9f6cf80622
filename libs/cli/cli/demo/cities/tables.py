"""What came of a call: fates, decisions of people, signals for ranking, what the guide says and does not."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cli.demo import report
from cli.demo.cities import office

if TYPE_CHECKING:
    from cli.demo.cities.play import CallStory

_SILENT = "not stated"
_WINDOW = {
    "stated": "stated",
    "announced": "not stated; announced by the bureau",
    "not_stated": "not stated; nobody announced it",
}
_FIRST = ("initial_review", "recommendation", "direct_grant")
_GUIDE = """query($id: ID!) { call(id: $id) { windowSource version { noticeDays }
  categories { key selectable cap fundingMode maxMonths funding { tier least most } quotaRows { key } } } }"""


def show(story: "CallStory", pulled: Sequence[dict[str, Any]]) -> None:
    """Print everything."""
    report.fates(story)
    _decided(story)
    _signals(story)
    _offices(story)
    _guide(story)
    report.listed(story, pulled)
    story.house.say("")
    story.house.say("What the story shows")
    for lesson in story.cast.script["lessons"]:
        story.house.say(f"  - {lesson}")


def _decided(story: "CallStory") -> None:
    say = story.house.say
    say("")
    say("What the guide leaves to people, and how they decided")
    report.table(say, ("no.", "rule", "decision", "reason on record"), story.decided)


def _signals(story: "CallStory") -> None:
    """Priorities never decide on eligibility; they are shown to those who rank."""
    say, officer = story.house.say, story.staff["officer"]
    rows = [
        (number, one["rule"], one["outcome"], one["message"])
        for number, fate in story.fates.items()
        if fate.award
        for one in office.last_findings(officer, story.id_of(number))
        if one["effect"] == "priority"
    ]
    if not rows:
        return
    say("")
    say("Signals for ranking, never a condition")
    report.table(say, ("no.", "rule", "outcome", "what"), rows)


def _offices(story: "CallStory") -> None:
    say, officer = story.house.say, story.staff["officer"]
    query = "query($id: ID!) { application(id: $id) { steps office { name { zh } } } }"
    rows = []
    for number, play in story.plays.items():
        found = officer.ask(query, id=story.id_of(number))["application"]
        before = " + ".join(step for step in _FIRST if step in found["steps"]) or "-"
        rows.append(
            (number, play["category"], before, _said(found["office"] and found["office"]["name"]["zh"]))
        )
    say("")
    say("What comes before the office, and which office it is")
    report.table(say, ("no.", "category", "steps before", "office"), rows)


def _guide(story: "CallStory") -> None:
    say = story.house.say
    found = story.staff["officer"].ask(_GUIDE, id=story.cast.guide)["call"]
    say("")
    say("What the guide says, and where it is silent")
    report.table(
        say,
        ("of the call", "the guide"),
        [
            ("opening and closing", _WINDOW[found["windowSource"]]),
            ("days of public notice", _said(found["version"]["noticeDays"])),
        ],
    )
    say("")
    played = {one["category"] for one in story.cast.applications}
    rows = [
        (
            one["key"],
            _said(one["cap"]),
            _said("; ".join(map(_tier, one["funding"] or []))),
            _said(one["fundingMode"]),
            _said(len(one["quotaRows"] or []) or None),
        )
        for one in found["categories"]
        if one["key"] in played
    ]
    report.table(say, ("category", "projects at most", "grant in yuan", "paid", "places"), rows)


def _tier(one: dict[str, Any]) -> str:
    """A range of grants, with its tier where the guide has tiers."""
    least, most = one["least"], one["most"]
    if least is None or most is None:
        words = (
            f"at most {most:,}"
            if most is not None
            else f"at least {least:,}"
            if least is not None
            else _SILENT
        )
    else:
        words = f"{least:,}" if least == most else f"{least:,}-{most:,}"
    return f"{one['tier']} {words}" if one["tier"] else words


def _said(value: Any) -> str:
    """A null of the guide is its silence."""
    return str(value) if value not in (None, "") else _SILENT
