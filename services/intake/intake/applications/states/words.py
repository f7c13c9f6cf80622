"""Published words of an application's life."""

from enum import StrEnum
from typing import Final


class State(StrEnum):
    """The database checks the same list."""

    draft = "draft"
    submitted = "submitted"
    initial_review_passed = "initial_review_passed"  # 初审通过
    returned = "returned"  # 退回
    recommended = "recommended"  # 已推荐
    accepted = "accepted"  # 受理; formal review (形式审查) happens here
    expert_review = "expert_review"  # 评审; by the bureau alone where the call asks no experts
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


class Step(StrEnum):
    """Steps that a call may use or leave out (`life_cycle.steps` of its pack), each by the pack's id.

    Acceptance, formal review, proposal and approval are the bureau's own; no application goes without them,
    but one that is granted directly.
    """

    submission = "submission"
    initial_review = "initial_review"  # 初审
    recommendation = "recommendation"  # 推荐
    expert_review = "expert_review"  # 专家评审
    public_notice = "public_notice"  # 公示
    direct_grant = "direct_grant"  # 直接立项


MAIN_LINE: Final = tuple(step.value for step in Step if step is not Step.direct_grant)
"""Every step from submission to notice."""


class AttemptState(StrEnum):
    """An attempt to submit: open until it is decided; admitted_pending waits for an owner that was away."""

    open = "open"
    admitted = "admitted"
    admitted_pending = "admitted_pending"
    refused = "refused"


def sql_list(words: type[StrEnum]) -> str:
    """The words for a CHECK constraint."""
    return ", ".join(f"'{word.value}'" for word in words)
