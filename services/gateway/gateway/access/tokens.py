"""Access tokens of people and machines: JWT of a known issuer by RFC 9068, verified against its JWKS."""

import base64
import binascii
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
import orjson
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, KeySet, OKPKey, RSAKey

from common.clock import clock
from common.errors import DomainError, Unauthenticated
from gateway.settings import Issuer

ALGORITHMS: dict[str, type[Any]] = {"Ed25519": OKPKey, "RS256": RSAKey, "ES256": ECKey}
_TYPES = {"at+jwt", "application/at+jwt"}
_SKEW_S = 30
_MAX_LENGTH = 8192
_MAX_LABEL = 255  # what services keep it in
_CACHE_SIZE = 4096
_KEYS_FRESH_S = 300
_KEYS_RETRY_S = 10
_SUBJECT = re.compile(r"[\x21-\x7e一-鿿]{1,255}")

Fetch = Callable[[str], Awaitable[dict[str, Any]]]


class IssuerUnavailable(DomainError):
    """The identity provider's keys cannot be fetched, so nobody of it can be verified."""

    status, code = 503, "gateway.issuer_unavailable"
    title_zh, title_en = "身份认证服务暂时不可用", "The identity provider's keys cannot be fetched"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who an access token proves: the issuer, and the subject inside it."""

    issuer: str
    subject: str

    @property
    def label(self) -> str:
        """How services know it, unique over all issuers: `subject@issuer`, the issuer without `https://`."""
        return f"{self.subject}@{self.issuer.removeprefix('https://')}"


def invalid(reason: str) -> Unauthenticated:
    """A refusal by RFC 6750; `reason` names the check, never a value of the token."""
    return Unauthenticated(reason, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})


async def fetch_jwks(url: str) -> dict[str, Any]:
    """A JWKS over HTTP(S).

    Raises:
        httpx.HTTPError: it cannot be had.
        ValueError: it is no JWKS.
    """
    async with httpx.AsyncClient(timeout=5, follow_redirects=False) as http:
        answer = await http.get(url)
        answer.raise_for_status()
    content = orjson.loads(answer.content)
    if not isinstance(content, dict) or not isinstance(content.get("keys"), list):
        raise ValueError("not a JWKS")
    return content


class IssuerKeys:
    """Public keys of one issuer: fixed, or fetched, kept five minutes and fetched anew for an unknown kid."""

    def __init__(self, issuer: Issuer, fetch: Fetch) -> None:
        self._url, self._fetch = issuer.jwks_url, fetch
        self._keys: Sequence[Key] = _import(issuer.jwks) if issuer.jwks is not None else ()
        self._fetched_at = 0.0
        self._tried_at = 0.0

    async def candidates(self, kid: str | None, algorithm: str) -> list[Key]:
        """Keys that may have signed: of the algorithm's kind, with this kid when the token names one.

        Raises:
            IssuerUnavailable: there is none and the issuer does not answer.
        """
        now = clock.system().timestamp()
        if self._url is not None and now - self._fetched_at > _KEYS_FRESH_S:
            await self._refresh(now)
        found = self._matching(kid, algorithm)
        if not found and self._url is not None and now - self._tried_at > _KEYS_RETRY_S:
            await self._refresh(now)
            found = self._matching(kid, algorithm)
        if not found and self._url is not None and not self._keys:
            raise IssuerUnavailable(headers={"Retry-After": str(_KEYS_RETRY_S)})
        return found

    def _matching(self, kid: str | None, algorithm: str) -> list[Key]:
        return [
            key
            for key in self._keys
            if isinstance(key, ALGORITHMS[algorithm])
            and (kid is None or key.kid == kid)
            and key.get("use") in (None, "sig")
            and key.get("alg") in (None, algorithm, "EdDSA" if algorithm == "Ed25519" else algorithm)
        ]

    async def _refresh(self, now: float) -> None:
        if self._url is None or now - self._tried_at <= _KEYS_RETRY_S:
            return
        self._tried_at = now
        try:
            self._keys = _import(await self._fetch(self._url))
        except (httpx.HTTPError, OSError, JoseError, ValueError, KeyError):
            return  # the keys known so far stay in use; without any, candidates() says so
        self._fetched_at = now


def _import(jwks: dict[str, Any]) -> Sequence[Key]:
    usable: Any = {"keys": [key for key in jwks["keys"] if key.get("kty") in ("OKP", "RSA", "EC")]}
    return tuple(KeySet.import_key_set(usable).keys) if usable["keys"] else ()


class UserTokens:
    """Verifies access tokens of the issuers in the settings.

    Args:
        fetch: gets a JWKS by URL; replaced in tests.
    """

    def __init__(self, issuers: Sequence[Issuer], fetch: Fetch = fetch_jwks) -> None:
        self._issuers = {issuer.issuer: (issuer, IssuerKeys(issuer, fetch)) for issuer in issuers}
        self._verified: OrderedDict[str, tuple[float, Identity]] = OrderedDict()

    async def identify(self, token: str) -> Identity:
        """The identity that a token proves.

        Raises:
            Unauthenticated: malformed, unsigned, forged, of an unknown issuer, for someone else, expired,
                not yet valid, or no access token.
            IssuerUnavailable: the issuer's keys cannot be fetched.
        """
        now = clock.system().timestamp()
        known = self._verified.get(token)
        if known is not None and known[0] > now:
            return known[1]
        header, claimed = _peek(token)
        entry = self._issuers.get(str(claimed.get("iss")))
        if entry is None:
            raise invalid("the issuer is not known")
        issuer, keys = entry
        algorithm = header.get("alg")
        if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
            raise invalid("the algorithm is not accepted")
        if str(header.get("typ", "")).lower() not in _TYPES:
            raise invalid("the token is no access token")
        kid = header.get("kid")
        candidates = await keys.candidates(kid if isinstance(kid, str) else None, algorithm)
        claims = _verified_claims(token, candidates, algorithm)
        identity, expires = _checked(claims, issuer, now)
        self._verified[token] = (expires, identity)
        if len(self._verified) > _CACHE_SIZE:
            self._verified.popitem(last=False)
        return identity


def _peek(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims before verification: they only say whose keys to try."""
    parts = token.split(".")
    if len(token) > _MAX_LENGTH or len(parts) != 3:
        raise invalid("the token is malformed")
    try:
        header, claims = (
            orjson.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))) for part in parts[:2]
        )
    except (binascii.Error, ValueError) as error:
        raise invalid("the token is malformed") from error
    if not isinstance(header, dict) or not isinstance(claims, dict):
        raise invalid("the token is malformed")
    return header, claims


def _verified_claims(token: str, candidates: list[Key], algorithm: str) -> dict[str, Any]:
    for key in candidates:
        try:
            return dict(jwt.decode(token, key, algorithms=[algorithm]).claims)
        except (JoseError, ValueError, TypeError):
            continue  # signed by another key of the issuer, or by nobody
    raise invalid("the signature cannot be verified")


def _checked(claims: dict[str, Any], issuer: Issuer, now: float) -> tuple[Identity, float]:
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    if claims.get("iss") != issuer.issuer or issuer.audience not in audiences:
        raise invalid("the token is not for this service")
    expires = _time(claims.get("exp"))
    begins, issued = _time(claims.get("nbf", 0)), _time(claims.get("iat", 0))
    if expires <= now:
        raise invalid("the token has expired")
    if max(begins, issued) > now + _SKEW_S:
        raise invalid("the token is not valid yet")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not _SUBJECT.fullmatch(subject):
        raise invalid("the token names no subject")
    identity = Identity(issuer.issuer, subject)
    if len(identity.label) > _MAX_LABEL:
        raise invalid("the subject is too long")
    return identity, expires


def _time(value: Any) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise invalid("the token's times cannot be read")
    return float(value)
