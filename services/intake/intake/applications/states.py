"""The life of an application: the one table of moves, and the only function that assigns a state.

From, action, outcome, to, who, guard; every word is published. Which roles may act is decided by role, city
and unit together; guards are named conditions on the row and the call. `allowed_actions` is derived from the
same table. Source of the steps: domain inventory section 6.2.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol
from uuid import UUID

from common.actor import Actor
from common.errors import Conflict
from common.roles import Role


class State(StrEnum):
    """Published words; the database checks the same list."""

    draft = "draft"
    submitted = "submitted"
    initial_review_passed = "initial_review_passed"  # 初审通过
    returned = "returned"  # 退回
    recommended = "recommended"  # 已推荐
    accepted = "accepted"  # 受理; formal review (形式审查) happens here
    expert_review = "expert_review"  # 评审
    failed_formal = "failed_formal"  # 形式审查不通过
    not_selected = "not_selected"
    proposed = "proposed"  # 拟立项
    public_notice = "public_notice"  # 公示
    objection_handling = "objection_handling"
    rejected = "rejected"
    approved = "approved"  # 立项
    withdrawn = "withdrawn"
    deemed_given_up = "deemed_given_up"  # 视为主动放弃
    frozen = "frozen"
    contract_pending = "contract_pending"  # 待签合同书
    in_progress = "in_progress"
    acceptance = "acceptance"  # 验收
    closed = "closed"
    failed_acceptance = "failed_acceptance"
    terminated = "terminated"
    sanctioned = "sanctioned"


# published words of the life after approval and of frozen or sanctioned projects: no command leads there yet
UNREACHED: Final = frozenset(
    {
        State.deemed_given_up,
        State.frozen,
        State.contract_pending,
        State.in_progress,
        State.acceptance,
        State.closed,
        State.failed_acceptance,
        State.terminated,
        State.sanctioned,
    }
)


class AttemptState(StrEnum):
    """An attempt to submit: open until it is decided; admitted_pending waits for an owner that was away."""

    open = "open"
    admitted = "admitted"
    admitted_pending = "admitted_pending"
    refused = "refused"


class Call(Protocol):
    """What guards read of a call."""

    @property
    def open_at(self) -> datetime | None: ...
    @property
    def close_at(self) -> datetime | None: ...
    @property
    def close_inclusive(self) -> bool: ...


class Movable(Protocol):
    """What the table reads of an application."""

    state: str
    city: str
    unit_id: UUID
    recommending_unit_id: UUID | None
    pending: bool
    open_attempt_id: UUID | None
    reopened: bool


@dataclass(frozen=True, slots=True)
class Situation:
    """What a guard looks at. `call` is None where no version of the call is published."""

    application: Movable
    actor: Actor
    now: datetime
    call: Call | None


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
        Reason("not_your_unit", "不属于您的单位", "the application is not your unit's"),
        Reason("attempt_open", "提交正在处理", "a submission is being processed"),
        Reason(
            "assessment_pending", "资格审查尚未完成", "the assessment at submission is still to be completed"
        ),
        Reason("call_not_published", "申报通知尚未发布", "the call is not published"),
        Reason("window_not_open", "申报尚未开始", "the call is not open yet"),
        Reason("window_closed", "申报已截止", "the call has closed"),
        Reason("login_kind", "须以法人登录", "a legal-person login is required"),
    )
}


def window_reason(call: Call | None, at: datetime) -> str | None:
    """Why an instant lies outside a call's window; None inside it. A null end: the guide is silent."""
    if call is None:
        return "call_not_published"
    if call.open_at is not None and at < call.open_at:
        return "window_not_open"
    if call.close_at is None or at < call.close_at or (at == call.close_at and call.close_inclusive):
        return None
    return "window_closed"


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


@dataclass(frozen=True, slots=True)
class Transition:
    """One move. No roles: only the system. `target` equal to `source`: the state stays."""

    source: State
    action: str
    outcome: str | None
    target: State
    roles: tuple[Role, ...]
    guard: str | None = None


_UNIT: Final = (Role.applicant,)
_KEEPERS: Final = (Role.applicant, Role.department_manager, Role.project_leader)
_OFFICE: Final = (Role.officer,)
_REVIEW: Final = (Role.officer, Role.formal_reviewer)
_BUREAU: Final = (Role.officer, Role.bureau_head)
_HEAD: Final = (Role.bureau_head,)
_SENDER: Final = (Role.recommender,)
_ANYONE: Final = tuple(Role)

_S = State


def _each(
    sources: Iterable[State],
    action: str,
    target: State | None,
    roles: tuple[Role, ...],
    guard: str | None = None,
    outcome: str | None = None,
) -> tuple[Transition, ...]:
    return tuple(Transition(one, action, outcome, target or one, roles, guard) for one in sources)


TRANSITIONS: Final[tuple[Transition, ...]] = (
    # the applicant's own
    *_each((_S.draft, _S.returned), "edit", None, _KEEPERS, "no_attempt"),
    *_each((_S.draft, _S.returned), "submit", _S.submitted, _UNIT, "window_open"),
    *_each(
        (_S.draft, _S.submitted, _S.initial_review_passed, _S.returned, _S.recommended),
        "withdraw",
        _S.withdrawn,
        _UNIT,
        "no_attempt",
    ),
    # the assessment that came late refuses; an officer may open the way once more
    Transition(_S.submitted, "complete", "refused", _S.returned, ()),
    Transition(_S.returned, "reopen", None, _S.returned, _OFFICE, "no_attempt"),
    # initial review (初审) and recommendation (推荐)
    Transition(_S.submitted, "initial_review", "approved", _S.initial_review_passed, _SENDER, "settled"),
    Transition(_S.submitted, "initial_review", "returned", _S.returned, _SENDER, "settled"),
    Transition(_S.submitted, "initial_review", "rejected", _S.rejected, _SENDER, "settled"),
    Transition(_S.initial_review_passed, "recommend", None, _S.recommended, _SENDER, "legal_person_login"),
    Transition(
        _S.recommended, "withdraw_recommendation", None, _S.initial_review_passed, _SENDER, "before_close"
    ),
    # acceptance by the office (受理), formal review (形式审查)
    Transition(_S.recommended, "accept", None, _S.accepted, _OFFICE),
    *_each((_S.accepted,), "decide_finding", None, _REVIEW),
    Transition(_S.accepted, "formal_review", "pass", _S.expert_review, _REVIEW),
    Transition(_S.accepted, "formal_review", "fail", _S.failed_formal, _REVIEW),
    # experts, proposal (拟立项), public notice (公示), objections, approval (立项)
    *_each((_S.expert_review,), "assign", None, _OFFICE),
    Transition(_S.expert_review, "propose", None, _S.proposed, _OFFICE),
    Transition(_S.expert_review, "not_select", None, _S.not_selected, _OFFICE),
    # refused at approval: blacklisted during the notice, for example
    Transition(_S.public_notice, "not_select", None, _S.not_selected, _OFFICE),
    Transition(_S.proposed, "publish_notice", None, _S.public_notice, _BUREAU),
    Transition(_S.public_notice, "object", None, _S.objection_handling, _ANYONE),
    *_each((_S.objection_handling,), "object", None, _ANYONE),
    Transition(_S.objection_handling, "decide_objection", "upheld", _S.rejected, _BUREAU),
    Transition(_S.objection_handling, "decide_objection", "rejected", _S.public_notice, _BUREAU),
    # another objection is still open
    Transition(_S.objection_handling, "decide_objection", "kept_open", _S.objection_handling, _BUREAU),
    Transition(_S.public_notice, "approve", None, _S.approved, _HEAD),
)


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


def find(state: str, action: str, outcome: str | None = None) -> Transition | None:
    """The move of an action from a state."""
    for one in TRANSITIONS:
        if one.source == state and one.action == action and one.outcome == outcome:
            return one
    return None


def advance(application: Movable, action: str, outcome: str | None = None) -> Transition:
    """Move an application. The caller has checked who acts (`check`) and holds the row's lock.

    Raises:
        MoveRefused: the table has no such move from here.
    """
    move = find(application.state, action, outcome)
    if move is None:
        raise refused("not_in_state", application, action)
    application.state = move.target.value
    return move


def _bound_to_unit(application: Movable, role: Role) -> UUID | None:
    """The unit that a grant must name for this role; None: the city is enough."""
    if role in _KEEPERS:
        return application.unit_id
    return application.recommending_unit_id if role == Role.recommender else None


def _may(application: Movable, actor: Actor, roles: tuple[Role, ...]) -> bool:
    for role in roles:
        unit = _bound_to_unit(application, role)
        if role in (*_KEEPERS, Role.recommender) and unit is None:
            continue
        if actor.has(role, application.city, unit):
            return True
    return False


def reason_against(situation: Situation, action: str) -> str | None:
    """Why this actor cannot do this now; None when nothing stands against it."""
    application = situation.application
    moves = [one for one in TRANSITIONS if one.source == application.state and one.action == action]
    if not moves:
        return "not_in_state"
    if action != "object" and not _may(application, situation.actor, moves[0].roles):
        return "not_your_unit"
    guard = moves[0].guard
    return GUARDS[guard](situation) if guard else None


def check(application: Movable, action: str, actor: Actor, now: datetime, call: Call | None) -> None:
    """
    Raises:
        MoveRefused: with the reason's code and words.
    """
    reason = reason_against(Situation(application, actor, now, call), action)
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
    application: Movable, actor: Actor, now: datetime, call: Call | None
) -> list[AllowedAction]:
    """What this actor can do now. Actions for which the actor holds no role in this city are left out."""
    situation = Situation(application, actor, now, call)
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


def sql_list(words: type[StrEnum]) -> str:
    """The words for a CHECK constraint."""
    return ", ".join(f"'{word.value}'" for word in words)
