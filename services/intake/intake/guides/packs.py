"""Loaded packs, kept by version (a version never changes), and what intake reads off a pack."""

import asyncio
from typing import Any

from guide import Pack, load_pack, nest
from intake.applications.states import Step
from intake.guides.recent import Recent

_loaded: Recent[str, Pack] = Recent(32)


def kept(version: str) -> Pack | None:
    """The pack, if this process has loaded it already."""
    return _loaded.get(version)


async def read(text: str) -> Pack:
    """Read and compile a pack beside the event loop; it takes some tenths of a second.

    Raises:
        PackRefused: with every problem found.
    """
    return await asyncio.to_thread(load_pack, text)


async def load(text: str) -> Pack:
    """The same of a version that is stored, to be kept: what is only looked at must push none of them out.

    Raises:
        PackRefused: with every problem found.
    """
    pack = await read(text)
    return _loaded.keep(pack.version, pack)


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
    {"applicant.names", "applicant.profile_complete", "lead.org", "lead.type", "session.login_kind"}
)
