"""Technology commissioners (科技特派员): whom which unit has sent to which villages."""

from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import Field

from common.tabular import Column
from eligibility.fields import ShortText, normal
from eligibility.registers.kinds.base import Dated, Entry, Kind, Question, holding, unit_key, wanted_unit

NAME = "commissioners"


class Commissioner(Entry):
    """A commissioner; people are intake's person ids."""

    person_id: ShortText
    dispatch_unit_uscc: ShortText
    dispatch_unit_name: ShortText | None = None
    village_ids: list[ShortText] = Field(default_factory=list)


def _person(person_id: str) -> str:
    return f"person:{person_id}"


def _village(village_id: str) -> str:
    return f"village:{normal(village_id)}"


def _keys(one: Commissioner) -> list[str]:
    return [_person(one.person_id), *map(_village, one.village_ids)]


def _wanted(question: Question) -> Iterable[str]:
    subjects = question.subjects
    return [*(_person(one.id) for one in subjects.people), *map(_village, subjects.villages)]


def derive(question: Question, entries: Sequence[Dated[Commissioner]]) -> dict[str, Any]:
    """`commissioner.person` and `commissioner.dispatch_unit`, which is `lead` where it is the applying unit.

    The commissioner of the project serves one of the villages that benefit, or, without villages on the entry
    or in the application, belongs to the team. Of several: one of the team goes first, then one whom the
    applying unit sends. None: `none`, and only where the whole list is here.
    """
    subjects = question.subjects
    team = {one.id for one in subjects.people}
    villages = set(map(_village, subjects.villages))

    def serves(one: Commissioner) -> bool:
        if villages and one.village_ids:
            return not villages.isdisjoint(map(_village, one.village_ids))
        return one.person_id in team

    if not team and not villages:
        return {}
    found = holding(question, entries, serves)
    if not found:
        nobody = {"commissioner.person": "none", "commissioner.dispatch_unit": {"id": "none"}}
        return nobody if NAME in question.whole else {}
    own = wanted_unit(question)

    def rank(one: Commissioner) -> tuple[bool, bool, str]:
        return one.person_id not in team, unit_key(one.dispatch_unit_uscc) not in own, one.person_id

    chosen = min((one.data for one in found), key=rank)
    is_own = unit_key(chosen.dispatch_unit_uscc) in own
    unit = {"id": "lead" if is_own else chosen.dispatch_unit_uscc}
    if chosen.dispatch_unit_name:
        unit["name"] = chosen.dispatch_unit_name
    return {"commissioner.person": chosen.person_id, "commissioner.dispatch_unit": unit}


KIND = Kind(
    name=NAME,
    title=("科技特派员", "technology commissioners"),
    schema=Commissioner,
    facts=frozenset({"commissioner.person", "commissioner.dispatch_unit"}),
    keys=_keys,
    wanted=_wanted,
    derive=derive,
    identity=lambda one: one.person_id,
    columns=(
        Column("person_id", "人员ID", "person id", "code", "系统内人员ID", "person id", needed=True),
        Column(
            "dispatch_unit_uscc",
            "派出单位信用代码",
            "dispatch unit credit code",
            "code",
            "18位",
            "18 characters",
            needed=True,
        ),
        Column("dispatch_unit_name", "派出单位名称", "dispatch unit name", "text", "文字", "text"),
        Column("village_ids", "服务村编号", "village ids", "list", "多个用；分隔", "several: separated by ;"),
    ),
)
