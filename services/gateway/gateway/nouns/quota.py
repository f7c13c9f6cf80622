"""Quota rows: the places that a unit or area may recommend."""

from typing import TYPE_CHECKING

import strawberry
from strawberry import field

from gateway.graph.context import Info
from gateway.graph.loaders import Row
from gateway.nouns import pages
from gateway.nouns.base import After, Connection, First, Instant, Node, global_id
from gateway.nouns.decisions import LedgerKind
from gateway.nouns.texts import Text
from gateway.wording import d, resolved

if TYPE_CHECKING:
    from gateway.graph.context import Context


@strawberry.type(description=d("额度流水", "One entry of a row's ledger; never changed."))
class LedgerEntry:
    subject: str | None = field(description=d("推荐编号", "Id of the recommendation."))
    delta: int = field(description=d("变动", "Change of the places used."))
    used: int = field(description=d("其后已用", "Places used after it."))
    limit: int = field(description=d("其后额度", "Places in all after it."))
    kind: LedgerKind = field(description=d("类型", "Kind."))
    at: Instant = field(description=d("时间", "When."))
    by: str = field(description=d("操作人", "By whom."))
    decided_by: str | None = field(description=d("决定人", "On whose decision."))
    reason: str | None = field(description=d("原因", "Why."))
    trace_id: str | None = field(description=d("追踪号", "Trace id."))


def _entry(row: Row) -> LedgerEntry:
    return LedgerEntry(
        subject=row.get("subject"),
        delta=row["delta"],
        used=row["used"],
        limit=row["limit"],
        kind=LedgerKind(row["kind"]),
        at=Instant(row["at"]),
        by=row["by"],
        decided_by=row.get("decided_by"),
        reason=row.get("reason"),
        trace_id=row.get("trace_id"),
    )


@strawberry.type(description=d("推荐额度的一行", "A quota row: places of one area or unit in one category."))
class QuotaRow(Node):
    pool_id: strawberry.Private[str]
    key: str = field(description=d("额度编号", "Key of the pool."))
    guide: str = field(description=d("申报通知编号", "Id of the guide."))
    category_key: str = field(description=d("类别编号", "Id of the category."))
    unit: Text = field(description=d("地区或单位", "Area or unit."))
    limit: int = field(description=d("额度", "Places in all."))
    used: int = field(description=d("已用", "Places used."))
    left: int = field(description=d("剩余", "Places left."))

    @resolved("流水，旧的在前", "Its ledger, oldest first.")
    async def ledger(
        self, info: Info, first: First = 50, after: After = None
    ) -> Connection[LedgerEntry] | None:
        async def read(size: int, cursor: str | None) -> Row:
            path = f"/v1/pools/{self.pool_id}/ledger"
            answer: Row = await info.context.ask(
                "quota", "GET", path, params={"limit": size, "cursor": cursor}
            )
            return answer

        return await pages.remote(read, _entry, first, after)


def quota_row_of(row: Row) -> QuotaRow:
    """Of quota's pool."""
    return QuotaRow(
        id=global_id("QuotaRow", row["key"]),
        pool_id=str(row["id"]),
        key=row["key"],
        guide=row["guide"],
        category_key=row["category"],
        unit=Text(zh=row["unit_zh"], en=row.get("unit_en") or row["unit_zh"]),
        limit=row["limit"],
        used=row["used"],
        left=row["left"],
    )


async def rows_of(context: "Context", guide: str, category: str | None) -> list[QuotaRow]:
    """All rows of a guide, or of one of its categories."""
    rows = await context.loaders.pools_of_guide.load(guide)
    return [quota_row_of(row) for row in rows if category is None or row["category"] == category]
