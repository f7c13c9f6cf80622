"""Units (单位) and people."""

import strawberry
from strawberry import field

from gateway.graph.context import Context, Info
from gateway.graph.loaders import Row
from gateway.nouns.base import Json, Node, global_id
from gateway.wording import d, resolved


@strawberry.type(
    description=d("单位：申报单位、推荐单位等", "An organisation: applicant unit, recommender, …")
)
class Unit(Node):
    recommending_unit_id: strawberry.Private[str | None]
    city: str = field(description=d("所属市 (GB/T 2260)", "City (GB/T 2260)."))
    uscc: str = field(description=d("统一社会信用代码", "Unified social credit code."))
    name: str = field(description=d("名称", "Name."))
    short_names: list[str] = field(description=d("简称", "Short names."))
    former_names: list[str] = field(description=d("曾用名", "Former names."))
    type: str | None = field(description=d("单位类型", "Type of organisation."))
    legal_person: bool | None = field(description=d("有独立法人资格", "Is a legal person of its own."))
    reg_region: str | None = field(description=d("注册地 (GB/T 2260)", "Region of registration."))
    jurisdiction: str | None = field(description=d("属地", "Jurisdiction."))
    industry_class: str | None = field(description=d("国民经济行业代码", "Industry class (GB/T 4754)."))
    quota_token: str | None = field(description=d("额度行", "Row of the quota table it draws on."))
    profile: Json | None = field(
        description=d("单位其他事实；无权查看时为空", "Further facts by name; null where not to be seen.")
    )
    profile_complete: bool | None = field(description=d("资料已完整", "The profile is complete."))
    missing: list[str] | None = field(description=d("缺少的资料（事实名）", "Facts that are still missing."))
    revision: int = field(description=d("版本", "Revision, for expectedRevision."))

    @resolved("推荐单位", "The unit that recommends for it.")
    async def recommending_unit(self, info: Info) -> "Unit | None":
        return await load_unit(info.context, self.recommending_unit_id)


def unit_of(row: Row) -> Unit:
    """Of intake's unit."""
    return Unit(
        id=global_id("Unit", row["id"]),
        recommending_unit_id=row.get("recommending_unit_id"),
        city=row["city"],
        uscc=row["uscc"],
        name=row["name"],
        short_names=row.get("short_names") or [],
        former_names=row.get("former_names") or [],
        type=row.get("type"),
        legal_person=row.get("legal_person"),
        reg_region=row.get("reg_region"),
        jurisdiction=row.get("jurisdiction"),
        industry_class=row.get("industry_class"),
        quota_token=row.get("quota_token"),
        profile=Json(row["profile"]) if row.get("profile") is not None else None,
        profile_complete=row.get("profile_complete"),
        missing=row.get("missing"),
        revision=row["revision"],
    )


async def load_unit(context: Context, key: str | None) -> Unit | None:
    """A unit by id, in this request's batch; None where it is missing or invisible."""
    row = await context.loaders.units.load(key) if key is not None else None
    return unit_of(row) if row is not None else None


@strawberry.type(description=d("人员", "A person."))
class Person(Node):
    unit_id: strawberry.Private[str | None]
    name: str = field(description=d("姓名", "Name."))

    @resolved("所在单位", "The person's unit.")
    async def unit(self, info: Info) -> Unit | None:
        return await load_unit(info.context, self.unit_id)


def person_of(row: Row) -> Person:
    """Of intake's person."""
    return Person(id=global_id("Person", row["id"]), name=row["name"], unit_id=row.get("unit_id"))


async def load_person(context: Context, key: str | None) -> Person | None:
    """A person by id, in this request's batch; None where missing or invisible."""
    row = await context.loaders.people.load(key) if key is not None else None
    return person_of(row) if row is not None else None
