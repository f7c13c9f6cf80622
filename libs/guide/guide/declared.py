"""The facts that a pack declares: as callers see them, and in what shape they may be sent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from guide.dictionary import KnownFact, Names, dictionary, why_refused
from guide.model.document import Document
from guide.shapes import Shape
from guide.views import Choice, FactDef, QuotaRow

Choices = Mapping[str, tuple[Choice, ...]]
"""Tokens with labels by the id of their enumeration."""


def choices_of(document: Document, rows: Iterable[QuotaRow]) -> Choices:
    """The pack's enumerations; its topics and quota rows are such, too."""
    choices = {
        one.id: tuple(Choice(token.token, token.zh, token.en) for token in one.tokens)
        for one in document.enumerations
    }
    topics = (Choice(topic.id, topic.name_zh, topic.name_en) for topic in document.topics)
    choices["topics"] = (*topics, Choice("other", "其他", "other"))
    places = (Choice(row.id, row.unit_zh, row.unit_en) for row in rows)
    choices["quota_rows"] = (*places, Choice("none", "无对应名额行", "no row"))
    return choices


def fact_defs(
    document: Document, choices: Choices, rule_facts: Mapping[str, tuple[str, ...]]
) -> dict[str, FactDef]:
    """The facts by name, with the rules that read them."""
    readers: dict[str, list[str]] = {}
    for rule, facts in rule_facts.items():
        for fact in facts:
            readers.setdefault(fact, []).append(rule)
    return {
        spec.name: FactDef(
            spec.name,
            spec.type,
            spec.unit or ("yuan" if spec.type == "money" else None),
            spec.owner,
            tuple(choice.token for choice in choices[spec.enum]) if spec.enum else None,
            choices[spec.enum] if spec.enum else None,
            spec.label_zh,
            spec.label_en,
            tuple(readers.get(spec.name, ())),
        )
        for spec in document.facts
    }


def declared_names(document: Document, choices: Choices) -> Names:
    """What may be sent under the declared names, and which of them nobody may send."""
    tokens = {name: frozenset(choice.token for choice in some) for name, some in choices.items()}
    shapes: dict[str, Shape] = {}
    refused: dict[str, str] = {}
    for spec in document.facts:
        keys = {key.key: Shape(key.type, tokens[key.enum] if key.enum else None) for key in spec.record}
        known = dictionary().names.shapes.get(spec.name)
        shapes[spec.name] = Shape(
            spec.type,
            tokens[spec.enum] if spec.enum else None,
            re.compile(spec.pattern) if spec.pattern is not None else None,
            keys or (known.keys if known else None),
            known.range if known else None,
            nullable=known.nullable if known else False,
        )
        reason = why_refused(KnownFact(spec.name, spec.type, spec.owner, spec.derived))
        if reason is not None:
            refused[spec.name] = reason
    return Names(shapes, refused)
