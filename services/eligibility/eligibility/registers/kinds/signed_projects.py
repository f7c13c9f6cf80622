"""Signed projects (签约项目): the closed list of those signed at a meeting (科技成果对接会)."""

from collections.abc import Sequence
from typing import Any

from pydantic import Field

from common.tabular import Column
from eligibility.fields import ShortText, normal
from eligibility.registers.kinds.base import Dated, Entry, Kind, Question, holding, unit_key, wanted_unit
from eligibility.registers.kinds.columns import parties

NAME = "signed_projects"


class Signed(Entry):
    """A line of the list: its number there, the project, the units that signed."""

    number: str = Field(pattern=r"^[1-9][0-9]{0,3}$")
    title: ShortText
    party_usccs: list[ShortText] = Field(min_length=1)


def derive(question: Question, entries: Sequence[Dated[Signed]]) -> dict[str, Any]:
    """`signed_list.entry`: the number of the line on which this project of the unit stands.

    The unit is on the list with another title: nothing is answered, a person must look. It is not on the
    list at all: `none`, and only where the whole list is here.
    """
    own = set(wanted_unit(question))
    if not own:
        return {}
    found = holding(question, entries, lambda one: not own.isdisjoint(map(unit_key, one.party_usccs)))
    if not found:
        return {"signed_list.entry": "none"} if NAME in question.whole else {}
    title = normal(question.subjects.project_identity or "")
    lines = sorted({one.data.number for one in found if normal(one.data.title) == title}, key=int)
    return {"signed_list.entry": lines[0]} if len(lines) == 1 else {}


KIND = Kind(
    name=NAME,
    title=("对接会签约项目", "signed projects"),
    schema=Signed,
    facts=frozenset({"signed_list.entry"}),
    keys=lambda one: [unit_key(code) for code in one.party_usccs],
    wanted=wanted_unit,
    derive=derive,
    identity=lambda one: one.number,
    columns=(
        Column("number", "清单序号", "number", "code", "如 1", "e.g. 1", needed=True),
        Column(
            "title", "项目名称", "title", "text", "与申报名称一致", "as the application names it", needed=True
        ),
        parties("party_usccs", "签约各方信用代码", "parties", needed=True),
    ),
)
