"""How a service's queue stands: what waits and runs, how old the oldest is, how often the worst was tried."""

from collections.abc import Iterable
from functools import partial
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from common.figures import Figure, Figures, Sample
from common.jobs import queue_settings

WAITING: Final = Figure("jobs_waiting", "Jobs that wait, those for later included", ("job",))
RUNNING: Final = Figure("jobs_running", "Jobs that a worker has taken", ("job",))
AGE: Final = Figure("jobs_age_seconds", "Since when the oldest unfinished job has been due", ("job",))
TRIES: Final = Figure("jobs_tries", "How often the worst unfinished job was begun, crashes too", ("job",))

# A job that has been tried is due again only after its pause: its age counts from its coming. A crash is no
# attempt, but every taking stands in the log.
_READ: Final = """
    SELECT entrypoint,
           count(*) FILTER (WHERE status = 'queued') AS waiting,
           count(*) FILTER (WHERE status = 'picked') AS running,
           extract(epoch FROM now() - min(CASE WHEN attempts > 0 THEN created
                                               WHEN execute_after <= now() THEN execute_after
                                               ELSE now() END)) AS age,
           max(CASE WHEN status = 'queued' THEN attempts
                    ELSE (SELECT count(*) FROM {log} line
                          WHERE line.job_id = job.id AND line.status = 'picked') END) AS tries
    FROM {queue} job WHERE status IN ('queued', 'picked') GROUP BY entrypoint
"""


def of(service: str) -> Figures:
    """The figures of this service's queue."""
    return Figures((WAITING, RUNNING, AGE, TRIES), partial(_read, service))


async def _read(service: str, session: AsyncSession) -> Iterable[Sample]:
    queue = queue_settings(service)
    names = {"queue": queue.qualify(queue.queue_table), "log": queue.qualify(queue.queue_table_log)}
    rows = (await session.execute(text(_READ.format(**names)))).all()
    found: list[Sample] = []
    for row in rows:
        values = zip((WAITING, RUNNING, AGE, TRIES), row[1:], strict=True)
        found += [Sample(figure, max(0.0, float(value)), (row.entrypoint,)) for figure, value in values]
    return found
