"""Queries of whoever administers people: units, persons, memberships."""

from typing import Annotated

import strawberry
from strawberry import field

from gateway.graph.context import Info
from gateway.nouns.base import After, Connection, First, uuid_of
from gateway.nouns.people import (
    MembershipRecord,
    Person,
    Unit,
    find_memberships,
    find_people,
    find_units,
)
from gateway.nouns.words import RoleWord
from gateway.wording import d, resolved

_CITY = d("市 (GB/T 2260)", "City (GB/T 2260).")
_FILTER = strawberry.argument(description=d("筛选条件", "Which ones."))


@strawberry.input(description=d("单位的筛选条件", "Which units."))
class UnitFilter:
    city: str | None = field(default=None, description=_CITY)
    text: str | None = field(
        default=None, description=d("名称包含，或统一社会信用代码", "Part of the name, or the credit code.")
    )
    recommending_unit_id: strawberry.ID | None = field(
        default=None, description=d("推荐单位", "Recommended by this unit.")
    )


@strawberry.input(description=d("人员的筛选条件", "Which people."))
class PersonFilter:
    city: str | None = field(default=None, description=_CITY)
    unit_id: strawberry.ID | None = field(default=None, description=d("单位", "Of this unit."))
    text: str | None = field(default=None, description=d("姓名包含", "Part of the name."))
    resident_id: str | None = field(
        default=None,
        description=d(
            "身份证号全文；须同时指明市，仅成员管理员", "Whole resident id; needs a city; administrators."
        ),
    )


@strawberry.input(description=d("成员资格的筛选条件", "Which memberships."))
class MembershipFilter:
    city: str | None = field(default=None, description=_CITY)
    person_id: strawberry.ID | None = field(default=None, description=d("人员", "Of this person."))
    unit_id: strawberry.ID | None = field(default=None, description=d("单位", "For this unit."))
    role: RoleWord | None = field(default=None, description=d("角色", "Of this role."))
    in_force: bool = field(default=False, description=d("只看现在有效的", "Only those that hold now."))


@strawberry.type(description=d("单位与人员的查询", "Queries of units and people."))
class PeopleQueries:
    @resolved("可见的单位", "Units that the caller sees in full.")
    async def units(
        self,
        info: Info,
        filter: Annotated[UnitFilter | None, _FILTER] = None,
        first: First = 20,
        after: After = None,
    ) -> Connection[Unit] | None:
        wanted = filter or UnitFilter()
        above = wanted.recommending_unit_id
        body = {
            "city": wanted.city,
            "text": wanted.text,
            "recommending_unit_id": uuid_of(above, "Unit") if above else None,
        }
        return await find_units(info.context, body, first, after)

    @resolved("可见的人员", "People that the caller sees.")
    async def people(
        self,
        info: Info,
        filter: Annotated[PersonFilter | None, _FILTER] = None,
        first: First = 20,
        after: After = None,
    ) -> Connection[Person] | None:
        wanted = filter or PersonFilter()
        body = {
            "city": wanted.city,
            "unit_id": uuid_of(wanted.unit_id, "Unit") if wanted.unit_id else None,
            "text": wanted.text,
            "resident_id": wanted.resident_id,
        }
        return await find_people(info.context, body, first, after)

    @resolved("可见的成员资格", "Memberships that the caller sees.")
    async def memberships(
        self,
        info: Info,
        filter: Annotated[MembershipFilter | None, _FILTER] = None,
        first: First = 20,
        after: After = None,
    ) -> Connection[MembershipRecord] | None:
        wanted = filter or MembershipFilter()
        body = {
            "city": wanted.city,
            "person_ids": [uuid_of(wanted.person_id, "Person")] if wanted.person_id else None,
            "unit_id": uuid_of(wanted.unit_id, "Unit") if wanted.unit_id else None,
            "role": wanted.role.value if wanted.role else None,
            "in_force": wanted.in_force,
        }
        return await find_memberships(info.context, body, first, after)
