"""Talents (人才) as the talent office has classed them, by person."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from pydantic import Field

from common.tabular import Column
from eligibility.fields import ShortText
from eligibility.registers.kinds.base import Dated, Entry, Kind, Question, holding


class Talent(Entry):
    """A person's class (1 is the highest) and the day of coming; people are intake's person ids."""

    person_id: ShortText
    talent_class: int = Field(ge=1, le=9, strict=True)
    introduced_on: date | None = None


def _key(person_id: str) -> str:
    return f"talent:{person_id}"


def _wanted(question: Question) -> list[str]:
    return [_key(question.subjects.talent)] if question.subjects.talent else []


def derive(question: Question, entries: Sequence[Dated[Talent]]) -> dict[str, Any]:
    """`talent.class` and `talent.introduced_on` of the person whom the application names.

    A person without an entry answers nothing: there is no class for "none", and the form's statement stands.
    """
    found = holding(question, entries, lambda one: one.person_id == question.subjects.talent)
    if not found:
        return {}
    latest = found[-1].data
    came = {"talent.introduced_on": latest.introduced_on.isoformat()} if latest.introduced_on else {}
    return {"talent.class": latest.talent_class, **came}


KIND = Kind(
    name="talents",
    title=("人才", "talents"),
    schema=Talent,
    facts=frozenset({"talent.class", "talent.introduced_on"}),
    keys=lambda one: [_key(one.person_id)],
    wanted=_wanted,
    derive=derive,
    identity=lambda one: one.person_id,
    columns=(
        Column("person_id", "人员ID", "person id", "code", "系统内人员ID", "person id", needed=True),
        Column(
            "talent_class", "认定类别", "class", "int", "1 至 9 的整数", "a whole number, 1 to 9", needed=True
        ),
        Column("introduced_on", "引进日期", "introduced on", "date", "如 2018-03-01", "e.g. 2018-03-01"),
    ),
)
