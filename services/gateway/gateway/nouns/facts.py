"""Facts that rules read, and the form of a category made of them."""

from typing import Any

import strawberry
from strawberry import field

from gateway.nouns.texts import Text
from gateway.wording import d
from guide import Choice, FactDef, Form, FormField, FormGroup


@strawberry.type(name="Choice", description=d("可选值", "One of the values to choose from."))
class ChoiceNoun:
    token: str = field(description=d("提交的词", "The word that is sent."))
    label: Text = field(description=d("显示名称", "What is shown."))


def choices_of(choices: tuple[Choice, ...] | None) -> list[ChoiceNoun] | None:
    """Of a pack's choices; None where a fact is free."""
    if choices is None:
        return None
    return [ChoiceNoun(token=one.token, label=Text(zh=one.label_zh, en=one.label_en)) for one in choices]


@strawberry.type(description=d("资格审查用到的事实", "A fact that rules read."))
class Fact:
    name: str = field(description=d("名称", "Dotted name."))
    type: str = field(
        description=d("类型", "Type: bool, int, money, text, date, instant, code, enum, list<…>.")
    )
    unit: str | None = field(description=d("单位", "Unit of measure."))
    owner: str = field(description=d("由谁提供", "Who keeps it."))
    label: Text = field(description=d("显示名称", "What is shown."))
    choices: list[ChoiceNoun] | None = field(
        description=d("可选值", "Values to choose from; null when free.")
    )
    rules: list[str] = field(description=d("用到它的规则", "Ids of the rules that read it."))


def fact_of(fact: FactDef) -> Fact:
    """Of a pack's fact."""
    return Fact(
        name=fact.name,
        type=fact.type,
        unit=fact.unit,
        owner=str(fact.owner),
        label=Text(zh=fact.label_zh, en=fact.label_en),
        choices=choices_of(fact.choices),
        rules=list(fact.rules),
    )


@strawberry.type(name="FormField", description=d("表单字段", "One field of a form."))
class FormFieldNoun:
    fact: str = field(description=d("填写的事实", "The fact that it fills."))
    label: Text = field(description=d("显示名称", "What is shown."))
    type: str = field(description=d("类型", "Type, as of the fact."))
    unit: str | None = field(description=d("单位", "Unit of measure."))
    required: bool = field(description=d("必填", "Must be filled in."))
    choices: list[ChoiceNoun] | None = field(
        description=d("可选值", "Values to choose from; null when free.")
    )
    condition: str | None = field(
        description=d("仅当此 CEL 条件成立时填写", "Asked for only while this CEL expression holds.")
    )
    help: Text | None = field(description=d("填写说明", "How to fill it in."))


@strawberry.type(name="FormGroup", description=d("表单分组", "A group of fields."))
class FormGroupNoun:
    key: str = field(description=d("分组编号", "Id of the group."))
    label: Text = field(description=d("显示名称", "What is shown."))
    fields: list[FormFieldNoun] = field(description=d("字段，按显示顺序", "Fields in order."))


@strawberry.type(name="Form", description=d("某类别的申报表单", "The form of a category."))
class FormNoun:
    groups: list[FormGroupNoun] = field(description=d("分组，按显示顺序", "Groups in order."))


def form_of(form: Form) -> FormNoun:
    """Of a pack's form."""
    return FormNoun(groups=[_group(group) for group in form.groups])


def _group(group: FormGroup) -> FormGroupNoun:
    return FormGroupNoun(
        key=group.id,
        label=Text(zh=group.label_zh, en=group.label_en),
        fields=[_field(one) for one in group.fields],
    )


def _field(one: FormField) -> FormFieldNoun:
    help_text: Any = one.help_zh and one.help_en
    return FormFieldNoun(
        fact=one.fact,
        label=Text(zh=one.label_zh, en=one.label_en),
        type=one.type,
        unit=one.unit,
        required=one.required,
        choices=choices_of(one.choices),
        condition=one.condition,
        help=Text(zh=one.help_zh or "", en=one.help_en or "") if help_text else None,
    )
