"""Who acts: a person with memberships, a visitor, or a service for itself."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from common.errors import Forbidden
from common.roles import Role


@dataclass(frozen=True, slots=True)
class Grant:
    """One role in one city, bound to a unit or to none; and with which kind of login it is held."""

    role: Role
    city: str
    unit_id: UUID | None = None
    login_kind: str | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """Who a request is done for.

    Attributes:
        caller: the service that signed the request.
        subject: the person's stable subject; None when the service acts for itself.
        person_id: the person's id, once it is known to have one.
        grants: the memberships in force.
        login_kind: legal_person (法人登录) or personal (个人登录), for show; `login_kind_in` decides.
        cities: the cities whose rows this actor may touch.
        lang: zh or en, for texts in answers.
        signed_in: False for an anonymous visitor.
    """

    caller: str
    subject: str | None = None
    person_id: UUID | None = None
    grants: tuple[Grant, ...] = ()
    login_kind: str | None = None
    cities: frozenset[str] = frozenset()
    lang: str = "zh"
    anonymous: bool = False

    @property
    def is_service(self) -> bool:
        """True where the calling service acts for itself."""
        return self.subject is None and not self.anonymous

    @property
    def label(self) -> str:
        """What audit rows record: the subject, or `service:<name>`."""
        if self.subject is not None:
            return self.subject
        return "anonymous" if self.anonymous else f"service:{self.caller}"

    def has(self, role: Role, city: str | None = None, unit_id: UUID | None = None) -> bool:
        """Does a membership give this role (in this city, for this unit)?"""
        return any(
            grant.role == role
            and (city is None or grant.city == city)
            and (unit_id is None or grant.unit_id == unit_id)
            for grant in self.grants
        )

    def has_any(self, roles: Iterable[Role], city: str | None = None) -> bool:
        """Does a membership give one of these roles (in this city)?"""
        return any(self.has(role, city) for role in roles)

    def units(self, *roles: Role) -> frozenset[UUID]:
        """The units for which a membership gives one of these roles (any role when none is named)."""
        return frozenset(
            grant.unit_id
            for grant in self.grants
            if grant.unit_id is not None and (not roles or grant.role in roles)
        )

    def cities_as(self, roles: Iterable[Role]) -> frozenset[str]:
        """The actor's cities in which one of these roles was given; all of them for a service."""
        if self.is_service:
            return self.cities
        wanted = frozenset(roles)
        return self.cities & {grant.city for grant in self.grants if grant.role in wanted}

    def login_kind_in(self, city: str, role: Role) -> str | None:
        """The kind of login by which this role is held in this city: what another city says of the same
        login does not count. None where nothing, or nothing clear, is on record."""
        here = [grant for grant in self.grants if grant.city == city and grant.login_kind is not None]
        kinds = {grant.login_kind for grant in here if grant.role == role}
        kinds = kinds or {grant.login_kind for grant in here}
        return kinds.pop() if len(kinds) == 1 else None

    def require(self, *roles: Role, city: str | None = None, unit_id: UUID | None = None) -> None:
        """
        Raises:
            Forbidden: no membership gives one of the roles there.
        """
        if not any(self.has(role, city, unit_id) for role in roles):
            raise Forbidden(extra={"needs": [role.value for role in roles]})

    def in_city(self, city: str) -> "Actor":
        """The same actor, held to one of its cities; a service that names none takes the city on.

        Raises:
            Forbidden: not one of its cities.
        """
        if city not in self.cities and (self.cities or not self.is_service):
            raise Forbidden
        return replace(self, cities=frozenset({city}))

    def to_claims(self) -> dict[str, Any]:
        return {
            "sub": self.subject,
            "pid": str(self.person_id) if self.person_id else None,
            "grants": [
                [
                    grant.role.value,
                    grant.city,
                    str(grant.unit_id) if grant.unit_id else None,
                    grant.login_kind,
                ]
                for grant in self.grants
            ],
            "login": self.login_kind,
            "lang": self.lang,
            "anon": self.anonymous,
        }


def actor_from_claims(caller: str, act: dict[str, Any] | None, cities: list[str]) -> Actor:
    """The actor that `to_claims` described; without claims, the calling service for itself."""
    if act is None:
        return Actor(caller=caller, cities=frozenset(cities))
    grants = tuple(
        Grant(Role(role), city, UUID(unit) if unit else None, *kind)
        for role, city, unit, *kind in act["grants"]
    )
    return Actor(
        caller=caller,
        subject=act["sub"],
        person_id=UUID(act["pid"]) if act["pid"] else None,
        grants=grants,
        login_kind=act["login"],
        cities=frozenset(cities),
        lang=act["lang"],
        anonymous=act["anon"],
    )
