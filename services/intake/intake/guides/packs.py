"""Loaded packs, kept by version (a version never changes), and what intake reads off a pack."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from guide import Pack, load_pack, nest
from intake.applications.states import Step

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


def steps(pack: Pack, category: str) -> list[str]:
    """Steps of the life that the category goes through, of those that a call may leave out; in order."""
    used = pack.life_cycle.used_by(category)
    return [step.value for step in Step if step in used]


def profile_fields(pack: Pack, stated: dict[str, Any], category: str | None = None) -> frozenset[str]:
    """Facts that a unit which states these (flat) must state before it applies in a category, or in any.

    What only some categories ask for is not wanted of a unit that has chosen none.
    """
    known = nest(stated)
    wanted = [one.id for one in pack.leaves if Step.submission in pack.life_cycle.used_by(one.id)]
    asked = [_required(pack, one, known) for one in ([category] if category is not None else wanted)]
    return frozenset.intersection(*asked) if asked else frozenset()


def _required(pack: Pack, category: str, known: dict[str, Any]) -> frozenset[str]:
    return frozenset(
        field.fact
        for group in pack.profile_for(category).groups
        for field in group.fields
        if field.required and pack.holds(field.condition, category, known)
    )


def stated_on_form(pack: Pack, category: str, name: str) -> bool:
    """May an applicant state this fact on the form? The form's own facts; and one that is a person's or a
    platform's, where the category's form asks for it."""
    owner = pack.facts[name].owner
    if owner not in ("person", "platform"):
        return owner == "app"
    return any(field.fact == name for group in pack.form_for(category).groups for field in group.fields)


def blind(pack: Pack, form: dict[str, Any]) -> dict[str, Any]:
    """A form without what could name units or persons: references, records, and facts of persons and
    platforms. A fact that the pack does not know is left out."""
    return {
        name: value
        for name, value in form.items()
        if name in pack.facts
        and pack.facts[name].owner == "app"
        and not _names_somebody(pack.facts[name].type)
    }


def _names_somebody(kind: str) -> bool:
    return kind.removeprefix("list<").startswith(("ref", "record"))


DERIVED_ORGANISATION_FACTS = frozenset(
    {"applicant.names", "applicant.profile_complete", "session.login_kind"}
)
