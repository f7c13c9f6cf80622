"""What a published guide says: categories, topics, materials, offices."""

import strawberry
from strawberry import field

from gateway.graph.context import Info
from gateway.nouns.base import Money, Node, global_id
from gateway.nouns.facts import FormNoun, form_of
from gateway.nouns.quota import QuotaRow, rows_of
from gateway.nouns.texts import Clause, Text, clause_of_pack, text
from gateway.nouns.words import Bundle
from gateway.wording import d, resolved
from guide import Category, Material, Pack, Topic


@strawberry.type(name="Topic", description=d("指南领域方向", "A topic of the field guide."))
class TopicNoun(Node):
    key: str = field(description=d("方向编号", "Id inside the guide."))
    group: Text = field(description=d("领域", "Field group."))
    name: Text = field(description=d("名称", "Name."))
    domain: str = field(description=d("归口领域", "Domain, by which it is routed."))
    domain_note: Text | None = field(description=d("归口说明", "How sure the domain is; null: not stated."))
    clause: Clause = field(description=d("依据", "Clause."))


def topic_of(pack: Pack, topic: Topic) -> TopicNoun:
    """Of a pack's topic."""
    return TopicNoun(
        id=global_id("Topic", f"{pack.id}/{topic.id}"),
        key=topic.id,
        group=Text(zh=topic.group_zh, en=topic.group_en),
        name=Text(zh=topic.name_zh, en=topic.name_en),
        domain=topic.domain,
        domain_note=text(topic.domain_note),
        clause=clause_of_pack(pack.clauses[topic.clause]),
    )


@strawberry.type(name="Material", description=d("须提交的材料", "A document that is handed in."))
class MaterialNoun:
    key: str = field(description=d("材料编号", "Id inside the guide."))
    name: Text = field(description=d("名称", "Name."))
    bundle: Bundle = field(description=d("材料包", "Bundle."))
    stage: str = field(
        description=d(
            "提交时点：A 申报，R 推荐，C 合同，P 执行或验收",
            "When: A application, R recommendation, C contract, P execution.",
        )
    )
    supplier: str = field(description=d("由谁提供", "Who supplies it."))
    required: bool = field(
        description=d("指南明文要求", "Required by the guide's words, not by implication.")
    )
    condition: str | None = field(
        description=d("仅当此 CEL 条件成立时需要", "Needed only while this CEL expression holds.")
    )
    channel: str = field(description=d("形式：文件、在线填写、纸质", "Form: file, online, paper."))
    multiple: bool = field(description=d("可多份", "Several files may be given."))
    formats: list[str] | None = field(description=d("文件格式", "File formats; null: not stated."))
    max_bytes: int | None = field(
        description=d("大小上限（字节）", "Largest size in bytes; null: not stated.")
    )
    clause: Clause = field(description=d("依据", "Clause."))


def material_of(pack: Pack, material: Material) -> MaterialNoun:
    """Of a pack's material."""
    return MaterialNoun(
        key=material.id,
        name=Text(zh=material.name_zh, en=material.name_en),
        bundle=Bundle(material.bundle),
        stage=material.when,
        supplier=material.supplier,
        required=material.force == "req",
        condition=material.condition,
        channel=material.form,
        multiple=bool(material.multiple),
        formats=list(material.formats) if material.formats is not None else None,
        max_bytes=material.max_bytes,
        clause=clause_of_pack(pack.clauses[material.clause]),
    )


@strawberry.type(description=d("资助档次", "A tier of funding."))
class FundingTier:
    tier: str | None = field(description=d("档次", "Tier."))
    least: Money | None = field(description=d("下限（元）", "Least amount in yuan."))
    most: Money | None = field(description=d("上限（元）", "Largest amount in yuan."))


@strawberry.type(
    name="Category", description=d("项目类别；空值表示指南未说明", "A category. Null: not stated.")
)
class CategoryNoun(Node):
    pack: strawberry.Private[Pack]
    category: strawberry.Private[Category]
    key: str = field(description=d("类别编号", "Id inside the guide."))
    name: Text = field(description=d("名称", "Name."))
    selectable: bool = field(description=d("可申报", "Can be applied for."))
    parent_key: str | None = field(description=d("上级类别编号", "Id of the category above."))
    scope: Text | None = field(description=d("支持范围", "Scope."))
    who: Text | None = field(description=d("申报主体", "Who may apply."))
    priority: Text | None = field(description=d("优先条件", "Priorities."))
    cap: int | None = field(description=d("立项数量上限", "Most projects that are approved."))
    max_months: int | None = field(description=d("最长实施期（月）", "Longest period in months."))
    funding: list[FundingTier] | None = field(description=d("资助额度", "Funding."))
    funding_mode: str | None = field(description=d("资助方式", "Mode of funding."))
    clause: Clause = field(description=d("依据", "Clause."))

    @resolved("申报表单；不可申报的类别没有", "Its form; null when not selectable.")
    def form(self) -> FormNoun | None:
        return form_of(self.pack.form_for(self.key)) if self.selectable else None

    @resolved("材料清单", "Documents to hand in.")
    def materials(self) -> list[MaterialNoun]:
        if not self.selectable:
            return []
        return [material_of(self.pack, one) for one in self.pack.materials_for(self.key)]

    @resolved("推荐额度", "Places for recommendation.")
    async def quota_rows(self, info: Info) -> list[QuotaRow] | None:
        return await rows_of(info.context, self.pack.id, self.key)


def category_of(pack: Pack, category: Category) -> CategoryNoun:
    """Of a pack's category."""
    return CategoryNoun(
        pack=pack,
        category=category,
        id=global_id("Category", f"{pack.id}/{category.id}"),
        key=category.id,
        name=Text(zh=category.name_zh, en=category.name_en),
        selectable=bool(category.selectable),
        parent_key=category.parent,
        scope=text(category.scope),
        who=text(category.who),
        priority=text(category.priority),
        cap=category.cap,
        max_months=category.years.max_months if category.years else None,
        funding=_funding(category),
        funding_mode=category.funding_mode,
        clause=clause_of_pack(pack.clauses[category.clause]),
    )


def _funding(category: Category) -> list[FundingTier] | None:
    if category.funding is None:
        return None
    return [
        FundingTier(
            tier=tier.tier,
            least=Money(tier.min) if tier.min is not None else None,
            most=Money(tier.max) if tier.max is not None else None,
        )
        for tier in category.funding
    ]


def find_category(pack: Pack, key: str) -> CategoryNoun | None:
    """The category of this id, selectable or not."""
    for category in pack.categories:
        if category.id == key:
            return category_of(pack, category)
    return None


@strawberry.type(name="Office", description=d("受理处室", "An office of the bureau."))
class OfficeNoun:
    key: str = field(description=d("处室编号", "Id inside the guide."))
    name: Text = field(description=d("名称", "Name."))


def office_of(pack: Pack | None, name: str | None) -> OfficeNoun | None:
    """The office of this Chinese name, by which intake keeps it."""
    offices = pack.offices.values() if pack is not None else ()
    office = next((one for one in offices if one.name_zh == name), None)
    if office is None:
        return None
    return OfficeNoun(key=office.id, name=Text(zh=office.name_zh, en=office.name_en))
