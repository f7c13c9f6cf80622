"""Rules in words, each with what a fail does and what would mend it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from guide.model.rules import EffectCases, Rule
from guide.reading import Labels, Line, read_condition, say
from guide.review.entries import Rows, names_of
from guide.review.terms import EFFECTS, STAGES, STRENGTHS, term


@dataclass(frozen=True, slots=True)
class RuleEntry:
    """A rule in words. `rows`: effect, strength and so on; `readings`: interpretations that it turns on."""

    id: str
    title: str
    other_title: str
    rows: Rows
    guard: Line | None
    require: Line
    remedies: tuple[str, ...]
    readings: tuple[str, ...]
    note: str | None


def rule_entry(rule: Rule, labels: Labels) -> RuleEntry:
    """A rule in words."""
    titles = (rule.title_zh, rule.title_en)
    turned_on = dict.fromkeys(
        found[1]
        for node in (rule.guard, rule.require)
        if node is not None
        for _, part in node.walk()
        if (found := part.interpretation()) is not None
    )
    return RuleEntry(
        rule.id,
        labels.choose(*titles),
        labels.choose(*titles[::-1]),
        tuple(_rule_rows(rule, labels)),
        read_condition(rule.guard, labels) if rule.guard is not None else None,
        read_condition(rule.require, labels),
        tuple(_remedies(rule, labels)),
        tuple(turned_on),
        rule.note.in_(labels.lang) if rule.note is not None else None,
    )


def _rule_rows(rule: Rule, labels: Labels) -> Iterator[tuple[str, str]]:
    choose = labels.choose
    yield choose("适用类别", "applies to"), names_of(rule.applies, labels)
    yield choose("不满足的后果", "a fail"), effect_words(rule, labels)
    strength = term(STRENGTHS, rule.strength, labels)
    if not rule.stated:
        strength += choose("；后果系推定，指南未明写", "; the consequence is implied, not stated")
    yield choose("强度", "strength"), strength
    yield choose("最迟判定", "due"), term(STAGES, rule.due, labels)
    if rule.from_stage is not None:
        yield choose("适用起于", "applies from"), term(STAGES, rule.from_stage, labels)
    if rule.part_of is not None:
        yield choose("属于", "part of"), rule.part_of
    if rule.on_fail is not None:
        yield choose("不满足时", "on a fail"), choose("冻结，由主管部门决定", "frozen; the bureau decides")
    if rule.cites:
        yield (
            choose("一并列出", "shown with it"),
            choose("、", ", ").join(labels.fact(one) for one in rule.cites),
        )


def effect_words(rule: Rule, labels: Labels) -> str:
    """What a fail of the rule does."""
    if not isinstance(rule.effect, EffectCases):
        return term(EFFECTS, rule.effect, labels)
    cases = [
        f"{say(one.when, labels) or one.when}: {term(EFFECTS, one.effect, labels)}"
        for one in rule.effect.cases
    ]
    otherwise = f"{labels.choose('其他', 'otherwise')}: {term(EFFECTS, rule.effect.otherwise, labels)}"
    return labels.choose("；", "; ").join([*cases, otherwise])


def _remedies(rule: Rule, labels: Labels) -> Iterator[str]:
    for one in rule.remedies:
        text = labels.choose(one.zh, one.en).replace("{gap}", labels.choose("〔差额〕", "[the distance]"))
        if one.when is None:
            yield text
        else:
            when = say(one.when, labels) or one.when
            yield labels.choose(f"{text}（当{when}）", f"{text} (when {when})")
