"""Commands on memberships: giving and ending roles, and a person who changes units."""

from typing import Annotated, Any

import strawberry
from strawberry import field

from gateway.commands.base import INPUT, Command, Payload, run
from gateway.graph.context import Info
from gateway.nouns.base import Instant, uuid_of
from gateway.nouns.people import MembershipRecord, Person, load_person, membership_of
from gateway.nouns.words import LoginKind, RoleWord
from gateway.wording import command, d

_REVISION = d("所依据的版本", "Revision that the caller has before them.")
_AT = d("时刻；空值为现在", "When; null: now.")


@strawberry.input(description=d("授予角色", "A role to give."))
class GrantMembershipInput(Command):
    person_id: strawberry.ID = field(description=d("人员", "The person."))
    issuer: str = field(description=d("身份提供方", "Identity provider."))
    subject: str = field(description=d("登录账号", "Subject of the login at the provider."))
    role: RoleWord = field(description=d("角色", "Role."))
    unit_id: strawberry.ID | None = field(default=None, description=d("单位", "For which unit."))
    login_kind: LoginKind | None = field(default=None, description=d("登录方式", "Kind of login."))
    valid_from: Instant | None = field(
        default=None, description=d("开始；空值为立即", "From; null: at once.")
    )
    valid_to: Instant | None = field(default=None, description=d("终止；空值为长期", "To; null: no end."))


@strawberry.input(description=d("终止成员资格", "A membership to end."))
class EndMembershipInput(Command):
    membership_id: strawberry.ID = field(description=d("成员资格", "The membership."))
    expected_revision: int = field(description=_REVISION)
    at: Instant | None = field(default=None, description=_AT)


@strawberry.type(description=d("命令结果：成员资格", "The membership after the command."))
class MembershipPayload(Payload):
    membership: MembershipRecord | None = field(description=d("成员资格", "The membership."))


@strawberry.input(
    description=d(
        "人员调往本市另一单位：原单位的角色终止，新单位的角色开始",
        "A person changes units: roles for the old one end, for the new one begin.",
    )
)
class MovePersonInput(Command):
    person_id: strawberry.ID = field(description=d("人员", "The person."))
    expected_revision: int = field(description=d("所依据的人员版本", "Revision of the person."))
    unit_id: strawberry.ID = field(description=d("新单位", "The new unit."))
    roles: list[RoleWord] | None = field(
        default=None, description=d("在新单位的角色；空值为原角色", "Roles there; null: those that end.")
    )
    at: Instant | None = field(
        default=None, description=d("时刻，不晚于现在；空值为现在", "When; null: now.")
    )


@strawberry.type(description=d("调动结果", "What came of a move."))
class MovePersonPayload(Payload):
    person: Person | None = field(description=d("人员", "The person."))
    ended: list[MembershipRecord] | None = field(description=d("终止的", "Memberships that ended."))
    granted: list[MembershipRecord] | None = field(description=d("开始的", "Memberships that began."))


def _grant(chosen: GrantMembershipInput) -> dict[str, Any]:
    return {
        "person_id": uuid_of(chosen.person_id, "Person"),
        "issuer": chosen.issuer,
        "subject": chosen.subject,
        "role": chosen.role.value,
        "unit_id": uuid_of(chosen.unit_id, "Unit") if chosen.unit_id else None,
        "login_kind": chosen.login_kind.value if chosen.login_kind else None,
        "valid_from": chosen.valid_from,
        "valid_to": chosen.valid_to,
    }


@strawberry.type(description=d("成员资格的命令", "Commands on memberships."))
class MembershipCommands:
    @command("授予角色", "Give a person's login a role.")
    async def grant_membership(
        self, info: Info, input: Annotated[GrantMembershipInput, INPUT]
    ) -> MembershipPayload | None:
        return await run(
            info,
            input,
            MembershipPayload,
            lambda: info.context.command(
                "intake", "POST", "/v1/memberships", json=_grant(input), idempotency_key=input.key
            ),
            lambda row: {"membership": membership_of(row)},
            "membership",
        )

    @command("终止成员资格", "End a membership, now or later.")
    async def end_membership(
        self, info: Info, input: Annotated[EndMembershipInput, INPUT]
    ) -> MembershipPayload | None:
        path = f"/v1/memberships/{uuid_of(input.membership_id, 'MembershipRecord')}/end"
        return await run(
            info,
            input,
            MembershipPayload,
            lambda: info.context.command(
                "intake",
                "POST",
                path,
                json={"at": input.at},
                if_match=input.expected_revision,
                idempotency_key=input.key,
            ),
            lambda row: {"membership": membership_of(row)},
            "membership",
        )

    @command("人员调往另一单位", "Let a person change units.")
    async def move_person(
        self, info: Info, input: Annotated[MovePersonInput, INPUT]
    ) -> MovePersonPayload | None:
        path = f"/v1/people/{uuid_of(input.person_id, 'Person')}/move"
        roles = [one.value for one in input.roles] if input.roles is not None else None
        body = {"unit_id": uuid_of(input.unit_id, "Unit"), "roles": roles, "at": input.at}
        payload = await run(
            info,
            input,
            MovePersonPayload,
            lambda: info.context.command(
                "intake",
                "POST",
                path,
                json=body,
                if_match=input.expected_revision,
                idempotency_key=input.key,
            ),
            lambda row: {
                "person": None,
                "ended": [membership_of(one) for one in row["ended"]],
                "granted": [membership_of(one) for one in row["granted"]],
            },
            "person",
            "ended",
            "granted",
        )
        if not payload.errors:
            payload.person = await load_person(info.context, uuid_of(input.person_id, "Person"))
        return payload
