"""Clause by clause: what stands there, and everything that hangs on it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from guide.model.call import Clause
from guide.pack import Pack
from guide.reading import Labels
from guide.review.entries import (
    Entry,
    Rows,
    category_entry,
    interpretation_entry,
    material_entry,
    names_of,
    obligation_entry,
    paper_entry,
)
from guide.review.rules import RuleEntry, rule_entry
from guide.review.terms import STEPS, instant, term


@dataclass(frozen=True, slots=True)
class Reference:
    """A rule that stands at another clause and is cited by this one in some categories."""

    rule: str
    title: str
    categories: str


@dataclass(frozen=True, slots=True)
class ClauseEntry:
    """A clause; `text` in the language of the page, `other_text` in the other one."""

    id: str
    section: str
    lines: str
    text: str
    other_text: str
    rules: tuple[RuleEntry, ...]
    entries: tuple[Entry, ...]
    references: tuple[Reference, ...]

    @property
    def carries_nothing(self) -> bool:
        return not (self.rules or self.entries or self.references)


@dataclass(frozen=True, slots=True)
class SourceEntry:
    """A document of the guide with its clauses, as it reads."""

    id: str
    title: str
    number: str | None
    clauses: tuple[ClauseEntry, ...]


def sources(pack: Pack, labels: Labels) -> tuple[SourceEntry, ...]:
    """The documents in the order of the pack, each with its clauses in the order of their lines.

    Every rule stands at one clause; where categories cite others for it, those refer to it.
    """
    rules: defaultdict[str, list[RuleEntry]] = defaultdict(list)
    for rule in pack.rules.values():
        rules[rule.clause].append(rule_entry(rule, labels))
    entries: defaultdict[str, list[Entry]] = defaultdict(list)
    for clause, entry in _entries(pack, labels):
        entries[clause].append(entry)
    references = _references(pack, labels)
    texts = labels.choose("zh", "en")

    def shown(clause: Clause) -> ClauseEntry:
        both = (clause.text_zh, clause.text_en)
        return ClauseEntry(
            clause.id,
            clause.section,
            clause.lines,
            both[texts == "en"],
            both[texts == "zh"],
            tuple(rules[clause.id]),
            tuple(entries[clause.id]),
            tuple(references.get(clause.id, ())),
        )

    return tuple(
        SourceEntry(
            source.id,
            labels.choose(source.title_zh, source.title_en),
            source.number,
            tuple(
                shown(one)
                for one in sorted(pack.clauses.values(), key=_first_line)
                if one.document == source.id
            ),
        )
        for source in pack.sources.values()
    )


def _first_line(clause: Clause) -> tuple[int, int]:
    first, _, last = clause.lines.partition("-")
    return int(first), -int(last or first)


def _references(pack: Pack, labels: Labels) -> dict[str, list[Reference]]:
    """By clause the rules that categories cite there, and that stand elsewhere."""
    cited: defaultdict[str, list[Reference]] = defaultdict(list)
    for rule in pack.rules.values():
        if rule.clause_of is None:
            continue
        by_clause: defaultdict[str, list[str]] = defaultdict(list)
        for leaf in pack.leaves:
            if leaf.id in rule.applies and leaf.clauses[rule.clause_of] != rule.clause:
                by_clause[leaf.clauses[rule.clause_of]].append(leaf.id)
        for clause, leaves in by_clause.items():
            title = labels.choose(rule.title_zh, rule.title_en)
            cited[clause].append(Reference(rule.id, title, names_of(tuple(leaves), labels)))
    return cited


def _entries(pack: Pack, labels: Labels) -> Iterator[tuple[str, Entry]]:
    """(clause, what hangs on it), in the order in which the page shows them."""
    yield from _call(pack, labels)
    for category in pack.categories:
        yield category.clause, category_entry(category, labels)
    yield from _topics(pack, labels)
    for interpretation in pack.interpretations.values():
        yield interpretation.clause, interpretation_entry(interpretation, labels)
    for material in pack.document.materials:
        yield material.clause, material_entry(material, labels)
    yield from _places_and_offices(pack, labels)
    for obligation in pack.obligations:
        yield pack.rules[obligation.rule].clause, obligation_entry(obligation, labels)
    for paper in pack.papers:
        if paper.clause is not None:
            yield paper.clause, paper_entry(paper, labels)
    yield from _steps(pack, labels)


def _call(pack: Pack, labels: Labels) -> Iterator[tuple[str, Entry]]:
    choose, window = labels.choose, pack.call.window
    if window is not None:
        rows = [
            (choose("开始", "opens"), instant(pack.call.open_at, pack.call.time_zone, labels)),
            (choose("截止", "closes"), instant(pack.call.close_at, pack.call.time_zone, labels)),
        ]
        if window.note is not None:
            rows.append((choose("说明", "note"), window.note.in_(labels.lang)))
        yield window.clause, Entry(choose("受理时间", "window"), "", "", tuple(rows))
    for channel in pack.call.channels:
        yield (
            channel.clause,
            Entry(choose("申报入口", "channel"), channel.token, channel.text.in_(labels.lang)),
        )
    for goal in pack.call.goals:
        yield goal.clause, Entry(choose("总体目标", "goal"), "", goal.text.in_(labels.lang))


def _topics(pack: Pack, labels: Labels) -> Iterator[tuple[str, Entry]]:
    for topic in pack.topics.values():
        domain = labels.choose("领域", "domain")
        rows: Rows = ((domain, f"{labels.choose(topic.group_zh, topic.group_en)} · {topic.domain}"),)
        if topic.domain_note is not None:
            rows += ((labels.choose("说明", "note"), topic.domain_note.in_(labels.lang)),)
        name = labels.choose(topic.name_zh, topic.name_en)
        yield topic.clause, Entry(labels.choose("指南方向", "topic"), topic.id, name, rows)


def _places_and_offices(pack: Pack, labels: Labels) -> Iterator[tuple[str, Entry]]:
    choose = labels.choose
    for block in pack.document.quota_blocks or ():
        rows = tuple((choose(row.unit_zh, row.unit_en), str(row.limit)) for row in block.rows)
        total = choose(
            f"{labels.category(block.category)}，合计{block.total}",
            f"{labels.category(block.category)}, {block.total} in all",
        )
        yield block.clause, Entry(choose("推荐名额", "places"), block.category, total, rows)
    for office in pack.offices.values():
        handles: Rows = ((choose("受理", "handles"), office.handles.in_(labels.lang)),)
        yield (
            office.clause,
            Entry(choose("科室", "office"), office.id, choose(office.name_zh, office.name_en), handles),
        )


def _steps(pack: Pack, labels: Labels) -> Iterator[tuple[str, Entry]]:
    choose = labels.choose
    for step in pack.life_cycle.steps:
        if step.clause is None:
            continue
        rows = [(choose("使用", "used"), choose("是", "yes") if step.used else choose("否", "no"))]
        if step.categories:
            rows.append((choose("仅限类别", "of these only"), names_of(step.categories, labels)))
        yield (
            step.clause,
            Entry(choose("流程环节", "step"), step.id, term(STEPS, step.id, labels), tuple(rows)),
        )
