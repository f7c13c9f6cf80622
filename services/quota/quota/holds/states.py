"""The life of a hold. Only `advance` gives a hold another state."""

from enum import StrEnum
from typing import Final, Protocol
from uuid import UUID

from common.errors import Conflict


class State(StrEnum):
    """Published words; never renamed."""

    held = "held"
    confirmed = "confirmed"
    void = "void"


# confirmed -> void: a recommendation withdrawn or returned before the close frees its place
TRANSITIONS: Final[dict[State, frozenset[State]]] = {
    State.held: frozenset({State.confirmed, State.void}),
    State.confirmed: frozenset({State.void}),
    State.void: frozenset(),
}


class HoldVoid(Conflict):
    code = "quota.hold_void"
    title_zh, title_en = "该占用已作废", "The hold is void"


class Holding(Protocol):
    """What has a state."""

    subject: UUID
    state: str


def advance(hold: Holding, to: State) -> bool:
    """Give a hold another state; False where it has it already, so that a repeated request does nothing.

    Raises:
        HoldVoid: the hold was voided, and void is final.
    """
    now = State(hold.state)
    if now is to:
        return False
    if to not in TRANSITIONS[now]:
        raise HoldVoid(extra={"subject": str(hold.subject)})
    hold.state = to.value
    return True
