"""Words for the tokens of a pack, Chinese and English."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from guide.reading import Labels
from guide.words import Effect, Eligible, Stage, Strength

Words = tuple[str, str]
"""zh, en."""

SILENT: Final = ("指南未载明", "not stated")

EFFECTS: Final[dict[str, Words]] = {
    Effect.blocks_submission: ("不予受理", "blocks the submission"),
    Effect.fails_formal_review: ("形式审查不通过", "fails the formal review"),
    Effect.deemed_given_up: ("视为放弃", "counts as given up"),
    Effect.document_consistency: ("材料须一致", "documents must agree"),
    Effect.priority: ("优先支持", "priority"),
    Effect.obligation: ("立项后义务", "obligation after approval"),
    Effect.selection_cap: ("立项数量限制", "cap on approvals"),
    Effect.routing: ("归口受理", "routing"),
}
STRENGTHS: Final[dict[str, Words]] = {
    Strength.hard: ("硬性", "hard"),
    Strength.soft: ("原则上", "in principle"),
    Strength.ranking: ("择优参考", "for ranking"),
}
STAGES: Final[dict[str, Words]] = {
    Stage.submission: ("申报", "submission"),
    Stage.recommendation: ("推荐", "recommendation"),
    Stage.formal_review: ("形式审查", "formal review"),
    Stage.approval: ("立项", "approval"),
    Stage.acceptance: ("验收", "acceptance"),
}
STEPS: Final[dict[str, Words]] = {
    **STAGES,
    "initial_review": ("初审", "initial review"),
    "reception": ("受理", "reception"),
    "expert_review": ("专家评审", "expert review"),
    "proposal": ("拟立项", "proposal"),
    "public_notice": ("公示", "public notice"),
    "contract": ("签订合同", "contract"),
    "execution": ("项目实施", "execution"),
    "direct_grant": ("直接资助", "direct grant"),
}
VERDICTS: Final[dict[str, Words]] = {
    Eligible.eligible: ("符合", "eligible"),
    Eligible.not_eligible: ("不符合", "not eligible"),
    Eligible.pending: ("待定", "pending"),
}
FUNDING_MODES: Final[dict[str, Words]] = {
    "pre_subsidy": ("事前补助", "subsidy in advance"),
    "yearly": ("分年拨付", "yearly payments"),
    "post_subsidy": ("事后补助", "subsidy after the fact"),
    "by_tier": ("按档次", "by tier"),
}
TIERS: Final[dict[str, Words]] = {
    "general": ("一般项目", "general"),
    "key": ("重点项目", "key"),
    "major": ("重大项目", "major"),
}
MATERIALS: Final[dict[str, dict[str, Words]]] = {
    "supplier": {
        "applicant": ("申报单位", "the applicant"),
        "recommender": ("推荐单位", "the recommending unit"),
        "organiser": ("组织单位", "the organiser"),
        "system": ("系统生成", "the system"),
    },
    "bundle": {
        "blind": ("匿名评审材料", "blind bundle"),
        "identity": ("身份材料", "identity bundle"),
        "office": ("处室材料", "office bundle"),
    },
    "when": {
        "A": ("申报时", "application"),
        "R": ("推荐时", "recommendation"),
        "C": ("签订合同时", "contract"),
        "P": ("实施或验收时", "execution or acceptance"),
    },
    "force": {"req": ("指南要求", "required by the guide"), "impl": ("由条件推出", "implied by a condition")},
    "form": {"file": ("文件", "file"), "online": ("在线填写", "online"), "paper": ("纸质", "paper")},
}


def term(words: dict[str, Words], token: str, labels: Labels) -> str:
    """The word for a token; the token itself where there is none."""
    return labels.choose(*words[token]) if token in words else token


def instant(at: datetime | None, zone: ZoneInfo, labels: Labels) -> str:
    """Day and time of day in the call's zone; seconds only where there are any."""
    if at is None:
        return labels.choose(*SILENT)
    local = at.astimezone(zone)
    return local.strftime("%Y-%m-%d %H:%M" if local.second == 0 else "%Y-%m-%d %H:%M:%S")
