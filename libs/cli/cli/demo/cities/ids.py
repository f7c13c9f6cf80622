"""Ids that a cast cannot know: what stands for them in its file is put in while it is played."""

from collections.abc import Mapping
from typing import Any

Ids = dict[str, Any]


def resolved(value: Any, ids: Mapping[str, Any]) -> Any:
    """The value with every text like `@leader` replaced by what it stands for; unknown ones stay."""
    if isinstance(value, str):
        return ids.get(value, value)
    if isinstance(value, dict):
        return {key: resolved(one, ids) for key, one in value.items()}
    if isinstance(value, list):
        return [resolved(one, ids) for one in value]
    return value
