"""The gateway's app: GraphQL and the public doors of files and feeds. No database, no rules."""

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

import common.app
from common.client import ServiceClient
from gateway import schema
from gateway.access.memberships import Memberships
from gateway.access.rates import RateLimit
from gateway.access.tokens import UserTokens
from gateway.doors import feeds, files, guides, imports, planning, prechecks, registers, reports, wellknown
from gateway.graph import endpoint, ide
from gateway.graph.packs import Packs
from gateway.settings import Settings


def create_app(settings: Settings | None = None, client: ServiceClient | None = None) -> FastAPI:
    """The app; everything it keeps can be lost at any moment."""
    chosen = settings or Settings()
    app = common.app.create_app(
        chosen,
        title="Gateway 统一入口",
        routers=[
            ide.router,
            endpoint.router,
            files.router,
            feeds.router,
            guides.router,
            imports.router,
            planning.router,
            prechecks.router,
            registers.router,
            reports.router,
            wellknown.router,
        ],
        client=client,
        stream_paths=(files.PREFIX, feeds.PREFIX, imports.PREFIX, planning.IMPACT, registers.PREFIX),
        service_tokens=False,
    )
    app.state.user_tokens = UserTokens(chosen.issuers)
    app.state.memberships = Memberships(chosen, app.state.client)
    app.state.rates = RateLimit(chosen.rate_per_second, chosen.rate_burst)
    app.state.packs = Packs()
    app.state.schema = schema.build(chosen)
    if chosen.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=chosen.cors_origins,
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type", "Accept-Language", "Upload-Ticket", "Range"],
            expose_headers=["ETag", "Link", "Retry-After", "Trace-Id", "Content-Disposition"],
            max_age=600,
        )
    return app
