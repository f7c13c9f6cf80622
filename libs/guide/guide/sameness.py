"""What cannot have changed from one version to another: to replay no more than may have."""

from __future__ import annotations

from typing import Any

from guide.model.document import Document
from guide.model.rules import Rule
from guide.pack import FIELD, Pack

_AROUND = ("topics", "given", "quota_blocks", "quota_mapping", "interpretations")
"""Sections that a judge may read beside the facts."""


def same_rules(old: Pack, new: Pack, category: str) -> frozenset[str]:
    """Ids of the rules of a category that give the same outcome under both versions, whatever the facts.

    A rule counts only if what it asks and everything around it that it may read is word for word the same;
    texts, clauses, effects and remedies do not change an outcome. KeyError where `new` lacks the category.
    """
    if not old.is_leaf(category) or not _same_around(old, new, category):
        return frozenset()
    before = {rule.id: rule for rule in old.rules_for(category)}
    specs, specs_before = _specs(new.document), _specs(old.document)
    return frozenset(
        rule.id
        for rule in new.rules_for(category)
        if rule.id in before
        and _asks(rule) == _asks(before[rule.id])
        and old.rule_facts[rule.id] == new.rule_facts[rule.id]
        and all(specs_before.get(fact) == specs.get(fact) for fact in new.rule_facts[rule.id])
    )


def refitted_facts(old: Pack, new: Pack, category: str) -> frozenset[str]:
    """Facts whose values `new` may refuse in a category although `old` took them. KeyError where one of them
    lacks the category."""
    before, after = old.names, new.names
    names = {
        name
        for name in before.shapes.keys() | after.shapes.keys()
        if before.shapes.get(name) != after.shapes.get(name)
        or before.refused.get(name) != after.refused.get(name)
    }
    if old.fields_of(category) != new.fields_of(category):
        names.add(FIELD)
    if old.quota_rows != new.quota_rows:
        names |= {"quota.row", "quota.limit"}
    return frozenset(names)


def _same_around(old: Pack, new: Pack, category: str) -> bool:
    return (
        old.call.window == new.call.window
        and old.call.zone == new.call.zone
        and old.call.year == new.call.year
        and old.call.renamed_places == new.call.renamed_places
        and old.leaf(category) == new.leaf(category)
        and old.constants[category] == new.constants[category]
        and all(getattr(old.document, name) == getattr(new.document, name) for name in _AROUND)
    )


def _asks(rule: Rule) -> tuple[Any, ...]:
    return rule.guard, rule.require, rule.from_stage


def _specs(document: Document) -> dict[str, Any]:
    return {fact.name: fact for fact in document.facts}
