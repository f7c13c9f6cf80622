"""The applicants: base data, drafts with papers, and filing, most of it in the last minutes."""

from typing import Any

from cli.demo.season import leaks, plan
from cli.demo.season.doors import Person
from cli.demo.season.plan import AT_SUBMISSION, CLOSE, EARLY, LATE_MIN, LATE_MS, PATENT, RUSH
from cli.demo.season.roster import GUIDE, Entry, budget, rd_spend
from cli.demo.season.season import Season, each, until
from common.clock import parse_instant

_APPLICATION = "application { id state revision }"
_SETTLED = """query($id: ID!) { application(id: $id) {
    state revision attemptOpen pending receivedAt
    failure { code rules } attempt { id state receivedAt } } }"""
_CLOSE = parse_instant("2020-06-28T17:00:00+08:00")


async def profiles(season: Season) -> str:
    """Each unit states its base data once; some leave out what the guide asks for."""
    first = {entry.unit["uscc"]: entry for entry in reversed(season.entries)}

    async def complete(entry: Entry) -> None:
        person = season.applicant(entry)
        unit_id = await _unit_id(person)
        found = (await person.ask("query($id: ID!) { unit(id: $id) { id revision } }", id=unit_id))["unit"]
        stated = {"applicant.rd_spend_2019": rd_spend(entry), "applicant.in_enclave": False}
        stated |= entry.case.profile
        await person.do(
            "completeUnitProfile",
            "unit { id revision profileComplete }",
            unitId=unit_id,
            expectedRevision=found["revision"],
            profile={name: value for name, value in stated.items() if value is not None},
        )

    await each(first.values(), complete)
    return f"{len(first)} units"


async def drafts(season: Season) -> str:
    """Drafts with team, form and papers; every seventh applicant double-clicks, every ninth will not wait."""

    async def draft(entry: Entry) -> None:
        person = season.applicant(entry)
        viewer = (await person.ask("{ viewer { person { id } memberships { unit { id } } } }"))["viewer"]
        unit_id = viewer["memberships"][0]["unit"]["id"]
        created = await person.do(
            "createApplication",
            _APPLICATION,
            habit=_habit(entry),
            guide=GUIDE,
            category=entry.case.category,
            unitId=unit_id,
            title=entry.title,
        )
        entry.people = {entry.leader: viewer["person"]["id"]}
        for name in entry.members:
            made = await person.do("createPerson", "person { id }", unitId=unit_id, name=name)
            entry.people[name] = made["person"]["id"]
        updated = await person.do(
            "updateApplication",
            _APPLICATION,
            applicationId=created["application"]["id"],
            expectedRevision=created["application"]["revision"],
            leaderId=entry.people[entry.leader],
            members=[{"personId": entry.people[name], "role": "main"} for name in entry.members],
            form=form(entry),
        )
        entry.application = updated["application"]
        for paper in leaks.papers_of(entry):
            await send(person, entry.id, paper)

    await each(season.entries, draft)
    return f"{len(season.entries)} drafts, {season.door.tally['uploads']} papers"


def form(entry: Entry) -> dict[str, Any]:
    """The answers that the category's form asks for; money in yuan."""
    answers: dict[str, Any] = {
        "project.identity": entry.identity,
        "project.topic": entry.topic,
        "budget.rd_total": budget(entry),
        "commitment.truth_declared": True,
    }
    if entry.case.category == PATENT:
        answers |= {
            "project.start": "2020-09-01",
            "project.end": "2021-09-01",
            "patent.core_technology_link": f"{entry.title}的核心工序由该专利的权利要求覆盖。",
            "patent.no_dispute_declared": True,
            "patent.never_listed_declared": True,
            "project.first_time_declared": True,
            "target.sales_income": 5_000_000,
        }
    return answers | entry.case.form


async def send(person: Person, application_id: str, paper: leaks.Paper) -> None:
    """Upload one paper: a ticket by GraphQL, the body by HTTP."""
    material, name, media_type, content, attributes = paper
    made = await person.do(
        "createUploadTicket",
        "upload { path header ticket }",
        applicationId=application_id,
        material=material,
        filename=name,
        contentType=media_type,
        size=len(content),
        attributes=attributes,
    )
    await person.upload(made["upload"], content, media_type)


async def too_early(season: Season) -> str:
    """A millisecond before the opening."""
    season.clock("05-17T23:59:59.999")
    hasty = [entry for entry in season.entries if entry.case.step == "too early"]
    for entry in hasty:
        found = await file(season, entry)
        season.check(f"{entry.no} before the opening", _rules(found), "QZ-WIN-01")
    return f"{len(hasty)} refused"


async def early(season: Season) -> str:
    """Those who are in time without haste."""
    season.clock("06-15T09:00:00")
    return await _file_all(season, EARLY)


async def rush(season: Season) -> str:
    """The last minutes: the business clock runs from 16:55."""
    season.clock("06-28T16:55:00", running=True)
    return await _file_all(season, RUSH)


async def at_the_close(season: Season) -> str:
    """The very instant of the close still counts."""
    season.clock("06-28T17:00:00.000")
    return await _file_all(season, CLOSE)


async def late(season: Season) -> str:
    """By a millisecond, by minutes."""
    season.clock("06-28T17:00:00.001")
    await _file_all(season, LATE_MS)
    season.clock("06-28T17:04:00")
    await _file_all(season, LATE_MIN)
    return "none admitted" if not season.wrong else "see below"


async def _file_all(season: Season, wave: str) -> str:
    entries, admitted = season.of_waves(wave), 0

    async def one(entry: Entry) -> None:
        nonlocal admitted
        found = await file(season, entry)
        admitted += entry.admitted
        if not entry.admitted and entry.case.end != AT_SUBMISSION:
            season.wrong.append(f"{entry.no} ({entry.case.key}): refused, {found['failure']}")
        in_time = parse_instant(found["attempt"]["receivedAt"]) <= _CLOSE
        if in_time == (wave in (LATE_MS, LATE_MIN)):
            season.wrong.append(f"{entry.no}: filed {wave}, received at {found['attempt']['receivedAt']}")

    await each(entries, one)
    due = sum(entry.case.end != AT_SUBMISSION for entry in entries)
    season.check(f"admitted of those who came {wave}", admitted, due)
    return f"{admitted} of {len(entries)} admitted"


async def file(season: Season, entry: Entry) -> dict[str, Any]:
    """Submit, and wait until the attempt is decided; the application as it then stands.

    The revision is read again, as a form does before it is sent.
    """
    person = season.applicant(entry)
    seen = (await person.ask(_SETTLED, id=entry.id))["application"]
    payload = await person.do(
        "submitApplication",
        "attempt { id state receivedAt } receipt { manifestSha256 } application { id state }",
        habit=_habit(entry),
        applicationId=entry.id,
        expectedRevision=seen["revision"],
    )

    async def decided() -> dict[str, Any] | None:
        found: dict[str, Any] = (await person.ask(_SETTLED, id=entry.id))["application"]
        if found["attemptOpen"] or found["pending"]:
            season.door.tally["waited for a decision"] += 1
            return None
        return found

    found = await until(f"{entry.no}: the attempt is not decided", decided, season.patience_s)
    # a refused attempt is not the one that the application stands on
    found["attempt"] = found["attempt"] or {**payload["attempt"], "state": "refused"}
    entry.admitted = found["attempt"]["state"] == "admitted"
    return found


async def withdraw(season: Season, entry: Entry, reason: str) -> None:
    """The applicant takes it back."""
    await season.applicant(entry).do(
        "withdrawApplication", _APPLICATION, applicationId=entry.id, reason=reason
    )


async def second_thoughts(season: Season) -> str:
    """Two applicants take a recommended application back; a place becomes free each time."""
    season.clock("06-26T15:00:00")
    wanted = [entry for entry in season.entries if entry.case.end == plan.WITHDRAWN and entry.wave == EARLY]
    for entry in wanted:
        await withdraw(season, entry, "项目条件变化")
    return f"{len(wanted)} withdrawn"


async def _unit_id(person: Person) -> str:
    viewer = (await person.ask("{ viewer { memberships { unit { id } } } }"))["viewer"]
    return str(viewer["memberships"][0]["unit"]["id"])


def _habit(entry: Entry) -> str | None:
    number = int(entry.no)
    return "double" if number % 7 == 0 else "hasty" if number % 9 == 0 else None


def _rules(found: dict[str, Any]) -> str:
    return " ".join(found["failure"]["rules"]) if found["failure"] else ""
