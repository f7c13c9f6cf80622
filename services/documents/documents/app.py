"""documents as an ASGI app."""

import logging

from fastapi import FastAPI

import common.app
from common.client import ServiceClient
from common.db import Database
from documents import store
from documents.base import Base
from documents.bundles.api import router as bundles
from documents.facts.api import router as facts
from documents.files.api import router as files
from documents.guides.api import router as guides
from documents.reconciliation.api import router as reconciliation
from documents.settings import Settings
from documents.work import jobs


def create_app(
    settings: Settings | None = None,
    client: ServiceClient | None = None,
    database: Database | None = None,
) -> FastAPI:
    """The service. `database` in tests: one on the test's connection."""
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # its warnings quote what stands in a file
    settings = settings or Settings()
    app = common.app.create_app(
        settings,
        title="documents: files, sealed bundles, checklists (材料)",
        routers=[guides, files, facts, bundles, reconciliation],
        metadata=Base.metadata,
        jobs=jobs,
        client=client,
        database=database,
        stream_paths=("/v1/files",),
        readiness={"store": _store_answers},
    )
    folder = settings.store_path
    app.state.telemetry.metrics.watch(
        "store_free_bytes", "Room left where the files are", lambda: store.room(folder)
    )
    return app


async def _store_answers(app: FastAPI) -> bool:
    return await store.answers(store.opened(app.state.settings.store_path))
