"""Credit blacklists (信用黑名单): several lists, each with an id of its own.

The guide does not say which list is meant (inventory, trap 69), so every list that the city keeps here
counts, and the entry says which one it stands on.
"""

from collections.abc import Sequence
from typing import Any

from eligibility.fields import LongText, ShortText, normal
from eligibility.registers.kinds.base import Dated, Entry, Kind, Question


class BlacklistEntry(Entry):
    """A unit on a list."""

    unit_uscc: ShortText
    list_id: ShortText
    reason: LongText | None = None


def _key(uscc: str) -> str:
    return f"uscc:{normal(uscc).upper()}"


def _wanted(question: Question) -> list[str]:
    unit = question.subjects.unit
    return [_key(unit.uscc)] if unit and unit.uscc else []


def derive(question: Question, entries: Sequence[Dated[BlacklistEntry]]) -> dict[str, Any]:
    """`blacklist.listed` and `blacklist.checked_at` (the instant asked about).

    An empty register answers "not listed"; a unit without a credit code cannot be looked up.
    """
    wanted = set(_wanted(question))
    if not wanted:
        return {}
    listed = any(entry.holds(question.as_of) and _key(entry.data.unit_uscc) in wanted for entry in entries)
    return {"blacklist.listed": listed, "blacklist.checked_at": question.as_of.isoformat()}


KIND = Kind(
    name="credit_blacklist",
    schema=BlacklistEntry,
    facts=frozenset({"blacklist.listed", "blacklist.checked_at"}),
    keys=lambda entry: [_key(entry.unit_uscc)],
    wanted=_wanted,
    derive=derive,
)
