"""What the feed answers and takes."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]
RegionCode = Annotated[str, StringConstraints(pattern=r"^\d{6}$")]


class ItemOut(BaseModel):
    """One change. Withheld (outside the subscription): only number, digest and chain hash are given."""

    seq: int
    entity_id: UUID | None
    revision: int | None
    op: Literal["upsert", "withdraw", "redact", "correct"] | None
    effective_at: str | None
    reason: str | None
    state: str | None
    digest: str
    chain_hash: str
    salt: str | None
    withheld: bool
    record: dict[str, Any] | None


class ChangesOut(BaseModel):
    """Items after a cursor, in order. `next_cursor` always continues behind the last item."""

    feed: str
    city: str
    items: list[ItemOut]
    next_cursor: str
    has_more: bool


class ManifestBody(BaseModel):
    """Where the feed stands. `count` is the number of projects on the list."""

    feed: str
    city: str
    count: int
    last_seq: int
    chain_hash: str
    at: str


class Signature(BaseModel):
    """Over the RFC 8785 form of the manifest; `value` is base64url without padding."""

    algorithm: str
    kid: str
    value: str


class ManifestOut(BaseModel):
    manifest: ManifestBody
    signature: Signature


class GroupOut(BaseModel):
    """`digest`: SHA-256 over one line `entity_id revision digest` per project, by entity_id."""

    city: str
    year: int
    category: str
    count: int
    digest: str


class ReconciliationOut(BaseModel):
    """What the subscriber should hold after the item `seq`."""

    feed: str
    city: str
    seq: int
    items: list[GroupOut]


class MemberOut(BaseModel):
    name: str
    place: Literal["item", "record"]
    type: str
    zh: str
    en: str
    codes: list[str]
    code_list: str | None
    personal: bool


class DictionaryOut(BaseModel):
    feed: str
    items: list[MemberOut]


class SubscriberIn(BaseModel):
    """A subscription. `fields` null: all that are not personal; `regions` null: all."""

    model_config = ConfigDict(extra="forbid")

    city: RegionCode
    client: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=255)]
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    legal_basis: Text
    purpose: Text
    fields: list[str] | None = None
    regions: list[RegionCode] | None = None


class SubscriberOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    city: str
    client: str
    name: str
    legal_basis: str
    purpose: str
    fields: list[str] | None
    regions: list[str] | None
    revision: int
    created_at: AwareDatetime


class SubscribersOut(BaseModel):
    items: list[SubscriberOut]


class DisclosureOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    subscriber_id: UUID
    door: str
    from_seq: int
    to_seq: int
    items: int
    fields: list[str]
    purpose: str
    at: AwareDatetime
