"""What is told of an attempt: its state, its receipt, the assessment it was decided on."""

import hashlib
from uuid import UUID

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from common.actor import Actor
from common.errors import NotFound
from intake.applications import queries, service
from intake.applications.models import Application, Attempt
from intake.applications.schemas import AttemptLine, AttemptOut, Failure, Receipt, Submitted
from intake.applications.states import AttemptState


def receipt(attempt: Attempt) -> Receipt | None:
    """The receipt of an admitted attempt. While it is pending, the manifest may still be missing."""
    if attempt.state not in (AttemptState.admitted.value, AttemptState.admitted_pending.value):
        return None
    content = {
        "application_id": str(attempt.application_id),
        "attempt_id": str(attempt.id),
        "received_at": attempt.received_at.isoformat(),
        "manifest_sha256": attempt.manifest_sha256,
        "pack_version": attempt.pack_version,
    }
    digest = hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()
    return Receipt(
        attempt_id=attempt.id,
        received_at=attempt.received_at,
        manifest_sha256=attempt.manifest_sha256,
        pack_version=attempt.pack_version,
        digest=digest,
    )


def line(attempt: Attempt) -> AttemptLine:
    """An attempt with its receipt and the assessment it was decided on."""
    return AttemptLine(
        attempt=AttemptOut(
            id=attempt.id,
            application_id=attempt.application_id,
            state=attempt.state,
            received_at=attempt.received_at,
            application_revision=attempt.application_revision,
            failure=Failure.model_validate(attempt.failure) if attempt.failure else None,
        ),
        receipt=receipt(attempt),
        assessment=attempt.assessment,
    )


async def find(session: AsyncSession, actor: Actor, attempt_id: UUID) -> Submitted:
    """What the applicant is told of an attempt.

    Raises:
        NotFound: not there for this actor.
    """
    found = await queries.attempts(session, actor, [attempt_id])
    if not found:
        raise NotFound
    row = await service.visible(session, actor, found[0].application_id)
    return await answer(session, actor, row, found[0])


async def answer(session: AsyncSession, actor: Actor, row: Application, attempt: Attempt) -> Submitted:
    """The same of rows that are at hand, the application with its team."""
    told = line(attempt)
    return Submitted(
        attempt=told.attempt,
        application=await service.present_one(session, actor, row),
        receipt=told.receipt,
        assessment=told.assessment,
    )


async def batch(session: AsyncSession, actor: Actor, ids: list[UUID]) -> list[AttemptLine]:
    """Visible attempts of these."""
    return [line(attempt) for attempt in await queries.attempts(session, actor, ids)]
