"""Tickets: intake says who may put or fetch which file, and signs it; documents only checks the signature.

A ticket alone holds for a minute. Until it expires it holds in the hands of the person it was given to, who
must still have one of the memberships that it stands on: so a revoked one is over within a minute here too,
and a slow network has its quarter of an hour.
"""

from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

from fastapi import Header, Query, Request
from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from common.actor import Actor
from common.auth import actor_of
from common.clock import clock
from common.errors import Forbidden, Unauthenticated
from common.tokens import ServiceTokens

ALONE_S = 60
BundleKind = Literal["blind", "identity", "office"]
Text = Annotated[str, Field(min_length=1, max_length=255)]
City = Annotated[str, Field(pattern=r"^\d{6}$")]
FactName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_.]{0,99}$")]


class TicketInvalid(Unauthenticated):
    code = "documents.ticket_invalid"
    title_zh, title_en = "上传或下载凭证无效或已过期", "The ticket is missing, expired or cannot be verified"


class TicketForeign(Forbidden):
    code = "documents.ticket_foreign"
    title_zh, title_en = "凭证不适用于此文件", "The ticket is for something else"


class _Ticket(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    file_id: UUID
    city: City
    by: Text
    iat: int = 0
    grants: Annotated[list[tuple[Text, UUID | None]], Field(max_length=100)] = []

    def held_by(self, actor: Actor) -> bool:
        """Is this the person it was given to, with a membership (role, unit) that it stands on?"""
        kept = {(one.role.value, one.unit_id) for one in actor.grants if one.city == self.city}
        return actor.subject == self.by and not kept.isdisjoint(self.grants)


class UploadTicket(_Ticket):
    """Claims of an upload ticket. `attributes` become facts that the material gives."""

    application_id: UUID
    guide: Text
    version: Text
    category: Text
    material: Text
    bundle: BundleKind
    filename: Text
    content_type: Text
    max_bytes: int = Field(ge=1)
    attributes: dict[FactName, JsonValue] = Field(default={}, max_length=50)


class DownloadTicket(_Ticket):
    """Claims of a download ticket.

    `bundle`, when given, is the kind that the file must be of, `bundle_id` a sealed bundle that holds it.
    """

    purpose: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
    bundle: BundleKind | None = None
    bundle_id: UUID | None = None


_T = TypeVar("_T", bound=_Ticket)


def _read(request: Request, token: str | None, kind: type[_T]) -> _T:
    tokens: ServiceTokens = request.app.state.tokens
    try:
        signer, claims = tokens.read(token or "", audience="documents")
    except Unauthenticated as error:
        raise TicketInvalid(error.detail) from error
    if signer != "intake":
        raise TicketForeign("tickets are signed by intake")
    ticket = _parsed(claims, kind)
    if clock.system().timestamp() > ticket.iat + ALONE_S and not ticket.held_by(actor_of(request)):
        raise TicketInvalid("after a minute a ticket needs its holder's access token")
    return ticket


def _parsed(claims: dict[str, Any], kind: type[_T]) -> _T:
    try:
        return kind.model_validate(claims)
    except ValidationError as error:
        places = sorted({".".join(map(str, fault["loc"])) for fault in error.errors()})
        raise TicketInvalid(f"claims missing or wrong: {', '.join(places)}") from error


def upload_ticket(request: Request, upload_ticket: Annotated[str | None, Header()] = None) -> UploadTicket:
    """Dependency: the header `Upload-Ticket`.

    Raises:
        TicketInvalid, TicketForeign.
    """
    return _read(request, upload_ticket, UploadTicket)


def download_ticket(
    request: Request, ticket: Annotated[str | None, Query(max_length=4096)] = None
) -> DownloadTicket:
    """Dependency: the query parameter `ticket`.

    Raises:
        TicketInvalid, TicketForeign.
    """
    return _read(request, ticket, DownloadTicket)
