"""Loaded packs, kept by version (a version never changes), and what intake reads off a pack."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from guide import Pack, load_pack, nest

_KEPT = 32
_loaded: OrderedDict[str, Pack] = OrderedDict()


@dataclass(frozen=True, slots=True)
class Window:
    """When a call receives applications; a null end means that its guide is silent."""

    open_at: datetime | None
    close_at: datetime | None
    close_inclusive: bool


def kept(version: str) -> Pack | None:
    """The pack, if this process has loaded it already."""
    return _loaded.get(version)


async def load(text: str) -> Pack:
    """Read and compile a pack beside the event loop; it takes some tenths of a second.

    Raises:
        PackRefused: with every problem found.
    """
    pack = await asyncio.to_thread(load_pack, text)
    _loaded[pack.version] = pack
    if len(_loaded) > _KEPT:
        _loaded.popitem(last=False)
    return pack


def window(pack: Pack) -> Window:
    """The window with the pack's reading of its last instant (trap 9: a call that closes at 17:00 still takes
    what arrives at 17:00:00.000, unless the pack's `….close_inclusive` says otherwise)."""
    inclusive = True
    for name, reading in pack.interpretations.items():
        if name.endswith(".close_inclusive"):
            value = reading.confirmed.value if reading.confirmed else reading.default
            inclusive = value is not False
    return Window(pack.call.open_at, pack.call.close_at, inclusive)


def profile_fields(pack: Pack, stated: dict[str, Any]) -> frozenset[str]:
    """Facts that a unit which states these (flat) must state before it applies in any category."""
    known = nest(stated)
    return frozenset(
        field.fact
        for category in pack.categories
        if category.selectable
        for group in pack.profile_for(category.id).groups
        for field in group.fields
        if field.required and pack.holds(field.condition, category.id, known)
    )


DERIVED_ORGANISATION_FACTS = frozenset(
    {"applicant.names", "applicant.profile_complete", "session.login_kind"}
)
