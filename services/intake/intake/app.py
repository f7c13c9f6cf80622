"""The app of intake."""

from fastapi import FastAPI

import common.app
import intake.recommendations.jobs  # noqa: F401  # registers its jobs
from common.client import ServiceClient
from common.db import Database
from intake.applications import api as applications
from intake.applications.desk import Desk
from intake.awards import api as awards
from intake.base import Base
from intake.calls import api as calls
from intake.feed import api as feed
from intake.figures import FIGURES
from intake.guides import api as guides
from intake.guides import review_api as guide_reviews
from intake.guides import service as guide_service
from intake.jobs import jobs
from intake.matches import api as matches
from intake.notices import api as notices
from intake.people import api as people
from intake.people import memberships_api as memberships
from intake.people.sealing import Identifiers
from intake.proposals import api as proposals
from intake.recommendations import api as recommendations
from intake.reconciliation import api as reconciliation
from intake.registering import service as registering
from intake.reviews import api as reviews
from intake.settings import Settings

jobs.handler(guide_service.ACTIVATE_JOB)(guide_service.finish_activation)
jobs.handler(registering.JOB)(registering.register)


def create_app(
    settings: Settings | None = None, client: ServiceClient | None = None, database: Database | None = None
) -> FastAPI:
    """Intake with everything around it; a uvicorn factory."""
    chosen = settings or Settings()
    app = common.app.create_app(
        chosen,
        title="Intake 申报受理",
        routers=[
            guides.router,
            guide_reviews.router,
            calls.router,
            people.router,
            people.creating,
            matches.router,
            memberships.router,
            memberships.creating,
            applications.router,
            applications.creating,
            reviews.router,
            recommendations.router,
            proposals.router,
            notices.router,
            awards.router,
            feed.router,
            reconciliation.router,
        ],
        metadata=Base.metadata,
        jobs=jobs,
        client=client,
        database=database,
        stream_paths=["/v1/feeds/approved-projects/snapshot", memberships.FILE_PATH],
        figures=FIGURES,
    )
    app.state.desk = Desk(chosen.submit_at_once)
    app.state.identifiers = Identifiers(chosen.personal_keys)
    return app
