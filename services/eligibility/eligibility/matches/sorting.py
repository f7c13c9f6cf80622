"""Facts sent to many guides at once: what each of them takes, what it ignores, what none of them knows."""

from collections.abc import Mapping, Sequence
from typing import Any

from eligibility.judging.service import refused
from guide import Pack, Problem, check_facts, flatten
from guide.pack import FIELD

_BASE = "/facts"


class Sent:
    """Facts by guide, under their dotted names, and what of them says nothing where."""

    def __init__(self, facts: Mapping[str, Mapping[str, Any]]) -> None:
        self._facts = facts
        self._left_out: dict[tuple[str, str | None], set[str]] = {}
        self._ignored: dict[str, dict[str, None]] = {}

    def leave_out(self, pack: Pack, category: str | None, names: set[str]) -> None:
        """Leave facts out for one category, or for the whole guide and say so."""
        self._left_out[pack.id, category] = names
        if category is None:
            for name in names:
                self._ignored.setdefault(name, {})[pack.id] = None

    def facts(self, guide: str, category: str | None = None) -> dict[str, Any]:
        """What is judged in a guide, in one of its categories."""
        left_out = self._left_out.get((guide, None), set()) | self._left_out.get((guide, category), set())
        return {name: value for name, value in self._facts[guide].items() if name not in left_out}

    @property
    def ignored(self) -> dict[str, list[str]]:
        """Guides that take nothing from a fact, by the fact."""
        return {name: list(guides) for name, guides in self._ignored.items()}


def sort_out(packs: Sequence[Pack], facts: dict[str, Any]) -> Sent:
    """Check facts against every guide.

    Raises:
        QuestionRefused: facts that all of them refuse: unknown names, impossible or contradictory values.
    """
    sent = Sent({pack.id: flatten(facts, pack.names.shapes) for pack in packs})
    everywhere: dict[str, Problem] | None = None
    for pack in packs:
        found = _check(pack, sent, facts)
        if everywhere is None:
            everywhere = found
        else:
            everywhere = {pointer: one for pointer, one in everywhere.items() if pointer in found}
    if everywhere:
        raise refused(everywhere.values())
    return sent


def _check(pack: Pack, sent: Sent, facts: dict[str, Any]) -> dict[str, Problem]:
    """Problems by place, once for the pack: its categories differ in the fields only that they offer."""
    known = sent.facts(pack.id)
    offering = _offering(pack, known.get(FIELD))
    found = {one.pointer: one for one in check_facts(pack, offering[0], facts, _BASE)}
    refused_here = {_named(pointer, known) for pointer in found} & known.keys()
    sent.leave_out(pack, None, refused_here | {name for name in known if name not in pack.facts})
    for leaf in pack.leaves:
        if leaf.id not in offering:
            sent.leave_out(pack, leaf.id, {FIELD} & known.keys())
    return found


def _offering(pack: Pack, field: Any) -> list[str]:
    """Categories that take a support field; all of them, where none does."""
    leaves = [leaf.id for leaf in pack.leaves]
    taking = [leaf for leaf in leaves if field in {None, "", *(pack.fields_of(leaf) or (field,))}]
    return taking or leaves


def _named(pointer: str, known: Mapping[str, Any]) -> str:
    """The fact that a pointer into the body leads into."""
    steps = pointer.removeprefix(f"{_BASE}/").split("/")
    names = (".".join(steps[:length]) for length in range(len(steps), 0, -1))
    return next((name for name in names if name in known), "")
