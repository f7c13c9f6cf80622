"""What comes back from a service, and whether it can be used."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import orjson

from common.errors import OwnerUnavailable


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers (lower-case names) and body of a service's answer."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class StreamedAnswer:
    """As `Answer`, with the body still to come."""

    status: int
    headers: dict[str, str]
    chunks: AsyncIterator[bytes]


class Unusable(Exception):
    """An answer that says nothing: an error of the service's own, no JSON, or half of it."""


def read(answer: Answer) -> tuple[int, Any]:
    """Status and JSON of an answer.

    Raises:
        Unusable: see there.
    """
    if not answer.body:
        content = None
    elif "json" in answer.headers.get("content-type", ""):
        try:
            content = orjson.loads(answer.body)
        except orjson.JSONDecodeError as error:
            raise Unusable from error
    else:
        raise Unusable
    if answer.status >= 500 and away_behind(content) is None:
        raise Unusable
    return answer.status, content


def away_behind(content: Any) -> str | None:
    """The service that a 503 says is away: it answers, somebody behind it does not."""
    if not isinstance(content, dict) or content.get("code") != OwnerUnavailable.code:
        return None
    return str(content.get("service"))
