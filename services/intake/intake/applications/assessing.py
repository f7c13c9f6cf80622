"""Assessing an application: gather, ask documents and quota, push everything to eligibility.

An owner that does not answer makes its facts unavailable: unknown, never false.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from common.actor import Actor
from common.client import ServiceClient
from common.clock import clock
from common.db import Database, cities
from common.errors import NotFound, OwnerUnavailable
from common.roles import Role
from guide import nest
from intake import clients
from intake.applications import facts as gathering
from intake.applications import queries
from intake.applications.facts import Fact, Filing, Gathered
from intake.applications.in_force import DRAFTING, pack_for
from intake.applications.models import Application, Attempt
from intake.applications.subjects import subjects
from intake.clients import AssessmentAnswer, Budget, DocumentFacts, Pool, SealedBundle
from intake.guides import service as guides

STAGE_SECONDS = 8.0
"""Time for all calls of one assessment outside a submission."""

LATER_MATERIALS = ("R", "C", "P")


@dataclass(frozen=True, slots=True)
class Papers:
    """What documents said. `bundle` is None where it was away, or where nothing was to be sealed."""

    facts: tuple[Fact, ...]
    unavailable: tuple[str, ...]
    bundle: SealedBundle | None = None
    checklist: tuple[clients.ChecklistLine, ...] = ()


def question(known: Gathered, as_of: datetime, stage: str = "submission") -> dict[str, Any]:
    """What documents must know to answer about an application."""
    return clients.document_question(
        application_id=known.application_id,
        city=known.city,
        guide=known.guide,
        version=known.pack.version,
        category=known.category,
        as_of=as_of,
        names=list(known.names),
        facts={fact.name: fact.value for fact in known.facts},
        stage=stage,
    )


def of_files(known: Gathered) -> tuple[str, ...]:
    """Facts that only documents can state: what files say, and which materials are there."""
    said = {name for name, fact in known.pack.facts.items() if fact.owner == "att"}
    there = {
        name
        for material in known.pack.materials_for(known.category)
        for name in (material.fact, *material.gives)
        if name is not None and name in known.pack.facts
    }
    return tuple(sorted((said | there) - {fact.name for fact in known.facts}))


def _papers(answer: DocumentFacts, bundle: SealedBundle | None = None) -> Papers:
    return Papers(
        tuple(Fact(one.name, one.value, one.source, one.at) for one in answer.facts),
        tuple(answer.pending),
        bundle,
        tuple(answer.checklist),
    )


async def sealed(
    client: ServiceClient, known: Gathered, bundle_id: UUID, as_of: datetime, budget: Budget
) -> Papers:
    """Seal (or find again) the bundle of this id, take its facts; unavailable if documents is away."""
    try:
        bundle = await clients.seal(client, bundle_id, question(known, as_of), city=known.city, budget=budget)
    except OwnerUnavailable:
        return Papers((), of_files(known))
    return _papers(bundle, bundle)


async def unsealed(
    client: ServiceClient, known: Gathered, as_of: datetime, stage: str, budget: Budget
) -> Papers:
    """The facts of the files as they lie; all unavailable if documents is away."""
    try:
        return _papers(
            await clients.document_facts(
                client, question(known, as_of, stage), city=known.city, budget=budget
            )
        )
    except OwnerUnavailable:
        return Papers((), of_files(known))


async def places(
    client: ServiceClient, known: Gathered, budget: Budget
) -> tuple[tuple[Fact, ...], tuple[str, ...]]:
    """`quota.used` of the unit's row, without this application's own place; or its name as unavailable."""
    if known.row is None:
        return (), ()
    try:
        pool: Pool | None = await clients.pool(
            client, f"{known.guide}/{known.row}", city=known.city, budget=budget
        )
    except OwnerUnavailable:
        return (), ("quota.used",)
    if pool is None:
        return (), ("quota.used",)
    used = max(0, pool.used - 1) if known.holds_place else pool.used
    return (Fact("quota.used", used, "quota", clock.business()),), ()


def body(
    known: Gathered,
    stage: str,
    as_of: datetime,
    assessment_id: UUID,
    stated: Iterable[Fact],
    unavailable: Iterable[str],
) -> dict[str, Any]:
    """What is pushed to eligibility; a name that an owner could not state is never sent with a value."""
    away = sorted(set(unavailable))
    found = gathering.known((*known.facts, *stated), known.pack)
    values = {fact.name: fact.value for fact in found}
    return {
        "id": assessment_id,
        "application_id": known.application_id,
        "city": known.city,
        "guide": known.guide,
        "pack_version": known.pack.version,
        "category": known.category,
        "stage": stage,
        "as_of": as_of,
        "facts": [fact.as_dict() for fact in found if fact.name not in away],
        "unavailable": away,
        "subjects": subjects(known, values),
    }


async def read(
    db: Database, application_id: UUID, city: str, filing: Filing | None = None, version: str | None = None
) -> tuple[Application, Gathered]:
    """Gather in a block of its own, by this version of the pack; else the pinned one, a draft by the current.

    Raises:
        NotFound: no such application in the city.
        CallNotPublished, CategoryUnknown: no version is in force that a draft could be judged by.
    """
    async with db.read(cities(city)) as session:
        application = await session.get(Application, application_id)
        if application is None:
            raise NotFound
        if version is None and application.state not in DRAFTING:
            version = application.pack_version
        if version is not None:
            pack = await guides.pack(session, application.guide, version)
        else:
            pack = await pack_for(session, application.guide, application.category)
        if filing is None and application.attempt_id is not None:
            attempt = await queries.attempt(session, application.attempt_id)
            filing = _filing(attempt) if attempt else None
        return application, await gathering.gather(session, application, pack, filing)


def _filing(attempt: Attempt) -> Filing:
    return Filing(attempt.received_at, attempt.login_kind, attempt.filed_at)


async def assess(
    db: Database,
    client: ServiceClient,
    application: Application,
    stage: str,
    as_of: datetime,
    assessment_id: UUID,
    extra_facts: Iterable[Fact] = (),
    unavailable: Iterable[str] = (),
    again: dict[str, str] | None = None,
) -> AssessmentAnswer:
    """Take an assessment at a stage after submission. No block may be open.

    The papers handed in at submission are read from the sealed bundle; only materials of later steps are
    read as they lie.

    Args:
        assessment_id: the same id finds the same assessment again.
        extra_facts: facts of the step that asks; they win over gathered ones.
        unavailable: further names whose owner did not answer.
        again: the reason and who asked, where no step asks.

    Raises:
        OwnerUnavailable: eligibility is away.
    """
    budget = Budget(STAGE_SECONDS)
    row, known = await read(db, application.id, application.city)
    papers, (used, no_places) = await asyncio.gather(
        _papers_of(client, row, known, as_of, stage, budget), places(client, known, budget)
    )
    stated = (*papers.facts, *used, *extra_facts)
    given = {fact.name for fact in extra_facts}
    away = [name for name in (*papers.unavailable, *no_places) if name not in given]
    return await clients.assess(
        client,
        {**body(known, stage, as_of, assessment_id, stated, (*away, *unavailable)), "again": again},
        city=known.city,
        budget=budget,
    )


async def _papers_of(
    client: ServiceClient,
    application: Application,
    known: Gathered,
    as_of: datetime,
    stage: str,
    budget: Budget,
) -> Papers:
    if application.bundle_id is None or known.filed_at is None or application.state in DRAFTING:
        return await unsealed(client, known, as_of, stage, budget)
    then, now = await asyncio.gather(
        sealed(client, known, application.bundle_id, known.filed_at, budget),
        unsealed(client, known, as_of, stage, budget),
    )
    later = {
        name
        for material in known.pack.materials_for(known.category)
        if material.when in LATER_MATERIALS
        for name in (material.fact, *material.gives)
        if name is not None
    }
    added = tuple(fact for fact in now.facts if fact.name in later)
    away = {name for name in now.unavailable if name in later} | set(then.unavailable)
    return Papers((*then.facts, *added), tuple(sorted(away)), then.bundle, now.checklist)


async def precheck(
    db: Database, client: ServiceClient, actor: Actor, application_id: UUID, stage: str
) -> dict[str, Any]:
    """What an assessment would say now, with the checklist; nothing is stored.

    Raises:
        NotFound: not an application that the actor sees with unit and team.
        OwnerUnavailable: eligibility is away.
    """
    async with db.read(actor) as session:
        seen = await queries.seen_openly(session, actor, [application_id])
        application = await queries.get(session, actor, application_id) if seen else None
        if application is None:
            raise NotFound
    budget, now = Budget(STAGE_SECONDS), clock.business()
    kind = actor.login_kind_in(application.city, Role.applicant)
    filing = Filing(now, kind, now) if application.state in DRAFTING else None
    row, known = await read(db, application_id, application.city, filing)
    papers, (used, no_places) = await asyncio.gather(
        _papers_of(client, row, known, now, stage, budget), places(client, known, budget)
    )
    asked = body(known, stage, now, application_id, (*papers.facts, *used), (*papers.unavailable, *no_places))
    flat = {fact["name"]: fact["value"] for fact in asked["facts"]}
    answer = await clients.precheck(
        client,
        {
            "guide": known.guide,
            "pack_version": known.pack.version,
            "category": known.category,
            "stage": stage,
            "as_of": now,
            "facts": nest(flat),
            "unavailable": asked["unavailable"],
            "subjects": asked["subjects"],
            "application_id": application_id,
            "use_registers": True,
            "lang": actor.lang,
        },
        city=known.city,
        budget=budget,
    )
    return {**answer, "checklist": [line.model_dump(mode="json") for line in papers.checklist]}
