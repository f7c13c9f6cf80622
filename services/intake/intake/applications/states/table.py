"""The one table of moves: from, action, outcome, to, who, guard, and the steps that a call must use for it.

Every word is published. Source: domain inventory section 6.2.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from common.roles import Role
from intake.applications.states.words import State, Step


@dataclass(frozen=True, slots=True)
class Transition:
    """One move. No roles: only the system. `target` equal to `source`: the state stays.

    It exists for applications whose call has every step of `uses` and none of `without`.
    """

    source: State
    action: str
    outcome: str | None
    target: State
    roles: tuple[Role, ...]
    guard: str | None = None
    uses: tuple[Step, ...] = ()
    without: tuple[Step, ...] = ()

    def exists_with(self, steps: Collection[str]) -> bool:
        """Does a call of these steps have the move?"""
        return all(one in steps for one in self.uses) and not any(one in steps for one in self.without)


_UNIT: Final = (Role.applicant,)
KEEPERS: Final = (Role.applicant, Role.department_manager, Role.project_leader)
_OFFICE: Final = (Role.officer,)
_REVIEW: Final = (Role.officer, Role.formal_reviewer)
_BUREAU: Final = (Role.officer, Role.bureau_head)
_HEAD: Final = (Role.bureau_head,)
_SENDER: Final = (Role.recommender,)
_ANYONE: Final = tuple(Role)

_S = State
_SUBMITTED: Final = (Step.submission,)
_REVIEWED: Final = (Step.initial_review,)
_RECOMMENDED: Final = (Step.recommendation,)
_NOTICE: Final = (Step.public_notice,)


def _each(
    sources: Iterable[State],
    action: str,
    target: State | None,
    roles: tuple[Role, ...],
    guard: str | None = None,
    *,
    uses: tuple[Step, ...] = (),
) -> tuple[Transition, ...]:
    return tuple(Transition(one, action, None, target or one, roles, guard, uses) for one in sources)


TRANSITIONS: Final[tuple[Transition, ...]] = (
    # the applicant's own
    *_each((_S.draft, _S.returned), "edit", None, KEEPERS, "no_attempt"),
    *_each((_S.draft, _S.returned), "submit", _S.submitted, _UNIT, "window_open", uses=_SUBMITTED),
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
    # initial review (初审)
    Transition(
        _S.submitted, "initial_review", "approved", _S.initial_review_passed, _SENDER, "settled", _REVIEWED
    ),
    Transition(_S.submitted, "initial_review", "returned", _S.returned, _SENDER, "settled", _REVIEWED),
    Transition(_S.submitted, "initial_review", "rejected", _S.rejected, _SENDER, "settled", _REVIEWED),
    # recommendation (推荐), after the initial review or without one
    Transition(
        _S.initial_review_passed,
        "recommend",
        None,
        _S.recommended,
        _SENDER,
        "legal_person_login",
        _RECOMMENDED,
    ),
    Transition(
        _S.submitted,
        "recommend",
        None,
        _S.recommended,
        _SENDER,
        "legal_person_login",
        _RECOMMENDED,
        without=_REVIEWED,
    ),
    Transition(
        _S.recommended,
        "withdraw_recommendation",
        None,
        _S.initial_review_passed,
        _SENDER,
        "before_close",
        (*_RECOMMENDED, *_REVIEWED),
    ),
    Transition(
        _S.recommended,
        "withdraw_recommendation",
        None,
        _S.submitted,
        _SENDER,
        "before_close",
        _RECOMMENDED,
        without=_REVIEWED,
    ),
    # acceptance by the office (受理): of what was recommended, else of what the call asks nothing more for
    Transition(_S.recommended, "accept", None, _S.accepted, _OFFICE),
    Transition(
        _S.initial_review_passed,
        "accept",
        None,
        _S.accepted,
        _OFFICE,
        "settled",
        _REVIEWED,
        without=_RECOMMENDED,
    ),
    Transition(
        _S.submitted,
        "accept",
        None,
        _S.accepted,
        _OFFICE,
        "settled",
        _SUBMITTED,
        without=(*_REVIEWED, *_RECOMMENDED),
    ),
    # assessed once more (重新审查), wherever somebody still decides; the state stays
    *_each(
        (
            _S.submitted,
            _S.initial_review_passed,
            _S.recommended,
            _S.accepted,
            _S.expert_review,
            _S.proposed,
            _S.public_notice,
            _S.objection_handling,
        ),
        "reassess",
        None,
        _OFFICE,
        "settled",
    ),
    # formal review (形式审查)
    *_each((_S.accepted,), "decide_finding", None, _REVIEW),
    Transition(_S.accepted, "formal_review", "pass", _S.expert_review, _REVIEW),
    Transition(_S.accepted, "formal_review", "fail", _S.failed_formal, _REVIEW),
    # experts, proposal (拟立项), public notice (公示), objections, approval (立项)
    *_each((_S.expert_review,), "assign", None, _OFFICE, uses=(Step.expert_review,)),
    Transition(_S.expert_review, "propose", None, _S.proposed, _OFFICE),
    Transition(_S.expert_review, "not_select", None, _S.not_selected, _OFFICE),
    # refused at approval: blacklisted during the notice, for example
    Transition(_S.public_notice, "not_select", None, _S.not_selected, _OFFICE),
    Transition(_S.proposed, "not_select", None, _S.not_selected, _OFFICE, without=_NOTICE),
    Transition(_S.proposed, "publish_notice", None, _S.public_notice, _BUREAU, uses=_NOTICE),
    Transition(_S.public_notice, "object", None, _S.objection_handling, _ANYONE),
    *_each((_S.objection_handling,), "object", None, _ANYONE),
    Transition(_S.objection_handling, "decide_objection", "upheld", _S.rejected, _BUREAU),
    Transition(_S.objection_handling, "decide_objection", "rejected", _S.public_notice, _BUREAU),
    # another objection is still open
    Transition(_S.objection_handling, "decide_objection", "kept_open", _S.objection_handling, _BUREAU),
    Transition(_S.public_notice, "approve", None, _S.approved, _HEAD),
    Transition(_S.proposed, "approve", None, _S.approved, _HEAD, without=_NOTICE),
    # direct grant (直接立项): a draft of a signed project, with no step between
    Transition(_S.draft, "grant_directly", None, _S.approved, _HEAD, "no_attempt", uses=(Step.direct_grant,)),
)


def find(state: str, action: str, outcome: str | None = None, *, steps: Collection[str]) -> Transition | None:
    """The move of an action from a state, in a call of these steps."""
    for one in TRANSITIONS:
        same = one.source == state and one.action == action and one.outcome == outcome
        if same and one.exists_with(steps):
            return one
    return None


def awaiting(state: str, action: str) -> tuple[Transition, ...]:
    """Every move of an action from a state, whatever a call's steps; for queries."""
    return tuple(one for one in TRANSITIONS if one.source == state and one.action == action)
