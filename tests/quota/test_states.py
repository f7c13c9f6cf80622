"""The life of a hold, without a database."""

from dataclasses import dataclass
from itertools import product
from uuid import UUID

import pytest

from common.ids import new_id
from quota.holds.states import TRANSITIONS, HoldVoid, State, advance


@dataclass
class Hold:
    subject: UUID
    state: str


@pytest.mark.parametrize(("now", "to"), [pair for pair in product(State, State) if pair[0] is not pair[1]])
def test_only_the_table_moves_a_hold(now: State, to: State) -> None:
    hold = Hold(new_id(), now.value)
    if to in TRANSITIONS[now]:
        assert advance(hold, to)
        assert hold.state == to.value
    else:
        with pytest.raises(HoldVoid) as refused:
            advance(hold, to)
        assert refused.value.extra == {"subject": str(hold.subject)}
        assert hold.state == now.value


@pytest.mark.parametrize("state", State)
def test_a_repeated_step_does_nothing(state: State) -> None:
    hold = Hold(new_id(), state.value)
    assert not advance(hold, state)
    assert hold.state == state.value


def test_void_is_final_and_nothing_returns_to_held() -> None:
    assert not TRANSITIONS[State.void]
    assert all(State.held not in onward for onward in TRANSITIONS.values())
    assert set(TRANSITIONS) == set(State)
