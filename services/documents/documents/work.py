"""What the service does beside answering: reading texts, sweeping what nobody owns."""

from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from common.clock import clock
from common.jobs import JobContext, Jobs
from common.log import log
from documents import store
from documents.files import service as files
from documents.settings import Settings
from documents.texts.service import EXTRACT_JOB

SWEEP_S = 3600.0
jobs = Jobs()


@jobs.handler(EXTRACT_JOB)
async def extract_text(context: JobContext, payload: dict[str, Any]) -> None:
    """Read one file's text."""
    settings = cast(Settings, context.settings)
    await files.read_text(context.db, settings, payload["city"], UUID(payload["file_id"]))


@jobs.every(SWEEP_S, "documents.sweep_orphans")
async def sweep_orphans(context: JobContext) -> None:
    """Delete objects without a row."""
    await files.sweep_orphans(context.db, cast(Settings, context.settings))


@jobs.every(SWEEP_S, "documents.sweep_unfinished_uploads")
async def sweep_unfinished_uploads(context: JobContext) -> None:
    """Delete the halves of files whose upload died with its process."""
    settings = cast(Settings, context.settings)
    before = clock.system() - timedelta(seconds=settings.orphans_after_s)
    deleted = await store.delete_unfinished(settings.store_path, before)
    if deleted:
        log.info("unfinished_uploads.swept", count=deleted)
