"""What changed between two versions of a guide, clause by clause."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from pydantic import BaseModel

from guide.dictionary import dictionary
from guide.model.call import Clause
from guide.model.document import Document
from guide.model.facts import FactSpec
from guide.pack import Pack

_WITH_AN_ID = ("categories", "topics", "interpretations", "rules", "materials", "papers", "profile", "forms")
_WITH_PARTS = frozenset({"window", "channels", "goals"})  # of the call, listed by themselves


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that was added, removed or changed.

    `section` and `id` say where it stands in the pack. `before` and `after` are JSON values by field name: of
    a change the fields that differ, of what was added or removed everything that it says (null on the other
    side).
    """

    section: str
    id: str
    kind: Literal["added", "removed", "changed"]
    title: str | None
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class ClauseChanges:
    """What changed at one clause; `clause` is None for what cites none. A thing that moved to another clause
    stands at the new one."""

    clause: Clause | None
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Diff:
    """The changes in the order of the new version's clauses; then clauses that it no longer has, then what
    cites no clause."""

    guide: tuple[str, str]
    version: tuple[str, str]
    clauses: tuple[ClauseChanges, ...]

    def as_dict(self) -> dict[str, Any]:
        """JSON form."""
        return {
            "guide": list(self.guide),
            "version": list(self.version),
            "clauses": [
                {
                    "clause": one.clause and one.clause.model_dump(mode="json"),
                    "changes": [asdict(change) for change in one.changes],
                }
                for one in self.clauses
            ],
        }


@dataclass(frozen=True, slots=True)
class _Entry:
    clause: str | None
    title: str | None
    fields: Mapping[str, Any]


_Entries = Mapping[tuple[str, str], _Entry]


def diff(old: Pack, new: Pack) -> Diff:
    """What `new` says that `old` does not, and the reverse.

    Compared is what the packs mean: layout, comments, written-out defaults and the order of things that have
    ids are no difference, and a shared condition shows in each rule that has it.
    """
    by_clause: dict[str | None, list[Change]] = {}
    for cited, change in _changes(_entries(old.document), _entries(new.document)):
        by_clause.setdefault(cited, []).append(change)
    known: dict[str, Clause] = {**old.clauses, **new.clauses}
    order = (*new.clauses, *(one for one in old.clauses if one not in new.clauses), None)
    clauses = tuple(
        ClauseChanges(known[one] if one is not None else None, tuple(by_clause[one]))
        for one in order
        if one in by_clause
    )
    return Diff((old.id, new.id), (old.version, new.version), clauses)


def _changes(before: _Entries, after: _Entries) -> Iterator[tuple[str | None, Change]]:
    """(clause, change)."""
    for key, entry in after.items():
        if key not in before:
            yield entry.clause, Change(*key, "added", entry.title, None, entry.fields)
        elif before[key].fields != entry.fields:
            old, new = before[key].fields, entry.fields
            differ = [name for name in dict.fromkeys((*old, *new)) if old.get(name) != new.get(name)]
            sides = ({name: side.get(name) for name in differ} for side in (old, new))
            yield entry.clause, Change(*key, "changed", entry.title, *sides)
    for key, entry in before.items():
        if key not in after:
            yield entry.clause, Change(*key, "removed", entry.title, entry.fields, None)


def _entries(document: Document) -> _Entries:
    """Everything that a pack says, in entries that can be compared."""
    return {(section, name): entry for section, name, entry in _all(document)}


_Found = Iterator[tuple[str, str, _Entry]]


def _all(document: Document) -> _Found:
    for clause in document.clauses:
        yield "clauses", clause.id, _entry(clause, clause.id)
    yield from _call(document)
    for section in _WITH_AN_ID:
        for one in getattr(document, section):
            yield section, one.id, _entry(one)
    yield from _places(document)
    yield from _routing(document)
    yield from _obligations_and_life(document)
    yield from _words(document)


def _call(document: Document) -> _Found:
    call = document.call
    said = {"id": document.id, **call.model_dump(mode="json", exclude=set(_WITH_PARTS))}
    yield "call", "call", _Entry(None, call.title_zh, said)
    if call.window is not None:
        yield "call", "window", _entry(call.window)
    for channel in call.channels:
        yield "call", channel.token, _entry(channel)
    for number, goal in enumerate(call.goals, 1):
        yield "call", f"goal {number}", _entry(goal)
    for source in document.sources:
        yield "sources", source.id, _entry(source)


def _places(document: Document) -> _Found:
    for block in document.quota_blocks or ():
        yield (
            "quota_blocks",
            block.category,
            _Entry(block.clause, None, {"total": block.total, "clause": block.clause}),
        )
        for row in block.rows:
            said = row.model_dump(mode="json", exclude={"token"})
            yield "quota_blocks", f"{block.category}/{row.token}", _Entry(block.clause, row.unit_zh, said)
    for mapping in document.quota_mapping:
        yield "quota_mapping", f"{mapping.token}: {mapping.row}", _entry(mapping)


def _routing(document: Document) -> _Found:
    for office in document.routing.offices:
        yield "offices", office.id, _entry(office)
    said = document.routing.model_dump(mode="json", exclude={"offices"})
    yield "routing", "routing", _Entry(None, None, said)


def _obligations_and_life(document: Document) -> _Found:
    cited = {rule.id: rule.clause for rule in document.rules}
    for number, one in enumerate(document.obligations, 1):
        yield "obligations", f"{one.rule} {number}", _entry(one, cited[one.rule])
    for step in document.life_cycle.steps:
        yield "steps", step.id, _entry(step)
    said = document.life_cycle.model_dump(mode="json", exclude={"steps"})
    yield "life_cycle", "life_cycle", _Entry(None, None, said)


def _words(document: Document) -> _Found:
    """What a pack says itself about facts and words; what it has from the dictionary is no change."""
    known = dictionary()
    for fact in document.facts:
        row = known.declarable.get(fact.name)
        if row is None or FactSpec.of(row) != fact:
            yield "facts", fact.name, _entry(fact)
    for enumeration in document.enumerations:
        words = {one.token: {"zh": one.zh, "en": one.en} for one in enumeration.tokens}
        inherited = known.enumerations.get(enumeration.id, {})
        if words != {token: {"zh": zh, "en": en} for token, (zh, en) in inherited.items()}:
            yield "enumerations", enumeration.id, _Entry(None, None, words)
    for name, value in document.given.items():
        yield "given", name, _Entry(None, None, {"value": value})
    for alias in document.aliases:
        yield "aliases", f"{alias.word}: {alias.means}", _entry(alias)


def _entry(model: BaseModel, clause: str | None = None) -> _Entry:
    said = model.model_dump(mode="json")
    title = _title(said, ("title_zh", "name_zh", "label_zh"))
    return _Entry(clause or said.get("clause"), title, said)


def _title(said: Mapping[str, Any], names: Iterable[str]) -> str | None:
    return next((str(said[name]) for name in names if said.get(name)), None)
