"""What an administrator of people may do with an object, and why not."""

from enum import Enum

import strawberry
from strawberry import field

from gateway.graph.loaders import Row
from gateway.nouns.texts import Text
from gateway.nouns.words import v
from gateway.wording import d


@strawberry.enum(description=d("成员管理操作", "A step in administering people."))
class AdministrationAction(Enum):
    update_registration = v("update_registration", "修改单位登记信息", "change a unit's registration")
    add_person = v("add_person", "在单位登记人员", "enter a person of the unit")
    update = v("update", "修改人员信息", "change a person")
    move = v("move", "调往其他单位", "let a person change units")
    grant_membership = v("grant_membership", "授予角色", "give a role")
    reveal_identifiers = v("reveal_identifiers", "查看完整证件号与电话", "see whole identifiers")
    end = v("end", "终止成员资格", "end a membership")


@strawberry.enum(description=d("成员资格的状态", "State of a membership."))
class MembershipState(Enum):
    coming = v("coming", "尚未开始", "not begun yet")
    in_force = v("in_force", "有效", "in force")
    ended = v("ended", "已终止", "ended")


@strawberry.type(description=d("能否进行某项管理操作", "Whether a step of administration is possible now."))
class AllowedAdministration:
    action: AdministrationAction = field(description=d("操作", "Action."))
    allowed: bool = field(description=d("可以进行", "It is possible."))
    reason: str | None = field(description=d("不能进行的原因代码", "Code of the reason when not."))
    explanation: Text | None = field(description=d("不能进行的原因", "The reason in words."))


def steps_of(row: Row) -> list[AllowedAdministration]:
    """Of intake's allowed_actions on a unit, person or membership."""
    return [
        AllowedAdministration(
            action=AdministrationAction(one["action"]),
            allowed=one["allowed"],
            reason=one.get("reason"),
            explanation=Text(zh=one["reason_zh"], en=one["reason_en"]) if one.get("reason_zh") else None,
        )
        for one in row.get("allowed_actions") or []
    ]
