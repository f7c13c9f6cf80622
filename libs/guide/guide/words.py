"""The published words of findings: outcomes, effects, strengths, stages, owners of facts."""

from enum import StrEnum


class Outcome(StrEnum):
    """What one rule says about one application."""

    passed = "pass"
    fail = "fail"
    unknown = "unknown"
    manual = "manual"
    not_applicable = "not_applicable"


class Effect(StrEnum):
    """What a fail of the rule does."""

    blocks_submission = "blocks_submission"
    fails_formal_review = "fails_formal_review"
    deemed_given_up = "deemed_given_up"
    document_consistency = "document_consistency"
    priority = "priority"
    obligation = "obligation"
    selection_cap = "selection_cap"
    routing = "routing"


VERDICT_EFFECTS = frozenset(
    {
        Effect.blocks_submission,
        Effect.fails_formal_review,
        Effect.deemed_given_up,
        Effect.document_consistency,
    }
)
"""Effects that enter `eligible`; all others only inform, rank, cap or oblige."""


class Strength(StrEnum):
    hard = "hard"
    soft = "soft"
    """原则上: below the figure a person decides."""
    ranking = "ranking"


class Stage(StrEnum):
    submission = "submission"
    recommendation = "recommendation"
    formal_review = "formal_review"
    approval = "approval"
    acceptance = "acceptance"

    @property
    def order(self) -> int:
        return _STAGE_ORDER[self]


_STAGE_ORDER = {stage: index for index, stage in enumerate(Stage)}


class Eligible(StrEnum):
    eligible = "eligible"
    not_eligible = "not_eligible"
    pending = "pending"


class Owner(StrEnum):
    """Who keeps a fact and answers for it."""

    app = "app"
    org = "org"
    person = "person"
    platform = "platform"
    att = "att"
    quota = "quota"
    prog = "prog"
    bl = "bl"
    apps = "apps"
    call = "call"
    clock = "clock"
    rev = "rev"
    post = "post"
    doc = "doc"
    reg = "reg"


class Lang(StrEnum):
    zh = "zh"
    en = "en"
