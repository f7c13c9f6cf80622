"""People who try what is not theirs to do; nothing of it may work, and nothing may be told."""

from typing import Any

from cli.demo.graphql import Refused
from cli.demo.season.doors import Person
from cli.demo.season.plan import RUSH
from cli.demo.season.roster import Entry
from cli.demo.season.season import Season, each

_READ = """query($id: ID!) { application(id: $id) {
    title form unit { name } documents { name sha256 } attempt { id } assessments { stage } } }"""
_EVERY = 6


async def try_all(season: Season) -> str:
    """Applicants, recommenders and experts of elsewhere, and visitors, at every sixth application."""
    season.clock("06-28T16:59:40")
    filed = [entry for entry in season.of_waves(RUSH) if int(entry.no) % _EVERY == 0]
    await each(filed, lambda entry: _at(season, entry))
    tries = sum(tried for tried, _ in season.strangers.values())
    away = sum(turned for _, turned in season.strangers.values())
    return f"{tries} tries, {away} turned away"


async def _at(season: Season, entry: Entry) -> None:
    other = next(one for one in season.entries if one.unit is not entry.unit and one.above != entry.above)
    expert = season.person("expert-1")
    people = (
        ("another unit's applicant", season.applicant(other)),
        ("another unit's recommender", season.recommender(other)),
        ("an expert without the assignment", expert),
        ("a visitor", Person(season.door, None)),
    )
    for who, person in people:
        season.turned_away(f"{who} reads", await _reads_nothing(person, entry))
    own, theirs = season.applicant(entry), season.recommender(other)
    elsewhere = season.applicant(other)
    for what, person, mutation, more in (
        ("another unit's recommender reviews", theirs, "initialReview", {"decision": "approved"}),
        ("another unit's recommender recommends", theirs, "recommend", {}),
        (
            "another unit's applicant edits",
            elsewhere,
            "updateApplication",
            {"expectedRevision": 1, "title": "x"},
        ),
        ("another unit's applicant submits", elsewhere, "submitApplication", {"expectedRevision": 1}),
        ("another unit's applicant withdraws", elsewhere, "withdrawApplication", {"reason": "x"}),
        ("the applicant reviews itself", own, "initialReview", {"decision": "approved"}),
        ("the applicant recommends itself", own, "recommend", {}),
        ("the applicant accepts itself", own, "acceptApplication", {"sealed": True}),
        ("the officer recommends", season.person("officer"), "recommend", {}),
    ):
        season.turned_away(what, await _refused(person, mutation, entry, more))


async def _reads_nothing(person: Person, entry: Entry) -> bool:
    try:
        return (await person.ask(_READ, id=entry.id))["application"] is None
    except Refused as refused:
        # an error may say that nothing is there, never what
        return entry.title not in str(refused) and entry.unit["name"] not in str(refused)


async def _refused(person: Person, mutation: str, entry: Entry, more: dict[str, Any]) -> bool:
    try:
        await person.do(mutation, "application { id }", applicationId=entry.id, **more)
    except Refused as refused:
        return entry.unit["name"] not in str(refused)
    return False
