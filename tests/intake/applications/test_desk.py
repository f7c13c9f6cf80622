"""Seats of the desk: so many at the same time, given back whatever happens."""

import pytest

from intake.applications.desk import Desk


def test_seats_are_given_until_none_is_free_and_come_back() -> None:
    desk = Desk(2)
    with desk.seat() as first, desk.seat() as second:
        assert (first, second) == (True, True)
        with desk.seat() as third:
            assert third is False
        with desk.seat() as fourth:
            assert fourth is False
    with desk.seat() as again:
        assert again is True


def test_a_failure_gives_the_seat_back() -> None:
    desk = Desk(1)
    with pytest.raises(ZeroDivisionError), desk.seat():
        raise ZeroDivisionError
    with desk.seat() as seated:
        assert seated is True
