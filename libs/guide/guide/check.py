"""Checks of a pack that its schema cannot say: references, expressions, sums, routes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from pydantic import BaseModel

from guide.check_declared import check_declared
from guide.check_rules import Found, check_expression, check_rules
from guide.constructs import Construct
from guide.errors import Problem
from guide.expressions import Programs
from guide.model.document import Document


def check_document(document: Document, programs: Programs) -> list[Problem]:
    """Every problem found; an empty list means that the pack may be used."""
    checks: list[Callable[[], Found]] = [
        lambda: _twice(document),
        lambda: _clause_references(document),
        lambda: _own_clauses(document),
        lambda: check_declared(document),
        lambda: _categories(document),
        lambda: check_rules(document, programs),
        lambda: _quota(document),
        lambda: _office(document, programs),
        lambda: _forms(document, programs),
        lambda: _routing(document, programs),
        lambda: _aliases(document),
    ]
    return [problem for check in checks for problem in check()]


def _twice(document: Document) -> Found:
    lists: list[tuple[str, list[str]]] = [
        ("/sources", [one.id for one in document.sources]),
        ("/clauses", [one.id for one in document.clauses]),
        ("/categories", [one.id for one in document.categories]),
        ("/topics", [one.id for one in document.topics]),
        ("/enumerations", [one.id for one in document.enumerations]),
        ("/facts", [one.name for one in document.facts]),
        ("/interpretations", [one.id for one in document.interpretations]),
        ("/rules", [one.id for one in document.rules]),
        ("/quota_blocks", [one.category for one in document.quota_blocks or ()]),
        ("/materials", [one.id for one in document.materials]),
        ("/profile", [one.id for one in document.profile]),
        ("/forms", [one.id for one in document.forms]),
        ("/routing/offices", [one.id for one in document.routing.offices]),
        ("/papers", [one.id for one in document.papers]),
        ("/life_cycle/steps", [one.id for one in document.life_cycle.steps]),
    ]
    lists += [
        (f"/enumerations/{index}/tokens", [one.token for one in enumeration.tokens])
        for index, enumeration in enumerate(document.enumerations)
    ]
    lists += [
        (f"/quota_blocks/{index}/rows", [row.token for row in block.rows])
        for index, block in enumerate(document.quota_blocks or ())
    ]
    for pointer, ids in lists:
        seen: Counter[str] = Counter()
        for index, one in enumerate(ids):
            seen[one] += 1
            if seen[one] == 2:
                yield Problem(f"{pointer}/{index}", f"the id {one!r} stands twice")


def _clause_references(document: Document) -> Found:
    known = {clause.id for clause in document.clauses}
    sources = {source.id for source in document.sources}
    for index, clause in enumerate(document.clauses):
        if clause.document not in sources:
            yield Problem(f"/clauses/{index}/document", f"no source {clause.document!r}")
    for pointer, model in _models(document, ""):
        cited = getattr(model, "clause", None)
        if isinstance(cited, str) and cited not in known:
            yield Problem(f"{pointer}/clause", f"no clause {cited!r}")


def _own_clauses(document: Document) -> Found:
    """Clauses that a category has under a name, for the rules of many categories that cite it there."""
    known = {clause.id for clause in document.clauses}
    own = {category.id: category.clauses for category in document.categories}
    for index, category in enumerate(document.categories):
        for name, cited in category.clauses.items():
            if cited not in known:
                yield Problem(f"/categories/{index}/clauses/{name}", f"no clause {cited!r}")
    for index, rule in enumerate(document.rules):
        for one in rule.applies if rule.clause_of is not None else ():
            if rule.clause_of not in own.get(one, {}):
                yield Problem(f"/rules/{index}/clause_of", f"{one} has no clause {rule.clause_of!r}")


def _models(value: Any, pointer: str) -> Iterator[tuple[str, BaseModel]]:
    if isinstance(value, Construct):
        return
    if isinstance(value, BaseModel):
        yield pointer, value
        for name in type(value).model_fields:
            yield from _models(getattr(value, name), f"{pointer}/{name}")
    elif isinstance(value, tuple):
        for index, one in enumerate(value):
            yield from _models(one, f"{pointer}/{index}")


def _categories(document: Document) -> Found:
    ids = {one.id for one in document.categories}
    leaves = {one.id for one in document.categories if one.selectable}
    parents = {one.parent for one in document.categories}
    for index, category in enumerate(document.categories):
        if category.parent is not None and category.parent not in ids:
            yield Problem(f"/categories/{index}/parent", f"no category {category.parent!r}")
        if category.selectable and category.id in parents:
            yield Problem(f"/categories/{index}", "a category with children cannot be selected")
    listed: list[tuple[str, Iterable[str]]] = [
        (f"/rules/{index}/applies", rule.applies) for index, rule in enumerate(document.rules)
    ]
    listed += [(f"/materials/{i}/categories", one.categories) for i, one in enumerate(document.materials)]
    listed += [(f"/forms/{i}/categories", one.categories) for i, one in enumerate(document.forms)]
    listed += [
        (f"/routing/routes/{i}/categories", r.categories) for i, r in enumerate(document.routing.routes)
    ]
    listed += [
        (f"/life_cycle/steps/{i}/categories", one.categories)
        for i, one in enumerate(document.life_cycle.steps)
    ]
    for pointer, named in listed:
        for inner, one in enumerate(named):
            if one not in leaves:
                yield Problem(f"{pointer}/{inner}", f"{one!r} is no selectable category")


def _quota(document: Document) -> Found:
    leaves = {one.id for one in document.categories if one.selectable}
    rows = {(block.category, row.token) for block in document.quota_blocks or () for row in block.rows}
    for index, block in enumerate(document.quota_blocks or ()):
        total = sum(row.limit for row in block.rows)
        if total != block.total:
            yield Problem(f"/quota_blocks/{index}", f"the rows sum to {total}, the block says {block.total}")
        if block.category not in leaves:
            yield Problem(f"/quota_blocks/{index}/category", f"{block.category!r} is no selectable category")
    known = {one.id for one in document.interpretations}
    for index, mapping in enumerate(document.quota_mapping):
        for inner, category in enumerate(mapping.categories):
            if (category, mapping.row) not in rows:
                yield Problem(
                    f"/quota_mapping/{index}/categories/{inner}", f"no row {category}/{mapping.row}"
                )
        if mapping.interpretation is not None and mapping.interpretation not in known:
            yield Problem(f"/quota_mapping/{index}", f"no interpretation {mapping.interpretation!r}")


def _office(document: Document, programs: Programs) -> Found:
    types = {fact.name: fact.type for fact in document.facts}
    rules = {rule.id for rule in document.rules}
    for index, material in enumerate(document.materials):
        pointer = f"/materials/{index}"
        if material.fact is not None and types.get(material.fact) != "file":
            yield Problem(f"{pointer}/fact", f"{material.fact!r} is no file fact")
        yield from (
            Problem(f"{pointer}/gives/{inner}", f"unknown fact {fact!r}")
            for inner, fact in enumerate(material.gives)
            if fact not in types
        )
        if material.condition is not None:
            yield from check_expression(programs, material.condition, "BOOL", f"{pointer}/condition")
    for index, obligation in enumerate(document.obligations):
        if obligation.rule not in rules:
            yield Problem(f"/obligations/{index}/rule", f"no rule {obligation.rule!r}")


def _forms(document: Document, programs: Programs) -> Found:
    types = {fact.name: fact.type for fact in document.facts}
    for section, groups in (("profile", document.profile), ("forms", document.forms)):
        for index, group in enumerate(groups):
            for inner, field in enumerate(group.fields):
                pointer = f"/{section}/{index}/fields/{inner}"
                if field.fact not in types:
                    yield Problem(f"{pointer}/fact", f"unknown fact {field.fact!r}")
                if field.condition is not None:
                    yield from check_expression(programs, field.condition, "BOOL", f"{pointer}/condition")


def _routing(document: Document, programs: Programs) -> Found:
    offices = {office.id for office in document.routing.offices}
    routed = {category for route in document.routing.routes for category in route.categories}
    if document.routing.enquiries is not None and document.routing.enquiries not in offices:
        yield Problem("/routing/enquiries", f"no office {document.routing.enquiries!r}")
    for index, route in enumerate(document.routing.routes):
        if route.office not in offices:
            yield Problem(f"/routing/routes/{index}/office", f"no office {route.office!r}")
        if route.when is not None:
            yield from check_expression(programs, route.when, "BOOL", f"/routing/routes/{index}/when")
    for index, category in enumerate(document.categories):
        if category.selectable and not category.manual_route and category.id not in routed:
            yield Problem(
                f"/categories/{index}", f"{category.id} has no route and is not marked manual_route"
            )


def _aliases(document: Document) -> Found:
    known = {category.id for category in document.categories} | {topic.id for topic in document.topics}
    known |= {office.id for office in document.routing.offices}
    known |= {token.token for enumeration in document.enumerations for token in enumeration.tokens}
    for index, alias in enumerate(document.aliases):
        if alias.means not in known:
            yield Problem(f"/aliases/{index}/means", f"the alias {alias.word!r} points nowhere")
