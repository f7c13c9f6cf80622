"""Shapes of people: units and persons, and what a login may do."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from common.pagination import Page
from common.roles import Role
from intake.people.identifiers import Phone, ResidentId

CityCode = Annotated[str, StringConstraints(pattern=r"^\d{6}$")]
Uscc = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{18}$")]
UnitName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
PersonName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Token = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Industry = Annotated[str, StringConstraints(pattern=r"^[A-T]\d{0,4}$")]
Names = Annotated[list[UnitName], Field(max_length=20)]
Ref = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
SearchText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
First = Annotated[int, Field(ge=1, le=200)]
After = Annotated[str, Field(max_length=500)]


class In(BaseModel):
    """What comes in; a refusal does not repeat it."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class ActionOut(BaseModel):
    """Whether an administrator's step is possible now, and why not."""

    action: str
    allowed: bool
    reason: str | None = None
    reason_zh: str | None = None
    reason_en: str | None = None


class ResolveIn(In):
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


class UnitPatch(In):
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
    allowed_actions: list[ActionOut] = []


class NewUnit(In):
    """A unit that an administrator enters; the rest of its data it keeps itself."""

    city: CityCode
    uscc: Uscc
    name: UnitName
    short_names: Names = []
    former_names: Names = []
    type: Token | None = None
    legal_person: bool | None = None
    reg_region: CityCode | None = None
    jurisdiction: Token | None = None
    industry_class: Industry | None = None
    quota_token: Token | None = None
    recommending_unit_id: UUID | None = None


class RegistrationPatch(In):
    """What an administrator changes on a unit; absent = unchanged, null clears what may be empty."""

    name: UnitName | None = None
    short_names: Names | None = None
    former_names: Names | None = None
    type: Token | None = None
    legal_person: bool | None = None
    reg_region: CityCode | None = None
    jurisdiction: Token | None = None
    industry_class: Industry | None = None
    quota_token: Token | None = None
    recommending_unit_id: UUID | None = None


class UnitSearch(In):
    """Which units: of a city, whose name or credit code contains the text, recommended by a unit."""

    city: CityCode | None = None
    text: SearchText | None = None
    recommending_unit_id: UUID | None = None
    first: First = 50
    after: After | None = None


class NewPerson(In):
    """A person. An applicant adds members to the own unit by name; the rest is an administrator's, who may
    also enter a person of no unit into a `city`."""

    unit_id: UUID | None = None
    city: CityCode | None = None
    name: PersonName
    ref: Ref | None = None
    resident_id: ResidentId | None = None
    phone: Phone | None = None

    @model_validator(mode="after")
    def _somewhere(self) -> "NewPerson":
        if self.unit_id is None and self.city is None:
            raise ValueError("a person belongs to a unit or to a city")
        return self


class PersonPatch(In):
    """What changes on a person; absent = unchanged, null takes an identifier away."""

    name: PersonName | None = None
    ref: Ref | None = None
    resident_id: ResidentId | None = None
    phone: Phone | None = None


class PersonSearch(In):
    """Which persons: of a city, of a unit, whose name contains the text, or the one with this resident id."""

    city: CityCode | None = None
    unit_id: UUID | None = None
    text: SearchText | None = None
    resident_id: ResidentId | None = None
    first: First = 50
    after: After | None = None


class PersonOut(BaseModel):
    """A person. Identifiers are masked (`110***********1234`), and null for who may not see them at all."""

    id: UUID
    city: str
    name: str
    unit_id: UUID | None
    ref: str | None = None
    resident_id_masked: str | None = None
    phone_masked: str | None = None
    revision: int
    allowed_actions: list[ActionOut] = []


class Revealed(BaseModel):
    """Whole identifiers of one person."""

    resident_id: str | None
    phone: str | None


class Ids(In):
    """Ids for a batch read."""

    ids: list[UUID] = Field(max_length=200)


class Units(BaseModel):
    items: list[UnitOut]


class People(BaseModel):
    items: list[PersonOut]


class Resealed(BaseModel):
    """Persons whose identifiers were sealed anew in this batch, and how many are left."""

    resealed: int
    left: int


UnitPage = Page[UnitOut]
PersonPage = Page[PersonOut]
