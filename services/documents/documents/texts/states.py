"""Reading a file's text: pending until the job has read it, or found that it cannot be read."""

from enum import StrEnum
from typing import Final


class TextState(StrEnum):
    pending = "pending"
    done = "done"
    unreadable = "unreadable"


TRANSITIONS: Final = {
    TextState.pending: frozenset({TextState.done, TextState.unreadable}),
    TextState.done: frozenset[TextState](),
    TextState.unreadable: frozenset[TextState](),
}


def advance(current: str, to: TextState) -> str:
    """The new state.

    Raises:
        ValueError: there is no such step.
    """
    if to not in TRANSITIONS[TextState(current)]:
        raise ValueError(f"{current} does not become {to}")
    return to.value
