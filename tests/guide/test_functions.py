"""Functions of expressions."""

from datetime import UTC, datetime

import pytest

from guide.functions import add_years, days_between, hits, ms_between, norm_equal, within


@pytest.mark.parametrize(
    ("day", "years", "result"),
    [
        ("2020-02-29", 1, "2021-02-28"),
        ("2020-02-29", 4, "2024-02-29"),
        ("2004-01-01", 20, "2024-01-01"),
        ("2021-02-28", -1, "2020-02-28"),
    ],
)
def test_add_years(day: str, years: int, result: str) -> None:
    assert add_years(day, years) == result


def test_distances() -> None:
    assert days_between("2020-02-28", "2020-03-01") == 2
    noon = datetime(2020, 6, 28, 12, tzinfo=UTC)
    assert ms_between(noon, noon.replace(microsecond=1)) == 1
    assert ms_between(noon, noon.replace(microsecond=1000)) == 1
    assert ms_between(noon, noon.replace(second=1)) == 1000
    assert ms_between(noon, noon) == 0


@pytest.mark.parametrize(
    ("code", "area", "inside"),
    [
        ("330802", "330800", True),
        ("330800", "330800", True),
        ("330100", "330800", False),
        ("330802", "330802", True),
        ("330803", "330802", False),
        ("HK", "330800", False),
        ("DE", "330800", False),
        ("33080", "330800", False),
    ],
)
def test_within(code: str, area: str, inside: bool) -> None:
    assert within(code, area) is inside


def test_text() -> None:
    assert norm_equal("ＡＢ c", "abC")
    assert not norm_equal("甲", "乙")
    assert hits(["甲 乙丙"], ["乙丙", "丁", " "]) == [("乙丙", "甲 乙丙")]
