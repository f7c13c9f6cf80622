"""Personal identifiers: resident id (公民身份号码, GB 11643) and phone. Sealed in the row, masked in answers.

A whole value leaves by one door only (`persons.reveal`), which writes an audit row. Everywhere else stand the
first three and the last four characters. Request models carry them as `SecretStr`, so that no `repr` has one.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, SecretStr

_RESIDENT_ID = re.compile(r"[1-9]\d{16}[0-9X]")
_PHONE = re.compile(r"1[3-9]\d{9}|0\d{9,11}")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_SHOWN_FIRST, _SHOWN_LAST = 3, 4


def checked_resident_id(text: str) -> str:
    """Eighteen characters, valid by date and check character.

    Raises:
        ValueError: it is none; the message does not repeat it.
    """
    plain = _plain(text).upper()
    if not _RESIDENT_ID.fullmatch(plain) or not _is_date(plain[6:14]) or plain[17] != check_character(plain):
        raise ValueError("not a valid resident id (18 characters, GB 11643)")
    return plain


def check_character(first: str) -> str:
    """The eighteenth character that belongs to the first seventeen digits (GB 11643, ISO 7064 MOD 11-2)."""
    return _CHECKS[sum(int(digit) * weight for digit, weight in zip(first, _WEIGHTS, strict=False)) % 11]


def checked_phone(text: str) -> str:
    """Digits of a mobile number, or of a fixed line with its area code.

    Raises:
        ValueError: it is none; the message does not repeat it.
    """
    plain = _plain(text).removeprefix("+86")
    if not _PHONE.fullmatch(plain):
        raise ValueError("not a phone number (mobile, or fixed line with area code)")
    return plain


def masked(text: str) -> str:
    """`110***********1234`, `138****5678`."""
    hidden = len(text) - _SHOWN_FIRST - _SHOWN_LAST
    return text[:_SHOWN_FIRST] + "*" * hidden + text[-_SHOWN_LAST:]


def _plain(text: str) -> str:
    return re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", text))


def _is_date(digits: str) -> bool:
    try:
        date.fromisoformat(f"{digits[:4]}-{digits[4:6]}-{digits[6:]}")
    except ValueError:
        return False
    return True


def _secret(check: Callable[[str], str]) -> AfterValidator:
    return AfterValidator(lambda secret: SecretStr(check(secret.get_secret_value())))


ResidentId = Annotated[SecretStr, _secret(checked_resident_id)]
Phone = Annotated[SecretStr, _secret(checked_phone)]
