"""Moving an application along the table, and what an actor may do with it: the only place that assigns a
state, and the one from which `allowed_actions` is derived.

Which roles may act is decided by role, city and unit together.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from common.actor import Actor
from common.errors import Conflict
from common.roles import Role
from intake.applications.states.guards import GUARDS, REASONS, Call, Movable, Situation
from intake.applications.states.table import KEEPERS, TRANSITIONS, Transition, find


class MoveRefused(Conflict):
    """The table has no such move from the present state, or its guard says no."""

    code = "intake.action_not_allowed"
    title_zh, title_en = "当前不能进行此操作", "The action is not possible now"


class AttemptOpen(MoveRefused):
    """A submission is being decided; it takes seconds."""

    code = "intake.attempt_open"
    title_zh, title_en = "提交正在处理，请稍候", "A submission is being processed"


def refused(reason: str, application: Movable, action: str) -> MoveRefused:
    """The error that names the reason; to raise."""
    words = REASONS[reason]
    extra = {"reason": reason, "reason_zh": words.zh, "reason_en": words.en}
    kind = AttemptOpen if reason == "attempt_open" else MoveRefused
    return kind(words.en, extra={**extra, "state": application.state, "action": action})


def advance(application: Movable, action: str, outcome: str | None = None) -> Transition:
    """Move an application. The caller has checked who acts (`check`) and holds the row's lock.

    Raises:
        MoveRefused: its call's table has no such move from here.
    """
    move = find(application.state, action, outcome, steps=application.steps)
    if move is None:
        raise refused("not_in_state", application, action)
    application.state = move.target.value
    return move


def _bound_to_unit(application: Movable, role: Role) -> UUID | None:
    """The unit that a grant must name for this role; None: the city is enough."""
    if role in KEEPERS:
        return application.unit_id
    return application.recommending_unit_id if role == Role.recommender else None


def _may(application: Movable, actor: Actor, roles: tuple[Role, ...]) -> bool:
    for role in roles:
        unit = _bound_to_unit(application, role)
        if role in (*KEEPERS, Role.recommender) and unit is None:
            continue
        if actor.has(role, application.city, unit):
            return True
    return False


def reason_against(situation: Situation, action: str) -> str | None:
    """Why this actor cannot do this now; None when nothing stands against it."""
    application = situation.application
    steps = application.steps if situation.steps is None else situation.steps
    used = [one for one in TRANSITIONS if one.action == action and one.exists_with(steps)]
    if not used:
        return "step_not_used"
    moves = [one for one in used if one.source == application.state]
    if not moves:
        return "not_in_state"
    if action != "object" and not _may(application, situation.actor, moves[0].roles):
        return "not_your_unit"
    guard = moves[0].guard
    return GUARDS[guard](situation) if guard else None


def check(
    application: Movable,
    action: str,
    actor: Actor,
    now: datetime,
    call: Call | None,
    steps: Sequence[str] | None = None,
) -> None:
    """
    Args:
        steps: those that count, where they are not the ones on the row.

    Raises:
        MoveRefused: with the reason's code and words.
    """
    reason = reason_against(Situation(application, actor, now, call, steps), action)
    if reason is not None:
        raise refused(reason, application, action)


@dataclass(frozen=True, slots=True)
class AllowedAction:
    """One line of `allowed_actions`."""

    action: str
    allowed: bool
    reason: str | None = None
    reason_zh: str | None = None
    reason_en: str | None = None


def _roles_by_action() -> dict[str, frozenset[Role]]:
    found: dict[str, frozenset[Role]] = {}
    for one in TRANSITIONS:
        if one.roles:
            found[one.action] = found.get(one.action, frozenset()) | frozenset(one.roles)
    return found


ACTIONS: Final = _roles_by_action()


def allowed_actions(
    application: Movable,
    actor: Actor,
    now: datetime,
    call: Call | None,
    steps: Sequence[str] | None = None,
) -> list[AllowedAction]:
    """What this actor can do now; `steps` as in `check`. Actions for which the actor holds no role in this
    city are left out."""
    situation = Situation(application, actor, now, call, steps)
    lines: list[AllowedAction] = []
    for action, roles in ACTIONS.items():
        if not actor.has_any(roles, application.city):
            continue
        code = reason_against(situation, action)
        if code is None:
            lines.append(AllowedAction(action, allowed=True))
        else:
            words = REASONS[code]
            lines.append(AllowedAction(action, False, words.code, words.zh, words.en))
    return lines
