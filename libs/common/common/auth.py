"""Who may call a route: services take service tokens only, each route names its callers by a dependency."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Annotated

from fastapi import Depends, Request

from common.actor import Actor
from common.errors import Forbidden, Unauthenticated
from common.roles import Role
from common.tokens import ServiceTokens


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
