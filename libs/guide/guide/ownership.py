"""Whose the keys of a record are: not every key of a fact belongs to whoever states the fact."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from guide.dictionary import dictionary
from guide.errors import Problem
from guide.words import Owner


def keys_of_others(name: str, value: Any, others: Collection[Owner], pointer: str) -> list[Problem]:
    """Keys in the records of a fact that belong to one of these owners, by the dictionary.

    A reviewer's judgement on a partner (`partners[].capability_ok`), for example, is no applicant's to state.
    A key that states nothing (null, an empty string) is nobody's.
    """
    if not isinstance(value, list):
        return []
    facts = dictionary().facts
    return [
        Problem(f"{pointer}/{index}/{key}", f"stated by its owner ({known.owner})")
        for index, record in enumerate(value)
        if isinstance(record, Mapping)
        for key, stated in record.items()
        if stated is not None and stated != ""
        if (known := facts.get(f"{name}[].{key}")) is not None and known.owner in others
    ]
