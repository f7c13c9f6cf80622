"""Counting and hashing a body while it passes, inside its limits of size and time."""

import asyncio
import hashlib
import unicodedata
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from documents.files.errors import FileTooLarge, NameInvalid, UploadStalled

if TYPE_CHECKING:
    from hashlib import _Hash

_NAME_CHARS = 200


@dataclass
class Meter:
    """What has passed so far.

    Args:
        max_bytes: more is refused.
        idle_s, total_s: longest pause and longest time, seconds.
    """

    max_bytes: int
    idle_s: float
    total_s: float
    size: int = 0
    _hash: "_Hash" = field(default_factory=hashlib.sha256)

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    async def measured(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """The same chunks.

        Raises:
            FileTooLarge, UploadStalled.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self.total_s
        while True:
            try:
                async with asyncio.timeout_at(min(loop.time() + self.idle_s, deadline)):
                    chunk = await anext(chunks)
            except StopAsyncIteration:
                return
            except TimeoutError as error:
                raise UploadStalled(headers={"Retry-After": "2"}) from error
            self.size += len(chunk)
            if self.size > self.max_bytes:
                raise FileTooLarge(extra={"limit": self.max_bytes})
            self._hash.update(chunk)
            if chunk:
                yield chunk


def clean_name(name: str) -> str:
    """A file name in NFC, as it is kept and sent in headers.

    Raises:
        NameInvalid: with a path, a control or an invisible character, hidden, or too long.
    """
    name = unicodedata.normalize("NFC", name).strip()
    hidden = any(unicodedata.category(char) in ("Cc", "Cf", "Cs", "Cn", "Zl", "Zp") for char in name)
    if not name or name.startswith(".") or hidden or any(char in '/\\:*?"<>|' for char in name):
        raise NameInvalid
    if len(name) > _NAME_CHARS:
        raise NameInvalid(extra={"max_chars": _NAME_CHARS})
    return name
