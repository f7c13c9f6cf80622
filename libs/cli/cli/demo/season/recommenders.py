"""The recommending units: initial review, recommendation, the sealed form; places run out."""

from collections import Counter
from typing import Any

from cli.demo.season import applicants, leaks, plan
from cli.demo.season.plan import AT_INITIAL, AT_SUBMISSION, CLOSE, EARLY, LIMITS, RETURNED, RUSH
from cli.demo.season.roster import GUIDE, Entry
from cli.demo.season.season import Season, each, until

_APPLICATION = "application { id state revision }"
_DECISIONS = {"rejected": "rejected", "returned": "returned", "mended": "returned"}


async def before_the_rush(season: Season) -> str:
    """Those who came early are recommended in time."""
    season.clock("06-22T09:00:00")
    return await _all(season, EARLY)


async def in_the_rush(season: Season) -> str:
    """The last half minute: all recommending units at once, several people in each."""
    season.clock("06-28T16:59:30")
    return await _all(season, RUSH)


async def after_the_close(season: Season) -> str:
    """What came at the very end is recommended on the next day; the bureau will have to judge that."""
    season.clock("06-29T10:00:00")
    return await _all(season, CLOSE)


async def _all(season: Season, wave: str) -> str:
    states: Counter[str] = Counter()

    async def one(entry: Entry) -> None:
        if entry.admitted and await _initial(season, entry):
            states[await recommend(season, entry)] += 1

    await each(season.of_waves(wave), one)
    return ", ".join(f"{count} {state}" for state, count in sorted(states.items())) or "none"


async def _initial(season: Season, entry: Entry) -> bool:
    """初审; False where it ends there."""
    person = season.recommender(entry)
    decision = _DECISIONS.get(entry.case.step or "")
    if decision is not None:
        await _decide(person, entry, decision)
    if entry.case.end in (AT_INITIAL, RETURNED):
        return False
    if decision == "returned":
        await applicants.send(season.applicant(entry), entry.id, leaks.papers_of(entry)[0])
        await applicants.file(season, entry)
    await _decide(person, entry, "approved")
    return True


async def _decide(person: Any, entry: Entry, decision: str) -> None:
    reason = {} if decision == "approved" else {"reason": "材料不齐，技术路线说明不清"}
    await person.do("initialReview", _APPLICATION, applicationId=entry.id, decision=decision, **reason)


async def recommend(season: Season, entry: Entry) -> str:
    """Recommend and hand in the sealed form; the recommendation's state."""
    person, number = season.recommender(entry), int(entry.no)
    payload = await person.do(
        "recommend",
        f"recommendation {{ id state rowKey }} {_APPLICATION}",
        habit="double" if number % 5 == 0 else "hasty" if number % 8 == 0 else None,
        applicationId=entry.id,
    )
    found = payload["recommendation"]
    if found["state"] == "recommended":
        entry.recommendation = str(found["id"])
        sealed = leaks.recommendation_form(entry, season.roster.recommenders[entry.above]["name"])
        await applicants.send(person, entry.id, sealed)
    return str(found["state"])


async def change_of_mind(season: Season) -> str:
    """One unit takes a recommendation back before the close and sends in one that had found no place."""
    season.clock("06-28T16:59:50")
    row = [entry for entry in season.entries if entry.row == plan.CHANGES_ITS_MIND]
    sent = next(entry for entry in row if entry.recommendation is not None)
    left = next(entry for entry in row if entry.recommendation is None and entry.case.end is None)
    person = season.recommender(sent)
    await person.do(
        "withdrawRecommendation",
        "recommendation { id state }",
        recommendationId=sent.recommendation,
        reason="改推另一项目",
    )
    sent.recommendation = None

    async def free() -> bool | None:
        rows = (await person.ask("query($g: String!) { quotaRows(guide: $g) { key left } }", g=GUIDE))[
            "quotaRows"
        ]
        left_of = {line["key"].removeprefix(f"{GUIDE}/"): line["left"] for line in rows}
        return True if left_of[plan.CHANGES_ITS_MIND] else None

    await until("the place that was given back is not free", free, season.patience_s)
    state = await recommend(season, left)
    season.check("a place given back is taken by another", state, "recommended")
    return f"{sent.no} taken back, {left.no} {state}"


def wanted(season: Season) -> Counter[str]:
    """How many clean and planted applications ask for a place, by row."""
    gone = (AT_SUBMISSION, AT_INITIAL, RETURNED, plan.NEVER)
    asking = Counter(entry.row for entry in season.entries if entry.case.end not in gone)
    # taken back before the rush, so that the place serves another
    asking.subtract(
        Counter(e.row for e in season.entries if e.case.end == plan.WITHDRAWN and e.wave == EARLY)
    )
    return asking


def too_many(season: Season) -> int:
    """How many find no place: what is asked for above the row's limit, less the one that was let in."""
    asking = wanted(season)
    over = sum(max(0, count - LIMITS[row]) for row, count in asking.items())
    return over - int(asking[plan.CHANGES_ITS_MIND] > LIMITS[plan.CHANGES_ITS_MIND])
