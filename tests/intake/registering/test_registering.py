"""What becomes of approved projects reaches the register of projects in progress, once, and in any order."""

import json
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs
from tests.intake.factories import Cast, make_cast, make_person, parse_instant
from tests.intake.house import House

from common.db import ALL_CITIES, Database, cities
from common.errors import OwnerUnavailable
from common.ids import new_id
from common.inprocess import InProcessClient
from common.jobs import JobContext
from common.roles import Role
from common.testing import actor, http, settings_for
from intake.applications.models import Application, Member
from intake.awards.models import Award
from intake.jobs import jobs
from intake.registering import service
from intake.settings import Settings

APPROVED, LATER = parse_instant("2020-08-09T09:00:00+08:00"), parse_instant("2022-06-30T00:00:00+08:00")
AFTER = "2022-07-01T00:00:00+08:00"
COUNTS = ("person.lead_count", "person.member_count", "applicant.unaccepted_subsidised_count")


@pytest.fixture
async def cast(live: Database) -> Cast:
    """An approved application with a leader and a main participant; committed, since jobs read it later."""
    async with live.write(ALL_CITIES) as session:
        cast = await make_cast(session, state="approved")
        helper = await make_person(session, city=cast.unit.city, unit=cast.unit)
        app = cast.application
        session.add(
            Member(
                id=new_id(),
                city=app.city,
                application_id=app.id,
                person_id=helper.id,
                role="main",
                position=1,
            )
        )
        session.add(
            Award(
                id=new_id(),
                city=app.city,
                application_id=app.id,
                guide=app.guide,
                category=app.category,
                number="qz-2020-0001",
                grant=300_000,
                assessment_id=new_id(),
                approved_by="head",
                approved_at=APPROVED,
            )
        )
    return cast


async def noted(live: Database, cast: Cast, standing: service.Standing, at: Any) -> None:
    async with live.write(cities(cast.application.city)) as session:
        application = await session.get_one(Application, cast.application.id)
        await service.note(session, application, standing, at)


async def waiting(live: Database) -> list[dict[str, Any]]:
    async with live.read(ALL_CITIES) as session:
        query = "SELECT payload FROM intake_jobs.pgqueuer WHERE entrypoint = :name ORDER BY id"
        return [json.loads(row[0]) for row in await session.execute(text(query), {"name": service.JOB})]


async def run_all(live: Database, client: InProcessClient, payloads: list[dict[str, Any]]) -> None:
    context = JobContext(live, client, settings_for(Settings), 1)
    for payload in payloads:
        await jobs.handlers[service.JOB](context, payload)


async def counted(house: House, cast: Cast, as_of: str, application_id: Any = None) -> list[Any]:
    """The counts that an application with the same unit and people would be judged by."""
    subjects = {
        "unit": {"uscc": cast.unit.uscc},
        "people": [{"id": str(cast.application.leader_id), "role": "leader"}],
    }
    body = {"subjects": subjects, "as_of": as_of, "application_id": application_id}
    async with http(house.apps["eligibility"], actor(Role.officer)) as officer:
        answer = await officer.post("/v1/registers/lookup", json=body)
    found = {one["name"]: one["value"] for one in answer.json()["items"]}
    return [found[name] for name in COUNTS]


async def entries(house: House, cast: Cast) -> list[dict[str, Any]]:
    async with http(house.apps["eligibility"], actor(Role.officer)) as officer:
        answer = await officer.get(service.PATH, params={"q": cast.unit.uscc})
    return sorted(answer.json()["items"], key=lambda one: str(one["from"]))


async def test_the_job_is_written_with_the_change_and_gone_with_it(live: Database, cast: Cast) -> None:
    class UndoneError(Exception):
        pass

    with suppress(UndoneError):
        async with live.write(cities("330800")) as session:
            application = await session.get_one(Application, cast.application.id)
            await service.note(session, application, "in_progress", APPROVED)
            raise UndoneError
    assert await waiting(live) == []
    await noted(live, cast, "in_progress", APPROVED)
    await noted(live, cast, "in_progress", APPROVED)  # while one waits, no second is added
    (payload,) = await waiting(live)
    assert payload == {
        "city": "330800",
        "application_id": str(cast.application.id),
        "standing": "in_progress",
        "at": APPROVED.isoformat(),
    }


async def test_an_approved_project_counts_for_others_and_never_for_itself(
    live: Database, cast: Cast, house: House
) -> None:
    await noted(live, cast, "in_progress", APPROVED)
    await run_all(live, house.client, await waiting(live))
    assert await counted(house, cast, AFTER) == [1, 0, 1]
    assert await counted(house, cast, AFTER, str(cast.application.id)) == [0, 0, 0]
    assert await counted(house, cast, "2020-08-09T08:59:59.999999+08:00") == [0, 0, 0]
    assert await counted(house, cast, APPROVED.isoformat()) == [1, 0, 1]
    (entry,) = await entries(house, cast)
    assert (entry["source"], entry["recorded_by"], entry["status"]) == (
        "intake",
        "service:intake",
        "in_progress",
    )
    assert len(entry["member_ids"]) == 1
    assert entry["leader_ids"] == [str(cast.application.leader_id)]


async def test_telling_it_again_changes_nothing(live: Database, cast: Cast, house: House) -> None:
    await noted(live, cast, "in_progress", APPROVED)
    payloads = await waiting(live)
    await run_all(live, house.client, payloads * 3)
    assert [one["revision"] for one in await entries(house, cast)] == [1]
    async with live.write(cities("330800")) as session:
        (await session.get_one(Application, cast.application.id)).title = "改过的名称"
    await run_all(live, house.client, payloads)
    assert [(one["revision"], one["title"]) for one in await entries(house, cast)] == [
        (1, cast.application.title)
    ]


@pytest.mark.parametrize("standing", ["accepted", "terminated"])
@pytest.mark.parametrize("first", ["approval", "end"])
async def test_acceptance_and_termination_end_it(
    live: Database, cast: Cast, house: House, standing: service.Standing, first: str
) -> None:
    await noted(live, cast, "in_progress", APPROVED)
    await noted(live, cast, standing, LATER)
    payloads = await waiting(live)
    await run_all(live, house.client, payloads if first == "approval" else payloads[::-1])
    await run_all(live, house.client, payloads)
    assert await counted(house, cast, "2022-06-29T23:59:59+08:00") == [1, 0, 1]
    assert await counted(house, cast, LATER.isoformat()) == [0, 0, 0]
    told = [(one["status"], one["to"]) for one in await entries(house, cast)]
    assert told == [("in_progress", "2022-06-29T16:00:00Z"), (standing, None)]


async def test_an_approval_taken_back_never_was(live: Database, cast: Cast, house: House) -> None:
    await noted(live, cast, "in_progress", APPROVED)
    await noted(live, cast, "void", LATER)
    await run_all(live, house.client, await waiting(live))
    assert await counted(house, cast, AFTER) == [0, 0, 0]
    assert await counted(house, cast, APPROVED.isoformat()) == [0, 0, 0]
    (entry,) = await entries(house, cast)
    assert (entry["to"], entry["change_reason"], entry["revision"]) == (entry["from"], "void", 2)


async def test_without_an_award_there_is_nothing_to_tell(live: Database, house: House) -> None:
    async with live.write(ALL_CITIES) as session:
        cast = await make_cast(session)
    await noted(live, cast, "in_progress", APPROVED)
    await run_all(live, house.client, await waiting(live))
    assert await entries(house, cast) == []


async def test_a_form_that_no_register_can_keep(live: Database, cast: Cast, house: House) -> None:
    """A name too long to be looked up is none, an empty date says nothing."""
    async with live.write(cities("330800")) as session:
        row = await session.get_one(Application, cast.application.id)
        row.form = {"project.identity": "长" * 300, "project.end": ""}
    await noted(live, cast, "in_progress", APPROVED)
    await run_all(live, house.client, await waiting(live))
    (entry,) = await entries(house, cast)
    assert (entry["identity"], entry["planned_end"]) == (cast.application.title, None)


async def test_eligibility_away_or_refusing_is_no_silence(live: Database, cast: Cast, house: House) -> None:
    await noted(live, cast, "in_progress", APPROVED)
    payloads = await waiting(live)
    app = house.apps.pop("eligibility")
    with pytest.raises(OwnerUnavailable):
        await run_all(live, house.client, payloads)
    house.apps["eligibility"] = app
    async with live.write(cities("330800")) as session:
        (await session.get_one(Application, cast.application.id)).form = {"project.end": "someday"}
    with capture_logs() as logged:  # asking again would change nothing: a person is told instead
        await run_all(live, house.client, payloads)
    (refused,) = [one for one in logged if one["event"] == "register.project_refused"]
    assert (refused["log_level"], refused["application_id"]) == ("error", str(cast.application.id))
    assert await entries(house, cast) == []
