"""Shapes of people: units, persons, memberships, and the file that brings them in."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from common.roles import Role

CityCode = Annotated[str, StringConstraints(pattern=r"^\d{6}$")]
Uscc = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{18}$")]
UnitName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
PersonName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Token = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Industry = Annotated[str, StringConstraints(pattern=r"^[A-T]\d{0,4}$")]
Names = Annotated[list[UnitName], Field(max_length=20)]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class UnitIn(_In):
    """A unit in a file. `profile` holds facts of the organisation by flat name."""

    uscc: Uscc
    name: UnitName
    city: CityCode
    short_names: Names = []
    former_names: Names = []
    type: Token | None = None
    legal_person: bool | None = None
    reg_region: CityCode | None = None
    jurisdiction: Token | None = None
    industry_class: Industry | None = None
    quota_token: Token | None = None
    recommending_unit_uscc: Uscc | None = None
    profile: dict[str, Any] = {}


class PersonIn(_In):
    """A person in a file; `ref` is the file's own name for the person."""

    ref: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    name: PersonName
    city: CityCode
    unit_uscc: Uscc | None = None


class MembershipIn(_In):
    """What a login may do."""

    issuer: Annotated[str, StringConstraints(min_length=1, max_length=255)]
    subject: Annotated[str, StringConstraints(min_length=1, max_length=255)]
    person_ref: str
    role: Role
    city: CityCode
    unit_uscc: Uscc | None = None
    login_kind: Literal["legal_person", "personal"] | None = None
    valid_from: AwareDatetime | None = None
    valid_to: AwareDatetime | None = None


class ImportIn(_In):
    """A file of people. All or nothing."""

    units: list[UnitIn] = Field(default=[], max_length=5000)
    people: list[PersonIn] = Field(default=[], max_length=5000)
    memberships: list[MembershipIn] = Field(default=[], max_length=10000)


class ImportedUnit(BaseModel):
    uscc: str
    id: UUID


class ImportedPerson(BaseModel):
    ref: str
    id: UUID


class RowProblem(BaseModel):
    """What is wrong with a row, and where (RFC 6901)."""

    pointer: str
    reason: str


class ImportOut(BaseModel):
    """What came of a file; ids are missing where it was a dry run with problems."""

    units: list[ImportedUnit] = []
    people: list[ImportedPerson] = []
    memberships: int = 0
    problems: list[RowProblem] = []


class ResolveIn(_In):
    """A verified login."""

    issuer: str = Field(min_length=1, max_length=255)
    subject: str = Field(min_length=1, max_length=255)


class GrantOut(BaseModel):
    role: Role
    city: str
    unit_id: UUID | None
    login_kind: str | None = None


class Resolved(BaseModel):
    """What a login may do now; nothing for an unknown one."""

    person_id: UUID | None = None
    name: str | None = None
    grants: list[GrantOut] = []
    login_kind: str | None = None
    cities: list[str] = []


class UnitPatch(_In):
    """What a unit keeps itself; absent = unchanged. `profile` merges, null deletes a fact."""

    name: UnitName | None = None
    short_names: Names | None = None
    legal_person: bool | None = None
    reg_region: CityCode | None = None
    jurisdiction: Token | None = None
    industry_class: Industry | None = None
    profile: dict[str, Any] | None = None


class UnitOut(BaseModel):
    """A unit. `missing`: facts of the organisation that the city's calls ask for and that are not stated.

    Who sees the unit only as a neighbour (an applicant its recommending unit) gets the profile's keys null.
    """

    id: UUID
    city: str
    uscc: str
    name: str
    short_names: list[str]
    former_names: list[str]
    type: str | None
    legal_person: bool | None
    reg_region: str | None
    jurisdiction: str | None
    industry_class: str | None
    quota_token: str | None
    recommending_unit_id: UUID | None
    profile: dict[str, Any] | None
    profile_complete: bool | None
    missing: list[str] | None
    revision: int


class NewPerson(_In):
    """A member for a unit's teams."""

    unit_id: UUID
    name: PersonName


class PersonOut(BaseModel):
    id: UUID
    name: str
    unit_id: UUID | None


class Ids(_In):
    """Ids for a batch read."""

    ids: list[UUID] = Field(max_length=200)


class Units(BaseModel):
    items: list[UnitOut]


class People(BaseModel):
    items: list[PersonOut]
