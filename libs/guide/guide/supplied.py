"""Facts that nobody sends: the pack itself supplies them, or they are derived."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from guide.pack import Pack

SUPPLIED = frozenset(
    {
        "call.year",
        "call.open_at",
        "call.close_at",
        "category.id",
        "category.cap",
        "category.funding_mode",
        "topic.domain",
        "quota.limit",
    }
)
"""Names that `supply` can give."""


def supply(pack: Pack, category: str, sent: Mapping[str, Any]) -> dict[str, Any]:
    """Values of the pack's own facts for one category and the facts sent; what is silent is left out."""
    leaf = pack.leaf(category)
    row = pack.quota_rows.get(str(sent.get("quota.row")))
    topic = pack.topics.get(str(sent.get("project.topic")))
    values = {
        "call.year": pack.call.year,
        "call.open_at": pack.call.window.open_at if pack.call.window else None,
        "call.close_at": pack.call.window.close_at if pack.call.window else None,
        "category.id": category,
        "category.cap": leaf.cap,
        "category.funding_mode": leaf.funding_mode,
        "topic.domain": topic.domain if topic else None,
        "quota.limit": row.limit if row else None,
    }
    return {name: value for name, value in values.items() if value is not None and name in pack.facts}
