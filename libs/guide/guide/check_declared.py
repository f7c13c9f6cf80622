"""Checks of the facts that a pack declares: dictionary, enumerations, who supplies them."""

from __future__ import annotations

from collections.abc import Iterator

from guide.constructs.readings import WithReading
from guide.dictionary import KnownFact, dictionary
from guide.errors import Problem, escape
from guide.model.document import Document
from guide.model.facts import FactSpec
from guide.nesting import prefixes
from guide.shapes import Shape, value_problems
from guide.supplied import SUPPLIED
from guide.words import Owner

PACK_ENUMS = frozenset({"topics", "quota_rows"})

Found = Iterator[Problem]


def check_declared(document: Document) -> Found:
    """A fact has one name, one type and one owner in all guides; a pack says which of its facts are new."""
    known = dictionary().declarable
    for index, fact in enumerate(document.facts):
        pointer = f"/facts/{index}"
        row = known.get(fact.name)
        if row is not None:
            yield from _like_the_dictionary(fact, row, pointer)
        else:
            yield from _new(fact, pointer)
    yield from _enumerations(document)
    yield from _supplied(document)


def _like_the_dictionary(fact: FactSpec, row: KnownFact, pointer: str) -> Found:
    if fact.extension:
        yield Problem(f"{pointer}/extension", f"{fact.name} stands in the dictionary and is no extension")
    if fact.type != row.type:
        yield Problem(f"{pointer}/type", f"{fact.name} is {row.type} in the dictionary, not {fact.type}")
    if fact.owner is not row.owner:
        yield Problem(f"{pointer}/owner", f"{fact.name} is owned by {row.owner}, not by {fact.owner}")


def _new(fact: FactSpec, pointer: str) -> Found:
    """A name without a row: an array whose keys have rows (of several owners), or an extension."""
    names = dictionary().names
    if fact.name in names.shapes:
        kind = names.shapes[fact.name].type
        if fact.type != kind:
            yield Problem(f"{pointer}/type", f"{fact.name} is {kind} in the dictionary, not {fact.type}")
    elif fact.name in names.groups or not names.shapes.keys().isdisjoint(prefixes(fact.name)):
        yield Problem(f"{pointer}/name", f"{fact.name} collides with a name of the dictionary")
    elif not fact.extension:
        yield Problem(f"{pointer}/name", f"{fact.name} is not in the dictionary and is not marked extension")


def _enumerations(document: Document) -> Found:
    known = {one.id for one in document.enumerations} | PACK_ENUMS
    for index, fact in enumerate(document.facts):
        pointer = f"/facts/{index}"
        if fact.type in {"enum", "set<enum>"} and fact.enum is None:
            yield Problem(pointer, "an enum fact names its enumeration")
        if fact.enum is not None and fact.enum not in known:
            yield Problem(f"{pointer}/enum", f"no enumeration {fact.enum!r}")
        for inner, key in enumerate(fact.record):
            if (key.type == "enum") != (key.enum is not None) or (key.enum and key.enum not in known):
                yield Problem(
                    f"{pointer}/record/{inner}", "an enum key names a known enumeration, others none"
                )


def _supplied(document: Document) -> Found:
    bound = {
        node.with_reading.fact
        for rule in document.rules
        for _, node in rule.require.walk()
        if isinstance(node, WithReading)
    }
    declared = {fact.name: fact for fact in document.facts}
    for name, value in document.given.items():
        spec = declared.get(name)
        if spec is None or spec.owner is not Owner.call or name in SUPPLIED:
            yield Problem(f"/given/{escape(name)}", f"{name} is no fact that the guide itself can give")
        else:
            yield from value_problems(Shape(spec.type), value, f"/given/{escape(name)}")
    for index, fact in enumerate(document.facts):
        if fact.owner is Owner.call and fact.name not in SUPPLIED | bound | document.given.keys():
            yield Problem(
                f"/facts/{index}", f"{fact.name} belongs to the guide, but nothing here supplies it"
            )
