"""Calls (申报通知) and the versions of their guides."""

import strawberry
from strawberry import field

from gateway.graph.context import Context, Info
from gateway.graph.loaders import Row
from gateway.nouns.base import IdArgument, Instant, Node, global_id, key_of
from gateway.nouns.facts import Fact, fact_of
from gateway.nouns.guide_changes import review_path, version_path
from gateway.nouns.guides import CategoryNoun, TopicNoun, category_of, find_category, topic_of
from gateway.nouns.notices import Notice, notice_of
from gateway.nouns.quota import QuotaRow, rows_of
from gateway.nouns.texts import Clause, Text, clause_of_pack
from gateway.nouns.words import AnnouncementKind, CallState, WindowSource
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

    @resolved("条款审阅页的路径", "Path of the page that shows it clause by clause.")
    def review_path(self) -> str:
        return version_path(self.guide, self.version)

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


@strawberry.type(
    description=d(
        "科技局公布的起止时间；同类以最后一次为准", "What the bureau announced; the latest of a kind counts."
    )
)
class Announcement:
    kind: AnnouncementKind = field(description=d("开始或截止", "Opening or close."))
    at: Instant = field(description=d("时间", "When it opens or closes."))
    reason: str = field(description=d("说明", "Why, in words."))
    announced_at: Instant = field(description=d("公布时间", "When it was announced."))


@strawberry.type(description=d("申报通知", "A call: one year's notice of one city."))
class Call(Node):
    key: str = field(description=d("编号，如 qz-2020", "Its id, as qz-2020."))
    city: str = field(description=d("所属市 (GB/T 2260)", "City (GB/T 2260)."))
    title: Text = field(description=d("标题", "Title."))
    year: int = field(description=d("年度", "Year."))
    issuer: str = field(description=d("发布单位", "Who issued it."))
    open_at: Instant | None = field(
        description=d("开始时间；空值表示尚未公布", "Opens; null: not known yet.")
    )
    close_at: Instant | None = field(
        description=d("截止时间；空值表示尚未公布", "Closes; null: not known yet.")
    )
    state: CallState = field(description=d("状态", "State by the business clock."))
    window_source: WindowSource = field(
        description=d("起止时间由谁规定", "Who says when it opens and closes.")
    )
    announcements: list[Announcement] = field(
        description=d("科技局公布的起止时间，旧的在前", "What the bureau announced of it, oldest first.")
    )
    version_key: strawberry.Private[str | None]

    @resolved("现行指南版本", "The version in force.")
    async def version(self, info: Info) -> GuideVersion | None:
        pack = await self._pack(info)
        return version_of(pack) if pack is not None else None

    async def _pack(self, info: Info) -> Pack | None:
        if self.version_key is None:
            return None
        return await info.context.packs.version(info.context, self.key, self.version_key)

    @resolved("现行指南条款审阅页的路径", "Path of the page that shows the guide in force clause by clause.")
    def review_path(self) -> str | None:
        return review_path(self.key) if self.version_key is not None else None

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
        window_source=WindowSource(row["window_source"]),
        announcements=[_announcement_of(one) for one in row["announcements"]],
        version_key=row.get("version"),
    )


def _announcement_of(row: Row) -> Announcement:
    return Announcement(
        kind=AnnouncementKind(row["kind"]),
        at=Instant(row["at"]),
        reason=row["reason"],
        announced_at=Instant(row["announced_at"]),
    )


async def load_call(context: Context, key: str) -> Call | None:
    """A call by id, in this request's batch; None where missing or invisible."""
    row = await context.loaders.calls.load(key)
    return call_of(row) if row is not None else None
