"""Who acts. Services accept service tokens only; such a token carries the signed actor it acts for.

A service token is a JWT signed with the calling service's own Ed25519 key (`kid` = its name), made for one
callee and one minute. Its `act` claim is the person; without it the service acts for itself.
"""

import json
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import Depends, Request
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from common.clock import clock
from common.errors import Forbidden, Unauthenticated
from common.roles import Role
from common.settings import CommonSettings

TOKEN_LIFETIME_S = 60
_CLOCK_SKEW_S = 10
_CACHE_SIZE = 4096
_ALGORITHM = "Ed25519"
_K = TypeVar("_K")
_V = TypeVar("_V")


@dataclass(frozen=True, slots=True)
class Grant:
    """One role in one city, bound to a unit or to none."""

    role: Role
    city: str
    unit_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """Who a request is done for.

    Attributes:
        caller: the service that signed the request.
        subject: the person's stable subject; None when the service acts for itself.
        person_id: the person's id, once it is known to have one.
        grants: the memberships in force.
        login_kind: legal_person (法人登录) or personal (个人登录).
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
                [grant.role.value, grant.city, str(grant.unit_id) if grant.unit_id else None]
                for grant in self.grants
            ],
            "login": self.login_kind,
            "lang": self.lang,
            "anon": self.anonymous,
        }


def _actor_from_claims(caller: str, act: dict[str, Any] | None, cities: list[str]) -> Actor:
    if act is None:
        return Actor(caller=caller, cities=frozenset(cities))
    grants = tuple(
        Grant(Role(role), city, UUID(unit) if unit else None) for role, city, unit in act["grants"]
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


class ServiceTokens:
    """Signs this service's tokens and verifies those of its callers."""

    def __init__(self, settings: CommonSettings) -> None:
        self._service = settings.service
        self._key = OKPKey.import_key(json.loads(settings.service_key.get_secret_value()))
        keys: dict[str, OKPKey] = {}
        for entry in json.loads(settings.service_jwks)["keys"]:
            keys[entry["kid"]] = OKPKey.import_key(entry)
        self._keys = keys
        self._verified: OrderedDict[str, tuple[float, Actor]] = OrderedDict()
        self._minted: OrderedDict[tuple[str, Actor | None, frozenset[str]], tuple[float, str]] = OrderedDict()

    def mint(self, audience: str, actor: Actor | None = None, cities: Iterable[str] = ()) -> str:
        """A token for one callee. With an actor: on that person's behalf; without: for this service itself.

        Args:
            audience: the callee's service name.
            cities: the cities a service acting for itself works in.
        """
        scope = frozenset(cities) or (actor.cities if actor else frozenset())
        person = None if actor is None or actor.is_service else actor
        now = clock.system().timestamp()
        slot = (audience, person, scope)
        found = self._minted.get(slot)
        if found and found[0] > now + TOKEN_LIFETIME_S / 2:
            return found[1]
        claims = {
            "iss": f"service:{self._service}",
            "aud": audience,
            "iat": int(now),
            "exp": int(now) + TOKEN_LIFETIME_S,
            "cities": sorted(scope),
            "act": person.to_claims() if person else None,
        }
        token = jwt.encode(
            {"alg": _ALGORITHM, "kid": self._service}, claims, self._key, algorithms=[_ALGORITHM]
        )
        _remember(self._minted, slot, (now + TOKEN_LIFETIME_S, token))
        return token

    def sign(self, claims: dict[str, Any]) -> str:
        """A JWT of this service with any claims (a ticket, for example); the caller sets `aud` and `exp`."""
        claims = {"iss": f"service:{self._service}", **claims}
        return jwt.encode(
            {"alg": _ALGORITHM, "kid": self._service}, claims, self._key, algorithms=[_ALGORITHM]
        )

    def read(self, token: str, *, audience: str) -> tuple[str, dict[str, Any]]:
        """Signer's name and claims of a JWT made by one of the known services.

        Raises:
            Unauthenticated: malformed, forged, for someone else, expired, or not yet valid.
        """
        try:
            decoded = jwt.decode(token, self._key_for, algorithms=[_ALGORITHM])
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise Unauthenticated("the token cannot be verified") from error
        claims, signer = decoded.claims, str(decoded.header["kid"])
        now = clock.system().timestamp()
        if claims.get("iss") != f"service:{signer}" or claims.get("aud") != audience:
            raise Unauthenticated("the token is not for this service")
        expires, issued = claims.get("exp"), claims.get("iat", now)
        if not isinstance(expires, int) or expires < now or issued > now + _CLOCK_SKEW_S:
            raise Unauthenticated("the token has expired")
        return signer, claims

    def verify(self, token: str) -> Actor:
        """The actor of a service token for this service.

        Raises:
            Unauthenticated: as `read`.
        """
        now = clock.system().timestamp()
        found = self._verified.get(token)
        if found and found[0] > now:
            return found[1]
        signer, claims = self.read(token, audience=self._service)
        if "act" not in claims or "cities" not in claims:
            raise Unauthenticated("not a service token")
        try:
            actor = _actor_from_claims(signer, claims["act"], claims["cities"])
        except (KeyError, TypeError, ValueError) as error:
            raise Unauthenticated("the actor cannot be read") from error
        _remember(self._verified, token, (float(claims["exp"]), actor))
        return actor

    def _key_for(self, recipient: Any) -> OKPKey:
        return self._keys[recipient.headers()["kid"]]


def _remember(cache: OrderedDict[_K, _V], key: _K, value: _V) -> None:
    cache[key] = value
    if len(cache) > _CACHE_SIZE:
        cache.popitem(last=False)


def bearer(request: Request) -> str:
    """The bearer token of a request.

    Raises:
        Unauthenticated: there is none.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated(headers={"WWW-Authenticate": "Bearer"})
    return token


def actor_of(request: Request) -> Actor:
    """The actor of a request to a service, from its service token.

    Raises:
        Unauthenticated: no token, or one that does not hold.
    """
    known: Actor | None = getattr(request.state, "actor", None)
    if known is None:
        tokens: ServiceTokens = request.app.state.tokens
        known = request.state.actor = tokens.verify(bearer(request))
    return known


# Dependencies are async though they wait for nothing: FastAPI sends plain functions through a thread.
async def current_actor(request: Request) -> Actor:
    """Dependency: who asks."""
    return actor_of(request)


CurrentActorDep = Annotated[Actor, Depends(current_actor)]


def requires(*roles: Role) -> Callable[[Actor], Awaitable[Actor]]:
    """Dependency: a person with one of these roles somewhere; the service checks city and unit of the row."""

    async def check(actor: CurrentActorDep) -> Actor:
        if not actor.has_any(roles):
            raise Forbidden(extra={"needs": [role.value for role in roles]})
        return actor

    check.access = [role.value for role in roles]  # type: ignore[attr-defined]  # read by the route test
    return check


def services(*names: str, roles: Iterable[Role] = ()) -> Callable[[Actor], Awaitable[Actor]]:
    """Dependency: one of these services acting for itself, or a person with one of the roles."""
    allowed = tuple(roles)

    async def check(actor: CurrentActorDep) -> Actor:
        if (actor.is_service and actor.caller in names) or actor.has_any(allowed):
            return actor
        raise Forbidden(extra={"needs": [f"service:{name}" for name in names]})

    check.access = [f"service:{name}" for name in names]  # type: ignore[attr-defined]  # read by the route test
    return check


async def signed_in(actor: CurrentActorDep) -> Actor:
    """Dependency: any person who is signed in; the service decides by row."""
    if actor.subject is None:
        raise Forbidden
    return actor


async def public(actor: CurrentActorDep) -> Actor:
    """Dependency: rows that anyone may see. At a service this still needs a service's token."""
    return actor


async def unauthenticated() -> None:
    """Dependency: marks a route that needs no token at all (health, metrics)."""


unauthenticated.access = ["open"]  # type: ignore[attr-defined]  # read by the route test
signed_in.access = ["signed_in"]  # type: ignore[attr-defined]  # read by the route test
public.access = ["public"]  # type: ignore[attr-defined]  # read by the route test
PublicDep = Annotated[Actor, Depends(public)]
SignedInDep = Annotated[Actor, Depends(signed_in)]
