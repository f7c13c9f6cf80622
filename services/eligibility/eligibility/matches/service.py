"""What may be applied for: every category of every published guide, judged and ranked; nothing is stored."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from common.actor import Actor
from common.clock import clock
from common.db import Database, cities
from common.errors import FieldError, Forbidden
from eligibility.fields import faults
from eligibility.guides import service as guides
from eligibility.guides.packs import Packs
from eligibility.judging.service import QuestionRefused, refused
from eligibility.matches import showing
from eligibility.matches.schemas import MatchesIn, MatchesOut
from eligibility.matches.sorting import Sent, sort_out
from eligibility.registers import service as registers
from eligibility.registers.kinds.base import Question, Subjects
from guide import Pack, Problem
from guide.matching import applied_for, match, ranked
from guide.window import Announced, Window, call_window

TRUSTED = frozenset({"intake", "operator"})
MOST_VALUES = 2000


Said = Mapping[str, Mapping[str, Any]]
"""What the registers of each city that was asked say: facts by name."""


async def answer(database: Database, packs: Packs, actor: Actor, body: MatchesIn) -> MatchesOut:
    """Judge the facts in every category in question, best first.

    Raises:
        QuestionRefused: a fact that no guide knows, a value that none of them takes, too many facts.
        Forbidden: registers are asked by someone else than intake (they know about persons).
    """
    if body.use_registers and actor.caller not in TRUSTED:
        raise Forbidden("registers are asked by intake only")
    _check_size(body.facts)
    as_of = body.as_of or clock.business()
    chosen = await guides.in_force(database, packs, body.guides, body.cities)
    windows = _windows(chosen, body)
    if body.open_only:
        chosen = [pack for pack in chosen if windows[pack.id].receives(as_of)]
    sent = sort_out(chosen, body.facts)
    said = await _registers(database, actor, chosen, sent, body, as_of) if body.use_registers else None

    def judge() -> MatchesOut:
        found = ranked(
            match(
                pack,
                leaf.id,
                as_of,
                _facts(pack, leaf.id, sent, said),
                body.lang,
                windows[pack.id],
            )
            for pack in chosen
            for leaf in applied_for(pack)
        )
        return showing.answer(as_of, found, body.limit, body.lang, sent.ignored)

    return await asyncio.to_thread(judge)


def _windows(packs: Sequence[Pack], body: MatchesIn) -> dict[str, Window]:
    announced = {one.guide: Announced(one.open_at, one.close_at) for one in body.announced}
    return {pack.id: call_window(pack, announced.get(pack.id)) for pack in packs}


def _check_size(facts: Mapping[str, Any]) -> None:
    """
    Raises:
        QuestionRefused: more values than facts can have, each of which many rules of many guides would walk
            over; or values that are no facts'.
    """
    seen = 0
    waiting: list[Any] = [facts]
    while waiting and seen <= MOST_VALUES:
        node = waiting.pop()
        seen += len(node)
        inner = node.values() if isinstance(node, Mapping) else node
        waiting += [value for value in inner if isinstance(value, Mapping | list)]
    if seen > MOST_VALUES:
        raise QuestionRefused(errors=[FieldError("/facts", "too_many", f"more than {MOST_VALUES} values")])
    problems = [Problem(pointer, reason) for pointer, reason in faults(facts, "/facts")]
    if problems:
        raise refused(problems)


def _facts(pack: Pack, category: str, sent: Sent, said: Said | None) -> dict[str, Any]:
    """Facts sent, with what the registers say in place of what they own, if they were asked at all."""
    stated = sent.facts(pack.id, category)
    if said is None:
        return stated
    answered = said.get(pack.city, {})
    dropped = registers.ignored(pack, category, stated, answered.keys())
    return {name: value for name, value in stated.items() if name not in dropped} | dict(answered)


async def _registers(
    database: Database, actor: Actor, packs: Sequence[Pack], sent: Sent, body: MatchesIn, as_of: datetime
) -> Said:
    """What the registers say in those of the cities that are the caller's; elsewhere nothing is known."""
    said: dict[str, dict[str, Any]] = {}
    for pack in packs:
        if pack.city in actor.cities and pack.city not in said:
            question = Question(body.subjects or Subjects(), None, as_of, sent.facts(pack.id))
            async with database.read(cities(pack.city)) as session:
                found = await registers.facts(session, pack.city, question)
            said[pack.city] = {one.name: one.value for one in found}
    return said
