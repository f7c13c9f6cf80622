"""Lines of a report: findings, facts and decisions with labels in place of names."""

from collections.abc import Mapping
from typing import Any

from eligibility.reports.schemas import (
    ClauseLine,
    DecisionLine,
    FactLine,
    FindingLine,
    GapLine,
    InterpretationLine,
    Named,
    ReadingLine,
    StatedLine,
)
from eligibility.reports.values import Reader
from eligibility.reports.words import EFFECTS, OUTCOMES, STAGES, STRENGTHS, named, source
from guide import Finding

Json = Mapping[str, Any]


def finding_line(reader: Reader, said: Json, spoken: Finding) -> FindingLine:
    """One finding.

    Args:
        said: the finding as it was answered or stored; it decides.
        spoken: the same, judged again in the report's language: only its words are used.
    """
    lang, rule = reader.lang, reader.pack.rules[said["rule"]]
    same = said["outcome"] == spoken.outcome
    away = {fact["name"] for fact in said["facts_used"] if fact["source"] == "unavailable"}
    gap = said["gap"]
    return FindingLine(
        rule=rule.id,
        title=reader.of(rule.title_zh, rule.title_en),
        outcome=named(OUTCOMES, said["outcome"], lang),
        effect=named(EFFECTS, said["effect"], lang),
        strength=named(STRENGTHS, said["strength"], lang),
        due=named(STAGES, said["due"], lang),
        part_of=said["part_of"],
        clause=_clause(reader, said["clause"]),
        remedy=spoken.remedy if same else said["remedy"],
        gap=GapLine(fact=name_of(reader, gap["fact"]), value=gap["value"], unit=gap["unit"]) if gap else None,
        notes=[reader.of(note.zh, note.en) for note in spoken.notes] if same else [],
        missing=[name_of(reader, name) for name in said["missing"] if name not in away],
        unavailable=[name_of(reader, name) for name in sorted(away)],
        interpretations=[_interpretation(reader, one) for one in said["interpretations"]],
        decision=_decision(reader, said["decision"]) if said.get("decision") else None,
        facts=[fact["name"] for fact in said["facts_used"]],
    )


def fact_line(reader: Reader, used: Json, revision: str | int | None) -> FactLine:
    """A fact that a finding used, with its owner's revision."""
    return FactLine(
        name=used["name"],
        label=reader.label(used["name"]),
        value=used["value"],
        text=reader.text(used["name"], used["value"]),
        source=Named(code=used["source"], label=source(used["source"], reader.lang)),
        at=reader.here(used["at"]),
        revision=revision,
    )


def name_of(reader: Reader, name: str) -> Named:
    """A fact's name with its label; of `prefix.*` the prefix."""
    return Named(code=name, label=reader.label(name))


def _clause(reader: Reader, clause: Json) -> ClauseLine:
    document = reader.pack.sources.get(clause["document"])
    return ClauseLine(
        id=clause["id"],
        document=reader.of(document.title_zh, document.title_en) if document else clause["document"],
        section=clause["section"],
        lines=clause["lines"],
        text=reader.of(clause["text_zh"], clause["text_en"]),
    )


def _interpretation(reader: Reader, turned_on: Json) -> InterpretationLine:
    known = reader.pack.interpretations[turned_on["id"]]
    texts = {value.key: reader.of(value.text.zh, value.text.en) for value in known.values}
    value = turned_on["value"]
    return InterpretationLine(
        id=known.id,
        question=reader.of(known.question.zh, known.question.en),
        value=value,
        text=texts.get(value, value) if value is not None else None,
        confirmed=turned_on["confirmed"],
        readings=[
            ReadingLine(value=key, text=texts.get(key, key), outcome=named(OUTCOMES, outcome, reader.lang))
            for key, outcome in turned_on["readings"].items()
        ],
    )


def _decision(reader: Reader, decided: Json) -> DecisionLine:
    at = reader.here(decided["at"])
    if at is None:
        raise ValueError("a decision without an instant")
    return DecisionLine(
        id=decided.get("id"),
        outcome=named(OUTCOMES, decided["outcome"], reader.lang) if decided.get("outcome") else None,
        facts=[
            StatedLine(name=name, label=reader.label(name), text=reader.text(name, value))
            for name, value in (decided.get("facts") or {}).items()
        ],
        reason=decided["reason"],
        evidence=decided.get("evidence") or [],
        by=decided["by"],
        at=at,
    )
