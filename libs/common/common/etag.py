"""Entity tags: `If-Match` names the revision that the caller has read, `If-None-Match` what it has."""

from typing import Annotated

from fastapi import Depends, Header, Response

from common.errors import FieldError, PreconditionRequired, Unprocessable

_DIGITS = 18


async def expected_revision(if_match: Annotated[str | None, Header()] = None) -> int:
    """The revision named by `If-Match: "<n>"`.

    Raises:
        PreconditionRequired: the header is missing.
        Unprocessable: it is not a revision.
    """
    if if_match is None:
        raise PreconditionRequired
    text = if_match.strip().removeprefix("W/").strip('"')
    if not text.isascii() or not text.isdigit() or len(text) > _DIGITS:
        raise Unprocessable(
            errors=[FieldError("/header/if-match", "revision", "a revision is a whole number")]
        )
    return int(text)


IfMatchDep = Annotated[int, Depends(expected_revision)]


def set_etag(response: Response, revision: int) -> None:
    """Tell the caller which revision it now has."""
    response.headers["ETag"] = f'"{revision}"'


def is_known(if_none_match: str | None, etag: str) -> bool:
    """Whether the caller has this representation already (RFC 9110, 13.1.2: weak comparison)."""
    tags = [tag.strip().removeprefix("W/") for tag in (if_none_match or "").split(",")]
    return "*" in tags or etag in tags
