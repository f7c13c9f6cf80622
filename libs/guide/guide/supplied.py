"""Facts that nobody sends: the pack itself supplies them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from guide.model.categories import Category
    from guide.model.document import Document
    from guide.pack import Pack

SUPPLIED = frozenset(
    {
        "call.year",
        "call.open_at",
        "call.close_at",
        "category.id",
        "category.cap",
        "category.fields",
        "category.fields_open",
        "category.funding_mode",
        "category.funding_range",
        "category.implementing_years",
        "category.office",
        "topic.domain",
        "quota.limit",
        "signed_list.funded_count",
        "signed_list.funded_sum",
    }
)
"""Names that `supply` can give; the last two are figures of the grant ledger, unknown until it gives them."""


def constants(document: Document, category: Category) -> dict[str, Any]:
    """What the pack says about every application of one category, as far as it declares it as facts."""
    call = document.call
    declared = {fact.name for fact in document.facts}
    values = {
        "call.year": call.year,
        "call.open_at": call.open_at,
        "call.close_at": call.close_at,
        "category.id": category.id,
        "category.cap": category.cap,
        "category.funding_mode": category.funding_mode,
        "category.office": _office(document, category),
        **_of_category(category),
        **document.given,
    }
    return {name: value for name, value in values.items() if value is not None and name in declared}


def _of_category(category: Category) -> dict[str, Any]:
    fields, years, funding = category.fields, category.years, category.funding
    return {
        "category.fields": list(fields.tokens) if fields else None,
        "category.fields_open": fields.open if fields else None,
        "category.funding_range": [row.model_dump(exclude_none=True) for row in funding] if funding else None,
        "category.implementing_years": {"from": years.first, "to": years.last}
        if years and years.first is not None and years.last is not None
        else None,
    }


def _office(document: Document, category: Category) -> str | None:
    """The office that handles every application of the category; None where that depends on its facts."""
    for route in document.routing.routes:
        if category.id in route.categories:
            names = {office.id: office.name_zh for office in document.routing.offices}
            return names.get(route.office) if route.when is None else None
    return None


def supply(pack: Pack, category: str, sent: Mapping[str, Any]) -> dict[str, Any]:
    """Values of the pack's own facts for one category and the facts sent; what is silent is left out."""
    values = dict(pack.constants[category])
    row = pack.quota_rows.get(str(sent.get("quota.row")))
    if row is not None and "quota.limit" in pack.facts:
        values["quota.limit"] = row.limit
    if "partners" in sent and "partners.count" in pack.facts:
        values["partners.count"] = len(sent["partners"])
    topic = pack.topics.get(str(sent.get("project.topic")))
    if topic is not None and "topic.domain" in pack.facts:
        values["topic.domain"] = topic.domain
    return values
