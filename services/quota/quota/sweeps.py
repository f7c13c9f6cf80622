"""What the worker repeats: settling old holds, and checking that the ledger explains every counter."""

from collections.abc import Sequence
from datetime import timedelta
from math import nan
from typing import Final
from uuid import UUID

from prometheus_client import CollectorRegistry, Gauge

from common.db import ALL_CITIES, Database
from common.jobs import JobContext, Jobs
from common.log import log
from quota.holds import service as holds
from quota.pools import service as pools
from quota.settings import Settings
from quota.settlements import service as settlements

SETTLE: Final = "quota.settle_overdue"
CHECK: Final = "quota.check_ledger"


class Gauges:
    """What the sweeps of this process found last; not a number until they have run for the first time."""

    def __init__(self) -> None:
        self.mismatch = Gauge(
            "quota_ledger_mismatch",
            "Pools whose counter is not the sum of their ledger, or not what live holds have taken",
            registry=None,
        )
        self.refused = Gauge(
            "quota_settle_refused",
            "Overdue holds that intake would not settle, or contradicted, in the last round",
            registry=None,
        )
        for gauge in (self.mismatch, self.refused):
            gauge.set(nan)

    def register(self, registry: CollectorRegistry) -> None:
        """Show them where the service's metrics are shown."""
        for gauge in (self.mismatch, self.refused):
            registry.register(gauge)


def sweeps(settings: Settings, gauges: Gauges) -> Jobs:
    """The service's sweeps, at the pace of its settings."""
    jobs = Jobs()
    age = timedelta(seconds=settings.settle_after_s)

    @jobs.every(settings.settle_every_s, SETTLE)
    async def settle(ctx: JobContext) -> None:
        done = await settlements.settle_overdue(ctx.db, ctx.client, age)
        gauges.refused.set(done.refused)
        if done.confirmed or done.voided:
            log.info("settle.done", confirmed=done.confirmed, voided=done.voided)

    @jobs.every(settings.check_every_s, CHECK)
    async def check(ctx: JobContext) -> None:
        wrong = await mismatches(ctx.db)
        gauges.mismatch.set(len(wrong))
        if wrong:
            log.error("ledger.mismatch", pools=[str(pool) for pool in wrong[:20]])

    return jobs


async def mismatches(db: Database) -> Sequence[UUID]:
    """Pools that the ledger or the holds do not explain; always none."""
    async with db.read(ALL_CITIES) as session:
        return sorted({*await pools.unexplained(session), *await holds.unbacked(session)})
