"""Text sealed in a column: AES-256-GCM under the first key of a ring, each value bound to its own row.

A ring is a list of keys: the first one seals, every one opens. To change keys, put a new one in front, seal
everything anew (`KeyRing.stale` finds what is left), then drop the old one. From each key three others are
derived by HKDF: one seals, one makes blind indexes, one is its name. An index lets a value be found, and kept
unique, by equality; nobody without the key can make it.
"""

import base64
import binascii
import hmac
import os
from collections.abc import Sequence
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES: Final = 32
INDEX_BYTES: Final = 32
_VERSION, _NAME_BYTES, _NONCE_BYTES = b"\x01", 4, 12
_HEAD = len(_VERSION) + _NAME_BYTES + _NONCE_BYTES


class SealBroken(RuntimeError):
    """A sealed value cannot be opened: its key is not in the ring, it was altered, or it is another row's."""


class KeysUnusable(ValueError):
    """The keys are no ring; the message never shows one."""


class _Key:
    __slots__ = ("index", "name", "seal")

    def __init__(self, master: bytes) -> None:
        self.seal = AESGCM(_derived(master, b"seal", KEY_BYTES))
        self.index = _derived(master, b"index", KEY_BYTES)
        self.name = _derived(master, b"name", _NAME_BYTES)


class KeyRing:
    """The keys of one service's sealed columns.

    Args:
        keys: base64 of 32 random bytes each; the first one seals.

    Raises:
        KeysUnusable: none, not base64, not 32 bytes, or one stands twice.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        masters = [_decoded(key) for key in keys]
        if not masters or len(set(masters)) != len(masters):
            raise KeysUnusable("a ring has at least one key, and none twice")
        self._keys = [_Key(master) for master in masters]
        self._by_name = {key.name: key for key in self._keys}

    def __repr__(self) -> str:
        return f"KeyRing({len(self._keys)} keys)"

    def seal(self, text: str, place: str) -> bytes:
        """The text, sealed for one place: `<table>.<column>:<row id>`."""
        key, nonce = self._keys[0], os.urandom(_NONCE_BYTES)
        return _VERSION + key.name + nonce + key.seal.encrypt(nonce, text.encode(), place.encode())

    def open(self, sealed: bytes, place: str) -> str:
        """
        Raises:
            SealBroken: no key of the ring opens it at this place.
        """
        key = self._by_name.get(bytes(sealed[1 : 1 + _NAME_BYTES]))
        if bytes(sealed[:1]) != _VERSION or key is None:
            raise SealBroken("sealed with a key that is not in the ring")
        nonce = bytes(sealed[_HEAD - _NONCE_BYTES : _HEAD])
        try:
            return key.seal.decrypt(nonce, bytes(sealed[_HEAD:]), place.encode()).decode()
        except InvalidTag:
            raise SealBroken("altered, or of another place") from None

    def mark(self) -> bytes:
        """What every value begins with that the first key has sealed; others are to be sealed anew."""
        return _VERSION + self._keys[0].name

    def stale(self, sealed: bytes) -> bool:
        """Was it sealed with an older key?"""
        return not bytes(sealed).startswith(self.mark())

    def index(self, text: str, scope: str) -> bytes:
        """The blind index of a text under the first key. Equal texts have equal ones inside a scope only."""
        return _index(self._keys[0], text, scope)

    def indexes(self, text: str, scope: str) -> list[bytes]:
        """Its index under every key: what a row may carry while the keys are being changed."""
        return [_index(key, text, scope) for key in self._keys]


def new_key() -> str:
    """A fresh key as a ring takes it."""
    return base64.b64encode(os.urandom(KEY_BYTES)).decode()


def _index(key: _Key, text: str, scope: str) -> bytes:
    return hmac.digest(key.index, f"{scope}\0{text}".encode(), "sha256")


def _derived(master: bytes, purpose: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=b"shenbao sealed 1 " + purpose).derive(
        master
    )


def _decoded(key: str) -> bytes:
    try:
        found = base64.b64decode(key, validate=True)
    except (binascii.Error, ValueError):
        raise KeysUnusable("a key is not base64") from None
    if len(found) != KEY_BYTES:
        raise KeysUnusable(f"a key has {KEY_BYTES} bytes")
    return found
