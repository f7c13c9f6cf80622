"""Credit blacklists (信用黑名单): several lists, each with an id of its own.

The guide does not say which list is meant (inventory, trap 69), so every list that the city keeps here
counts, and the entry says which one it stands on.
"""

from collections.abc import Sequence
from typing import Any

from common.tabular import Column
from eligibility.fields import LongText, ShortText
from eligibility.registers.kinds.base import Dated, Entry, Kind, Question, unit_key, wanted_unit
from eligibility.registers.kinds.columns import UNIT


class BlacklistEntry(Entry):
    """A unit on a list."""

    unit_uscc: ShortText
    list_id: ShortText
    reason: LongText | None = None


def derive(question: Question, entries: Sequence[Dated[BlacklistEntry]]) -> dict[str, Any]:
    """`blacklist.listed` and `blacklist.checked_at` (the instant asked about).

    An empty register answers "not listed"; a unit without a credit code cannot be looked up.
    """
    wanted = set(wanted_unit(question))
    if not wanted:
        return {}
    listed = any(
        entry.holds(question.as_of) and unit_key(entry.data.unit_uscc) in wanted for entry in entries
    )
    return {"blacklist.listed": listed, "blacklist.checked_at": question.as_of.isoformat()}


KIND = Kind(
    name="credit_blacklist",
    title=("信用黑名单", "credit blacklist"),
    schema=BlacklistEntry,
    facts=frozenset({"blacklist.listed", "blacklist.checked_at"}),
    keys=lambda entry: [unit_key(entry.unit_uscc)],
    wanted=wanted_unit,
    derive=derive,
    identity=lambda entry: f"{unit_key(entry.unit_uscc)}|{entry.list_id}",
    columns=(
        UNIT,
        Column(
            "list_id", "名单编号", "list", "code", "名单的编号，如 city-credit", "the list's id", needed=True
        ),
        Column("reason", "列入事由", "reason", "text", "文字", "text"),
    ),
)
