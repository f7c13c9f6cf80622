"""Shapes of applications as they go in and out."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from common.pagination import Page
from intake.applications.states import State, Step

Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]
MemberRole = Literal["leader", "main", "other"]
Stage = Literal["submission", "recommendation", "formal_review", "approval", "acceptance"]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ApplicationIn(_In):
    """A new draft."""

    guide: str = Field(min_length=1, max_length=64)
    category: str = Field(min_length=1, max_length=64)
    unit_id: UUID
    title: Title


class MemberIn(_In):
    """A person of the unit and the part taken in the project."""

    person_id: UUID
    role: MemberRole


class ApplicationPatch(_In):
    """What changes; absent = unchanged. `form` merges flat fact names, null deletes one.

    `leader_id` and `members` describe one team: the leader is a member with role leader.
    """

    title: Title | None = None
    form: dict[str, Any] | None = Field(default=None, max_length=500)
    leader_id: UUID | None = None
    members: list[MemberIn] | None = Field(default=None, max_length=100)


class AllowedActionOut(BaseModel):
    """What the actor may do now, and why not."""

    model_config = ConfigDict(from_attributes=True)

    action: str
    allowed: bool
    reason: str | None
    reason_zh: str | None
    reason_en: str | None


class MemberOut(BaseModel):
    person_id: UUID
    role: str


class Failure(BaseModel):
    """Why it went no further: a code, the rules by id, the reason in words."""

    code: str
    rules: list[str]
    reason: str | None


class ApplicationOut(BaseModel):
    """An application as this actor may see it.

    `steps`: those that its category goes through, in order. An expert sees no unit, team or creator (QZ-4-7:
    review is anonymous); those are null, and the form is without what could name them.
    """

    id: UUID
    city: str
    guide: str
    pack_version: str | None
    category: str
    steps: list[Step]
    unit_id: UUID | None
    title: str
    form: dict[str, Any]
    leader_id: UUID | None
    members: list[MemberOut]
    state: State
    revision: int
    created_by: UUID | None
    created_at: AwareDatetime
    updated_at: AwareDatetime
    received_at: AwareDatetime | None
    attempt_id: UUID | None
    attempt_open: bool
    bundle_id: UUID | None
    assessments: dict[str, UUID]
    pending: bool
    office: str | None
    recommending_unit_id: UUID | None
    recommendation_id: UUID | None
    failure: Failure | None
    allowed_actions: list[AllowedActionOut]


class Ids(_In):
    """Ids for a batch read."""

    ids: list[UUID] = Field(max_length=200)


class Applications(BaseModel):
    items: list[ApplicationOut]


ApplicationPage = Page[ApplicationOut]


class Awaited(_In):
    """A step that is still to be taken: an action of the table of moves from a state."""

    state: State
    action: str = Field(min_length=1, max_length=40)


class SearchIn(_In):
    """Newest first. `text` is looked for in titles.

    `awaiting`: those whose call has one of these actions in the state that they are in.
    """

    guide: str | None = None
    category: str | None = None
    states: list[State] | None = Field(default=None, max_length=len(State))
    awaiting: list[Awaited] | None = Field(default=None, max_length=2 * len(State))
    unit_id: UUID | None = None
    recommending_unit_id: UUID | None = None
    office: str | None = None
    text: str | None = Field(default=None, max_length=100)
    first: int = Field(default=20, ge=1, le=100)
    after: str | None = None


class WithdrawIn(_In):
    """Why."""

    reason: Reason


class PrecheckIn(_In):
    """At which stage; submission when not said."""

    stage: Stage = "submission"


class SubmitIn(_In):
    """The revision that the applicant has before them."""

    expected_revision: int = Field(ge=1)


class AttemptOut(BaseModel):
    """One attempt to submit."""

    id: UUID
    application_id: UUID
    state: str
    received_at: AwareDatetime
    application_revision: int
    failure: Failure | None


class Receipt(BaseModel):
    """Proof of an admitted attempt. `digest`: SHA-256 over the other keys and the application's id."""

    attempt_id: UUID
    received_at: AwareDatetime
    manifest_sha256: str | None
    pack_version: str
    digest: str


class Submitted(BaseModel):
    """What came of an attempt. An open one is still being decided."""

    attempt: AttemptOut
    application: ApplicationOut
    receipt: Receipt | None
    assessment: dict[str, Any] | None


class AttemptLine(BaseModel):
    """An attempt with its receipt, for batch reads."""

    attempt: AttemptOut
    receipt: Receipt | None
    assessment: dict[str, Any] | None


class Attempts(BaseModel):
    items: list[AttemptLine]


class UploadIn(_In):
    """What is about to be uploaded.

    `attributes` are facts that the paper states, such as who signed it, by name; where a fact is a file (a
    certificate in a bundle of proofs), `true` says that this paper is it.
    """

    material: str = Field(min_length=1, max_length=80)
    filename: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    content_type: str = Field(pattern=r"^[\w.+-]+/[\w.+-]+$", max_length=127)
    size: int = Field(ge=1)
    attributes: dict[str, Any] = Field(default={}, max_length=50)


class UploadTicket(BaseModel):
    """Leave to upload one file to documents; `file_id` makes a retry find the first upload."""

    file_id: UUID
    ticket: str
    upload_path: str
    expires_at: AwareDatetime


class DownloadIn(_In):
    file_id: UUID


class DownloadTicket(BaseModel):
    """Leave to download one file from documents."""

    ticket: str
    path: str
    expires_at: AwareDatetime
