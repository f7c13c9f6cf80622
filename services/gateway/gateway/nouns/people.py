"""Units (单位), people, and what their logins may do."""

import strawberry
from strawberry import field

from gateway.graph.context import Context, Info
from gateway.graph.loaders import Row
from gateway.nouns import pages
from gateway.nouns.administration import AllowedAdministration, MembershipState, steps_of
from gateway.nouns.base import Connection, Instant, Json, Node, global_id, word
from gateway.nouns.words import LoginKind, RoleWord
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
    allowed_actions: list[AllowedAdministration] = field(
        description=d("成员管理员可进行的操作", "What an administrator of people can do.")
    )

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
        allowed_actions=steps_of(row),
    )


async def load_unit(context: Context, key: str | None) -> Unit | None:
    """A unit by id, in this request's batch; None where it is missing or invisible."""
    row = await context.loaders.units.load(key) if key is not None else None
    return unit_of(row) if row is not None else None


@strawberry.type(description=d("人员", "A person."))
class Person(Node):
    unit_id: strawberry.Private[str | None]
    name: str = field(description=d("姓名", "Name."))
    ref: str | None = field(
        description=d("人员编号；仅成员管理员可见", "Its ref in imported files; for administrators.")
    )
    resident_id_masked: str | None = field(
        description=d(
            "身份证号（部分隐去）；无权查看时为空", "Resident id, masked; null where not to be seen."
        )
    )
    phone_masked: str | None = field(
        description=d("电话（部分隐去）；无权查看时为空", "Phone, masked; null where not to be seen.")
    )
    revision: int = field(description=d("版本", "Revision, for expectedRevision."))
    allowed_actions: list[AllowedAdministration] = field(
        description=d("可进行的管理操作", "Steps of administration that are possible.")
    )

    @resolved("现在所在单位", "The person's unit now.")
    async def unit(self, info: Info) -> Unit | None:
        return await load_unit(info.context, self.unit_id)


def person_of(row: Row) -> Person:
    """Of intake's person."""
    return Person(
        id=global_id("Person", row["id"]),
        name=row["name"],
        unit_id=row.get("unit_id"),
        ref=row.get("ref"),
        resident_id_masked=row.get("resident_id_masked"),
        phone_masked=row.get("phone_masked"),
        revision=row["revision"],
        allowed_actions=steps_of(row),
    )


async def load_person(context: Context, key: str | None) -> Person | None:
    """A person by id, in this request's batch; None where missing or invisible."""
    row = await context.loaders.people.load(key) if key is not None else None
    return person_of(row) if row is not None else None


@strawberry.type(description=d("一段时期", "A period."))
class Period:
    valid_from: Instant | None = field(description=d("开始；空值为一直", "Beginning; null: ever."))
    valid_to: Instant | None = field(description=d("终止；空值为长期", "End; null: none."))


@strawberry.type(
    description=d(
        "成员资格：一个登录账号的一个角色", "A membership: one role of one login, from when to when."
    )
)
class MembershipRecord(Node):
    person_id: strawberry.Private[str]
    unit_id: strawberry.Private[str | None]
    city: str = field(description=d("市 (GB/T 2260)", "City (GB/T 2260)."))
    role: RoleWord = field(description=d("角色", "Role."))
    issuer: str = field(description=d("身份提供方", "Identity provider."))
    subject: str = field(description=d("登录账号", "Subject of the login at the provider."))
    login_kind: LoginKind | None = field(description=d("登录方式", "Kind of login."))
    valid_from: Instant | None = field(description=d("开始", "Beginning."))
    valid_to: Instant | None = field(description=d("终止", "End."))
    state: MembershipState = field(description=d("现在的状态", "State now."))
    former: list[Period] = field(description=d("以前的时期", "Earlier periods, oldest first."))
    revision: int = field(description=d("版本", "Revision, for expectedRevision."))
    allowed_actions: list[AllowedAdministration] = field(
        description=d("可进行的管理操作及不可进行的原因", "What an administrator can do, or why not.")
    )

    @resolved("人员", "The person.")
    async def person(self, info: Info) -> Person | None:
        return await load_person(info.context, self.person_id)

    @resolved("单位", "The unit.")
    async def unit(self, info: Info) -> Unit | None:
        return await load_unit(info.context, self.unit_id)


def membership_of(row: Row) -> MembershipRecord:
    """Of intake's membership."""
    return MembershipRecord(
        id=global_id("MembershipRecord", row["id"]),
        person_id=str(row["person_id"]),
        unit_id=row.get("unit_id"),
        city=row["city"],
        role=RoleWord(row["role"]),
        issuer=row["issuer"],
        subject=row["subject"],
        login_kind=word(LoginKind, row.get("login_kind")),
        valid_from=_instant(row.get("valid_from")),
        valid_to=_instant(row.get("valid_to")),
        state=MembershipState(row["state"]),
        former=[
            Period(valid_from=_instant(one["valid_from"]), valid_to=_instant(one["valid_to"]))
            for one in row["former"]
        ],
        revision=row["revision"],
        allowed_actions=steps_of(row),
    )


def _instant(value: str | None) -> Instant | None:
    return Instant(value) if value is not None else None


async def find_units(context: Context, wanted: Row, first: int, after: str | None) -> Connection[Unit]:
    """A page of the units that the caller sees in full."""

    async def read(size: int, cursor: str | None) -> Row:
        answer: Row = await context.ask(
            "intake", "POST", "/v1/units/search", json=_page(wanted, size, cursor)
        )
        return answer

    return await pages.remote(read, unit_of, first, after)


async def find_people(context: Context, wanted: Row, first: int, after: str | None) -> Connection[Person]:
    """A page of the persons that the caller sees."""

    async def read(size: int, cursor: str | None) -> Row:
        answer: Row = await context.ask(
            "intake", "POST", "/v1/people/search", json=_page(wanted, size, cursor)
        )
        return answer

    return await pages.remote(read, person_of, first, after)


async def find_memberships(
    context: Context, wanted: Row, first: int, after: str | None
) -> Connection[MembershipRecord]:
    """A page of the memberships that the caller sees."""

    async def read(size: int, cursor: str | None) -> Row:
        answer: Row = await context.ask(
            "intake", "POST", "/v1/memberships/search", json=_page(wanted, size, cursor)
        )
        return answer

    return await pages.remote(read, membership_of, first, after)


def _page(wanted: Row, size: int, cursor: str | None) -> Row:
    stated = {name: value for name, value in wanted.items() if value is not None}
    return {**stated, "first": size} | ({"after": cursor} if cursor else {})
