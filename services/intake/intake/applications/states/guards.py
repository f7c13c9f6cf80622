"""Named conditions on an application, its call and who acts; each answers the code of a reason, or None."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

from common.actor import Actor
from common.roles import Role


class Call(Protocol):
    """What guards read of a call."""

    def state(self, at: datetime) -> str: ...


class Movable(Protocol):
    """What the table reads of an application. `steps`: those of its call, pinned when it was submitted."""

    state: str
    city: str
    unit_id: UUID
    recommending_unit_id: UUID | None
    pending: bool
    open_attempt_id: UUID | None
    reopened: bool

    @property
    def steps(self) -> Sequence[str]: ...


@dataclass(frozen=True, slots=True)
class Situation:
    """What a guard looks at. `call` is None where no version of the call is published; `steps` are given
    where others count than those on the row, as for a draft."""

    application: Movable
    actor: Actor
    now: datetime
    call: Call | None
    steps: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an action is not possible now."""

    code: str
    zh: str
    en: str


REASONS: Final = {
    reason.code: reason
    for reason in (
        Reason("not_in_state", "当前状态不能进行此操作", "not possible in the present state"),
        Reason("step_not_used", "本类别不设此环节", "the call does not use this step for this category"),
        Reason("not_your_unit", "不属于您的单位", "the application is not your unit's"),
        Reason("attempt_open", "提交正在处理", "a submission is being processed"),
        Reason(
            "assessment_pending", "资格审查尚未完成", "the assessment at submission is still to be completed"
        ),
        Reason("call_not_published", "申报通知尚未发布", "the call is not published"),
        Reason("window_not_announced", "申报起止时间尚未公布", "the bureau has not said when the call opens"),
        Reason("window_not_open", "申报尚未开始", "the call is not open yet"),
        Reason("window_closed", "申报已截止", "the call has closed"),
        Reason("login_kind", "须以法人登录", "a legal-person login is required"),
    )
}


_SHUT: Final = {
    "not_announced": "window_not_announced",
    "not_open_yet": "window_not_open",
    "closed": "window_closed",
}


def window_reason(call: Call | None, at: datetime) -> str | None:
    """Why an instant lies outside a call's window; None inside it."""
    return _SHUT.get(call.state(at)) if call is not None else "call_not_published"


def _window(situation: Situation) -> str | None:
    if situation.application.open_attempt_id is not None:
        return "attempt_open"
    if situation.application.reopened:
        return None
    return window_reason(situation.call, situation.now)


def _no_attempt(situation: Situation) -> str | None:
    return "attempt_open" if situation.application.open_attempt_id is not None else None


def _settled(situation: Situation) -> str | None:
    if situation.application.pending:
        return "assessment_pending"
    return _no_attempt(situation)


def _before_close(situation: Situation) -> str | None:
    return window_reason(situation.call, situation.now)


def _legal_login(situation: Situation) -> str | None:
    if situation.actor.login_kind_in(situation.application.city, Role.recommender) != "legal_person":
        return "login_kind"
    return _settled(situation)


GUARDS: Final[dict[str, Callable[[Situation], str | None]]] = {
    "window_open": _window,
    "no_attempt": _no_attempt,
    "settled": _settled,
    "before_close": _before_close,
    "legal_person_login": _legal_login,
}
