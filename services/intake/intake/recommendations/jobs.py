"""Jobs of recommendations: expiry of a try, confirming and giving back its place."""

from typing import Any
from uuid import UUID

from common.jobs import JobContext
from intake.jobs import jobs
from intake.recommendations import places, settling


@jobs.handler(settling.EXPIRE_JOB)
async def expire(ctx: JobContext, payload: dict[str, Any]) -> None:
    """Void a recommendation that is still opening."""
    await settling.expire(ctx.db, payload["city"], UUID(payload["recommendation_id"]))


@jobs.handler(settling.CONFIRM_JOB)
async def confirm(ctx: JobContext, payload: dict[str, Any]) -> None:
    """Tell quota that the place is taken for good, unless it has been given back since."""
    subject, city = UUID(payload["recommendation_id"]), payload["city"]
    if await settling.stands(ctx.db, city, subject):
        await places.confirm(ctx.client, subject, city)


@jobs.handler(settling.GIVE_BACK_JOB)
async def give_back(ctx: JobContext, payload: dict[str, Any]) -> None:
    """Give quota the place back."""
    await places.give_back(ctx.client, UUID(payload["recommendation_id"]), payload["city"], "recommendation")
