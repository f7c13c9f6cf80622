"""What hangs on a clause beside its rules: everything as labelled rows."""

from __future__ import annotations

from dataclasses import dataclass

from guide.model.base import Bilingual
from guide.model.categories import Category, FundingTier
from guide.model.interpretations import Interpretation
from guide.model.office import Material, Obligation, Paper
from guide.pack import Pack
from guide.reading import Labels, say
from guide.review.terms import (
    FUNDING_MODES,
    MATERIALS,
    SILENT,
    TIERS,
    term,
)

Rows = tuple[tuple[str, str], ...]
"""Label and text."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that is no rule; `kind` is the word for what it is."""

    kind: str
    id: str
    title: str
    rows: Rows = ()


def silent(labels: Labels) -> str:
    """指南未载明."""
    return labels.choose(*SILENT)


def said(text: Bilingual | None, labels: Labels) -> str:
    """A text in the labels' language, or that the guide is silent."""
    return text.in_(labels.lang) if text is not None else silent(labels)


def names_of(categories: tuple[str, ...], labels: Labels) -> str:
    """The names of categories; one word where they are all that can be applied for."""
    if {leaf.id for leaf in labels.pack.leaves} <= set(categories):
        return labels.choose("全部类别", "all categories")
    return labels.choose("、", "; ").join(labels.category(one) for one in categories)


def category_entry(category: Category, labels: Labels) -> Entry:
    """What the guide says of a category."""
    choose = labels.choose
    rows = [
        (choose("支持范围", "scope"), said(category.scope, labels)),
        (choose("申报主体", "who may apply"), said(category.who, labels)),
    ]
    if category.selectable:
        rows += [
            (choose("支持领域", "fields"), fields_words(category, labels)),
            (choose("实施年限", "years"), years_words(category, labels)),
            (choose("立项上限", "cap"), _cap(category, labels)),
            (choose("资助额度", "funding"), funding_words(category.funding, labels)),
            (choose("资助方式", "mode of funding"), mode_words(category.funding_mode, labels)),
            (choose("优先条件", "priority"), said(category.priority, labels)),
        ]
    if category.aliases:
        rows.append((choose("别名", "also called"), choose("、", ", ").join(category.aliases)))
    title = choose(category.name_zh, category.name_en)
    return Entry(choose("项目类别", "category"), category.id, title, tuple(rows))


def fields_words(category: Category, labels: Labels) -> str:
    """The technical fields; 等 where the list is open."""
    if category.fields is None:
        return silent(labels)
    names = labels.choose("、", ", ").join(
        labels.word("project.field", one) for one in category.fields.tokens
    )
    return names + (labels.choose("等（可另报）", " and the like") if category.fields.open else "")


def years_words(category: Category, labels: Labels) -> str:
    """The implementing years, or the longest period."""
    years = category.years
    if years is None:
        return silent(labels)
    parts = []
    if years.first is not None or years.last is not None:
        unknown = labels.choose("未载明", "not stated")
        parts.append(f"{years.first or unknown}–{years.last or unknown}")
    if years.max_months is not None:
        parts.append(labels.choose(f"至多{years.max_months}个月", f"at most {years.max_months} months"))
    return labels.choose("；", "; ").join(parts) or silent(labels)


def _cap(category: Category, labels: Labels) -> str:
    if category.cap is None:
        return silent(labels)
    shared = f"（{category.cap_group}）" if category.cap_group else ""
    return labels.choose(f"{category.cap}项{shared}", f"{category.cap} projects {shared}".strip())


def funding_words(funding: tuple[FundingTier, ...] | None, labels: Labels) -> str:
    """Amounts in yuan by tier."""
    if funding is None:
        return silent(labels)
    return labels.choose("；", "; ").join(_tier(one, labels) for one in funding)


def _tier(tier: FundingTier, labels: Labels) -> str:
    name = f"{term(TIERS, tier.tier, labels)}: " if tier.tier is not None else ""
    least = labels.figure("tier.min", tier.min) if tier.min is not None else None
    most = labels.figure("tier.max", tier.max) if tier.max is not None else None
    if least is None and most is None:
        return name + silent(labels)
    if least == most:
        return f"{name}{least}"
    if most is None:
        return labels.choose(f"{name}{least}以上", f"{name}from {least}")
    return f"{name}{least} – {most}" if least else labels.choose(f"{name}至多{most}", f"{name}up to {most}")


def mode_words(mode: str | None, labels: Labels) -> str:
    """How the money comes."""
    return silent(labels) if mode is None else term(FUNDING_MODES, mode, labels)


def material_entry(material: Material, labels: Labels) -> Entry:
    """A document that is handed in."""
    choose = labels.choose
    words = {name: term(tokens, getattr(material, name), labels) for name, tokens in MATERIALS.items()}
    number = str(material.min_count) + (
        choose("，可多份", ", more may be given") if material.multiple else ""
    )
    rows = [
        (choose("适用类别", "applies to"), names_of(material.categories, labels)),
        (choose("由谁、何时提供", "by whom, when"), f"{words['supplier']} · {words['when']}"),
        (choose("材料包、形式", "bundle, form"), f"{words['bundle']} · {words['form']}"),
        (choose("依据", "force"), words["force"]),
        (choose("至少份数", "at least"), number),
    ]
    if material.condition is not None:
        rows.append((choose("仅当", "only if"), say(material.condition, labels) or material.condition))
    if material.formats is not None or material.max_bytes is not None:
        limits = [*(material.formats or ()), *([f"{material.max_bytes:,} B"] if material.max_bytes else [])]
        rows.append((choose("格式与大小", "format and size"), ", ".join(limits)))
    return Entry(
        choose("材料", "material"), material.id, choose(material.name_zh, material.name_en), tuple(rows)
    )


def interpretation_entry(one: Interpretation, labels: Labels) -> Entry:
    """An open question of the wording with its readings, and who settled it."""
    choose = labels.choose
    rows = [(labels.choose("读法", "reading"), _reading(one, value.key, labels)) for value in one.values]
    if one.open is not None:
        rows.append(
            (
                choose("读法", "reading"),
                choose("可另定日期、时点或年份", "another date, instant or year may be set"),
            )
        )
    if one.confirmed is not None:
        chosen = labels.reading(one.id, one.confirmed.key)
        settled = f"{chosen} · {one.confirmed.by} · {one.confirmed.at}"
    elif one.mode == "apply":
        settled = choose("尚未确认，暂按默认执行", "not confirmed; the default applies")
    else:
        settled = choose(
            "尚未确认，结论不同时转人工", "not confirmed; where readings differ a person decides"
        )
    rows.append((choose("确认情况", "confirmed"), settled))
    return Entry(choose("解读口径", "interpretation"), one.id, one.question.in_(labels.lang), tuple(rows))


def _reading(one: Interpretation, key: str, labels: Labels) -> str:
    mark = labels.choose("（默认）", " (default)") if key == one.default_key else ""
    return labels.reading(one.id, key) + mark


def obligation_entry(one: Obligation, labels: Labels) -> Entry:
    """What stands after approval."""
    rows = ((labels.choose("期限", "due"), said(one.due, labels)),)
    return Entry(labels.choose("立项后义务", "obligation"), one.rule, one.text.in_(labels.lang), rows)


def paper_entry(paper: Paper, labels: Labels) -> Entry:
    """A paper that the system makes."""
    choose = labels.choose
    columns = [choose(one.zh, one.en) for one in (*paper.header, *(paper.columns or ()))]
    rows = [(choose("栏目", "columns"), choose("、", ", ").join(columns))] if columns else []
    if paper.copies is not None:
        rows.append((choose("份数", "copies"), str(paper.copies)))
    rows += [(choose("要求", "rule"), one.in_(labels.lang)) for one in paper.rules]
    return Entry(choose("生成文书", "paper"), paper.id, choose(paper.title_zh, paper.title_en), tuple(rows))


def own_entries(pack: Pack, labels: Labels) -> list[Entry]:
    """What rests on no clause: papers of the bureau's own."""
    return [paper_entry(one, labels) for one in pack.papers if one.clause is None]
