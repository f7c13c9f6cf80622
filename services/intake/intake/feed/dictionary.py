"""The data dictionary of the feed: each member of an item, what it means, its type, its code list."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Member:
    """One member of an item or of its record.

    Attributes:
        place: `item`, or `record` for what may be filtered by subscriber.
        type: text, integer, money (whole yuan), date, instant, code, uuid, hash, boolean, object.
        codes: closed list of values, if there is one.
        code_list: where an open code list is kept, if there is one.
        personal: names a person; given only to a subscriber who asked for it by name.
    """

    name: str
    place: str
    type: str
    zh: str
    en: str
    codes: tuple[str, ...] = ()
    code_list: str | None = None
    personal: bool = False


OPS = ("upsert", "withdraw", "redact", "correct")
REGION_CODES = "GB/T 2260"

MEMBERS: tuple[Member, ...] = (
    Member("seq", "item", "integer", "本市序号，自1起连续无缺", "number in the city, from 1, without gaps"),
    Member("entity_id", "item", "uuid", "项目标识，始终不变", "the project, for good"),
    Member(
        "revision", "item", "integer", "该项目的版本，较大者有效", "revision of the project; greater wins"
    ),
    Member(
        "op", "item", "code", "操作：列入、移出、隐去、更正", "listed, taken off, redacted, corrected", OPS
    ),
    Member("effective_at", "item", "instant", "生效时刻", "when it takes effect"),
    Member("reason", "item", "text", "移出、隐去或更正的原因", "why taken off, redacted or corrected"),
    Member("state", "item", "code", "项目状态", "state of the project", code_list="application states"),
    Member("digest", "item", "hash", "本条内容加盐后的摘要", "salted SHA-256 of the item"),
    Member("chain_hash", "item", "hash", "到本条为止的链值", "chain hash up to this item"),
    Member(
        "salt", "item", "text", "摘要所用的盐，仅在全部字段可见时给出", "salt; given when nothing is filtered"
    ),
    Member("withheld", "item", "boolean", "内容不在订阅范围内", "the content is outside the subscription"),
    Member("record", "item", "object", "项目内容，按订阅的字段", "content, by the subscribed fields"),
    Member("project_number", "record", "text", "项目编号", "number of the project"),
    Member("title", "record", "text", "项目名称", "title"),
    Member("guide", "record", "code", "申报通知", "the call", code_list="calls"),
    Member("year", "record", "integer", "计划年度", "year of the plan"),
    Member("category", "record", "code", "项目类别", "category", code_list="categories of the call"),
    Member("unit_name", "record", "text", "承担单位", "undertaking unit"),
    Member(
        "unit_uscc", "record", "code", "统一社会信用代码", "unified social credit code", code_list="GB 32100"
    ),
    Member("region", "record", "code", "单位注册地", "where the unit is registered", code_list=REGION_CODES),
    Member("office", "record", "text", "业务处室", "office in charge"),
    Member("grant", "record", "money", "资助金额（元），未定为空", "grant in yuan; null where not fixed"),
    Member("approved_on", "record", "date", "立项日期", "day of approval, in the call's zone"),
    Member("leader_name", "record", "text", "项目负责人", "project leader", personal=True),
)

RECORD_FIELDS = tuple(member.name for member in MEMBERS if member.place == "record")
OPEN_FIELDS = tuple(member.name for member in MEMBERS if member.place == "record" and not member.personal)
