"""Shapes of a file of people, and of the report on it.

What a row does not state stays as it is; an explicit null takes it away.
"""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from common.roles import Role
from common.tabular import RowProblem
from intake.people.identifiers import Phone, ResidentId
from intake.people.schemas import CityCode, In, Industry, Names, PersonName, Token, UnitName, Uscc


class UnitIn(In):
    """A unit in a file. `profile` holds facts of the organisation by flat name."""

    uscc: Uscc
    name: UnitName
    city: CityCode
    short_names: Names = Field(default=[])
    former_names: Names = Field(default=[])
    type: Token | None = None
    legal_person: bool | None = None
    reg_region: CityCode | None = None
    jurisdiction: Token | None = None
    industry_class: Industry | None = None
    quota_token: Token | None = None
    recommending_unit_uscc: Uscc | None = None
    profile: dict[str, Any] = Field(default={})


class PersonIn(In):
    """A person in a file; `ref` is the file's own name for the person."""

    ref: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    name: PersonName
    city: CityCode
    unit_uscc: Uscc | None = None
    resident_id: ResidentId | None = None
    phone: Phone | None = None


class MembershipIn(In):
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


class ImportIn(In):
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


class Counts(BaseModel):
    """How many rows of a kind were (in a dry run: would be) made, changed, or left as they are."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0


class Report(BaseModel):
    """Counts by kind."""

    units: Counts = Counts()
    people: Counts = Counts()
    memberships: Counts = Counts()


class ImportOut(BaseModel):
    """What came of a file. A dry run gives the same report, and the ids of what is there already; nothing is
    counted where there are problems."""

    units: list[ImportedUnit] = []
    people: list[ImportedPerson] = []
    memberships: int = 0
    report: Report = Report()
    problems: list[RowProblem] = []
