"""Asking the registers: facts as of an instant, and which statements of others they leave standing."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from eligibility.registers import queries
from eligibility.registers.kinds import KINDS
from eligibility.registers.kinds.base import Dated, Kind, Question
from eligibility.registers.models import EntryRevision
from guide import Pack
from guide.dictionary import dictionary

REGISTERS: Final = frozenset({"reg", "platform", "bl", "prog"})
"""Owners of the dictionary that are registers."""


@dataclass(frozen=True, slots=True)
class RegisterFact:
    """One fact as a register answered it, and the entries that it looked at."""

    name: str
    value: Any
    source: str
    at: datetime
    revision: str | None
    entries: tuple[EntryRevision, ...] = ()


@cache
def owned_facts() -> frozenset[str]:
    """The facts that by the dictionary are the registers', and that a register here answers."""
    known = dictionary().declarable
    answered = frozenset().union(*(kind.facts for kind in KINDS.values()))
    return frozenset(name for name in answered if known[name].owner in REGISTERS)


def ignored(pack: Pack, category: str, stated: Iterable[str], answered: Collection[str]) -> frozenset[str]:
    """Which of the stated facts do not count.

    What a register answers goes before whatever else is said. What it leaves open counts as stated only where
    the fact is not the registers' own, or where the guide itself asks for it in its form or takes it from a
    paper: a contract's number, for example.
    """
    asked = {field.fact for group in pack.form_for(category).groups for field in group.fields}
    for material in pack.materials_for(category):
        asked.update(name for name in (material.fact, *material.gives) if name is not None)
    closed = owned_facts() - asked
    return frozenset(name for name in stated if name in answered or name in closed)


async def facts(
    session: AsyncSession, city: str, question: Question, known_at: datetime | None = None
) -> list[RegisterFact]:
    """What all registers of a city say about the subjects as of the instant.

    A fact whose subject is not named, or whose register cannot know, is left out. What an absent entry means
    is each kind's (`kinds/`).

    Args:
        known_at: as the registers were known at this instant; None: as they are known now.
    """
    whole = await queries.whole(session, city, question.as_of, known_at)
    question = replace(question, whole=whole)
    wanted = {name: list(kind.wanted(question)) for name, kind in KINDS.items()}
    found = await queries.touching(session, city, wanted, known_at)
    answers: list[RegisterFact] = []
    for name, kind in KINDS.items():
        rows = tuple(row for row in found if row.register == name)
        derived = kind.derive(question, [_dated(kind, row) for row in rows])
        answers += [
            RegisterFact(fact, value, f"register:{name}", question.as_of, _relied_on(rows), rows)
            for fact, value in derived.items()
        ]
    return answers


def _dated(kind: Kind[Any], row: EntryRevision) -> Dated[Any]:
    return Dated(kind.schema.model_validate(row.data), row.valid_from, row.valid_to)


def _relied_on(rows: Sequence[EntryRevision]) -> str | None:
    """The entries looked at, with their revisions: `<entry id>:<revision>,…`; None when none was found."""
    return ",".join(f"{row.entry_id}:{row.revision}" for row in rows) or None
