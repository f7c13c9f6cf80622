"""Building a case from nested facts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from guide.case import Case
from guide.model.base import parse_instant
from guide.nesting import flatten
from guide.supplied import supply
from guide.words import Stage

if TYPE_CHECKING:
    from guide.pack import Pack


def build_case(
    pack: Pack,
    category: str,
    stage: Stage,
    as_of: datetime | None,
    facts: Mapping[str, Any],
    unavailable: frozenset[str] = frozenset(),
    chosen: Mapping[str, str] | None = None,
) -> Case:
    """The case that constructs see: missing and unavailable facts are absent, the pack's own are added."""
    sent = {
        name: value
        for name, value in flatten(facts, pack.facts).items()
        if value is not None and value != "" and name in pack.facts and name not in unavailable
    }
    for name, value in sent.items():
        if isinstance(value, Mapping):
            sent[name] = _stated(value)
    for name in pack.arrays & sent.keys():
        sent[name] = [_stated(record) for record in sent[name]]
    for name in pack.instants & sent.keys():
        sent[name] = parse_instant(sent[name])
    supplied = supply(pack, category, sent)
    values: dict[str, Any] = {**sent, **supplied}
    for name in unavailable & supplied.keys():
        del values[name]
    fixed = chosen or {}
    values["stage"] = str(stage)
    values["settled"] = {**pack.settled, **fixed}
    if as_of is not None:
        values["as_of"] = as_of
        values["today"] = as_of.astimezone(pack.zone).date().isoformat()
    return Case(pack.runtime, stage, values, unavailable, frozenset(fixed), supplied.keys() - sent.keys())


def _stated(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record or reference without the keys that are null or empty: they are missing in it alone."""
    return {key: value for key, value in record.items() if value is not None and value != ""}
