"""Poor villages (贫困村): the city's list, with each village's county."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import Field

from common.tabular import Column
from eligibility.fields import ShortText, normal
from eligibility.registers.kinds.base import Dated, Entry, Kind, Question, holding

NAME, FACT = "poor_villages", "beneficiary.villages"
OWN_KEYS = frozenset({"county", "on_poor_list"})


class Village(Entry):
    """A village on the list; `county` by its GB/T 2260 code."""

    village_id: ShortText
    name: ShortText
    county: str = Field(pattern=r"^[0-9]{6}$")


def _key(village_id: str) -> str:
    return f"village:{normal(village_id)}"


def _wanted(question: Question) -> list[str]:
    return [_key(one) for one in question.subjects.villages]


def derive(question: Question, entries: Sequence[Dated[Village]]) -> dict[str, Any]:
    """`beneficiary.villages`: the villages that the form names, completed by county and `on_poor_list`.

    Both keys are the register's alone: what else is said of them falls away. A village that was looked up and
    not found is off the list only where the whole list is here; elsewhere, and of a village without an id or
    beyond those looked up, the keys stay missing.
    """
    stated = question.stated.get(FACT)
    if not isinstance(stated, list) or not stated:
        return {}
    listed = {
        _key(one.data.village_id): {"county": one.data.county, "on_poor_list": True}
        for one in holding(question, entries, lambda _: True)
    }
    unlisted = {"on_poor_list": False} if NAME in question.whole else {}
    said: dict[str, dict[str, Any]] = {key: listed.get(key, unlisted) for key in _wanted(question)}
    return {FACT: [_completed(one, said) if isinstance(one, Mapping) else one for one in stated]}


def _completed(village: Mapping[str, Any], said: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    own = {name: value for name, value in village.items() if name not in OWN_KEYS}
    identifier = village.get("id")
    return own | said.get(_key(identifier), {}) if isinstance(identifier, str) else own


KIND = Kind(
    name=NAME,
    title=("贫困村", "poor villages"),
    schema=Village,
    facts=frozenset({FACT}),
    keys=lambda one: [_key(one.village_id)],
    wanted=_wanted,
    derive=derive,
    identity=lambda one: _key(one.village_id),
    columns=(
        Column(
            "village_id",
            "村编号",
            "village id",
            "code",
            "如统计用区划代码12位",
            "e.g. the 12-digit code",
            needed=True,
        ),
        Column("name", "村名", "name", "text", "文字", "text", needed=True),
        Column(
            "county", "县代码", "county", "code", "6位行政区划代码", "six digits (GB/T 2260)", needed=True
        ),
    ),
)
