"""Words of calls."""

from enum import StrEnum


class Kind(StrEnum):
    """What an announcement is about."""

    open = "open"
    close = "close"


class WindowSource(StrEnum):
    """Who says when a call receives applications."""

    stated = "stated"  # the guide, both ends
    announced = "announced"  # the bureau, for an end on which the guide is silent
    not_stated = "not_stated"  # nobody yet: the call is shut
