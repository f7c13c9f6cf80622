"""The eligibility service: registers, assessments, findings, and people's decisions on them."""

from fastapi import FastAPI

import common.app
from common.client import ServiceClient
from common.db import Database
from eligibility.assessments import api as assessments
from eligibility.base import Base
from eligibility.decisions import api as decisions
from eligibility.guides import api as guides
from eligibility.guides.packs import Packs
from eligibility.impact import api as impact
from eligibility.impact.workers import Impacts
from eligibility.matches import api as matches
from eligibility.prechecks import api as prechecks
from eligibility.reconciliation import api as reconciliation
from eligibility.registers import api as registers
from eligibility.registers import imports_api as register_imports
from eligibility.reports import api as reports
from eligibility.settings import Settings


def create_app(
    settings: Settings | None = None,
    client: ServiceClient | None = None,
    database: Database | None = None,
) -> FastAPI:
    """The service's app; a uvicorn factory. It calls no other service."""
    settings = settings or Settings()
    app = common.app.create_app(
        settings,
        title="Eligibility 资格审查",
        routers=[
            guides.router,
            prechecks.router,
            matches.router,
            impact.router,
            assessments.router,
            assessments.batches,
            reports.router,
            decisions.router,
            decisions.batches,
            registers.router,
            register_imports.router,
            reconciliation.router,
        ],
        metadata=Base.metadata,
        client=client,
        database=database,
        stream_paths=[impact.PATH, *register_imports.PATHS],
    )
    app.state.impacts = Impacts(settings.impacts_at_once, settings.impact_processes)
    app.state.packs = Packs(settings.packs_cached)
    return app
