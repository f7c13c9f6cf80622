"""Who signs manifests. Ed25519 here; a module for SM2 or an HSM fills the same interface."""

import json
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc.jwk import OKPKey
from pydantic import SecretStr

from common.errors import DomainError


class SignerMissing(DomainError):
    """No signing key is configured; nothing unsigned is given out."""

    status, code = 503, "intake.feed_signer_missing"
    title_zh, title_en = "尚未配置签名密钥", "No signing key is configured"


class Signer(Protocol):
    """Signs bytes; `kid` names the public key, `algorithm` the way (a JOSE name where there is one)."""

    kid: str
    algorithm: str

    def sign(self, content: bytes) -> bytes: ...


class Ed25519Signer:
    """A key held in this process."""

    algorithm = "Ed25519"

    def __init__(self, jwk: str) -> None:
        parsed = json.loads(jwk)
        key = OKPKey.import_key(parsed).private_key
        if not isinstance(key, Ed25519PrivateKey):
            raise ValueError("feed_key is not a private Ed25519 JWK")
        self._key = key
        self.kid = str(parsed.get("kid", "feed"))

    def sign(self, content: bytes) -> bytes:
        return self._key.sign(content)


def signer_from(feed_key: SecretStr | None) -> Signer:
    """The signer for the configured key.

    Raises:
        SignerMissing: there is none.
    """
    if feed_key is None:
        raise SignerMissing
    return Ed25519Signer(feed_key.get_secret_value())
