"""The office: acceptance, the findings that a person must judge, the formal review."""

from typing import Any

from cli.demo.graphql import Refused
from cli.demo.season.applicants import withdraw
from cli.demo.season.doors import Person
from cli.demo.season.plan import AT_FORMAL, WITHDRAWN
from cli.demo.season.roster import Entry
from cli.demo.season.season import Season, each

_APPLICATION = "application { id state }"
_FINDINGS = "findings { rule outcome strength due }"
_STAGES = ("submission", "recommendation", "formal_review")
# what a reviewer answers where the guide leaves the judgement to a person
_USUAL: dict[str, tuple[str, bool]] = {
    "QZ-DIR-01": ("project.topic_fit", True),
    "QZ-PAT-02": ("patent.core_link_ok", True),
    "QZ-4-3f": ("patent.dispute_found", False),
    "QZ-4-7": ("anonymity.reviewer_ok", True),
}


async def twins_asked(season: Season) -> str:
    """The bureau asks who filed a project twice: one unit takes one of the two back, one does not answer."""
    season.clock("06-30T09:00:00")
    back = [one for one in season.entries if one.case.twin is not None and one.case.end == WITHDRAWN]
    for entry in back:
        await withdraw(season, entry, "同一项目保留另一类别")
    return f"{len(back)} withdrawn"


async def acceptance(season: Season) -> str:
    """受理 of all that stand recommended."""
    season.clock("07-01T09:00:00")
    entries, officer = standing(season), season.person("officer")

    async def accept(entry: Entry) -> None:
        await officer.do("acceptApplication", _APPLICATION, applicationId=entry.id, sealed=True)

    await each(entries, accept)
    return f"{len(entries)} accepted"


def standing(season: Season) -> list[Entry]:
    """Recommended, and not withdrawn since."""
    return [one for one in season.entries if one.recommendation and one.case.end != WITHDRAWN]


async def review(season: Season) -> str:
    """形式审查: judge what is left to a person, pass what holds; a pass against a failing rule is refused."""
    season.clock("07-03T09:00:00")
    reviewer, entries = season.person("reviewer"), standing(season)
    judged = passed = 0

    async def one(entry: Entry) -> None:
        nonlocal judged, passed
        left = await _judge(reviewer, entry)
        standing_against = await _decide(reviewer, entry)
        if standing_against and entry.case.end != AT_FORMAL:
            season.wrong.append(f"{entry.no} ({entry.case.key}) failed: {standing_against}")
        judged, passed = judged + left, passed + (not standing_against)

    await each(entries, one)
    due = sum(entry.case.end != AT_FORMAL for entry in entries)
    season.check("passed the formal review", passed, due)
    return f"{judged} findings judged, {passed} of {len(entries)} passed"


async def _judge(reviewer: Person, entry: Entry) -> int:
    query = f"query($id: ID!) {{ precheck(applicationId: $id, stage: formal_review) {{ {_FINDINGS} }} }}"
    found = (await reviewer.ask(query, id=entry.id))["precheck"]["findings"]
    left = [
        one
        for one in found
        if one["outcome"] == "manual" and one["strength"] != "ranking" and one["due"] in _STAGES
    ]
    for finding in left:
        await reviewer.do(
            "decideFinding",
            "rule",
            applicationId=entry.id,
            rule=finding["rule"],
            reason="经核对申报材料并集体讨论。",
            evidence=["形式审查会议记录"],
            **_answer(entry, finding),
        )
    return len(left)


def _answer(entry: Entry, finding: dict[str, Any]) -> dict[str, Any]:
    if finding["rule"] in _USUAL:
        name, usual = _USUAL[finding["rule"]]
        return {"facts": {name: entry.case.judged.get(name, usual)}}
    return {"outcome": entry.case.judged.get(finding["rule"], "pass")}


async def _decide(reviewer: Person, entry: Entry) -> list[str]:
    """Pass it, or fail it for what stands against it."""
    standing_against = await _passed(reviewer, entry)
    if standing_against:
        await reviewer.do(
            "formalReview",
            _APPLICATION,
            applicationId=entry.id,
            decision="fail",
            reason="不符合指南所列条件。",
        )
    return standing_against


async def _passed(reviewer: Person, entry: Entry) -> list[str]:
    """Try a pass; what a service that was away had hidden from the reviewer is judged first.

    Returns:
        What stands against it; nothing where it passed.
    """
    while True:
        try:
            await reviewer.do("formalReview", _APPLICATION, applicationId=entry.id, decision="pass")
        except Refused as refused:
            if "intake.findings_undecided" not in refused.codes:
                raise
            found = _findings(refused)
            if all(one["outcome"] != "manual" for one in found) or not await _judge(reviewer, entry):
                return [f"{one['rule']} {one['outcome']} {one.get('missing')}" for one in found]
        else:
            return []


def _findings(refused: Refused) -> list[dict[str, Any]]:
    return [one for error in refused.errors for one in (error.get("details") or {}).get("findings", [])]
