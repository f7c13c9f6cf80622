"""Parts of an application that are read from its own row."""

from typing import Any

import strawberry
from strawberry import field

from gateway.graph.context import Info
from gateway.graph.loaders import Row
from gateway.nouns.base import Json
from gateway.nouns.decisions import Action
from gateway.nouns.people import Person, load_person
from gateway.nouns.texts import Text
from gateway.nouns.words import MemberRole
from gateway.wording import d, resolved
from guide import Pack


@strawberry.type(description=d("能否进行某项操作", "Whether an action is possible now."))
class AllowedAction:
    action: Action = field(description=d("操作", "Action."))
    allowed: bool = field(description=d("可以进行", "It is possible."))
    reason: str | None = field(description=d("不能进行的原因代码", "Code of the reason when not."))
    explanation: Text | None = field(description=d("不能进行的原因", "The reason in words."))


def actions_of(rows: list[Row]) -> list[AllowedAction]:
    """Of intake's allowed_actions."""
    return [
        AllowedAction(
            action=Action(row["action"]),
            allowed=row["allowed"],
            reason=row.get("reason"),
            explanation=Text(zh=row["reason_zh"], en=row["reason_en"]) if row.get("reason_zh") else None,
        )
        for row in rows
    ]


@strawberry.type(description=d("项目组成员", "A member of the team."))
class Member:
    person_id: strawberry.Private[str]
    role: MemberRole = field(description=d("身份", "Part in the project."))

    @resolved("人员", "The person; null where not to be seen.")
    async def person(self, info: Info) -> Person | None:
        return await load_person(info.context, self.person_id)


@strawberry.type(description=d("表单中的一项回答", "One answer of the form."))
class FormAnswer:
    fact: str = field(description=d("事实名", "Fact name."))
    label: Text = field(description=d("显示名称", "What is shown."))
    unit: str | None = field(description=d("单位", "Unit of measure."))
    value: Json | None = field(description=d("回答", "The answer."))


def answers_of(pack: Pack | None, form: dict[str, Any]) -> list[FormAnswer]:
    """Answers in the order of the form, with labels; a fact that the pack does not know shows its name."""
    facts = pack.facts if pack is not None else {}
    order = {name: index for index, name in enumerate(facts)}
    answers = []
    for name in sorted(form, key=lambda one: (order.get(one, len(order)), one)):
        fact = facts.get(name)
        label = Text(zh=fact.label_zh, en=fact.label_en) if fact is not None else Text(zh=name, en=name)
        value = form[name]
        answers.append(
            FormAnswer(
                fact=name,
                label=label,
                unit=fact.unit if fact is not None else None,
                value=None if value is None else Json(value),
            )
        )
    return answers
