"""What the files of an application say: facts for eligibility, and the checklist."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from common.actor import Actor
from common.db import Database
from common.errors import FieldError, Unprocessable
from documents.facts.schemas import ChecklistItem, FactOut, FactsIn, FactsOut
from documents.files import service as files
from documents.files.models import StoredFile
from documents.formats.limits import Piece
from documents.guides import service as guides
from documents.names import needles, snippets
from documents.texts import service as texts
from guide import Material, Pack, Stage, flatten, stated_value

BLIND_TEXTS = "blind_bundle.texts"
BLIND_METADATA = "blind_bundle.metadata"
_LONG = 20_000  # characters, which take about a millisecond to search
_FOUND_HERE = frozenset({BLIND_TEXTS, BLIND_METADATA})  # read from the files; nobody may state them
_DUE = {
    "A": Stage.submission,
    "R": Stage.recommendation,
    "C": Stage.acceptance,
    "P": Stage.acceptance,
}


class CategoryUnknown(Unprocessable):
    code = "documents.category_unknown"
    title_zh, title_en = "该指南没有这个可申报类别", "The guide has no such category to apply for"


@dataclass(frozen=True, slots=True)
class Sorted:
    """An application's current files and the pack's materials for its category."""

    pack: Pack
    materials: list[Material]
    files: list[StoredFile]

    def of(self, material: str) -> list[StoredFile]:
        return [row for row in self.files if row.material == material]

    def bundle_of(self, row: StoredFile) -> str:
        """blind, identity or office: the pack says it; for a material of another category, the upload did."""
        return next((one.bundle for one in self.materials if one.id == row.material), row.bundle)

    @property
    def blind(self) -> list[StoredFile]:
        return [row for row in self.files if self.bundle_of(row) == "blind"]


async def take(db: Database, actor: Actor, asked: FactsIn) -> FactsOut:
    """Facts and checklist as of an instant; nothing is stored.

    Raises:
        GuideUnknown, CategoryUnknown.
    """
    scope = actor.in_city(asked.city)
    pack, materials = await materials_of(db, asked)
    async with db.read(scope) as session:
        single = single_materials(materials)
        current = await files.current(session, asked.application_id, asked.as_of, single)
    return await judge(db, scope, asked, Sorted(pack, materials, current))


async def materials_of(db: Database, asked: FactsIn) -> tuple[Pack, list[Material]]:
    """The pack and its materials for the category.

    Raises:
        GuideUnknown, CategoryUnknown.
    """
    pack = await guides.load(db, asked.city, asked.guide, asked.version)
    try:
        return pack, pack.materials_for(asked.category)
    except KeyError as error:
        raise CategoryUnknown(errors=[FieldError("/category", "category", "not selectable")]) from error


def single_materials(materials: Sequence[Material]) -> frozenset[str]:
    """Materials of which an application has one document."""
    return frozenset(one.id for one in materials if not one.multiple)


async def judge(db: Database, scope: Actor, asked: FactsIn, found: Sorted) -> FactsOut:
    """Facts and checklist for these files."""
    blind = await _blind_facts(db, scope, asked, found)
    own = [*_file_facts(found), *blind.facts]
    known = {**flatten(asked.facts, found.pack.facts), **{fact.name: fact.value for fact in own}}
    return FactsOut(
        facts=own,
        checklist=_checklist(found, asked, known),
        pending=blind.pending,
        unreadable=blind.unreadable,
    )


def _file_facts(found: Sorted) -> list[FactOut]:
    """Each material's file fact for its newest file, and what its attributes say of the facts it gives."""
    facts: dict[str, FactOut] = {}
    for material in found.materials:
        rows = found.of(material.id)
        if not rows:
            continue
        newest = max(rows, key=lambda row: (row.completed_at, row.version_no, row.id))
        at = newest.completed_at
        file = {"sha256": newest.sha256, "at": at.isoformat(), "name": newest.name}
        if material.fact is not None:
            facts[material.fact] = FactOut(name=material.fact, value=file, at=at)
        for name in material.gives:
            if name in _FOUND_HERE:
                continue
            value = stated_value(found.pack, name, newest.attributes.get(name), file)
            if value is not None:
                facts[name] = FactOut(name=name, value=value, at=at)
    return list(facts.values())


@dataclass(frozen=True, slots=True)
class Blind:
    facts: list[FactOut]
    pending: list[str]
    unreadable: list[UUID]


async def _blind_facts(db: Database, scope: Actor, asked: FactsIn, found: Sorted) -> Blind:
    """Where names stand in blind files. A file that is not read yet, or cannot be, is never called clean."""
    wanted_facts = [name for name in (BLIND_TEXTS, BLIND_METADATA) if name in found.pack.facts]
    wanted = needles(asked.names)
    if not wanted_facts or not wanted:
        return Blind([], [], [])
    rows = found.blind
    states: dict[UUID, str | None] = {}
    hits: dict[str, list[str]] = {BLIND_TEXTS: [], BLIND_METADATA: []}
    async with db.read(scope) as session:
        for row in rows:  # one by one: a text may be long
            states[row.id], bodies, properties = await texts.pieces_of(session, row.id)
            properties.append(Piece("file name", row.name))
            hits[BLIND_TEXTS] += await _search(bodies, wanted)
            hits[BLIND_METADATA] += await _search(properties, wanted)
    unreadable = [row.id for row in rows if states[row.id] == "unreadable"]
    pending = any(states[row.id] not in ("done", "unreadable") for row in rows)
    at = max((row.completed_at for row in rows), default=asked.as_of)
    return Blind(
        facts=[] if pending else _said(wanted_facts, hits, at, whole=not unreadable),
        pending=wanted_facts if pending else [],
        unreadable=unreadable,
    )


async def _search(pieces: list[Piece], wanted: list[str]) -> list[str]:
    """Beside the event loop where it takes longer than going there."""
    if sum(len(piece.text) for piece in pieces) < _LONG:
        return snippets(pieces, wanted)
    return await asyncio.to_thread(snippets, pieces, wanted)


def _said(names: Sequence[str], hits: Mapping[str, list[str]], at: datetime, *, whole: bool) -> list[FactOut]:
    """An empty list only where every blind file was read."""
    return [FactOut(name=name, value=hits[name], at=at) for name in names if whole or hits[name]]


def _checklist(found: Sorted, asked: FactsIn, known: dict[str, Any]) -> list[ChecklistItem]:
    return [_item(found, material, asked, known) for material in found.materials]


def _holds(pack: Pack, material: Material, category: str, known: dict[str, Any]) -> bool | None:
    try:
        return pack.holds(material.condition, category, known)
    except (TypeError, ValueError):
        return None  # a draft's facts may still be of a wrong type; that is eligibility's to say


def _item(found: Sorted, material: Material, asked: FactsIn, known: dict[str, Any]) -> ChecklistItem:
    holds = _holds(found.pack, material, asked.category, known)
    due = _DUE[material.when].order <= asked.stage.order
    required = material.form == "file" and material.min_count > 0 and due and holds is True
    rows = found.of(material.id)
    enough = len(rows) >= max(1, material.min_count)
    return ChecklistItem(
        material=material.id,
        name_zh=material.name_zh,
        name_en=material.name_en,
        bundle=material.bundle,
        supplier=material.supplier,
        when=material.when,
        form=material.form,
        required=required,
        condition_holds=holds,
        status="present" if enough else "missing" if required else "not_required",
        files=[row.id for row in rows],
    )
