"""What a file changes in a register, from statements and known entries alone."""

from datetime import datetime
from uuid import UUID

from common.clock import parse_instant
from eligibility.registers.files import Statement
from eligibility.registers.planning import Known, Plan, plan


def at(day: str) -> datetime:
    return parse_instant(f"{day}T00:00:00+08:00")


def row(number: int, about: str, begins: str, ends: str | None = None, word: str = "x") -> Statement:
    return Statement(number, about, {"word": word}, at(begins), at(ends) if ends else None)


def known(number: int, about: str, begins: str, ends: str | None = None, word: str = "x") -> Known:
    return Known(UUID(int=number), about, {"word": word}, at(begins), at(ends) if ends else None)


def told(made: Plan) -> list[tuple[str, int | None, str, str | None]]:
    """(action, row, beginning, end) of each change, by day."""
    return [
        (
            one.action,
            one.row,
            one.valid_from.astimezone().date().isoformat(),
            one.valid_to.astimezone().date().isoformat() if one.valid_to else None,
        )
        for one in made.changes
    ]


def days(*found: tuple[str, int | None, str, str | None]) -> list[tuple[str, int | None, str, str | None]]:
    return [
        (
            action,
            number,
            at(begins).astimezone().date().isoformat(),
            at(ends).astimezone().date().isoformat() if ends else None,
        )
        for action, number, begins, ends in found
    ]


def test_new_same_and_changed() -> None:
    made = plan(
        [row(2, "a", "2020-01-01"), row(3, "b", "2020-01-01"), row(4, "c", "2020-01-01", word="y")],
        [known(1, "b", "2020-01-01"), known(2, "c", "2020-01-01")],
        None,
    )
    assert [one.action for one in made.changes] == ["added", "unchanged", "corrected"]
    assert made.counts() == {"added": 1, "corrected": 1, "ended": 0, "unchanged": 1}


def test_another_end_is_a_correction() -> None:
    made = plan([row(2, "a", "2020-01-01", "2021-01-01")], [known(1, "a", "2020-01-01")], None)
    assert told(made) == days(("corrected", 2, "2020-01-01", "2021-01-01"))


def test_a_later_statement_ends_the_open_one_before_it() -> None:
    made = plan([row(2, "a", "2021-01-01", word="y")], [known(1, "a", "2020-01-01")], None)
    assert told(made) == days(("added", 2, "2021-01-01", None), ("ended", 2, "2020-01-01", "2021-01-01"))


def test_rows_about_the_same_follow_each_other_in_whatever_order() -> None:
    made = plan([row(2, "a", "2021-01-01"), row(3, "a", "2020-01-01")], [], None)
    assert told(made) == days(("added", 2, "2021-01-01", None), ("added", 3, "2020-01-01", "2021-01-01"))


def test_an_earlier_statement_entered_late_lasts_until_the_known_one() -> None:
    made = plan([row(2, "a", "2019-01-01")], [known(1, "a", "2020-01-01")], None)
    assert told(made) == days(("added", 2, "2019-01-01", "2020-01-01"))


def test_what_had_ended_before_stays() -> None:
    made = plan([row(2, "a", "2021-01-01")], [known(1, "a", "2019-01-01", "2020-01-01")], None)
    assert told(made) == days(("added", 2, "2021-01-01", None))


def test_rows_that_overlap_or_stand_twice_are_bad() -> None:
    made = plan(
        [
            row(2, "a", "2020-01-01", "2021-06-01"),
            row(3, "a", "2021-01-01"),
            row(4, "b", "2020-01-01"),
            row(5, "b", "2020-01-01", word="y"),
        ],
        [],
        None,
    )
    assert [(one.row, one.code, one.pointer) for one in made.problems] == [
        (2, "overlaps", "/rows/2/valid_to"),
        (5, "twice", "/rows/5/valid_from"),
    ]


def test_a_row_that_overlaps_a_known_entry_is_bad() -> None:
    entries = [known(1, "a", "2021-01-01")]
    made = plan([row(2, "a", "2020-01-01", "2021-01-02")], entries, None)
    assert [(one.row, one.code, one.pointer) for one in made.problems] == [
        (2, "overlaps", "/rows/2/valid_to")
    ]
    assert made.changes == []
    assert plan([row(2, "a", "2020-01-01", "2021-01-01")], entries, None).problems == []


def test_a_whole_list_corrected_on_its_day_voids_what_began_then() -> None:
    wrong = known(1, "a", "2020-06-01", word="wrong")
    made = plan([row(2, "a", "2020-05-01"), row(3, "b", "2020-06-01")], [wrong], at("2020-06-01"))
    assert made.problems == []
    assert told(made) == days(
        ("added", 2, "2020-05-01", None),
        ("added", 3, "2020-06-01", None),
        ("ended", None, "2020-06-01", "2020-06-01"),
    )
    kept = plan([row(2, "a", "2020-06-01", word="right")], [wrong], at("2020-06-01"))
    assert told(kept) == days(("corrected", 2, "2020-06-01", None))


def test_a_whole_list_ends_what_is_not_in_it_and_nothing_else() -> None:
    entries = [
        known(1, "a", "2020-01-01"),
        known(2, "gone", "2020-01-01"),
        known(3, "later", "2020-07-01"),
        known(4, "over", "2019-01-01", "2020-01-01"),
        known(5, "void", "2020-01-01", "2020-01-01"),
        known(6, "planned", "2020-01-01", "2021-01-01"),
    ]
    made = plan([row(2, "a", "2020-01-01")], entries, at("2020-06-01"))
    assert told(made) == days(
        ("unchanged", 2, "2020-01-01", None),
        ("ended", None, "2020-01-01", "2020-06-01"),
        ("ended", None, "2020-01-01", "2020-06-01"),
    )
    assert [one.identity for one in made.changes[1:]] == ["gone", "planned"]


def test_without_a_day_nobody_is_ended() -> None:
    assert plan([], [known(1, "a", "2020-01-01")], None).changes == []
