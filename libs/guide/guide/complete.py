"""What a pack leaves to the dictionary: the facts that it names without declaring them, and their words."""

from __future__ import annotations

from collections.abc import Iterator

from guide.constructs import Construct
from guide.constructs.evidence import array_of
from guide.dictionary import dictionary
from guide.expressions import named_in
from guide.model.document import Document
from guide.model.facts import Enumeration, EnumToken, FactSpec
from guide.model.rules import EffectCases, Rule


def completed(document: Document) -> Document:
    """The document with every fact of the dictionary that something in it names, and every enumeration that a
    fact of it has; what the pack declares itself stands first, as it is."""
    known = dictionary()
    declared = {fact.name for fact in document.facts}
    used = {array_of(name) for name in _named(document)}
    implied = tuple(
        FactSpec.of(fact) for name, fact in known.declarable.items() if name in used and name not in declared
    )
    facts = (*document.facts, *implied)
    own = {one.id for one in document.enumerations}
    wanted = {fact.enum for fact in facts if fact.enum is not None}
    wanted |= {key.enum for fact in facts for key in fact.record if key.enum is not None}
    words = tuple(
        Enumeration(
            id=name, tokens=tuple(EnumToken(token=token, zh=zh, en=en) for token, (zh, en) in tokens.items())
        )
        for name, tokens in known.enumerations.items()
        if name in wanted and name not in own
    )
    return document.model_copy(update={"facts": facts, "enumerations": (*document.enumerations, *words)})


def _named(document: Document) -> Iterator[str]:
    for rule in document.rules:
        yield from _named_by(rule)
    for material in document.materials:
        yield from material.gives
        if material.fact is not None:
            yield material.fact
        yield from named_in(material.condition)
    for group in (*document.profile, *document.forms):
        for field in group.fields:
            yield field.fact
            yield from named_in(field.condition)
    for route in document.routing.routes:
        yield from named_in(route.when)
    yield from document.given


def _named_by(rule: Rule) -> Iterator[str]:
    yield from rule.cites
    for root in (rule.guard, rule.require):
        if root is not None:
            yield from _named_in_node(root)
    if isinstance(rule.effect, EffectCases):
        for case in rule.effect.cases:
            yield from named_in(case.when)
    for remedy in rule.remedies:
        yield from named_in(remedy.when)
        if remedy.gap is not None:
            yield remedy.gap.fact
            yield from named_in(remedy.gap.value)


def _named_in_node(root: Construct) -> Iterator[str]:
    for _, node in root.walk():
        for _, expression in node.conditions():
            yield from named_in(expression)
        for _, expression, _ in node.terms():
            yield from named_in(expression)
        for _, fact in node.facts():
            yield fact
