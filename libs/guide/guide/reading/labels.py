"""What facts, keys of records and tokens are called in a pack, in one language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from guide.dictionary import dictionary
from guide.messages import amount
from guide.shapes import NOTHING_THERE
from guide.words import Lang

if TYPE_CHECKING:
    from guide.pack import Pack

_VARIABLES = {
    "as_of": ("判断时点", "the instant asked about"),
    "today": ("判断当日", "the day asked about"),
    "stage": ("所处阶段", "the stage"),
    "reading": ("认定的时点", "the value of the reading"),
    "item": ("该项", "the record"),
    "total": ("合计", "the total"),
    "wanted": ("要求数", "the number wanted"),
    "tier.min": ("该档下限", "the tier's least amount"),
    "tier.max": ("该档上限", "the tier's largest amount"),
}
_KEYS = {
    "agreement": ("协议", "agreement"),
    "amount": ("金额", "amount"),
    "birth_date": ("出生日期", "date of birth"),
    "capability": ("能力说明", "statement of capability"),
    "capability_ok": ("能力认定", "reviewer: capability"),
    "category": ("项目类别", "category"),
    "converted_institute": ("转制院所", "a converted institute"),
    "county": ("所在县", "county"),
    "due": ("日期", "due date"),
    "first_class_ok": ("一流水平认定", "reviewer: first class"),
    "from": ("起始年", "first year"),
    "funding": ("经费", "funding"),
    "guide": ("申报通知", "guide"),
    "id": ("标识", "identity"),
    "identity": ("项目标识", "identity of the project"),
    "ip_statement": ("知识产权说明", "statement on IP"),
    "ip_understanding": ("知识产权约定认定", "reviewer: understanding on IP"),
    "kind": ("类型", "kind"),
    "leader_count": ("带头人数", "number of leaders"),
    "level": ("级别", "level"),
    "max": ("上限", "largest amount"),
    "min": ("下限", "least amount"),
    "name": ("名称", "name"),
    "on_poor_list": ("列入贫困村名单", "on the list of poor villages"),
    "person": ("人员", "person"),
    "profile": ("简介", "profile"),
    "proof": ("证明", "proof"),
    "region": ("所在地", "place"),
    "role": ("角色", "role"),
    "speciality": ("专业", "speciality"),
    "start": ("开始日期", "start"),
    "tier": ("档次", "tier"),
    "to": ("截止年", "last year"),
    "track": ("申报类别", "track"),
    "type": ("类型", "type"),
}
"""Keys of records, which the dictionary has without labels; they mean the same in every list."""
_OWN = {"applicant": ("申报单位", "the applicant"), "lead": ("牵头单位", "the leading unit")}
"""Identities of records that stand for the units of the application itself."""
_TOKENS_OF_KEYS = {"type": "org_type", "role": "member_role", "track": "track"}
_FEW = 10_000  # below it a number may be a year, and has no separators


@dataclass(frozen=True)
class Labels:
    """Labels of one pack in one language; `records`: the list that a variable's records come from."""

    pack: Pack
    lang: Lang
    records: Mapping[str, str] = field(default_factory=dict)

    def choose(self, zh: str, en: str) -> str:
        return en if self.lang is Lang.en else zh

    def within(self, variable: str, records: str) -> Labels:
        """The same where `variable` is a record of this list."""
        return replace(self, records={**self.records, variable: records})

    def fact(self, name: str) -> str:
        """A fact, a key of a record (`partners[].region`, `item.region`), or a variable."""
        if name in _VARIABLES:
            return self.choose(*_VARIABLES[name])
        array, _, key = name.partition("[].")
        if key:
            return f"{self.fact(array)}·{self._key(key)}"
        known, rest = self._longest(name)
        if not known:
            variable, _, key = name.partition(".")
            if variable not in self.records and variable not in {"item", "tier"}:
                return name
            return self._key(key) if key else self.choose(*_VARIABLES["item"])
        label = self.pack.facts[known].label(self.lang)
        return f"{label}·{self._key(rest)}" if rest else label

    def word(self, name: str, token: str) -> str:
        """A token as the value of a fact or of a record's key."""
        if name.endswith(".id") and token in _OWN:
            return self.choose(*_OWN[token])
        if token == NOTHING_THERE and token not in self._choices(name):
            return self.choose("无", "none")
        return self._choices(name).get(token, f"“{token}”" if not token.isascii() else token)

    def figure(self, name: str | None, value: int) -> str:
        """A number, with the unit of the fact that it is compared with."""
        unit = self._unit(name) if name is not None else None
        if unit == "yuan":
            return amount(value, unit, self.lang)
        plain = f"{value:,}" if abs(value) >= _FEW else str(value)
        return f"{plain} {unit}" if unit is not None else plain

    def type_of(self, name: str) -> str | None:
        """The type of a fact; None for keys and variables."""
        return self.pack.facts[name].type if name in self.pack.facts else None

    def category(self, name: str) -> str:
        """The name of a category."""
        for one in self.pack.categories:
            if one.id == name:
                return self.choose(one.name_zh, one.name_en)
        return name

    def reading(self, interpretation: str, value: str) -> str:
        """What a reading says."""
        for one in self.pack.interpretations[interpretation].values:
            if one.key == value:
                return one.text.in_(self.lang)
        return value

    def question(self, interpretation: str) -> str:
        """What an interpretation asks."""
        known = self.pack.interpretations.get(interpretation)
        return known.question.in_(self.lang) if known is not None else interpretation

    def _longest(self, name: str) -> tuple[str, str]:
        """The fact that a dotted name begins with, and the keys behind it."""
        parts = name.split(".")
        for length in range(len(parts), 0, -1):
            fact = ".".join(parts[:length])
            if fact in self.pack.facts:
                return fact, ".".join(parts[length:])
        return "", name

    def _key(self, key: str) -> str:
        return self.choose(*_KEYS[key]) if key in _KEYS else key

    def _unit(self, name: str) -> str | None:
        if name in {"tier.min", "tier.max"}:
            return "yuan"
        known = self._record_key(name)
        row = dictionary().facts.get(known) if known else None
        if row is not None:
            return "yuan" if row.type == "money" else None
        return self.pack.facts[name].unit if name in self.pack.facts else None

    def _choices(self, name: str) -> Mapping[str, str]:
        if name == "category.id":
            return {one.id: self.category(one.id) for one in self.pack.categories}
        if name in self.pack.facts:
            return {
                one.token: self.choose(one.label_zh, one.label_en)
                for one in self.pack.facts[name].choices or ()
            }
        key = name.rpartition(".")[2]
        row = dictionary().facts.get(self._record_key(name) or "")
        enum = row.enum if row is not None else _TOKENS_OF_KEYS.get(key)
        words = dictionary().enumerations.get(enum, {}) if enum else {}
        return {token: self.choose(*labels) for token, labels in words.items()}

    def _record_key(self, name: str) -> str | None:
        """`partners[].type` for `item.type` where the records are partners."""
        if "[]." in name:
            return name
        variable, _, key = name.partition(".")
        return f"{self.records[variable]}[].{key}" if key and variable in self.records else None
