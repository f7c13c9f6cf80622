"""The life of an expert's assignment."""

from enum import StrEnum
from typing import Final, Protocol

from common.errors import Conflict


class AssignmentState(StrEnum):
    """Published words. A conflicted expert has no further access to the application."""

    assigned = "assigned"
    conflicted = "conflicted"
    scored = "scored"


TRANSITIONS: Final = {
    ("assigned", "score"): AssignmentState.scored,
    ("assigned", "declare_conflict"): AssignmentState.conflicted,
}


class Stated(Protocol):
    state: str


class AssignmentDone(Conflict):
    """The expert has scored already, or has given the task back."""

    code = "intake.assignment_done"
    title_zh, title_en = "该评审任务已处理", "The assignment has been dealt with"


def advance(assignment: Stated, action: str) -> None:
    """Move an assignment; the caller holds the row's lock.

    Raises:
        AssignmentDone: no such move from its state.
    """
    target = TRANSITIONS.get((assignment.state, action))
    if target is None:
        raise AssignmentDone(extra={"state": assignment.state})
    assignment.state = target.value
