"""How an assessment differs from the one before it, and by which facts."""

from typing import Any

from eligibility.assessments.models import Assessment
from eligibility.reports.schemas import ChangedFact, ChangeLine, Named, Since
from eligibility.reports.values import Reader
from eligibility.reports.words import OUTCOMES, STAGES, VERDICTS, named, source

Json = dict[str, Any]


def since(reader: Reader, earlier: Assessment, taken: Assessment) -> Since:
    """Rules of both whose outcome is another one now; they are of the same pack, or of a later version."""
    before = {one["rule"]: one for one in earlier.findings}
    changed = [
        (before[one["rule"]], one)
        for one in taken.findings
        if one["rule"] in before and before[one["rule"]]["outcome"] != one["outcome"]
    ]
    return Since(
        assessment_id=earlier.id,
        stage=named(STAGES, earlier.stage, reader.lang),
        as_of=earlier.as_of.astimezone(reader.zone),
        eligible=named(VERDICTS, earlier.eligible, reader.lang),
        changes=[_change(reader, old, new) for old, new in changed],
    )


def _change(reader: Reader, old: Json, new: Json) -> ChangeLine:
    rule = reader.pack.rules[new["rule"]]
    return ChangeLine(
        rule=rule.id,
        title=reader.of(rule.title_zh, rule.title_en),
        before=named(OUTCOMES, old["outcome"], reader.lang),
        after=named(OUTCOMES, new["outcome"], reader.lang),
        facts=_facts(reader, old, new),
        decided=new.get("decision") is not None and new.get("decision") != old.get("decision"),
    )


def _facts(reader: Reader, old: Json, new: Json) -> list[ChangedFact]:
    before = {fact["name"]: fact for fact in old["facts_used"]}
    after = {fact["name"]: fact for fact in new["facts_used"]}
    lines = []
    for name in before | after:
        then, now = before.get(name), after.get(name)
        if _stated(then) == _stated(now):
            continue
        last = now or then or {}
        lines.append(
            ChangedFact(
                name=name,
                label=reader.label(name),
                before=_text(reader, then),
                after=_text(reader, now),
                source=Named(code=last["source"], label=source(last["source"], reader.lang)),
                at=reader.here(last["at"]),
            )
        )
    return lines


def _stated(fact: Json | None) -> tuple[Any, bool]:
    return (fact["value"], fact["source"] == "unavailable") if fact is not None else (None, False)


def _text(reader: Reader, fact: Json | None) -> str | None:
    if fact is None:
        return None
    if fact["source"] == "unavailable":
        return source("unavailable", reader.lang)
    return reader.text(fact["name"], fact["value"])
