"""Checks of a pack's rules: expressions, facts, interpretations, tokens."""

from __future__ import annotations

from collections.abc import Iterator

from guide.constructs import Construct
from guide.constructs.evidence import array_of
from guide.constructs.lists import Count, Exists, Forall, Sum
from guide.constructs.logic import OtherRule, Same
from guide.constructs.readings import WithReading
from guide.constructs.tables import Table
from guide.constructs.text import Absent
from guide.errors import Problem
from guide.expressions import Programs
from guide.model.document import Document
from guide.model.rules import EffectCases, Rule

Found = Iterator[Problem]
_GAP = ("INT", "STRING")  # a decimal distance is text


def check_rules(document: Document, programs: Programs) -> Found:
    facts = {fact.name for fact in document.facts}
    ids = {rule.id for rule in document.rules}
    for index, rule in enumerate(document.rules):
        pointer = f"/rules/{index}"
        if rule.part_of is not None and rule.part_of not in ids:
            yield Problem(f"{pointer}/part_of", f"no rule {rule.part_of!r}")
        for name, root in (("guard", rule.guard), ("require", rule.require)):
            if root is not None:
                yield from _node(document, programs, facts, root, f"{pointer}/{name}")
        for inner, fact in enumerate(rule.cites):
            if fact not in facts:
                yield Problem(f"{pointer}/cites/{inner}", f"unknown fact {fact!r}")
        yield from _rule_expressions(rule, programs, facts, pointer)


def _rule_expressions(rule: Rule, programs: Programs, facts: set[str], pointer: str) -> Found:
    if isinstance(rule.effect, EffectCases):
        for index, one in enumerate(rule.effect.cases):
            yield from check_expression(programs, one.when, "BOOL", f"{pointer}/effect/cases/{index}/when")
    for index, remedy in enumerate(rule.remedies):
        here = f"{pointer}/remedies/{index}"
        if remedy.when is not None:
            yield from check_expression(programs, remedy.when, "BOOL", f"{here}/when")
        if remedy.gap is not None:
            yield from check_expression(programs, remedy.gap.value, _GAP, f"{here}/gap/value")
            if remedy.gap.fact not in facts:
                yield Problem(f"{here}/gap/fact", f"unknown fact {remedy.gap.fact!r}")
        if (remedy.gap is None) == ("{gap}" in remedy.zh) or (remedy.gap is None) == ("{gap}" in remedy.en):
            yield Problem(here, "{gap} stands in both texts exactly if there is a gap")


def _node(document: Document, programs: Programs, facts: set[str], root: Construct, pointer: str) -> Found:
    for path, node in root.walk(pointer):
        for inner, expression in node.conditions():
            yield from check_expression(programs, expression, "BOOL", path + inner)
        for inner, expression, kind in node.terms():
            yield from check_expression(programs, expression, kind, path + inner)
        for inner, fact in node.facts():
            if array_of(fact) not in facts:
                yield Problem(path + inner, f"unknown fact {fact!r}")
        if isinstance(node, Same | OtherRule):
            word, name = next(iter(node))
            yield Problem(f"{path}/{word}", f"{name!r} names nothing, or itself")
        yield from _readings(document, node, path)
        yield from _fact_types(document, node, path)


def check_expression(programs: Programs, text: str, kind: str | tuple[str, ...], pointer: str) -> Found:
    try:
        result = programs[text].result
    except ValueError as error:
        yield Problem(pointer, f"the expression does not compile or names an unknown fact: {error}")
        return
    kinds = (kind,) if isinstance(kind, str) else kind
    if result not in kinds:
        yield Problem(pointer, f"the expression gives {result}, not {' or '.join(kinds)}")


def _readings(document: Document, node: Construct, path: str) -> Found:
    named = node.interpretation()
    if named is None:
        return
    inner, name, covered = named
    known = {one.id: one for one in document.interpretations}.get(name)
    if known is None:
        yield Problem(path + inner, f"no interpretation {name!r}")
        return
    uncovered = known.keys - covered if "*" not in covered else frozenset()
    strange = covered - known.keys - {"*"}
    if uncovered or strange:
        yield Problem(path + inner, f"cases and values differ: {', '.join(sorted(uncovered | strange))}")
    if known.open is not None and "*" not in covered:
        yield Problem(path + inner, f"{name} may have any {known.open}: a case `open` is needed")


def _fact_types(document: Document, node: Construct, path: str) -> Found:
    types = {fact.name: fact.type for fact in document.facts}
    wanted: list[tuple[str, str, str]] = []
    if isinstance(node, Absent):
        wanted = [(inner, fact, "list<text>") for inner, fact in node.facts()]
    elif isinstance(node, Exists | Forall | Count | Sum):
        wanted = [(inner, fact, "list<re") for inner, fact in node.facts()]
    elif isinstance(node, WithReading):
        wanted = [(inner, fact, "date") for inner, fact in node.facts()]
    elif isinstance(node, Table):
        wanted = [("/table/fact", node.table.fact, "enum")]
        yield from _tokens(document, node, path)
    for inner, fact, kind in wanted:
        if fact in types and not types[fact].startswith(kind):
            yield Problem(path + inner, f"{fact} is {types[fact]}, not {kind}")


def _tokens(document: Document, node: Table, path: str) -> Found:
    enums = {fact.name: fact.enum for fact in document.facts}
    tokens = {one.id: {token.token for token in one.tokens} for one in document.enumerations}
    allowed = tokens.get(enums.get(node.table.fact) or "")
    for token in node.table.cases:
        if allowed is not None and token not in allowed:
            yield Problem(f"{path}/table/cases/{token}", f"{token!r} is no token of {node.table.fact}")
