"""Columns that files of several registers have."""

from typing import Final

from common.tabular import Column
from guide.dictionary import dictionary

UNIT: Final = Column(
    "unit_uscc", "单位统一社会信用代码", "unit credit code", "code", "18位", "18 characters", needed=True
)
PERIOD: Final = (
    Column(
        "valid_from",
        "生效日期",
        "from",
        "begin",
        "如 2020-01-01；所载情况自何日起成立",
        "e.g. 2020-01-01: since when the statement holds",
        needed=True,
    ),
    Column(
        "valid_to",
        "失效日期",
        "to",
        "end",
        "如 2020-12-31（含当日）；仍成立的留空，或填长期",
        "e.g. 2020-12-31, that day included; empty while it holds",
    ),
)
"""Every register's: half-open instants, from whole days in China."""


def parties(field: str, zh: str, en: str, *, needed: bool = False) -> Column:
    """Credit codes of several units."""
    return Column(
        field,
        zh,
        en,
        "list",
        "统一社会信用代码，多个用；分隔",
        "credit codes; several: separated by ;",
        needed=needed,
    )


def words(field: str, zh: str, en: str, enumeration: str, *, needed: bool = False) -> Column:
    """A column of one of the dictionary's enumerations: its tokens, or their Chinese labels."""
    labels = {token: said[0] for token, said in dictionary().enumerations[enumeration].items()}
    return Column(
        field,
        zh,
        en,
        "word",
        "、".join(labels.values()),
        ", ".join(labels),
        needed=needed,
        words={token: token for token in labels} | {label: token for token, label in labels.items()},
    )
