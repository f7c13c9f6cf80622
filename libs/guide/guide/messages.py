"""Sentences of findings in Chinese and English."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING, Any

from guide.dictionary import dictionary
from guide.words import Lang, Outcome

if TYPE_CHECKING:
    from guide.case import Case, Part
    from guide.model.rules import Rule
    from guide.pack import Pack

OUTCOME_WORDS = {
    Outcome.passed: ("通过", "pass"),
    Outcome.fail: ("不通过", "fail"),
    Outcome.unknown: ("待补充", "unknown"),
    Outcome.manual: ("待人工判断", "manual"),
    Outcome.not_applicable: ("不适用", "not applicable"),
}

_HEADS = {
    Outcome.passed: ("符合：", "Met: "),
    Outcome.fail: ("不符合：", "Not met: "),
    Outcome.unknown: ("尚不能确定：", "Cannot be decided yet: "),
    Outcome.manual: ("需人工判断：", "For a person to decide: "),
    Outcome.not_applicable: ("不适用：", "Does not apply: "),
}

_UNITS: dict[str, Callable[[Any], tuple[str, str]]] = {
    "yuan": lambda n: (f"{n:,} 元", f"{n:,} yuan"),
    "projects": lambda n: (f"{n:,} 项", f"{n:,} project{'s' * (n != 1)}"),
    "places": lambda n: (f"{n:,} 个名额", f"{n:,} place{'s' * (n != 1)}"),
    "days": lambda n: (f"{n:,} 天", f"{n:,} day{'s' * (n != 1)}"),
    "copies": lambda n: (f"{n:,} 份", f"{n:,} cop{'ies' if n != 1 else 'y'}"),
    "items": lambda n: (f"{n:,} 个", f"{n:,}"),
    "years": lambda n: (f"{n:,} 年", f"{n:,} year{'s' * (n != 1)}"),
    "persons": lambda n: (f"{n:,} 人", f"{n:,} person{'s' * (n != 1)}"),
    "points": lambda n: (f"{n} 个百分点", f"{n} percentage points"),
    "m2": lambda n: (f"{n} 平方米", f"{n} m²"),
    "milliseconds": lambda n: _duration(n),
}


def amount(value: int | str, unit: str, lang: Lang) -> str:
    """A distance with its unit and thousands separators: `120,000 元`."""
    zh, en = _UNITS[unit](value)
    return en if lang is Lang.en else zh


def message(pack: Pack, rule: Rule, part: Part, unavailable: Collection[str], lang: Lang) -> str:
    """One sentence that says the outcome and, where it is open, what is missing or differs."""
    english = lang is Lang.en
    zh, en = _HEADS[part.outcome]
    text = en + rule.title_en if english else zh + rule.title_zh
    if part.missing:
        away = [fact for fact in part.missing if fact in unavailable]
        lacking = [fact for fact in part.missing if fact not in unavailable]
        text += _list(pack, lacking, lang, "；缺少：", "; missing: ")
        text += _list(pack, away, lang, "；暂时无法核实：", "; cannot be checked now: ")
    for note in part.notes:
        text += f"; {note.en}" if english else f"；{note.zh}"
    if part.outcome is Outcome.manual or part.outcome is Outcome.unknown:
        text += _readings(pack, part, english)
    return text


def remedy(rule: Rule, case: Case, lang: Lang) -> tuple[str | None, dict[str, Any] | None]:
    """(text, distance) of the first remedy whose condition holds and whose distance can be computed."""
    for one in rule.remedies:
        if one.when is not None and not case.value(one.when):
            continue
        text = one.en if lang is Lang.en else one.zh
        if one.gap is None:
            return text, None
        value = case.value(one.gap.value)
        if value is not None:
            gap = {"fact": one.gap.fact, "value": value, "unit": one.gap.unit}
            return text.replace("{gap}", amount(value, one.gap.unit, lang)), gap
    return None, None


def _list(pack: Pack, names: Iterable[str], lang: Lang, zh: str, en: str) -> str:
    labels = [_label(pack, name, lang) for name in names]
    if not labels:
        return ""
    return en + ", ".join(labels) if lang is Lang.en else zh + "、".join(labels)


def _label(pack: Pack, name: str, lang: Lang) -> str:
    fact, _, key = name.partition("[].")
    label = pack.facts[fact].label(lang)
    if not key:
        return label
    zh, en = dictionary().keys.get(name, (key, key))
    return f"{label} ({en})" if lang is Lang.en else f"{label}的{zh}"


def _readings(pack: Pack, part: Part, english: bool) -> str:
    text = ""
    for reading in part.readings:
        if not reading.is_open:
            continue
        asked = pack.interpretations[reading.id]
        worded = {one.key: one.text for one in asked.values}
        text += f"; not settled: {asked.question.en}" if english else f"；{asked.question.zh}，尚未确认"
        words = [
            f"{worded[value].en}: {OUTCOME_WORDS[outcome][1]}"
            if english
            else f"{worded[value].zh}则{OUTCOME_WORDS[outcome][0]}"
            for value, outcome in reading.outcomes
        ]
        if words:
            text += f" ({'; '.join(words)})" if english else f"（{'；'.join(words)}）"
    return text


def _duration(ms: int) -> tuple[str, str]:
    seconds, rest = divmod(ms, 1000)
    days, seconds = divmod(seconds, 86_400)
    hours, seconds = divmod(seconds, 3600)
    minutes, seconds = divmod(seconds, 60)
    fraction = f"{seconds}.{rest:03}".rstrip("0").rstrip(".")
    zh = [f"{days:,} 天"] * (days > 0) + [f"{hours} 小时"] * (hours > 0) + [f"{minutes} 分"] * (minutes > 0)
    en = [f"{days:,} d"] * (days > 0) + [f"{hours} h"] * (hours > 0) + [f"{minutes} min"] * (minutes > 0)
    if fraction != "0" or not zh:
        zh.append(f"{fraction} 秒")
        en.append(f"{fraction} s")
    return " ".join(zh), " ".join(en)
