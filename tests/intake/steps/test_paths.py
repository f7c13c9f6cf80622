"""The way from draft to approved in every category of every pack, and that there is no other."""

from collections.abc import Collection, Iterator

import pytest
from tests.intake.factories import pack

from intake.applications import states
from intake.applications.states import TRANSITIONS, State, Step
from intake.guides import packs

_END = ("formal_review", "propose", "publish_notice", "approve")
WHOLE = ("submit", "initial_review", "recommend", "accept", *_END)
RECOMMENDED = ("submit", "recommend", "accept", *_END)
PLAIN = ("submit", "accept", *_END)
DIRECT = ("grant_directly",)
GUIDES = {"qz-2020": WHOLE, "hy-2021": WHOLE, "gl-2019": PLAIN, "lz-2022": PLAIN}
OTHERWISE = {
    "hy21-transfer-signed2020": DIRECT,
    "gl19-07-rural-platform": RECOMMENDED,
    "gl19-14-sts-poverty": RECOMMENDED,
    "gl19-16-sdg-zone": RECOMMENDED,
}
CATEGORIES = [(guide, leaf.id) for guide in GUIDES for leaf in pack(guide).leaves]


def ways(steps: Collection[str], state: State, seen: tuple[State, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every way from a state to approved that goes through no state twice, as actions."""
    if state is State.approved:
        yield ()
    for move in TRANSITIONS:
        if move.source is state and move.target not in (*seen, state) and move.exists_with(steps):
            for rest in ways(steps, move.target, (*seen, state)):
                yield (move.action, *rest)


@pytest.mark.parametrize(("guide", "category"), CATEGORIES)
def test_there_is_one_way(guide: str, category: str) -> None:
    steps = packs.steps(pack(guide), category)
    assert set(ways(steps, State.draft)) == {OTHERWISE.get(category, GUIDES[guide])}


def test_the_categories_that_go_another_way_are_in_the_packs() -> None:
    assert OTHERWISE.keys() <= {category for _, category in CATEGORIES}
    assert len(CATEGORIES) == 3 + 13 + 19 + 13


@pytest.mark.parametrize(
    ("steps", "way"),
    [
        (("submission",), ("submit", "accept", "formal_review", "propose", "approve")),
        (("submission", "initial_review"), ("submit", "initial_review", "accept", *_END[:2], "approve")),
        (("submission", "public_notice"), PLAIN),
        ((), ()),
    ],
)
def test_ways_of_calls_that_nobody_has_published(steps: tuple[str, ...], way: tuple[str, ...]) -> None:
    assert set(ways(steps, State.draft)) == ({way} if way else set())


@pytest.mark.parametrize(("guide", "category"), CATEGORIES)
def test_no_action_of_an_unused_step_is_ever_possible(guide: str, category: str) -> None:
    steps = packs.steps(pack(guide), category)
    unused = {
        "initial_review": Step.initial_review,
        "recommend": Step.recommendation,
        "withdraw_recommendation": Step.recommendation,
        "assign": Step.expert_review,
        "publish_notice": Step.public_notice,
        "submit": Step.submission,
        "grant_directly": Step.direct_grant,
    }
    for state in State:
        for action, step in unused.items():
            if step not in steps:
                assert states.find(state, action, steps=steps) is None


def test_one_way_does_not_lead_into_another() -> None:
    """A recommendation that is taken back leads to where it came from."""
    for steps, back in ((states.MAIN_LINE, "initial_review_passed"), (RECOMMENDING, "submitted")):
        move = states.find(State.recommended, "withdraw_recommendation", steps=steps)
        assert move is not None
        assert move.target == back
        assert states.find(move.target, "recommend", steps=steps) is not None


RECOMMENDING = ("submission", "recommendation", "expert_review", "public_notice")


def test_ids_of_steps_are_those_of_the_packs() -> None:
    for guide in GUIDES:
        known = {one.id for one in pack(guide).life_cycle.steps}
        assert {step.value for step in Step} <= known
