"""Commands of whoever administers people: units and persons as they are on record."""

from typing import Annotated, Any

import strawberry
from strawberry import field

from gateway.commands.base import INPUT, Command, Payload, run
from gateway.commands.people import PersonPayload, UnitPayload
from gateway.graph.context import Info
from gateway.nouns.base import uuid_of
from gateway.nouns.people import person_of, unit_of
from gateway.wording import command, d

_UNSET: Any = strawberry.UNSET
_REVISION = d("所依据的版本", "Revision that the caller has before them.")
_NAME, _SHORT = d("名称", "Name."), d("简称", "Short names.")
_FORMER, _TYPE = d("曾用名", "Former names."), d("单位类型", "Type of organisation.")
_LEGAL, _REGION = (
    d("有独立法人资格", "Is a legal person."),
    d("注册地 (GB/T 2260)", "Region of registration."),
)
_JURISDICTION, _INDUSTRY = d("属地", "Jurisdiction."), d("国民经济行业代码", "Industry class.")
_QUOTA, _ABOVE = d("额度行", "Row of the quota table."), d("推荐单位", "Recommending unit.")
_REF = d("人员编号", "Ref, by which imported files know the person.")
_RESIDENT_ID = d("身份证号（加密保存）", "Resident id; kept encrypted.")
_PHONE = d("电话（加密保存）", "Phone; kept encrypted.")
_IDENTIFIERS = ("name", "ref", "resident_id", "phone")


@strawberry.input(description=d("登记单位", "A unit to enter."))
class CreateUnitInput(Command):
    city: str = field(description=d("市 (GB/T 2260)", "City (GB/T 2260)."))
    uscc: str = field(description=d("统一社会信用代码", "Unified social credit code."))
    name: str = field(description=_NAME)
    short_names: list[str] = field(default_factory=list, description=_SHORT)
    former_names: list[str] = field(default_factory=list, description=_FORMER)
    type: str | None = field(default=_UNSET, description=_TYPE)
    legal_person: bool | None = field(default=_UNSET, description=_LEGAL)
    reg_region: str | None = field(default=_UNSET, description=_REGION)
    jurisdiction: str | None = field(default=_UNSET, description=_JURISDICTION)
    industry_class: str | None = field(default=_UNSET, description=_INDUSTRY)
    quota_token: str | None = field(default=_UNSET, description=_QUOTA)
    recommending_unit_id: strawberry.ID | None = field(default=_UNSET, description=_ABOVE)


@strawberry.input(
    description=d(
        "修改单位登记信息；未给出的不变", "Changes to a unit's registration; what is left out stays."
    )
)
class UpdateUnitRegistrationInput(Command):
    unit_id: strawberry.ID = field(description=d("单位", "The unit."))
    expected_revision: int = field(description=_REVISION)
    name: str | None = field(default=_UNSET, description=_NAME)
    short_names: list[str] | None = field(default=_UNSET, description=_SHORT)
    former_names: list[str] | None = field(default=_UNSET, description=_FORMER)
    type: str | None = field(default=_UNSET, description=_TYPE)
    legal_person: bool | None = field(default=_UNSET, description=_LEGAL)
    reg_region: str | None = field(default=_UNSET, description=_REGION)
    jurisdiction: str | None = field(default=_UNSET, description=_JURISDICTION)
    industry_class: str | None = field(default=_UNSET, description=_INDUSTRY)
    quota_token: str | None = field(default=_UNSET, description=_QUOTA)
    recommending_unit_id: strawberry.ID | None = field(default=_UNSET, description=_ABOVE)


@strawberry.input(
    description=d(
        "修改人员；未给出的不变，null 清除", "Changes to a person; what is left out stays, null clears."
    )
)
class UpdatePersonInput(Command):
    person_id: strawberry.ID = field(description=d("人员", "The person."))
    expected_revision: int = field(description=_REVISION)
    name: str | None = field(default=_UNSET, description=d("姓名", "Name."))
    ref: str | None = field(default=_UNSET, description=_REF)
    resident_id: str | None = field(default=_UNSET, description=_RESIDENT_ID)
    phone: str | None = field(default=_UNSET, description=_PHONE)


@strawberry.input(description=d("查看完整证件号与电话（留痕）", "Whose whole identifiers; it is recorded."))
class RevealIdentifiersInput(Command):
    person_id: strawberry.ID = field(description=d("人员", "The person."))


@strawberry.type(description=d("完整证件号与电话", "Whole identifiers."))
class RevealIdentifiersPayload(Payload):
    resident_id: str | None = field(description=d("身份证号", "Resident id."))
    phone: str | None = field(description=d("电话", "Phone."))


_UNIT_FIELDS = (
    *("name", "short_names", "former_names", "type", "legal_person", "reg_region", "jurisdiction"),
    *("industry_class", "quota_token", "recommending_unit_id"),
)


def stated(chosen: Command, *names: str) -> dict[str, Any]:
    """What the input states of these fields; null is a statement."""
    found = {name: getattr(chosen, name) for name in names}
    return {name: value for name, value in found.items() if value is not strawberry.UNSET}


def _unit(chosen: CreateUnitInput | UpdateUnitRegistrationInput, *more: str) -> dict[str, Any]:
    body = stated(chosen, *_UNIT_FIELDS, *more)
    above = body.get("recommending_unit_id")
    return body | ({"recommending_unit_id": uuid_of(above, "Unit")} if above else {})


@strawberry.type(description=d("单位与人员登记的命令", "Commands on units and persons on record."))
class RegistryCommands:
    @command("登记单位", "Enter a unit.")
    async def create_unit(self, info: Info, input: Annotated[CreateUnitInput, INPUT]) -> UnitPayload | None:
        return await run(
            info,
            input,
            UnitPayload,
            lambda: info.context.command(
                "intake", "POST", "/v1/units", json=_unit(input, "city", "uscc"), idempotency_key=input.key
            ),
            lambda row: {"unit": unit_of(row)},
            "unit",
        )

    @command("修改单位登记信息", "Change what a unit is registered with.")
    async def update_unit_registration(
        self, info: Info, input: Annotated[UpdateUnitRegistrationInput, INPUT]
    ) -> UnitPayload | None:
        path = f"/v1/units/{uuid_of(input.unit_id, 'Unit')}/registration"
        return await run(
            info,
            input,
            UnitPayload,
            lambda: info.context.command(
                "intake", "PATCH", path, json=_unit(input), if_match=input.expected_revision
            ),
            lambda row: {"unit": unit_of(row)},
            "unit",
        )

    @command("修改人员", "Change a person.")
    async def update_person(
        self, info: Info, input: Annotated[UpdatePersonInput, INPUT]
    ) -> PersonPayload | None:
        path = f"/v1/people/{uuid_of(input.person_id, 'Person')}"
        return await run(
            info,
            input,
            PersonPayload,
            lambda: info.context.command(
                "intake",
                "PATCH",
                path,
                json=stated(input, *_IDENTIFIERS),
                if_match=input.expected_revision,
            ),
            lambda row: {"person": person_of(row)},
            "person",
        )

    @command("查看完整证件号与电话（留痕）", "See whole identifiers; it is recorded.")
    async def reveal_identifiers(
        self, info: Info, input: Annotated[RevealIdentifiersInput, INPUT]
    ) -> RevealIdentifiersPayload | None:
        path = f"/v1/people/{uuid_of(input.person_id, 'Person')}/identifiers"
        return await run(
            info,
            input,
            RevealIdentifiersPayload,
            lambda: info.context.command("intake", "POST", path),
            lambda row: {"resident_id": row["resident_id"], "phone": row["phone"]},
            "resident_id",
            "phone",
        )
