"""Cells of tables that people fill in, as values or as problems with row and column."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from common.sheets import Formula, Line, Unreadable
from common.tabular import FLAGS, Column, RowProblem, headers, values


def column(kind: str, **more: Any) -> Column:
    return Column("thing", "某列", "thing", kind, "某物", "something", **more)


def read(cell: Any, one: Column) -> tuple[Any, list[RowProblem]]:
    stated, bad = values(Line(7, [cell]), {0: one})
    return stated.get("thing"), bad


@pytest.mark.parametrize(
    ("kind", "cell", "value"),
    [
        ("text", "  甲  乙 ", "甲 乙"),
        ("text", 12.0, "12"),
        ("code", "ＡＢ１２ ", "AB12"),
        ("list", "甲；乙、丙,丁;", ["甲", "乙", "丙", "丁"]),
        ("int", "2019", 2019),
        ("int", 2019.0, 2019),
        ("int", "－3", -3),
        ("int", 0, 0),
        ("decimal", 2.31, "2.31"),
        ("decimal", "1e3", "1000"),
        ("decimal", 40, "40"),
        ("date", "2019年4月1日", "2019-04-01"),
        ("date", date(2019, 4, 1), "2019-04-01"),
        ("date", datetime(2019, 4, 1), "2019-04-01"),  # noqa: DTZ001  # as table programs keep a day
        ("begin", "2019/4/1", datetime(2019, 3, 31, 16, tzinfo=UTC)),
        ("end", "2019.4.1", datetime(2019, 4, 1, 16, tzinfo=UTC)),
        ("end", "2019-04-01T12:00:00+08:00", datetime(2019, 4, 1, 4, tzinfo=UTC)),
        ("end", "2200-12-31", datetime(2200, 12, 31, 16, tzinfo=UTC)),
        ("end", "9999-12-31", None),
        ("end", "9999年12月31日", None),
        ("end", "9999-12-31T23:59:59Z", None),
        ("end", date(9999, 12, 31), None),
        ("end", datetime(9999, 12, 31), None),  # noqa: DTZ001  # as table programs keep a day
        ("end", " 长期 ", None),
        ("end", "永久有效", None),
        ("int", "", None),
        ("date", None, None),
        ("decimal", " ", None),
    ],
)
def test_what_a_cell_says(kind: str, cell: Any, value: Any) -> None:
    assert read(cell, column(kind)) == (value, [])


@pytest.mark.parametrize(("cell", "value"), [("是", True), ("No", False), (True, True), (0, False)])
def test_words(cell: Any, value: bool) -> None:
    assert read(cell, column("word", words=FLAGS)) == (value, [])


@pytest.mark.parametrize(
    ("kind", "cell", "code"),
    [
        ("text", Formula(), "formula"),
        ("code", 12345678901234567890, "number_rounded"),
        ("code", 1.5, "invalid"),
        ("int", "12a", "invalid"),
        ("int", "9" * 16, "invalid"),
        ("int", True, "invalid"),
        ("decimal", "nan", "invalid"),
        ("decimal", "1" * 41, "invalid"),
        ("decimal", "1e999999999", "invalid"),
        ("decimal", "1e-999999999", "invalid"),
        ("decimal", "0e999999999", "invalid"),
        ("date", "9999-12-31", "invalid"),
        ("date", "1899-12-31", "invalid"),
        ("begin", "9999-12-31", "invalid"),
        ("begin", "0001-01-01", "invalid"),
        ("begin", "长期", "invalid"),
        ("end", "2201-01-01", "invalid"),
        ("end", "1899-12-31T00:00:00Z", "invalid"),
        ("decimal", "一", "invalid"),
        ("date", "2019-02-29", "invalid"),
        ("date", datetime(2019, 4, 1, 8), "invalid"),  # noqa: DTZ001  # an hour is no day
        ("begin", "今天", "invalid"),
        ("word", "也许", "invalid"),
    ],
)
def test_what_cannot_be_read_says_where(kind: str, cell: Any, code: str) -> None:
    value, (bad,) = read(cell, column(kind, words=FLAGS if kind == "word" else None))
    assert value is None
    assert (bad.pointer, bad.row, bad.column, bad.code) == ("/rows/7/thing", 7, "某列", code)
    assert code != "invalid" or (bad.reason, bad.reason_zh) == (
        "thing takes: something",
        "某列应为：某物",
    )


def test_headers_may_stand_below_a_title_and_be_written_freely() -> None:
    two = (column("text"), Column("other", "另一列", "other thing", "text", "", ""))
    lines = [Line(1, ["名单", None]), Line(3, [" Other_Thing *", "某 列"]), Line(4, ["a", "b"])]
    begin, found = headers(lines, two, 2)
    assert (begin, {place: one.field for place, one in found.items()}) == (2, {0: "other", 1: "thing"})
    with pytest.raises(Unreadable) as refused:
        headers([Line(5, ["某列", "另一列", "第三列"])], two, 2)
    assert refused.value.row == 5
    with pytest.raises(Unreadable):
        headers([Line(1, ["某列", "thing"])], two, 2)
