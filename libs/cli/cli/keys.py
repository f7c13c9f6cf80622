"""The keys of a local house: one per service, one for the operator, the development issuer's, the feed's, and
the ring of personal identifiers."""

import json
from pathlib import Path
from typing import Any

from joserfc.jwk import OKPKey

from cli.project import write_secret
from common.sealed import new_key

OPERATOR = "operator"
ISSUER_KEY = "issuer"
FEED_KEY = "feed"
PERSONAL_KEYS = "personal"
_CALLERS = ("intake", "eligibility", "quota", "documents", "gateway", OPERATOR)


class Keys:
    """Ed25519 JWKs in a folder, made on first use, readable by their owner only."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def private(self, name: str) -> dict[str, Any]:
        """The private JWK; its kid is the name."""
        return dict(self.key(name).as_dict(private=True))

    def public(self, name: str) -> dict[str, Any]:
        """The public JWK."""
        return dict(self.key(name).as_dict(private=False))

    def key(self, name: str) -> OKPKey:
        file = self._folder / f"{name}.json"
        if not file.exists():
            made = OKPKey.generate_key("Ed25519", {"kid": name, "alg": "Ed25519", "use": "sig"})
            write_secret(file, json.dumps(made.as_dict(private=True)))
        return OKPKey.import_key(json.loads(file.read_text()))

    def personal_keys(self) -> list[str]:
        """The ring of personal identifiers: base64 keys, of which the first seals."""
        file = self._folder / f"{PERSONAL_KEYS}.json"
        if not file.exists():
            write_secret(file, json.dumps([new_key()]))
        found: list[str] = json.loads(file.read_text())
        return found

    def service_jwks(self) -> dict[str, Any]:
        """The public keys of all who may call a service."""
        return {"keys": [self.public(name) for name in _CALLERS]}

    def issuer_jwks(self) -> dict[str, Any]:
        """The public key of the development issuer."""
        return {"keys": [self.public(ISSUER_KEY)]}
