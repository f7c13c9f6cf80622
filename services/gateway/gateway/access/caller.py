"""The caller of a request at the public doors: from the access token, held to the rate limit."""

from typing import Annotated

from fastapi import Depends, Request

from common.actor import Actor
from common.errors import Unauthenticated
from common.problems import language
from gateway.access.memberships import Memberships, Person
from gateway.access.rates import RateLimit
from gateway.access.tokens import Identity, UserTokens, invalid
from gateway.settings import Settings


class Caller:
    """Who calls: verified when the request arrives, resolved to memberships when first asked for.

    So that a query which needs no membership is answered while intake is away.
    """

    def __init__(self, identity: Identity | None, memberships: Memberships, lang: str) -> None:
        self.identity, self.lang = identity, lang
        self._memberships = memberships
        self._person: Person | None = None

    async def person(self, patience_s: float | None = None) -> Person:
        """Who it is; `patience_s`: as `Memberships.resolve`.

        Raises:
            OwnerUnavailable: intake does not answer.
        """
        if self._person is None:
            if self.identity is None:
                self._person = self._memberships.visitor(self.lang)
            else:
                self._person = await self._memberships.resolve(self.identity, self.lang, patience_s)
        return self._person

    async def actor(self) -> Actor:
        """The actor that services are shown; raises as `person`."""
        return (await self.person()).actor


def _token(request: Request) -> str | None:
    value = request.headers.get("authorization")
    if value is None:
        return None
    scheme, _, token = value.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise invalid("a bearer token is expected")
    return token.strip()


async def anyone(request: Request) -> Caller:
    """Dependency: a person or a visitor.

    Raises:
        Unauthenticated: there is a token and it proves nothing.
        TooManyRequests: too many from this subject or address.
    """
    tokens: UserTokens = request.app.state.user_tokens
    rates: RateLimit = request.app.state.rates
    address = request.client.host if request.client else "unknown"
    try:
        token = _token(request)
        identity = await tokens.identify(token) if token is not None else None
    except Unauthenticated as error:
        rates.take(f"address:{address}")
        raise _pointing(request, error) from error
    rates.take(identity.label if identity else f"address:{address}")
    return Caller(identity, request.app.state.memberships, language(request))


async def signed_in(request: Request, caller: Annotated[Caller, Depends(anyone)]) -> Caller:
    """Dependency: a person or machine with a token.

    Raises:
        Unauthenticated: no token.
    """
    if caller.identity is None:
        raise _pointing(request, Unauthenticated(headers={"WWW-Authenticate": "Bearer"}))
    return caller


def resource_url(request: Request) -> str:
    """How the world calls this gateway."""
    settings: Settings = request.app.state.settings
    return (settings.public_url or str(request.base_url)).rstrip("/")


def _pointing(request: Request, error: Unauthenticated) -> Unauthenticated:
    """The refusal, with the way to the metadata that names the issuers (RFC 9728)."""
    scheme, _, said = error.headers["WWW-Authenticate"].partition(" ")
    where = f'resource_metadata="{resource_url(request)}/.well-known/oauth-protected-resource"'
    return Unauthenticated(
        error.detail, headers={"WWW-Authenticate": f"{scheme} {', '.join(filter(None, (said, where)))}"}
    )


anyone.access = ["public"]  # type: ignore[attr-defined]  # read by the route test
signed_in.access = ["signed_in"]  # type: ignore[attr-defined]  # read by the route test
AnyoneDep = Annotated[Caller, Depends(anyone)]
SignedInDep = Annotated[Caller, Depends(signed_in)]
