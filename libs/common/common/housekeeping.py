"""What every service throws away in time: idempotency keys with their answers, and the log of its queue."""

from datetime import timedelta
from typing import Final

from sqlalchemy import TableClause, column, delete, select, table

from common.clock import clock
from common.db import ALL_CITIES
from common.jobs import JobContext, Jobs, queue_settings
from common.log import log
from common.tables import IDEMPOTENCY

EVERY_S: Final = 900.0
BATCH: Final = 1000
SWEEPS: Final = Jobs()


@SWEEPS.every(EVERY_S, "common.delete_idempotency_keys")
async def delete_idempotency_keys(context: JobContext) -> int:
    """Delete keys that nobody repeats any more, and the answers kept under them; how many.

    After that the same key is a new request: handlers stay repeatable by unique keys of their own.
    """
    keys = table(IDEMPOTENCY, column("id"), column("started_at"))
    return await _delete_old(context, keys, "started_at", context.settings.idempotency_keep_h)


@SWEEPS.every(EVERY_S, "common.delete_job_log")
async def delete_job_log(context: JobContext) -> int:
    """Delete what the queue has logged long ago; how many lines. Unfinished jobs stand in another table."""
    queue = queue_settings(context.settings.service)
    lines = table(queue.queue_table_log, column("id"), column("created"), schema=queue.db_schema)
    return await _delete_old(context, lines, "created", context.settings.job_log_keep_h)


async def _delete_old(context: JobContext, rows: TableClause, since: str, hours: float) -> int:
    """By short transactions, so that nobody waits behind a long one; locked rows are for the next round."""
    age = rows.c[since]
    old = select(rows.c.id).where(age < clock.system() - timedelta(hours=hours)).order_by(age).limit(BATCH)
    one_batch = delete(rows).where(rows.c.id.in_(old.with_for_update(skip_locked=True))).returning(rows.c.id)
    deleted, last = 0, BATCH
    while last == BATCH:
        async with context.db.write(ALL_CITIES) as session:
            last = len((await session.execute(one_batch)).all())
        deleted += last
    if deleted:
        log.info("rows.expired", table=rows.name, count=deleted)
    return deleted
