"""Gathering the facts that intake owns, each with source, time and revision.

`@app` the form, `@org` the unit, `@person` the team, `@apps` the unit's other applications, and how and when
it was filed. Facts of later steps (initial review, recommendation, notice) are added by those subjects
through `contributors`; facts of files and places come from documents and quota (`assessing`).
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from common.clock import clock
from common.errors import FieldError, Unprocessable
from guide import Pack, contradictions
from intake.applications import parties, queries
from intake.applications.models import Application, Member
from intake.people import queries as people
from intake.people import service as people_service
from intake.people.models import Unit


class FactsContradict(Unprocessable):
    """One thing has two values, in the unit's profile for instance; both places are named."""

    code = "intake.facts_contradict"
    title_zh, title_en = "填报内容互相矛盾", "What is stated contradicts itself"


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact as its owner states it; `value` in the JSON form of the vocabulary."""

    name: str
    value: Any
    source: str
    at: datetime | None = None
    revision: int | None = None

    def as_dict(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "value": self.value,
            "source": self.source,
            "at": self.at,
            "revision": self.revision,
        }


@dataclass(frozen=True, slots=True)
class Filing:
    """How and when the application is filed: the instant that counts, the login (QZ-CH-02), and the instant
    of the request itself, which differs only where an officer opened the way once more."""

    received_at: datetime
    login_kind: str | None
    filed_at: datetime


Contributor = Callable[[AsyncSession, Application], Awaitable[list[Fact]]]
contributors: list[Contributor] = []
"""Plain functions of later steps, called in a read block with the application."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """What intake knows of an application, apart from the session it was read in.

    `names`: everything that would betray unit or team in a blind file. `people`: (id, role) of the team.
    `row`: id of the quota row, None where the unit has no place in this category.
    """

    application_id: UUID
    city: str
    guide: str
    category: str
    pack: Pack
    facts: tuple[Fact, ...]
    names: tuple[str, ...]
    unit: dict[str, Any]
    title: str
    people: tuple[tuple[UUID, str], ...]
    row: str | None
    holds_place: bool
    filed_at: datetime | None

    def value(self, name: str) -> Any:
        """A fact's value, None where it is not stated."""
        return next((fact.value for fact in self.facts if fact.name == name), None)


async def gather(
    session: AsyncSession, application: Application, pack: Pack, filing: Filing | None
) -> Gathered:
    """Read what intake owns.

    Args:
        pack: the version to judge by; facts that it does not know are left out.
        filing: how it is filed, None where it never was.

    Raises:
        FactsContradict: as `demand_agreement`.
    """
    unit = await people.unit_by_id(session, application.unit_id)
    members = await queries.team(session, application.id)
    names = await people.names(session, [member.person_id for member in members])
    found = [
        *_form(application),
        *_organisation(unit, pack, application.category),
        *_team(application, list(names.values()), members),
        *await _others(session, application),
        *await _around(session, application),
        *_filing(filing, pack),
    ]
    # no later step without an admitted attempt
    if application.attempt_id is not None:
        for contribute in contributors:
            found += await contribute(session, application)
    _demand_agreement(found, pack)
    row = quota_row(pack, application.category, unit)
    found.append(Fact("quota.row", row or "none", "intake", unit.updated_at, unit.revision))
    return Gathered(
        application_id=application.id,
        city=application.city,
        guide=application.guide,
        category=application.category,
        pack=pack,
        facts=known(found, pack),
        names=tuple(dict.fromkeys([*unit.names, *names.values()])),
        unit=parties.registered(unit),
        title=application.title,
        people=tuple((member.person_id, member.role) for member in members),
        row=row,
        holds_place=application.recommendation_id is not None,
        filed_at=filing.filed_at if filing else None,
    )


async def demand_agreement(session: AsyncSession, application: Application, pack: Pack) -> None:
    """See to it that form and profile agree, before an attempt to submit is written: eligibility refuses a
    question that contradicts itself, and no attempt must wait for that.

    Raises:
        FactsContradict: one thing has two values; pointers begin with the source, `/form` or `/organisation`.
    """
    unit = await people.unit_by_id(session, application.unit_id)
    _demand_agreement([*_form(application), *_organisation(unit, pack, application.category)], pack)


def _demand_agreement(found: Iterable[Fact], pack: Pack) -> None:
    stated = {fact.name: (f"/{fact.source}/{fact.name}", fact.value) for fact in known(found, pack)}
    problems = contradictions(stated)
    if problems:
        errors = [FieldError(one.pointer, "contradiction", one.reason) for one in problems]
        raise FactsContradict(errors=errors)


def known(found: Iterable[Fact], pack: Pack) -> tuple[Fact, ...]:
    """Facts that the pack knows and that have a value; of one name the last counts."""
    by_name = {fact.name: fact for fact in found if fact.name in pack.facts}
    return tuple(fact for fact in by_name.values() if fact.value is not None)


def _form(application: Application) -> list[Fact]:
    """The form; a project that names no identity of its own is known by its title."""
    stated = {"project.identity": application.title} | application.form
    return [
        Fact(name, value, "form", application.updated_at, application.revision)
        for name, value in stated.items()
    ]


def _organisation(unit: Unit, pack: Pack, category: str) -> list[Fact]:
    stated = people_service.organisation_values(unit)
    # a profile from before the call was published may hold names that have turned out to be others'
    own = {
        name: value
        for name, value in stated.items()
        if name in pack.facts and pack.facts[name].owner == "org"
    }
    values = {
        **own,
        # the record wins over a profile that says who leads
        **parties.lead(unit),
        "applicant.names": unit.names,
        "applicant.profile_complete": not people_service.missing_facts(unit, [pack], category),
    }
    return [
        Fact(name, value, "organisation", unit.updated_at, unit.revision) for name, value in values.items()
    ]


def _team(application: Application, names: list[str], members: list[Member]) -> list[Fact]:
    if not names:
        return []
    values = {"team.names": names, **parties.team(application, members)}
    return [
        Fact(name, value, "team", application.updated_at, application.revision)
        for name, value in values.items()
    ]


async def _around(session: AsyncSession, application: Application) -> list[Fact]:
    found = await parties.recommender(session, application) | await parties.platform(session, application)
    return [Fact(name, value, "applications", clock.business()) for name, value in found.items()]


async def routing(session: AsyncSession, application: Application, pack: Pack) -> dict[str, Any]:
    """Flat facts that a route may ask for: the form, and the unit as it is now."""
    unit = await people.unit_by_id(session, application.unit_id)
    found = known([*_form(application), *_organisation(unit, pack, application.category)], pack)
    return {fact.name: fact.value for fact in found}


async def _others(session: AsyncSession, application: Application) -> list[Fact]:
    """Other applications of the unit in this call. The guidance track has no call here, so it has none."""
    others = [
        {
            "id": str(one.id),
            "guide": one.guide,
            "category": one.category,
            "identity": one.form.get("project.identity") or one.title,
        }
        for one in await queries.others_of_unit(session, application)
    ]
    return [
        Fact("applicant.other_applications", others, "applications"),
        Fact("applicant.guidance_track_applications", [], "applications"),
    ]


def _filing(filing: Filing | None, pack: Pack) -> list[Fact]:
    """This system is the channel that the guide names first (QZ-CH-01)."""
    if filing is None:
        return []
    channel = pack.call.channels[0].token if pack.call.channels else None
    return [
        Fact("submission.received_at", filing.received_at.isoformat(), "clock", filing.received_at),
        Fact("submission.channel", channel, "intake", filing.received_at),
        Fact("session.login_kind", filing.login_kind, "login", filing.received_at),
    ]


def quota_row(pack: Pack, category: str, unit: Unit) -> str | None:
    """The row on which a unit draws: by its own token, else by who administers it.

    A university with a row of its own in one block has none in another; there the row of its jurisdiction
    serves (inventory section 4, inferred).
    """
    for token in (unit.quota_token, unit.jurisdiction):
        row = pack.quota_row(category, token) if token else None
        if row is not None:
            return row
    return None
