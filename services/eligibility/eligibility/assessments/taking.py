"""Taking an assessment: pushed facts, register facts, recorded decisions; judged, stored, never re-judged."""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from common import audit, faults
from common.actor import Actor
from common.clock import clock
from common.db import Database
from common.errors import FieldError
from common.log import log
from eligibility.assessments import queries
from eligibility.assessments.models import Assessment
from eligibility.assessments.schemas import AssessmentIn, FactIn
from eligibility.assessments.service import AssessmentTaken
from eligibility.decisions import service as decisions
from eligibility.guides import service as guides
from eligibility.guides.packs import Packs
from eligibility.judging.deciding import Decided, Fact
from eligibility.judging.service import Judgement, QuestionRefused, judge, refused
from eligibility.registers import service as registers
from eligibility.registers.kinds.base import Question
from guide import Pack, Problem, check_stated, check_unavailable

STORING = faults.point("eligibility.assessment.storing")
STORED = faults.point("eligibility.assessment.stored")


async def take(database: Database, packs: Packs, actor: Actor, body: AssessmentIn) -> tuple[Assessment, bool]:
    """Judge as of `body.as_of` under the pinned version and store; the bool is False for a repeated id.

    A repeated id gets the stored assessment, whatever has changed since.

    Raises:
        GuideUnknown, VersionUnknown: the pinned pack is not staged here.
        QuestionRefused: wrong city, category, fact value or unavailable name; facts that contradict each
            other.
        AssessmentTaken: the id stands for another application or stage.
        Forbidden: not the caller's city.
    """
    acting = actor.in_city(body.city)
    pack = await guides.pack(database, packs, body.guide, body.pack_version, staged_too=True)
    async with database.read(acting) as session:
        known = await queries.by_ids(session, [body.id])
        if known:
            return _same(known[0], body), False
        _check(pack, body)
        found = await _register_facts(session, body)
        decided = await decisions.standing(session, body.application_id, body.as_of)
    dropped = registers.ignored(
        pack, body.category, [fact.name for fact in body.facts], {fact.name for fact in found}
    )
    usable = [fact for fact in body.facts if fact.name in pack.facts and fact.name not in dropped]
    kept = {fact.name for fact in usable}
    ignored = [fact.name for fact in body.facts if fact.name not in kept]
    judgement = _judge(pack, body, usable, found, decided)
    return await _store(database, acting, body, judgement, ignored)


def _same(known: Assessment, body: AssessmentIn) -> Assessment:
    asked = (body.application_id, body.city, body.stage)
    if (known.application_id, known.city, known.stage) != asked:
        raise AssessmentTaken
    return known


def _check(pack: Pack, body: AssessmentIn) -> None:
    if pack.city != body.city:
        raise QuestionRefused(errors=[FieldError("/city", "mismatch", f"{pack.id} is of city {pack.city}")])
    if body.category not in {leaf.id for leaf in pack.leaves}:
        raise refused([Problem("/category", f"{body.category!r} is no selectable category of {pack.id}")])
    stated = {
        fact.name: (f"/facts/{index}/value", fact.value)
        for index, fact in enumerate(body.facts)
        if fact.name in pack.facts
    }
    problems = check_unavailable(pack, body.unavailable) + check_stated(pack, body.category, stated)
    if problems:
        raise refused(problems)


async def _register_facts(session: AsyncSession, body: AssessmentIn) -> list[Fact]:
    stated = {fact.name: fact.value for fact in body.facts}
    question = Question(body.subjects, body.application_id, body.as_of, stated)
    return [
        Fact(one.name, one.value, one.source, one.at, one.revision)
        for one in await registers.facts(session, body.city, question)
    ]


def _judge(
    pack: Pack, body: AssessmentIn, pushed: list[FactIn], found: list[Fact], decided: list[Decided]
) -> Judgement:
    facts = [Fact(fact.name, fact.value, fact.source, fact.at, fact.revision) for fact in pushed]
    return judge(
        pack,
        category=body.category,
        stage=body.stage,
        as_of=body.as_of,
        facts=facts + [fact for fact in found if fact.name in pack.facts],
        unavailable=body.unavailable,
        decisions=decided,
        lang=body.lang,
    )


async def _store(
    database: Database, actor: Actor, body: AssessmentIn, judgement: Judgement, ignored: list[str]
) -> tuple[Assessment, bool]:
    values: dict[str, Any] = {
        "id": body.id,
        "city": body.city,
        "application_id": body.application_id,
        "guide": body.guide,
        "pack_version": judgement.pack_version,
        "category": body.category,
        "stage": str(body.stage),
        "as_of": body.as_of,
        "eligible": judgement.eligible,
        "decision": _decision(judgement, body),
        "facts": [_plain(fact) for fact in judgement.facts],
        "findings": judgement.findings,
        "outcomes": {finding["rule"]: finding["outcome"] for finding in judgement.findings},
        "unavailable": list(body.unavailable),
        "ignored": ignored,
        "cited_decisions": [str(one) for one in judgement.cited],
        "created_at": clock.business(),
    }
    async with database.write(actor) as session:
        row = await queries.keep(session, values)
        if row is None:  # the same request ran beside us: the first one counts
            known = await queries.by_ids(session, [body.id])
            if not known:
                raise AssessmentTaken
            return _same(known[0], body), False
        await audit.record(
            session,
            actor,
            action="assessment.taken",
            object_type="assessment",
            object_id=body.id,
            city=body.city,
            application_id=body.application_id,
            data={
                "stage": str(body.stage),
                "eligible": judgement.eligible,
                "decision": judgement.decision.decision,
                "rules": judgement.decision.rules,
                "pack_version": judgement.pack_version,
                "cited_decisions": values["cited_decisions"],
            },
        )
        await faults.reach(STORING)
    await faults.reach(STORED)
    _log(body.id, body.application_id, judgement)
    return row, True


def _decision(judgement: Judgement, body: AssessmentIn) -> dict[str, Any]:
    asked = {"again": body.again.model_dump()} if body.again is not None else {}
    return {**judgement.decision.as_dict(), **asked}


def _log(assessment_id: UUID, application_id: UUID, judgement: Judgement) -> None:
    log.info(
        "assessment.taken",
        assessment_id=str(assessment_id),
        application_id=str(application_id),
        eligible=judgement.eligible,
        decision=judgement.decision.decision,
    )


def _plain(fact: Fact) -> dict[str, Any]:
    return {
        "name": fact.name,
        "value": fact.value,
        "source": fact.source,
        "at": fact.at.isoformat() if fact.at else None,
        "revision": fact.revision,
    }
