"""Tokens of a local house: the operator's for a service, the development issuer's for a person.

Both are for development only and are refused where ENVIRONMENT says production.
"""

import os
from collections.abc import Iterable

from joserfc import jwt

from cli.errors import Refusal
from cli.house import AUDIENCE, ISSUER
from cli.keys import ISSUER_KEY, OPERATOR, Keys
from common.clock import clock
from common.ids import new_id

ALGORITHM = "Ed25519"
USER_LIFETIME_S = 8 * 3600
SERVICE_LIFETIME_S = 3600


def for_person(
    keys: Keys, subject: str, *, name: str | None = None, lifetime_s: int = USER_LIFETIME_S
) -> str:
    """An access token (RFC 9068) of the development issuer, as the gateway takes it.

    Args:
        subject: who is signed in; what they may do, memberships say.
        lifetime_s: seconds of machine time.

    Raises:
        Refusal: the environment is production.
    """
    refuse_in_production()
    now = int(clock.system().timestamp())
    claims = {
        "iss": ISSUER,
        "sub": subject,
        "aud": AUDIENCE,
        "iat": now,
        "exp": now + lifetime_s,
        "jti": str(new_id()),
        "client_id": "shenbao-cli",
    }
    if name is not None:
        claims["name"] = name
    header = {"alg": ALGORITHM, "typ": "at+jwt", "kid": ISSUER_KEY}
    return jwt.encode(header, claims, keys.key(ISSUER_KEY), algorithms=[ALGORITHM])


def for_service(
    keys: Keys, audience: str, *, cities: Iterable[str] = (), lifetime_s: int = SERVICE_LIFETIME_S
) -> str:
    """The operator's token for one service, acting for itself.

    Args:
        audience: the service that is called.
        cities: the cities whose rows it may touch.

    Raises:
        Refusal: the environment is production.
    """
    refuse_in_production()
    now = int(clock.system().timestamp())
    claims = {
        "iss": f"service:{OPERATOR}",
        "aud": audience,
        "iat": now,
        "exp": now + lifetime_s,
        "cities": sorted(cities),
        "act": None,
    }
    header = {"alg": ALGORITHM, "kid": OPERATOR}
    return jwt.encode(header, claims, keys.key(OPERATOR), algorithms=[ALGORITHM])


def refuse_in_production() -> None:
    """
    Raises:
        Refusal: ENVIRONMENT or SHENBAO_ENVIRONMENT is production.
    """
    for name in ("SHENBAO_ENVIRONMENT", "ENVIRONMENT", "GATEWAY_ENVIRONMENT", "INTAKE_ENVIRONMENT"):
        if os.environ.get(name, "").lower() == "production":
            raise Refusal(f"{name} is production: the development issuer makes no tokens there.")


def label(subject: str) -> str:
    """How the services name a person of the development issuer: `subject@issuer` without its scheme."""
    return f"{subject}@{ISSUER.removeprefix('https://')}"
