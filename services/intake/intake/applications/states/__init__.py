"""The life of an application: its words, the one table of moves, the guards, and moving along the table."""

from intake.applications.states.guards import (
    GUARDS,
    REASONS,
    Call,
    Movable,
    Reason,
    Situation,
    window_reason,
)
from intake.applications.states.moving import (
    ACTIONS,
    AllowedAction,
    AttemptOpen,
    MoveRefused,
    advance,
    allowed_actions,
    check,
    reason_against,
    refused,
)
from intake.applications.states.table import TRANSITIONS, Transition, awaiting, find
from intake.applications.states.words import (
    MAIN_LINE,
    UNREACHED,
    AttemptState,
    State,
    Step,
    sql_list,
)

__all__ = [
    "ACTIONS",
    "GUARDS",
    "MAIN_LINE",
    "REASONS",
    "TRANSITIONS",
    "UNREACHED",
    "AllowedAction",
    "AttemptOpen",
    "AttemptState",
    "Call",
    "Movable",
    "MoveRefused",
    "Reason",
    "Situation",
    "State",
    "Step",
    "Transition",
    "advance",
    "allowed_actions",
    "awaiting",
    "check",
    "find",
    "reason_against",
    "refused",
    "sql_list",
    "window_reason",
]
