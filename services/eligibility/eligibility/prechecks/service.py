"""Prechecks: the question on facts handed in; nothing is stored."""

from common.actor import Actor
from common.db import Database, cities
from common.errors import Forbidden
from eligibility.fields import faults
from eligibility.guides import service as guides
from eligibility.guides.packs import Packs
from eligibility.judging.deciding import Fact
from eligibility.judging.service import Judgement, judge, refused
from eligibility.prechecks.schemas import PrecheckIn
from eligibility.registers import service as registers
from eligibility.registers.kinds.base import Question, Subjects
from guide import Pack, Problem, check_request, flatten

TRUSTED = frozenset({"intake", "operator"})


async def answer(database: Database, packs: Packs, actor: Actor, body: PrecheckIn) -> Judgement:
    """Judge the facts as sent, with register facts where asked for.

    Raises:
        GuideUnknown, VersionUnknown: no such (published) guide or version.
        QuestionRefused: the category, a fact, a reading or an unavailable name is wrong.
        Forbidden: registers are asked by someone else than intake (they know about persons).
    """
    trusted = actor.caller in TRUSTED
    if body.use_registers and not trusted:
        raise Forbidden("registers are asked by intake only")
    pack = await guides.pack(database, packs, body.guide, body.pack_version, staged_too=trusted)
    problems = check_request(pack, body)
    problems += [Problem(pointer, reason) for pointer, reason in faults(body.facts, "/facts")]
    if problems:
        raise refused(problems)
    facts = [Fact(name, value) for name, value in flatten(body.facts, pack.facts).items()]
    if body.use_registers:
        facts = await _with_registers(database, actor, pack, body, facts)
    return judge(
        pack,
        category=body.category,
        stage=body.stage,
        as_of=body.instant,
        facts=facts,
        interpretations=body.interpretations,
        unavailable=body.unavailable,
        lang=body.lang,
    )


async def _with_registers(
    database: Database, actor: Actor, pack: Pack, body: PrecheckIn, facts: list[Fact]
) -> list[Fact]:
    city = actor.in_city(pack.city).cities
    stated = {fact.name: fact.value for fact in facts}
    question = Question(body.subjects or Subjects(), body.application_id, body.instant, stated)
    async with database.read(cities(*city)) as session:
        found = await registers.facts(session, pack.city, question)
    dropped = registers.ignored(pack, body.category, stated, {one.name for one in found})
    return [fact for fact in facts if fact.name not in dropped] + [
        Fact(one.name, one.value, one.source, one.at, one.revision) for one in found if one.name in pack.facts
    ]
