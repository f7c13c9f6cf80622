"""Shapes of memberships: what a login may do, from when to when."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from common.pagination import Page
from common.roles import Role
from intake.people.schemas import ActionOut, After, CityCode, First, In

Login = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=255)]
LoginKind = Literal["legal_person", "personal"]


class GrantIn(In):
    """A role for a person's login, in the person's city; `valid_from` null: at once, `valid_to` null: until
    it is ended."""

    person_id: UUID
    issuer: Login
    subject: Login
    role: Role
    unit_id: UUID | None = None
    login_kind: LoginKind | None = None
    valid_from: AwareDatetime | None = None
    valid_to: AwareDatetime | None = None


class EndIn(In):
    """When a membership ends; null: now."""

    at: AwareDatetime | None = None


class MoveIn(In):
    """A person goes to another unit of the city.

    Memberships for the old unit end `at` (null: now; not in the future), and the same logins get `roles`
    (null: the roles that ended) for the new unit from then on.
    """

    unit_id: UUID
    roles: list[Role] | None = Field(default=None, max_length=10)
    at: AwareDatetime | None = None


class Period(BaseModel):
    """From `valid_from` (null: ever) until before `valid_to` (null: without end)."""

    valid_from: AwareDatetime | None
    valid_to: AwareDatetime | None


class MembershipOut(BaseModel):
    """A membership. `state`: coming, in_force or ended now; `former`: earlier periods, oldest first."""

    id: UUID
    city: str
    person_id: UUID
    issuer: str
    subject: str
    role: Role
    unit_id: UUID | None
    login_kind: str | None
    valid_from: AwareDatetime | None
    valid_to: AwareDatetime | None
    state: Literal["coming", "in_force", "ended"]
    former: list[Period]
    revision: int
    allowed_actions: list[ActionOut]


class MembershipSearch(In):
    """Which memberships; ended ones too, unless `in_force` asks for those that hold now."""

    city: CityCode | None = None
    person_ids: list[UUID] | None = Field(default=None, max_length=200)
    unit_id: UUID | None = None
    role: Role | None = None
    in_force: bool = False
    first: First = 50
    after: After | None = None


class MembershipsOut(BaseModel):
    items: list[MembershipOut]


MembershipPage = Page[MembershipOut]


class MoveOut(BaseModel):
    """The person's memberships after a move: those that ended and those that began."""

    person_id: UUID
    unit_id: UUID
    ended: list[MembershipOut]
    granted: list[MembershipOut]
