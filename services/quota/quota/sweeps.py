"""What the worker repeats: settling old holds, and checking that the ledger explains every counter."""

from collections.abc import Sequence
from datetime import timedelta
from math import nan
from typing import Final
from uuid import UUID

from prometheus_client import Gauge

from common.db import ALL_CITIES, Database
from common.jobs import JobContext, Jobs
from common.log import log
from quota.holds import service as holds
from quota.pools import service as pools
from quota.settings import Settings
from quota.settlements import service as settlements

SETTLE: Final = "quota.settle_overdue"
CHECK: Final = "quota.check_ledger"


def mismatch_gauge() -> Gauge:
    """`quota_ledger_mismatch`; not a number until this process has checked for the first time."""
    gauge = Gauge(
        "quota_ledger_mismatch",
        "Pools whose counter is not the sum of their ledger, or not what live holds have taken",
        registry=None,
    )
    gauge.set(nan)
    return gauge


def sweeps(settings: Settings, gauge: Gauge) -> Jobs:
    """The service's sweeps, at the pace of its settings."""
    jobs = Jobs()
    age = timedelta(seconds=settings.settle_after_s)

    @jobs.every(settings.settle_every_s, SETTLE)
    async def settle(ctx: JobContext) -> None:
        done = await settlements.settle_overdue(ctx.db, ctx.client, age)
        if done.confirmed or done.voided:
            log.info("settle.done", confirmed=done.confirmed, voided=done.voided)

    @jobs.every(settings.check_every_s, CHECK)
    async def check(ctx: JobContext) -> None:
        wrong = await mismatches(ctx.db)
        gauge.set(len(wrong))
        if wrong:
            log.error("ledger.mismatch", pools=[str(pool) for pool in wrong[:20]])

    return jobs


async def mismatches(db: Database) -> Sequence[UUID]:
    """Pools that the ledger or the holds do not explain; always none."""
    async with db.read(ALL_CITIES) as session:
        return sorted({*await pools.unexplained(session), *await holds.unbacked(session)})
