"""Service tokens: who calls, and for whom.

A JWT signed with the calling service's own Ed25519 key (`kid` = its name), for one callee and half a minute.
Its `act` claim is the person acted for; without it the service acts for itself.
"""

import json
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any, TypeVar

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from common.actor import Actor, actor_from_claims
from common.clock import clock
from common.errors import Unauthenticated
from common.settings import CommonSettings

TOKEN_LIFETIME_S = 30  # with the gateway's memory of memberships (30 s) a revoked one is over in a minute
_CLOCK_SKEW_S = 10
_CACHE_SIZE = 4096
_ALGORITHM = "Ed25519"
SPEAKERS = frozenset({"gateway", "intake"})
"""Services that may act for a person; of the others only what they do for themselves is believed."""
_K = TypeVar("_K")
_V = TypeVar("_V")


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
        if decoded.header.get("typ", "JWT") != "JWT":
            raise Unauthenticated("the token is of another kind")
        _check_times(claims, now)
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
        if claims["act"] is not None and signer not in SPEAKERS:
            raise Unauthenticated("this service acts for nobody")
        try:
            actor = actor_from_claims(signer, claims["act"], claims["cities"])
        except (KeyError, TypeError, ValueError) as error:
            raise Unauthenticated("the actor cannot be read") from error
        _remember(self._verified, token, (float(claims["exp"]), actor))
        return actor

    def _key_for(self, recipient: Any) -> OKPKey:
        return self._keys[recipient.headers()["kid"]]


def _check_times(claims: dict[str, Any], now: float) -> None:
    expires, begins = claims.get("exp"), (claims.get("iat", now), claims.get("nbf", now))
    if not isinstance(expires, int) or not all(isinstance(one, int | float) for one in begins):
        raise Unauthenticated("the token's times cannot be read")
    if expires < now or max(begins) > now + _CLOCK_SKEW_S:
        raise Unauthenticated("the token has expired, or is not valid yet")


def _remember(cache: OrderedDict[_K, _V], key: _K, value: _V) -> None:
    cache[key] = value
    if len(cache) > _CACHE_SIZE:
        cache.popitem(last=False)
