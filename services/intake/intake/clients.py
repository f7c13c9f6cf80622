"""What intake asks of eligibility, documents and quota: only the fields that it reads."""

import time
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from common.client import RemoteProblem, ServiceClient
from common.errors import OwnerUnavailable
from common.log import log


class Answer(BaseModel):
    """Base of answers: what intake does not read is dropped."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Decision(Answer):
    """What the stage table says: admit, admit_pending or refuse; by which rules; what is missing."""

    decision: str
    rules: list[str] = []
    missing: list[str] = []
    freeze: list[str] = []


class AssessmentAnswer(Answer):
    """An assessment. `id` is null where eligibility was away and only the window was judged, here."""

    id: UUID | None
    stage: str
    eligible: str
    findings: list[dict[str, Any]]
    decision: Decision
    pack_version: str


class PushedFact(Answer):
    """A fact as an owner states it."""

    name: str
    value: Any
    source: str = "documents"
    at: AwareDatetime | None = None


class ChecklistLine(Answer):
    """One material of the category: present, missing or not_required."""

    material: str
    name_zh: str
    name_en: str
    required: bool
    bundle: str
    status: str
    files: list[UUID] = []


class DocumentFacts(Answer):
    """What the files say. `pending`: names, or `prefix.*`, whose files are still being read."""

    facts: list[PushedFact]
    checklist: list[ChecklistLine] = []
    pending: list[str] = []


class SealedFile(Answer):
    """A line of a bundle's manifest."""

    file_id: UUID
    material: str
    bundle: str


class SealedBundle(DocumentFacts):
    """An immutable bundle: the file versions completed by its instant."""

    id: UUID
    manifest_sha256: str
    files: list[SealedFile] = []


class StoredFile(Answer):
    """Where a file belongs."""

    id: UUID
    application_id: UUID
    material: str
    bundle: str


class Pool(Answer):
    """A quota row's count."""

    key: str
    limit: int
    used: int


class Pools(Answer):
    items: list[Pool]


class StoredFiles(Answer):
    items: list[StoredFile]


class Manifest(Answer):
    """What is read of a bundle that was sealed before."""

    files: list[SealedFile]


class Manifests(Answer):
    items: list[Manifest]


class Budget:
    """The time that several calls share; what comes after its end is as if the owner were away."""

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds

    def left(self, service: str) -> float:
        """Seconds that remain.

        Raises:
            OwnerUnavailable: none.
        """
        rest = self._ends - time.monotonic()
        if rest <= 0:
            raise OwnerUnavailable(service)
        return rest


AnswerT = TypeVar("AnswerT", bound=BaseModel)


def read(service: str, shape: type[AnswerT], answer: Any) -> AnswerT:
    """An answer in the shape that we know.

    Raises:
        OwnerUnavailable: it has another one, as when the owner is a version behind. Nothing can be made of
            it; once the owner has caught up, the same question is answered.
    """
    try:
        return shape.model_validate(answer)
    except ValidationError as error:
        log.error("owner.unreadable", owner=service, shape=shape.__name__, faults=error.error_count())
        raise OwnerUnavailable(service) from error


async def ask(
    client: ServiceClient, service: str, path: str, body: dict[str, Any], *, city: str, budget: Budget
) -> Any:
    """POST as intake itself, inside a budget.

    Raises:
        OwnerUnavailable: no answer in time. A refusal counts as one: it is a fault between the services,
            not the applicant's, and must not cost a submission.
    """
    try:
        return await client.call(
            service, "POST", path, cities=(city,), json=body, timeout=budget.left(service)
        )
    except RemoteProblem as error:
        log.error("owner.refused", owner=service, path=path, code=error.remote_code)
        raise OwnerUnavailable(service) from error


def document_question(
    *,
    application_id: UUID,
    city: str,
    guide: str,
    version: str,
    category: str,
    as_of: datetime,
    names: list[str],
    facts: dict[str, Any],
    stage: str,
) -> dict[str, Any]:
    """What `facts` and `bundles` of documents have in common.

    Args:
        names: must not show in blind files.
        facts: flat facts of the application, by which conditions of materials are judged.
        stage: which materials are due.
    """
    return {
        "application_id": application_id,
        "city": city,
        "guide": guide,
        "version": version,
        "category": category,
        "as_of": as_of,
        "names": names,
        "facts": facts,
        "stage": stage,
    }


async def seal(
    client: ServiceClient, bundle_id: UUID, question: dict[str, Any], *, city: str, budget: Budget
) -> SealedBundle:
    """Seal (or find again) the bundle of this id."""
    body = {"id": bundle_id, **question}
    answer = await ask(client, "documents", "/v1/bundles", body, city=city, budget=budget)
    return read("documents", SealedBundle, answer)


async def document_facts(
    client: ServiceClient, question: dict[str, Any], *, city: str, budget: Budget
) -> DocumentFacts:
    """What the files say at an instant, and the checklist; seals nothing."""
    answer = await ask(client, "documents", "/v1/facts", question, city=city, budget=budget)
    return read("documents", DocumentFacts, answer)


async def pool(client: ServiceClient, key: str, *, city: str, budget: Budget) -> Pool | None:
    """The count of one quota row; None where quota has no such row."""
    answer = await ask(client, "quota", "/v1/pools/batch", {"keys": [key]}, city=city, budget=budget)
    return next((pool for pool in read("quota", Pools, answer).items if pool.key == key), None)


async def assess(
    client: ServiceClient, body: dict[str, Any], *, city: str, budget: Budget
) -> AssessmentAnswer:
    """Take (or find again) an assessment; the shape of `body` is eligibility's `POST /v1/assessments`."""
    answer = await ask(client, "eligibility", "/v1/assessments", body, city=city, budget=budget)
    return read("eligibility", AssessmentAnswer, answer)


async def precheck(
    client: ServiceClient, body: dict[str, Any], *, city: str, budget: Budget
) -> dict[str, Any]:
    """Ask without storing; the answer is passed on as it is."""
    found: dict[str, Any] = await ask(client, "eligibility", "/v1/prechecks", body, city=city, budget=budget)
    return found


async def stored_file(
    client: ServiceClient, file_id: UUID, *, city: str, budget: Budget
) -> StoredFile | None:
    """Where a file belongs; None if there is none in this city."""
    answer = await ask(client, "documents", "/v1/files/batch", {"ids": [file_id]}, city=city, budget=budget)
    return next(iter(read("documents", StoredFiles, answer).items), None)


async def sealed_files(
    client: ServiceClient, bundle_id: UUID, *, city: str, budget: Budget
) -> list[SealedFile]:
    """The manifest of a bundle; empty if there is no such bundle."""
    answer = await ask(
        client, "documents", "/v1/bundles/batch", {"ids": [bundle_id]}, city=city, budget=budget
    )
    return [line for bundle in read("documents", Manifests, answer).items for line in bundle.files]


async def put_guide(
    client: ServiceClient, service: str, guide: str, version: str, body: dict[str, Any], *, city: str
) -> None:
    """Hand a version of a pack to its reader; repeatable, nothing is in force by it."""
    path = f"/v1/guides/{guide}/versions/{version}"
    await client.call(service, "PUT", path, cities=(city,), json=body, timeout=20.0)


async def activate_guide(client: ServiceClient, service: str, guide: str, version: str, *, city: str) -> None:
    """Tell a reader which version is current; repeatable."""
    path = f"/v1/guides/{guide}/activate"
    await client.call(service, "POST", path, cities=(city,), json={"version": version}, timeout=20.0)
