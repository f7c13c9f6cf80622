"""The person who asks, and the time."""

import strawberry
from strawberry import field

from common.actor import Actor
from common.clock import clock
from gateway.access.memberships import Person as Known
from gateway.graph.context import Info
from gateway.nouns.base import Instant, word
from gateway.nouns.people import Person, Unit, load_person, load_unit
from gateway.nouns.words import LoginKind, RoleWord
from gateway.wording import d, resolved


@strawberry.type(
    description=d("成员资格：在某市某单位的角色", "A membership: a role, in a city, for a unit.")
)
class Membership:
    unit_id: strawberry.Private[str | None]
    role: RoleWord = field(description=d("角色", "Role."))
    city: str = field(description=d("市 (GB/T 2260)", "City (GB/T 2260)."))

    @resolved("单位", "The unit.")
    async def unit(self, info: Info) -> Unit | None:
        return await load_unit(info.context, self.unit_id)


@strawberry.type(description=d("当前用户", "Whoever sends the request."))
class Viewer:
    actor: strawberry.Private[Actor]
    signed_in: bool = field(description=d("已登录", "Signed in."))
    subject: str | None = field(description=d("身份标识：subject@issuer", "Who it is: subject@issuer."))
    name: str | None = field(description=d("姓名", "Name."))
    login_kind: LoginKind | None = field(description=d("登录方式", "Kind of login."))
    roles: list[RoleWord] = field(description=d("全部角色", "All roles."))
    cities: list[str] = field(description=d("可见的市", "Cities whose rows are seen."))
    memberships: list[Membership] = field(description=d("成员资格", "Memberships."))

    @resolved("对应的人员", "The person on record.")
    async def person(self, info: Info) -> Person | None:
        return await load_person(info.context, str(self.actor.person_id) if self.actor.person_id else None)


def viewer_of(known: Known) -> Viewer:
    """Of an actor."""
    actor = known.actor
    return Viewer(
        actor=actor,
        signed_in=actor.subject is not None,
        subject=actor.subject,
        name=known.name,
        login_kind=word(LoginKind, actor.login_kind),
        roles=[RoleWord(one) for one in dict.fromkeys(grant.role.value for grant in actor.grants)],
        cities=sorted(actor.cities),
        memberships=[
            Membership(
                role=RoleWord(grant.role.value),
                city=grant.city,
                unit_id=str(grant.unit_id) if grant.unit_id else None,
            )
            for grant in actor.grants
        ],
    )


@strawberry.type(description=d("服务器时间", "The two clocks."))
class ServerTime:
    business: Instant = field(description=d("业务时间：截止以此为准", "Business time: deadlines go by it."))
    system: Instant = field(description=d("系统时间", "Machine time."))


def server_time() -> ServerTime:
    """Now, by both clocks."""
    return ServerTime(
        business=Instant(clock.business().isoformat()), system=Instant(clock.system().isoformat())
    )
