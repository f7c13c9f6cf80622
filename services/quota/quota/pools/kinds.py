"""What a pool can be, and what can happen to it."""

from enum import StrEnum


class PoolKind(StrEnum):
    """What runs out. Platform limits, caps and budgets come as further members with the same protocol."""

    place = "place"  # 推荐名额: a recommendation in a row of a category's quota table


class EntryKind(StrEnum):
    """What a ledger entry records. Only `held` and `void` move the counter."""

    held = "held"
    confirmed = "confirmed"
    void = "void"
    limit = "limit"
