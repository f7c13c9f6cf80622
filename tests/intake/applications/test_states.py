"""The one table of moves: complete, consistent, and the only door to a state."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, combinations
from uuid import UUID

import pytest

from common.clock import parse_instant
from common.ids import new_id
from common.roles import Role
from common.testing import actor
from guide.window import Window
from intake.applications import states
from intake.applications.states import TRANSITIONS, MoveRefused, Situation, State, Step

NOW = parse_instant("2020-06-01T09:00:00+08:00")


@dataclass
class Row:
    """The columns that the table reads."""

    unit_id: UUID
    steps: Sequence[str] = states.MAIN_LINE
    state: str = "draft"
    city: str = "330800"
    recommending_unit_id: UUID | None = None
    pending: bool = False
    open_attempt_id: UUID | None = None
    reopened: bool = False


WINDOW = Window(parse_instant("2020-05-18T00:00:00+08:00"), parse_instant("2020-06-28T17:00:00+08:00"))
FINAL = {
    "withdrawn",
    "rejected",
    "failed_formal",
    "not_selected",
    "approved",
}


def test_every_state_can_be_reached_and_none_but_final_ones_is_a_dead_end() -> None:
    reached, grown = {State.draft}, True
    while grown:
        more = {one.target for one in TRANSITIONS if one.source in reached} - reached
        grown = bool(more)
        reached |= more
    assert reached == set(State) - states.UNREACHED
    leaving = {one.source for one in TRANSITIONS if one.source != one.target}
    assert {state.value for state in reached - leaving} == FINAL


CHOICES = [
    frozenset(chosen)
    for chosen in chain.from_iterable(combinations(Step, size) for size in range(len(Step) + 1))
]


@pytest.mark.parametrize("steps", CHOICES, ids=lambda steps: "+".join(sorted(steps)) or "none")
def test_a_move_is_found_by_state_action_and_outcome_without_doubt(steps: Collection[str]) -> None:
    table = [one for one in TRANSITIONS if one.exists_with(steps)]
    keys = [(one.source, one.action, one.outcome) for one in table]
    assert len(keys) == len(set(keys))
    assert {one.guard for one in table if one.guard} <= states.GUARDS.keys()
    for source, action, _ in keys:
        same = [one for one in table if (one.source, one.action) == (source, action)]
        assert len({(one.roles, one.guard) for one in same}) == 1  # an outcome changes only the target


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("steps", [states.MAIN_LINE, ("submission", "expert_review"), ("direct_grant",)])
def test_advance_moves_along_the_table_and_nowhere_else(state: State, steps: Sequence[str]) -> None:
    for one in TRANSITIONS:
        row = Row(new_id(), steps, state=state.value)
        if one.source == state and one.exists_with(steps):
            assert states.advance(row, one.action, one.outcome).target == row.state
        elif states.find(state.value, one.action, one.outcome, steps=steps) is None:
            with pytest.raises(MoveRefused) as refusal:
                states.advance(row, one.action, one.outcome)
            assert refusal.value.extra["reason"] == "not_in_state"
            assert row.state == state.value


@pytest.mark.parametrize(
    ("at", "window", "reason"),
    [
        ("2020-05-17T23:59:59.999999+08:00", WINDOW, "window_not_open"),
        ("2020-05-18T00:00:00+08:00", WINDOW, None),
        ("2020-06-28T17:00:00+08:00", WINDOW, None),
        ("2020-06-28T17:00:00.000001+08:00", WINDOW, "window_closed"),
        (
            "2020-06-28T17:00:00+08:00",
            Window(WINDOW.open_at, WINDOW.close_at, close_inclusive=False),
            "window_closed",
        ),
        ("2035-01-01T00:00:00+08:00", Window(WINDOW.open_at, None), None),
        ("2020-06-01T00:00:00+08:00", Window(None, None), "window_not_announced"),
        ("2020-06-01T00:00:00+08:00", Window(None, WINDOW.close_at), "window_not_announced"),
        ("2020-06-01T00:00:00+08:00", None, "call_not_published"),
    ],
)
def test_the_window(at: str, window: Window | None, reason: str | None) -> None:
    assert states.window_reason(window, parse_instant(at)) == reason


def test_reasons_in_their_order() -> None:
    unit, above = new_id(), new_id()
    applicant = actor(Role.applicant, unit_id=unit)
    row = Row(unit, recommending_unit_id=above)

    def reason(action: str, who: object = applicant, now: datetime = NOW) -> str | None:
        return states.reason_against(Situation(row, who, now, WINDOW), action)  # type: ignore[arg-type]  # an Actor

    assert reason("submit") is None
    assert reason("submit", now=parse_instant("2020-07-01T00:00:00+08:00")) == "window_closed"
    assert reason("submit", actor(Role.applicant, unit_id=new_id())) == "not_your_unit"
    assert reason("submit", actor(Role.applicant, unit_id=unit, city="330100")) == "not_your_unit"
    assert reason("approve") == "not_in_state"
    row.open_attempt_id = new_id()
    assert reason("submit") == reason("edit") == reason("withdraw") == "attempt_open"
    row.open_attempt_id = None
    row.state = "submitted"
    recommender = actor(Role.recommender, unit_id=above)
    assert reason("initial_review", recommender) is None
    row.pending = True
    assert reason("initial_review", recommender) == "assessment_pending"
    row.pending, row.state = False, "initial_review_passed"
    assert reason("recommend", recommender) == "login_kind"
    assert reason("recommend", actor(Role.recommender, unit_id=above, login_kind="legal_person")) is None
    row.state, row.reopened = "returned", True
    assert reason("submit", now=parse_instant("2020-07-01T00:00:00+08:00")) is None


def test_allowed_actions_name_only_what_the_roles_could_ever_do() -> None:
    row = Row(new_id(), state="submitted")
    lines = states.allowed_actions(row, actor(Role.formal_reviewer), NOW, WINDOW)
    assert {line.action for line in lines} == {"decide_finding", "formal_review", "object"}
    assert all(line.reason_zh and line.reason_en for line in lines if not line.allowed)
    assert states.allowed_actions(row, actor(Role.officer, city="330100"), NOW, WINDOW) == []


def test_a_project_refused_at_approval_has_a_way_out() -> None:
    for state, steps in ((State.public_notice, states.MAIN_LINE), (State.proposed, ("submission",))):
        move = states.find(state, "not_select", steps=steps)
        assert move is not None
        assert move.target is State.not_selected
