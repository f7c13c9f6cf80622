"""The life of a recommendation: opened before a place is held, closed by one transaction or by settling."""

from enum import StrEnum
from typing import Final, Protocol

from common.errors import Conflict


class RecommendationState(StrEnum):
    """Published words. Only `recommended` has a place for good."""

    opening = "opening"
    recommended = "recommended"
    refused = "refused"
    void = "void"
    withdrawn = "withdrawn"


TRANSITIONS: Final = {
    ("opening", "commit"): RecommendationState.recommended,
    ("opening", "refuse"): RecommendationState.refused,
    ("opening", "void"): RecommendationState.void,
    ("recommended", "withdraw"): RecommendationState.withdrawn,
}


class Stated(Protocol):
    state: str


class RecommendationVoid(Conflict):
    """It was settled as void, or what it stood on has changed; recommend again."""

    code = "intake.recommendation_void"
    title_zh, title_en = "本次推荐已失效，请重新推荐", "The recommendation is void; recommend again"


class RecommendationClosed(Conflict):
    code = "intake.recommendation_closed"
    title_zh, title_en = "该推荐已不能变更", "The recommendation can no longer be changed"


def advance(recommendation: Stated, action: str) -> None:
    """Move a recommendation; the caller holds the row's lock.

    Raises:
        RecommendationClosed: no such move from its state.
    """
    target = TRANSITIONS.get((recommendation.state, action))
    if target is None:
        raise RecommendationClosed(extra={"state": recommendation.state})
    recommendation.state = target.value
