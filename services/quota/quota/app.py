"""The quota service as an ASGI app."""

from fastapi import FastAPI

import common.app
from common.client import ServiceClient
from common.db import Database
from quota.allocations.api import router as allocations
from quota.base import Base
from quota.figures import FIGURES
from quota.holds.api import reads as hold_reads
from quota.holds.api import router as holds
from quota.pools.api import router as pools
from quota.reconciliation.api import router as reconciliation
from quota.settings import Settings
from quota.sweeps import Gauges, sweeps


def create_app(
    settings: Settings | None = None, client: ServiceClient | None = None, database: Database | None = None
) -> FastAPI:
    """Pools, holds, ledger; see the README."""
    settings = settings or Settings()
    gauges = Gauges()
    app = common.app.create_app(
        settings,
        title="Quota: places, limits, caps and budgets",
        routers=[allocations, pools, holds, hold_reads, reconciliation],
        metadata=Base.metadata,
        jobs=sweeps(settings, gauges),
        client=client,
        database=database,
        figures=[FIGURES],
    )
    gauges.register(app.state.telemetry.metrics.registry)
    return app
