"""Bodies and answers of the registers. Each kind's own fields stand beside the common ones."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, create_model, model_validator
from pydantic.functional_validators import BeforeValidator
from pydantic_core import PydanticCustomError

from common.tabular import RowProblem
from eligibility.fields import AsOf, Body, City, JsonValue, LongText, ShortText
from eligibility.registers.kinds import KINDS
from eligibility.registers.kinds.base import Kind, Subjects
from guide.dictionary import dictionary
from guide.errors import escape
from guide.shapes import value_problems


def _open_end(value: Any) -> Any:
    # lists write so that something never ends
    return None if isinstance(value, str) and value.startswith("9999-") else value


End = Annotated[AsOf | None, BeforeValidator(_open_end)]
"""The first instant at which something no longer holds; null, or one of the year 9999: it has no end."""


def _as_declared(stated: dict[str, Any]) -> dict[str, Any]:
    shapes = dictionary().names.shapes
    for name, value in stated.items():
        place = f"/{escape(name)}"
        if name not in shapes:
            raise PydanticCustomError("stated", "{place}: no fact of the dictionary", {"place": place})
        for one in value_problems(shapes[name], value, place):
            raise PydanticCustomError(
                "stated", "{place}: {reason}", {"place": one.pointer, "reason": one.reason}
            )
    return stated


class _Period(BaseModel):
    """Half-open: `to` is the first instant at which the statement no longer holds; 9999-12-31 is no end."""

    model_config = ConfigDict(extra="forbid")

    valid_from: Annotated[AsOf, Field(alias="from")]
    valid_to: Annotated[End, Field(alias="to")] = None

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

    to: AsOf
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
    import_id: Annotated[UUID | None, Field(description="the file that this revision came from")]


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


class LookupIn(Body):
    """Whom and what to look up in the registers of a city, as of an instant.

    `known_at`: as the registers were known then; left out: as they are known now. `stated`: facts of the
    form that a register completes, by name, such as `beneficiary.villages`.
    """

    city: City | None = None
    subjects: Subjects
    application_id: UUID | None = None
    as_of: AsOf
    known_at: AsOf | None = None
    stated: Annotated[
        dict[str, JsonValue], AfterValidator(_as_declared), Field(max_length=20, default_factory=dict)
    ]


class EntrySeen(BaseModel):
    """An entry that a register looked at, in the revision that it looked at."""

    id: UUID
    revision: int
    valid_from: Annotated[datetime, Field(serialization_alias="from")]
    valid_to: Annotated[datetime | None, Field(serialization_alias="to")]
    source: str
    recorded_at: datetime
    recorded_by: str
    import_id: UUID | None
    data: dict[str, Any]


class FactSeen(BaseModel):
    """What a register says about one fact; without entries it says so because none was found."""

    name: str
    value: Any
    register_name: Annotated[str, Field(serialization_alias="register")]
    entries: list[EntrySeen]


class LookupOut(BaseModel):
    """Facts that the registers answer. A fact that is not here is not known to them."""

    city: str
    as_of: datetime
    known_at: datetime | None
    items: list[FactSeen]


class ImportCounts(BaseModel):
    """Entries that a file added, corrected, ended, and left as they are (in a dry run: would)."""

    added: int
    corrected: int
    ended: int
    unchanged: int


class ImportRowOut(BaseModel):
    """What becomes of one entry; unchanged ones are left out. `row` is null where the file has it no more."""

    row: int | None
    action: Literal["added", "corrected", "ended", "unchanged"]
    about: str
    entry_id: UUID | None
    valid_from: Annotated[datetime, Field(serialization_alias="from")]
    valid_to: Annotated[datetime | None, Field(serialization_alias="to")]


class ImportOut(BaseModel):
    """What came of a file; in a dry run, what would.

    Nothing is counted where there are problems: `found` of them, of which `problems` shows the first 200.
    """

    import_id: UUID | None
    register_name: Annotated[str, Field(serialization_alias="register")]
    city: str
    source: str
    file_name: str
    sha256: str
    complete_as_of: datetime | None
    whole_until: Annotated[datetime | None, Field(description="exclusive end of being the whole register")]
    dry_run: bool
    counts: ImportCounts
    rows: list[ImportRowOut]
    problems: list[RowProblem]
    found: int
