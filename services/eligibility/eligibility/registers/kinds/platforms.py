"""Platforms (科技创新平台): key laboratories, centres, parks, incubators, with level and head.

Asked for the platform that the application names; without a name, for the unit's only one.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from common.tabular import Column
from eligibility.fields import ShortText, normal
from eligibility.registers.kinds.base import Dated, Entry, Kind, Question, holding, unit_key, wanted_unit
from eligibility.registers.kinds.columns import UNIT, words
from eligibility.registers.kinds.tokens import Level, PlatformType

NAME = "platforms"
CARRIERS: Final = frozenset({"incubator", "maker_space", "university_science_park"})
_RISING: Final = ("none", "county", "city", "provincial", "ministry", "national")


class Platform(Entry):
    """A platform of a unit. `level` is that of its recognition or filing; `head_id` a person id of intake."""

    platform_id: ShortText
    name: ShortText
    type: PlatformType
    level: Level
    unit_uscc: ShortText
    head_id: ShortText | None = None


def _key(platform_id: str) -> str:
    return f"platform:{normal(platform_id)}"


def _wanted(question: Question) -> Iterable[str]:
    named = question.subjects.platform_id
    return [*wanted_unit(question), *([_key(named)] if named else [])]


def derive(question: Question, entries: Sequence[Dated[Platform]]) -> dict[str, Any]:
    """Facts of the platform at hand, and of the unit's platforms together.

    - `platform.type`, `platform.level`, `platform.head`: of the platform named, whoever runs it; without a
      name, of the unit's only one. Several and none named: missing, nobody knows which is meant.
    - `platform.recognition_level`: the highest of the unit's carriers (孵化器, 众创空间, 大学科技园).
    - `applicant.has_gx_keylab`: the unit runs a provincial (自治区级) key laboratory.

    Nothing found is level `none` and "no" only where the whole list is here.
    """
    named, unit = question.subjects.platform_id, set(wanted_unit(question))
    whole = NAME in question.whole
    own = holding(question, entries, lambda one: unit_key(one.unit_uscc) in unit)
    facts: dict[str, Any] = {}
    if named:
        at_hand = holding(question, entries, lambda one: _key(one.platform_id) == _key(named))[-1:]
    else:
        at_hand = own
    if len(at_hand) == 1:
        facts |= _of(at_hand[0].data)
    elif not at_hand and whole and (named or unit):
        facts["platform.level"] = "none"
    if not unit:
        return facts
    carriers = [one.data.level for one in own if one.data.type in CARRIERS]
    if carriers or whole:
        facts["platform.recognition_level"] = max(carriers, key=_RISING.index, default="none")
    has_lab = any(one.data.type == "key_lab" and one.data.level == "provincial" for one in own)
    if has_lab or whole:
        facts["applicant.has_gx_keylab"] = has_lab
    return facts


def _of(platform: Platform) -> dict[str, Any]:
    head = {"platform.head": platform.head_id} if platform.head_id else {}
    return {"platform.type": platform.type, "platform.level": platform.level, **head}


KIND = Kind(
    name=NAME,
    title=("科技创新平台", "platforms"),
    schema=Platform,
    facts=frozenset(
        {
            "platform.type",
            "platform.level",
            "platform.head",
            "platform.recognition_level",
            "applicant.has_gx_keylab",
        }
    ),
    keys=lambda one: [_key(one.platform_id), unit_key(one.unit_uscc)],
    wanted=_wanted,
    derive=derive,
    identity=lambda one: _key(one.platform_id),
    columns=(
        Column(
            "platform_id", "平台编号", "platform id", "code", "平台的编号", "the platform's id", needed=True
        ),
        Column("name", "平台名称", "name", "text", "文字", "text", needed=True),
        words("type", "平台类型", "type", "platform_type", needed=True),
        words("level", "认定或备案级别", "level", "level", needed=True),
        UNIT,
        Column("head_id", "负责人ID", "head id", "code", "系统内人员ID", "person id"),
    ),
)
