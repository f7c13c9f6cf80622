"""Bodies and answers of the registers. Each kind's own fields stand beside the common ones."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, create_model, model_validator

from eligibility.fields import Body, City, Instant, LongText, ShortText
from eligibility.registers.kinds import KINDS
from eligibility.registers.kinds.base import Kind


class _Period(BaseModel):
    """Half-open: `to` is the first instant at which the statement no longer holds."""

    model_config = ConfigDict(extra="forbid")

    valid_from: Annotated[Instant, Field(alias="from")]
    valid_to: Annotated[Instant | None, Field(alias="to")] = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError("`to` lies before `from`")
        return self


class EntryIn(_Period):
    """A new entry. With an `id` the request can be repeated safely.

    `city` may be left out where the actor works in one city only; `source` says where the statement comes
    from (a list's publisher, a file number), by default whoever records it.
    """

    id: UUID | None = None
    city: City | None = None
    source: ShortText | None = None


class CorrectionIn(_Period):
    """What the entry should have said. The earlier statement stays in its history."""

    source: ShortText | None = None
    change_reason: LongText


class EndIn(Body):
    """From when the statement no longer holds, and why; the entry's own beginning makes it void."""

    to: Instant
    reason: LongText


class EntryOut(BaseModel):
    """An entry's current revision, or one of its history (`superseded_at` set)."""

    model_config = ConfigDict(populate_by_name=True)

    id: UUID
    register_name: Annotated[str, Field(serialization_alias="register")]
    city: str
    revision: int
    valid_from: Annotated[datetime, Field(serialization_alias="from")]
    valid_to: Annotated[datetime | None, Field(serialization_alias="to")]
    source: str
    recorded_at: datetime
    recorded_by: str
    change_reason: str | None
    superseded_at: datetime | None


COMMON: Final = frozenset({"id", "city", "source", "valid_from", "valid_to", "change_reason"})


@dataclass(frozen=True, slots=True)
class Forms:
    """The schemas of one register's routes."""

    entry: type[EntryIn]
    correction: type[CorrectionIn]
    answer: type[BaseModel]


def _forms(kind: Kind[Any]) -> Forms:
    name = kind.schema.__name__
    return Forms(
        entry=create_model(f"{name}In", __base__=(EntryIn, kind.schema)),
        correction=create_model(f"{name}Correction", __base__=(CorrectionIn, kind.schema)),
        answer=create_model(f"{name}Out", __base__=(EntryOut, kind.schema)),
    )


FORMS: Final[Mapping[str, Forms]] = {name: _forms(kind) for name, kind in KINDS.items()}


def own_fields(body: BaseModel) -> dict[str, Any]:
    """The kind's own fields of a body, as JSON."""
    return body.model_dump(mode="json", exclude=set(COMMON))
