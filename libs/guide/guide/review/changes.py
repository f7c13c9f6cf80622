"""What changed between two versions, clause by clause and field by field, in words."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from guide.diff import Change, diff
from guide.model.call import Clause
from guide.pack import Pack
from guide.reading import Labels, read_condition, say
from guide.review.entries import fields_words, funding_words, mode_words, names_of, years_words
from guide.review.fields import FIELDS, SECTIONS
from guide.review.rules import effect_words
from guide.review.terms import EFFECTS, MATERIALS, STAGES, STRENGTHS, term
from guide.words import Lang

_CONDITIONS = frozenset({("materials", "condition"), ("routing", "when"), ("forms", "condition")})


@dataclass(frozen=True, slots=True)
class Both:
    """A text in Chinese and English."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field; None where the side does not say it."""

    field: str
    label: Both
    before: Both | None
    after: Both | None


@dataclass(frozen=True, slots=True)
class ThingChange:
    """A thing of the pack; of one that was added or removed `fields` has all that it says."""

    section: str
    section_label: Both
    id: str
    kind: Literal["added", "removed", "changed"]
    title: Both | None
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class ClauseChange:
    """A clause at which something changed, with its paraphrase on both sides; `id` is None for what cites no
    clause."""

    id: str | None
    section: str | None
    lines: str | None
    before: Both | None
    after: Both | None
    changes: tuple[ThingChange, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two versions of a guide by their hashes; `clauses` is empty where both mean the same."""

    guide: str
    title: Both
    before: str
    after: str
    clauses: tuple[ClauseChange, ...]

    def as_dict(self) -> dict[str, Any]:
        """JSON form."""
        return asdict(self)


def compare(old: Pack, new: Pack) -> Comparison:
    """What `new` says that `old` does not, and the reverse; as `guide.diff`, in words."""
    found = diff(old, new)
    return Comparison(
        new.id,
        Both(new.call.title_zh, new.call.title_en),
        old.version,
        new.version,
        tuple(
            ClauseChange(
                one.clause.id if one.clause is not None else None,
                one.clause.section if one.clause is not None else None,
                one.clause.lines if one.clause is not None else None,
                _paraphrase(one.clause, old),
                _paraphrase(one.clause, new),
                tuple(_thing(change, old, new) for change in one.changes),
            )
            for one in found.clauses
        ),
    )


def _paraphrase(clause: Clause | None, pack: Pack) -> Both | None:
    said = pack.clauses.get(clause.id) if clause is not None else None
    return Both(said.text_zh, said.text_en) if said is not None else None


def _thing(change: Change, old: Pack, new: Pack) -> ThingChange:
    names = dict.fromkeys((*(change.before or ()), *(change.after or ())))
    fields = (_field(change, name, old, new) for name in names if name != "id")
    return ThingChange(
        change.section,
        Both(*SECTIONS[change.section]),
        change.id,
        change.kind,
        _title(change, new if change.after is not None else old),
        tuple(one for one in fields if one.before is not None or one.after is not None),
    )


def _field(change: Change, name: str, old: Pack, new: Pack) -> FieldChange:
    before, after = _said(change, name, change.before, old), _said(change, name, change.after, new)
    if before == after and change.before is not None and change.after is not None:
        # words that leave the difference out
        before, after = _as_written(change.before[name]), _as_written(change.after[name])
    return FieldChange(name, Both(*FIELDS.get(name, (name, name))), before, after)


def _as_written(value: Any) -> Both:
    text = json.dumps(value, ensure_ascii=False)
    return Both(text, text)


def _title(change: Change, pack: Pack) -> Both | None:
    things = getattr(pack.document, change.section, None)
    for thing in things if isinstance(things, tuple) else ():
        if getattr(thing, "id", None) != change.id:
            continue
        for name in ("title", "name", "label"):
            if hasattr(thing, f"{name}_zh"):
                return Both(getattr(thing, f"{name}_zh"), getattr(thing, f"{name}_en"))
    return Both(change.title, change.title) if change.title is not None else None


def _said(change: Change, name: str, side: Mapping[str, Any] | None, pack: Pack) -> Both | None:
    """A field's value on one side, in words."""
    if side is None or side.get(name) is None or side[name] in ([], {}):
        return None
    zh, en = (_words(change, name, side[name], Labels(pack, lang)) for lang in (Lang.zh, Lang.en))
    return Both(zh, en)


def _words(change: Change, name: str, value: Any, labels: Labels) -> str:
    if change.section == "rules":
        known = _RULES.get(name)
        if known is not None:
            return known(labels.pack, change.id, labels)
    if change.section == "categories" and name in _CATEGORIES:
        return _CATEGORIES[name](labels.pack, change.id, labels)
    if change.section == "materials" and name in MATERIALS:
        return term(MATERIALS[name], value, labels)
    if (change.section, name) in _CONDITIONS and isinstance(value, str):
        return say(value, labels) or value
    return _plain(name, value, labels)


def _plain(name: str, value: Any, labels: Labels) -> str:
    """Any JSON value: texts by language, ids of categories by name, the rest as it is."""
    choose = labels.choose
    if value is None:
        return choose("未载明", "not stated")
    if isinstance(value, bool):
        return choose("是", "yes") if value else choose("否", "no")
    if isinstance(value, int):
        return labels.figure(None, value)
    if isinstance(value, dict):
        if value.keys() == {"zh", "en"}:
            return choose(value["zh"], value["en"])
        said = {key: _plain(key, one, labels) for key, one in value.items()}
        return choose("；", "; ").join(
            f"{choose(*FIELDS.get(key, (key, key)))} {one}"
            for key, one in said.items()
            if value[key] is not None
        )
    if isinstance(value, list):
        if name in {"applies", "categories"}:
            return names_of(tuple(value), labels)
        parts = [_plain("", one, labels) for one in value]
        return ("\n" if any(isinstance(one, dict) for one in value) else choose("、", ", ")).join(parts)
    return term({**STAGES, **STRENGTHS, **EFFECTS}, str(value), labels)


_Words = Callable[[Pack, str, Labels], str]


def _condition(name: Literal["guard", "require"]) -> _Words:
    return lambda pack, rule, labels: read_condition(getattr(pack.rules[rule], name), labels).as_text()


def _remedies(pack: Pack, rule: str, labels: Labels) -> str:
    said = []
    for one in pack.rules[rule].remedies:
        distance = (say(one.gap.value, labels) or one.gap.value) if one.gap is not None else ""
        said.append(labels.choose(one.zh, one.en).replace("{gap}", f"〔{distance}〕"))
    return "\n".join(said)


_RULES: dict[str, _Words] = {
    "require": _condition("require"),
    "guard": _condition("guard"),
    "effect": lambda pack, rule, labels: effect_words(pack.rules[rule], labels),
    "remedies": _remedies,
    "cites": lambda pack, rule, labels: labels.choose("、", ", ").join(
        labels.fact(one) for one in pack.rules[rule].cites
    ),
}
_CATEGORIES: dict[str, _Words] = {
    "fields": lambda pack, one, labels: fields_words(_category(pack, one), labels),
    "years": lambda pack, one, labels: years_words(_category(pack, one), labels),
    "funding": lambda pack, one, labels: funding_words(_category(pack, one).funding, labels),
    "funding_mode": lambda pack, one, labels: mode_words(_category(pack, one).funding_mode, labels),
}


def _category(pack: Pack, name: str) -> Any:
    return next(one for one in pack.categories if one.id == name)
