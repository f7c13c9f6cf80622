"""Calls (申报通知) and the versions of their guides."""

import strawberry
from strawberry import field

from gateway.graph.context import Context, Info
from gateway.graph.loaders import Row
from gateway.nouns.base import IdArgument, Instant, Node, global_id, key_of
from gateway.nouns.facts import Fact, fact_of
from gateway.nouns.guides import CategoryNoun, TopicNoun, category_of, find_category, topic_of
from gateway.nouns.notices import Notice, notice_of
from gateway.nouns.quota import QuotaRow, rows_of
from gateway.nouns.texts import Clause, Text, clause_of_pack
from gateway.nouns.words import CallState
from gateway.wording import d, resolved
from guide import Pack


@strawberry.type(
    description=d("已发布的指南版本，内容不变", "A published version of a guide; it never changes.")
)
class GuideVersion(Node):
    pack: strawberry.Private[Pack]
    guide: str = field(description=d("申报通知编号", "Id of the guide."))
    version: str = field(description=d("版本（内容摘要）", "Version: hash of its content."))
    city: str = field(description=d("所属市 (GB/T 2260)", "City (GB/T 2260)."))
    notice_days: int | None = field(
        description=d("公示天数；空值表示未说明", "Days of notice; null: not stated.")
    )

    @resolved("全部类别，按指南顺序", "All categories in the order of the guide.")
    def categories(self) -> list[CategoryNoun]:
        return [category_of(self.pack, one) for one in self.pack.categories]

    @resolved("某一类别", "One category.")
    def category(self, id: IdArgument) -> CategoryNoun | None:
        key = key_of(id, "Category").removeprefix(f"{self.guide}/")
        return find_category(self.pack, key)

    @resolved("领域方向", "Topics.")
    def topics(self) -> list[TopicNoun]:
        return [topic_of(self.pack, one) for one in self.pack.topics.values()]

    @resolved("条款", "Clauses.")
    def clauses(self) -> list[Clause]:
        return [clause_of_pack(one) for one in self.pack.clauses.values()]

    @resolved("事实目录", "Catalogue of the facts that its rules read.")
    def facts(self) -> list[Fact]:
        return [fact_of(one) for one in self.pack.facts.values()]


def version_of(pack: Pack) -> GuideVersion:
    """Of a pack."""
    return GuideVersion(
        pack=pack,
        id=global_id("GuideVersion", f"{pack.id}/{pack.version}"),
        guide=pack.id,
        version=pack.version,
        city=pack.city,
        notice_days=pack.life_cycle.notice_days,
    )


@strawberry.type(description=d("申报通知", "A call: one year's notice of one city."))
class Call(Node):
    key: str = field(description=d("编号，如 qz-2020", "Its id, as qz-2020."))
    city: str = field(description=d("所属市 (GB/T 2260)", "City (GB/T 2260)."))
    title: Text = field(description=d("标题", "Title."))
    year: int = field(description=d("年度", "Year."))
    issuer: str = field(description=d("发布单位", "Who issued it."))
    open_at: Instant | None = field(description=d("开始时间；空值表示未说明", "Opens; null: not stated."))
    close_at: Instant | None = field(description=d("截止时间；空值表示未说明", "Closes; null: not stated."))
    state: CallState = field(description=d("状态", "State by the business clock."))
    version_key: strawberry.Private[str | None]

    @resolved("现行指南版本", "The version in force.")
    async def version(self, info: Info) -> GuideVersion | None:
        pack = await self._pack(info)
        return version_of(pack) if pack is not None else None

    async def _pack(self, info: Info) -> Pack | None:
        if self.version_key is None:
            return None
        return await info.context.packs.version(info.context, self.key, self.version_key)

    @resolved("现行版本的类别", "Categories of the version in force.")
    async def categories(self, info: Info) -> list[CategoryNoun] | None:
        pack = await self._pack(info)
        return [category_of(pack, one) for one in pack.categories] if pack is not None else None

    @resolved("现行版本的某一类别", "One category of the version in force.")
    async def category(self, info: Info, id: IdArgument) -> CategoryNoun | None:
        pack = await self._pack(info)
        key = key_of(id, "Category").removeprefix(f"{self.key}/")
        return find_category(pack, key) if pack is not None else None

    @resolved("现行版本的领域方向", "Topics of the version in force.")
    async def topics(self, info: Info) -> list[TopicNoun] | None:
        pack = await self._pack(info)
        return [topic_of(pack, one) for one in pack.topics.values()] if pack is not None else None

    @resolved("现行版本的条款", "Clauses of the version in force.")
    async def clauses(self, info: Info) -> list[Clause] | None:
        pack = await self._pack(info)
        return [clause_of_pack(one) for one in pack.clauses.values()] if pack is not None else None

    @resolved("推荐额度", "Quota rows.")
    async def quota_rows(self, info: Info) -> list[QuotaRow] | None:
        return await rows_of(info.context, self.key, None)

    @resolved("公示", "Public notices.")
    async def notices(self, info: Info) -> list[Notice] | None:
        rows = await info.context.loaders.notices_of_guide.load(self.key)
        return [notice_of(row) for row in rows]


def call_of(row: Row) -> Call:
    """Of intake's call."""
    opens, closes = row.get("open_at"), row.get("close_at")
    return Call(
        id=global_id("Call", row["id"]),
        key=row["id"],
        city=row["city"],
        title=Text(zh=row["title_zh"], en=row["title_en"]),
        year=row["year"],
        issuer=row["issuer"],
        open_at=Instant(opens) if opens else None,
        close_at=Instant(closes) if closes else None,
        state=CallState(row["state"]),
        version_key=row.get("version"),
    )


async def load_call(context: Context, key: str) -> Call | None:
    """A call by id, in this request's batch; None where missing or invisible."""
    row = await context.loaders.calls.load(key)
    return call_of(row) if row is not None else None
