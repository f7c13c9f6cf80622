"""How an application comes to the beginning of each step of the main line, through the public doors."""

from datetime import timedelta
from typing import Any

from tests.crash.site import Site

from cli.demo.season import applicants, formal, leaks, recommenders
from cli.demo.season.roster import GUIDE, Entry
from cli.demo.season.season import Season

DRAFTING, RECOMMENDING, OFFICE, NOTICE, APPROVING = (
    "06-15T09:00:00",
    "06-20T10:00:00",
    "07-03T09:00:00",
    "07-20T09:00:00",
    "07-28T09:00:00",
)
_APPLICATION = "application { id state revision }"
_EXPERTS = ("expert-1", "expert-2")


async def drafted(site: Site) -> tuple[Season, Entry]:
    """A complete draft."""
    season, entry = site.alone()
    season.clock(DRAFTING)
    await applicants.profiles(season)
    await applicants.drafts(season)
    return season, entry


async def submitted(site: Site) -> tuple[Season, Entry]:
    season, entry = await drafted(site)
    await applicants.file(season, entry)
    assert entry.admitted
    return season, entry


async def reviewed(site: Site) -> tuple[Season, Entry]:
    """The recommending unit has passed it (初审)."""
    season, entry = await submitted(site)
    season.clock(RECOMMENDING)
    await season.recommender(entry).do(
        "initialReview", _APPLICATION, applicationId=entry.id, decision="approved"
    )
    return season, entry


async def recommended(site: Site) -> tuple[Season, Entry]:
    season, entry = await reviewed(site)
    assert await recommenders.recommend(season, entry) == "recommended"
    return season, entry


async def noticed(site: Site) -> tuple[Season, Entry]:
    """The public notice about it has ended."""
    season, entry = await recommended(site)
    await to_the_notice(season, entry)
    return season, entry


async def to_the_notice(season: Season, entry: Entry) -> None:
    """From the recommendation to the end of the notice."""
    officer = season.person("officer")
    season.clock(OFFICE)
    await officer.do("acceptApplication", _APPLICATION, applicationId=entry.id, sealed=True)
    await formal.review(season)
    assert not season.wrong, f"{season.wrong}"
    await _scored(season, entry)
    await officer.do("proposeApplications", "proposal { id }", guide=GUIDE, applicationIds=[entry.id])
    starts = season.clock(NOTICE)
    await officer.do(
        "publishNotice",
        "notice { id state }",
        guide=GUIDE,
        applicationIds=[entry.id],
        startsAt=starts.isoformat(),
        endsAt=(starts + timedelta(days=7)).isoformat(),
        whereZh="市科技主管部门综合咨询处（演练）",
    )
    season.clock(APPROVING)


async def to_the_end(season: Season, entry: Entry) -> None:
    """From any state of the main line to the award."""
    state = (await state_of(season, entry))["state"]
    if state == "draft":
        season.clock(DRAFTING)
        await applicants.file(season, entry)
        state = "submitted"
    if state == "submitted":
        season.clock(RECOMMENDING)
        await season.recommender(entry).do(
            "initialReview", _APPLICATION, applicationId=entry.id, decision="approved"
        )
        state = "initial_review_passed"
    if state == "initial_review_passed":
        season.clock(RECOMMENDING)
        assert await recommenders.recommend(season, entry) == "recommended"
        state = "recommended"
    if state == "recommended":
        if entry.recommendation is None:  # recommended by the case itself, which hands in no sealed form
            entry.recommendation = "known to intake"
            season.clock(RECOMMENDING)
            sealed = leaks.recommendation_form(entry, season.roster.recommenders[entry.above]["name"])
            await applicants.send(season.recommender(entry), entry.id, sealed)
        await to_the_notice(season, entry)
        state = "public_notice"
    if state == "public_notice":
        season.clock(APPROVING)
        await season.person("head").do(
            "approveApplication", "application { id state } seq", applicationId=entry.id
        )


async def _scored(season: Season, entry: Entry) -> None:
    experts = {name: season.person(name) for name in _EXPERTS}
    ids = {}
    for name, person in experts.items():
        found = await person.ask("{ viewer { person { id } } }")
        ids[str(found["viewer"]["person"]["id"])] = name
    made = await season.person("officer").do(
        "assignExperts",
        "assignments { id expert { id } }",
        applicationId=entry.id,
        expertIds=list(ids),
    )
    for one in made["assignments"]:
        await experts[ids[one["expert"]["id"]]].do(
            "scoreApplication",
            "assignment { id state }",
            assignmentId=one["id"],
            score=90,
            comment="技术路线清楚，指标可考核。",
        )


async def state_of(season: Season, entry: Entry) -> dict[str, Any]:
    """The application as the office sees it."""
    query = "query($id: ID!) { application(id: $id) { state pending attemptOpen receivedAt } }"
    found: dict[str, Any] = (await season.person("officer").ask(query, id=entry.id))["application"]
    return found
