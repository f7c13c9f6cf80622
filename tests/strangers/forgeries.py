"""Tokens that must not be believed: of services, and of people."""

import base64
import json
from collections.abc import Callable
from typing import Any, Final

from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey

from common.clock import clock
from common.roles import Role
from common.testing import actor, service_keys, tokens_of

ISSUER, AUDIENCE = "https://issuer.test", "shenbao"


def _b64(content: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def _read(part: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


def now() -> int:
    """Machine time in seconds."""
    return int(clock.system().timestamp())


def with_header(token: str, **changes: Any) -> str:
    """The same token under another header, its signature left as it was."""
    head, claims, signature = token.split(".")
    return f"{_b64(_read(head) | changes)}.{claims}.{signature}"


def with_claims(token: str, **changes: Any) -> str:
    """The same token with other claims, its signature left as it was."""
    head, claims, signature = token.split(".")
    return f"{head}.{_b64(_read(claims) | changes)}.{signature}"


def unsigned(token: str, algorithm: str) -> str:
    """The same token, said to need no signature."""
    return with_header(token, alg=algorithm).rpartition(".")[0] + "."


def hmac_signed(claims: dict[str, Any], kid: str, public: OKPKey, **header: Any) -> str:
    """The classic: HMAC with the published key as the secret."""
    secret = OctKey.import_key(json.dumps(public.as_dict(private=False)))
    return jwt.encode({"alg": "HS256", "kid": kid, **header}, claims, secret, algorithms=["HS256"])


def _key(caller: str) -> OKPKey:
    return OKPKey.import_key(json.loads(service_keys()[caller]))


def service_claims(service: str, **changes: Any) -> dict[str, Any]:
    """Claims of the gateway for itself; those that are None are left out."""
    every = {"iss": "service:gateway", "aud": service, "iat": now(), "exp": now() + 60, "cities": ["330800"]}
    return {
        name: value for name, value in ({"act": None} | every | changes).items() if value is not _LEFT_OUT
    }


_LEFT_OUT: Final = object()


def service_token(
    service: str, *, key: OKPKey | None = None, header: dict[str, Any] | None = None, **claims: Any
) -> str:
    """A token of the gateway for a service, signed with the gateway's key unless told otherwise."""
    head = {"alg": "Ed25519", "kid": "gateway"} | (header or {})
    return jwt.encode(head, service_claims(service, **claims), key or _key("gateway"), algorithms=["Ed25519"])


def _for_officer(service: str) -> str:
    return tokens_of("gateway").mint(service, actor(Role.officer))


def _other_person(service: str) -> str:
    """An officer's token with the actor claim changed to the head of the bureau."""
    act = actor(Role.bureau_head).to_claims()
    return with_claims(_for_officer(service), act=act)


def _of_another_service(service: str) -> str:
    other = "quota" if service != "quota" else "documents"
    return tokens_of("gateway").mint(other, actor(Role.officer))


def _of_a_person(_service: str) -> str:
    """An access token, as people bring it to the gateway."""
    key = OKPKey.generate_key("Ed25519", {"kid": "gateway"}, private=True)
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "somebody", "iat": now(), "exp": now() + 60}
    head = {"alg": "Ed25519", "typ": "at+jwt", "kid": "gateway"}
    return jwt.encode(head, claims, key, algorithms=["Ed25519"])


def _mute(service: str) -> str:
    """Quota speaks for a person, though it acts for nobody."""
    return tokens_of("quota").mint(service, actor(Role.officer))


def _ticket(service: str) -> str:
    return tokens_of("intake").sign({"aud": service, "exp": now() + 60, "city": "330800", "by": "x"})


def _stranger() -> OKPKey:
    return OKPKey.generate_key("Ed25519", {"kid": "gateway"}, private=True)


Forge = Callable[[str], str]
OF_SERVICES: Final[dict[str, Forge]] = {
    "expired": lambda service: service_token(service, iat=now() - 120, exp=now() - 60),
    "no expiry": lambda service: service_token(service, exp=_LEFT_OUT),
    "expiry as text": lambda service: service_token(service, exp="9999999999"),
    "issued as text": lambda service: service_token(service, iat="x"),
    "issued at no time": lambda service: service_token(service, iat=None),
    "issued in the future": lambda service: service_token(service, iat=now() + 300, exp=now() + 360),
    "not yet valid": lambda service: service_token(service, nbf=now() + 300),
    "unsigned": lambda service: unsigned(service_token(service), "none"),
    "unsigned, capitals": lambda service: unsigned(service_token(service), "NONE"),
    "public key as HMAC secret": lambda service: hmac_signed(
        service_claims(service), "gateway", _key("gateway")
    ),
    "wrong key, right kid": lambda service: service_token(service, key=_stranger()),
    "unknown kid": lambda service: service_token(service, key=_stranger(), header={"kid": "nobody"}),
    "no kid": lambda service: jwt.encode(
        {"alg": "Ed25519"}, service_claims(service), _key("gateway"), algorithms=["Ed25519"]
    ),
    "another service's kid": lambda service: service_token(service, header={"kid": "operator"}),
    "for another service": _of_another_service,
    "no audience": lambda service: service_token(service, aud=_LEFT_OUT),
    "several audiences": lambda service: service_token(service, aud=[service, "other"]),
    "another issuer": lambda service: service_token(service, iss="service:operator"),
    "no issuer": lambda service: service_token(service, iss=_LEFT_OUT),
    "another kind of token": lambda service: service_token(service, header={"typ": "at+jwt"}),
    "actor tampered with": _other_person,
    "cities tampered with": lambda service: with_claims(service_token(service), cities=["430400"]),
    "no cities": lambda service: service_token(service, cities=_LEFT_OUT),
    "an actor that is none": lambda service: service_token(service, act={"sub": "x"}),
    "an unknown role": lambda service: service_token(
        service, act=actor(Role.officer).to_claims() | {"grants": [["king", "330800", None, None]]}
    ),
    "a service that acts for nobody": _mute,
    "a person's access token": _of_a_person,
    "a ticket": _ticket,
    "three words": lambda _service: "a.b.c",
    "one word": lambda _service: "abc",
    "empty": lambda _service: "",
    "enormous": lambda service: service_token(service) + "A" * 20_000,
}


class Issuer:
    """An identity provider of the tests."""

    def __init__(self) -> None:
        self.key = OKPKey.generate_key("Ed25519", {"kid": "one"}, private=True)

    @property
    def entry(self) -> dict[str, Any]:
        """Its line in the gateway's settings."""
        return {"issuer": ISSUER, "audience": AUDIENCE, "jwks": {"keys": [self.key.as_dict(private=False)]}}

    def claims(self, **changes: Any) -> dict[str, Any]:
        """Claims of an access token; those that are None are left out."""
        every = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": "somebody",
            "iat": now(),
            "exp": now() + 600,
        } | changes
        return {name: value for name, value in every.items() if value is not None}

    def token(self, *, key: Any = None, header: dict[str, Any] | None = None, **claims: Any) -> str:
        head = {"alg": "Ed25519", "typ": "at+jwt", "kid": "one"} | (header or {})
        return jwt.encode(head, self.claims(**claims), key or self.key, algorithms=[head["alg"]])


OF_PEOPLE: Final[dict[str, Callable[[Issuer], str]]] = {
    "unsigned": lambda of: unsigned(of.token(), "none"),
    "unsigned, capitals": lambda of: unsigned(of.token(), "NONE"),
    "public key as HMAC secret": lambda of: hmac_signed(of.claims(), "one", of.key, typ="at+jwt"),
    "tampered claims": lambda of: with_claims(of.token(), sub="bureau-head"),
    "another key, same kid": lambda of: of.token(
        key=OKPKey.generate_key("Ed25519", {"kid": "one"}, private=True)
    ),
    "unknown kid": lambda of: of.token(header={"kid": "two"}),
    "another audience": lambda of: of.token(aud="another"),
    "no audience": lambda of: of.token(aud=None),
    "another issuer": lambda of: of.token(iss="https://evil.test"),
    "no issuer": lambda of: of.token(iss=None),
    "expired": lambda of: of.token(exp=now() - 1),
    "no expiry": lambda of: of.token(exp=None),
    "expiry as text": lambda of: of.token(exp="9999999999"),
    "not yet valid": lambda of: of.token(nbf=now() + 300),
    "issued in the future": lambda of: of.token(iat=now() + 300),
    "an id token": lambda of: of.token(header={"typ": "JWT"}),
    "no subject": lambda of: of.token(sub=None),
    "empty subject": lambda of: of.token(sub=""),
    "subject with a line break": lambda of: of.token(sub="a\nb"),
    "algorithm of another key type": lambda of: with_header(of.token(), alg="RS256"),
    "no token at all": lambda _of: "abc",
    "no JSON": lambda _of: "a.b.c",
    "subject too long to keep": lambda of: of.token(sub="x" * 250),
    "enormous": lambda of: of.token(sub="x" * 200) + "a" * 9000,
    "a service's token": lambda _of: tokens_of("intake").mint("gateway"),
    "a service's token for a person": lambda _of: tokens_of("gateway").mint("gateway", actor(Role.officer)),
}
