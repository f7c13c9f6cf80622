"""The summary of an impact, from what was counted."""

from collections import Counter
from typing import Any

from eligibility.impact.replay import Tally
from guide import Pack, load_pack


def summary(draft: str, tally: Tally, lang: str) -> dict[str, Any]:
    """As `SummaryLine` documents it."""
    pack = load_pack(draft)
    totals = tally.totals
    return {
        "type": "summary",
        "replayed": totals["replayed"],
        "changed": totals["changed"],
        "touched": totals["touched"],
        "not_judged": totals["not_judged"],
        "verdicts": _moves(tally.verdicts),
        "decisions": _moves(tally.decisions),
        "categories": _categories(tally.categories),
        "rules": [
            {"rule": rule, "before": before, "after": after, "count": count}
            for (rule, before, after), count in sorted(
                tally.rules.items(), key=lambda one: (-one[1], one[0][0], str(one[0][1:]))
            )
        ],
        "clauses": _clauses(pack, {rule for rule, _, _ in tally.rules}, lang),
        "missing": [
            {"fact": name, "label": pack.facts[name.partition("[]")[0]].label(lang), "count": count}
            for name, count in sorted(tally.missing.items(), key=lambda one: (-one[1], one[0]))
        ],
    }


def _moves(counted: Counter[tuple[str, str]]) -> list[dict[str, Any]]:
    return [
        {"before": before, "after": after, "count": count}
        for (before, after), count in sorted(counted.items())
    ]


def _categories(counted: Counter[tuple[str, str]]) -> list[dict[str, Any]]:
    names = sorted({category for category, _ in counted})
    kinds = ("replayed", "changed", "not_judged")
    return [{"category": name, **{kind: counted[name, kind] for kind in kinds}} for name in names]


def _clauses(pack: Pack, rules: set[str], lang: str) -> list[dict[str, Any]]:
    """In the order of the pack; a rule that is gone has none."""
    return [
        {
            "rule": rule.id,
            "title": rule.title_en if lang == "en" else rule.title_zh,
            "clause": pack.clauses[rule.clause].model_dump(mode="json"),
        }
        for rule in pack.rules.values()
        if rule.id in rules
    ]
