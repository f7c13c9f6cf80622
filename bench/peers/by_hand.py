"""What checks written by hand share: outcomes, and truth that may be missing (None)."""

from datetime import datetime
from typing import Any

PASS, FAIL, UNKNOWN, MANUAL, NOT_APPLICABLE = "pass", "fail", "unknown", "manual", "not_applicable"
_WEIGHT = {FAIL: 4, UNKNOWN: 3, MANUAL: 2, PASS: 1, NOT_APPLICABLE: 0}


def held(truth: bool | None) -> str:
    if truth is None:
        return UNKNOWN
    return PASS if truth else FAIL


def every(*truths: bool | None) -> str:
    if False in truths:
        return FAIL
    return UNKNOWN if None in truths else PASS


def worst(*outcomes: str) -> str:
    return max(outcomes, key=_WEIGHT.__getitem__)


def judged(answer: bool | None) -> str:
    """A reviewer's yes or no; not yet given: for a person."""
    return MANUAL if answer is None else held(answer)


def there(value: Any) -> bool | None:
    """A file or a text that may still come."""
    return True if value is not None and value != "" else None


def at_least(value: int | None, bound: int) -> bool | None:
    return None if value is None else value >= bound


def at_most(value: int | None, bound: int) -> bool | None:
    return None if value is None else value <= bound


def equal(value: Any, wanted: Any) -> bool | None:
    return None if value is None else value == wanted


def instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def not_after(one: datetime | None, other: datetime | None) -> bool | None:
    return None if one is None or other is None else one <= other
