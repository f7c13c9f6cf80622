"""The reserve list of high-tech enterprises (高企培育潜力后备企业); another list than the certificates."""

from collections.abc import Sequence
from typing import Any

from eligibility.fields import ShortText
from eligibility.registers.kinds.base import Dated, Entry, Kind, Question, holding, unit_key, wanted_unit
from eligibility.registers.kinds.columns import UNIT

NAME = "hnte_reserve"


class Reserve(Entry):
    """A unit on the reserve list."""

    unit_uscc: ShortText


def derive(question: Question, entries: Sequence[Dated[Reserve]]) -> dict[str, Any]:
    """`hnte.reserve_listed`; false only where the whole list is here."""
    wanted = set(wanted_unit(question))
    if not wanted:
        return {}
    if holding(question, entries, lambda one: unit_key(one.unit_uscc) in wanted):
        return {"hnte.reserve_listed": True}
    return {"hnte.reserve_listed": False} if NAME in question.whole else {}


KIND = Kind(
    name=NAME,
    title=("高企培育后备库", "high-tech reserve"),
    schema=Reserve,
    facts=frozenset({"hnte.reserve_listed"}),
    keys=lambda one: [unit_key(one.unit_uscc)],
    wanted=wanted_unit,
    derive=derive,
    identity=lambda one: unit_key(one.unit_uscc),
    columns=(UNIT,),
)
