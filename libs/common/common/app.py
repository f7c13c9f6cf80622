"""The app factory that every service uses."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib.metadata import version

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi_offline import FastAPIOffline
from prometheus_client import generate_latest
from sqlalchemy import MetaData, text

from common import audit, faults, housekeeping, log, problems, queue_figures, trace
from common.admission import Queues
from common.auth import unauthenticated
from common.client import HttpClient, ServiceClient
from common.clock import clock
from common.db import ALL_CITIES, Database, new_engine
from common.door import Door
from common.figures import Board, Figures
from common.jobs import Jobs, Worker
from common.middleware import Surround
from common.settings import CommonSettings
from common.telemetry import Telemetry
from common.tokens import ServiceTokens
from common.watched import WatchedClient

Check = Callable[[FastAPI], Awaitable[bool]]
Start = Callable[[FastAPI], Awaitable[None]]


def create_app(
    settings: CommonSettings,
    *,
    title: str,
    routers: Sequence[APIRouter],
    metadata: MetaData | None = None,
    jobs: Jobs | None = None,
    client: ServiceClient | None = None,
    database: Database | None = None,
    stream_paths: Sequence[str] = (),
    readiness: dict[str, Check] | None = None,
    on_start: Sequence[Start] = (),
    service_tokens: bool = True,
    figures: Sequence[Figures] = (),
) -> FastAPI:
    """A service's app with everything around it.

    Args:
        metadata: the service's tables; None for a service without a database.
        jobs: its job handlers; run in this process unless `settings.worker` is off.
        client: calls to other services; by default over HTTP.
        database: in tests, a database on the test's connection; no pool and no worker is started then.
        stream_paths: path prefixes with streamed bodies.
        readiness: further named checks for `/readyz`.
        on_start: run when the app starts, after database and client stand.
        service_tokens: ask for one at the door; off for the gateway, which takes access tokens of people.
        figures: what of its database an operator wants to see, beside the queue.
    """
    telemetry = Telemetry(settings)
    app = FastAPIOffline(
        redoc_url=None,  # its script loads an image from its maker's host
        title=title,
        version=version(f"shenbao-{settings.service}"),
        lifespan=_lifespan(metadata, jobs, on_start),
    )
    app.state.settings = settings
    app.state.telemetry = telemetry
    app.state.tokens = ServiceTokens(settings)
    app.state.client = WatchedClient(client or HttpClient(settings), telemetry)
    app.state.database = database
    if metadata is not None:
        telemetry.metrics.watch_pool(lambda: app.state.database)
        figures = (queue_figures.of(settings.service), *figures)
    app.state.board = Board(settings.service, figures, telemetry.metrics)
    app.state.worker = None
    queues = app.state.queues = Queues(settings)
    telemetry.metrics.watch("requests_waiting", "Waiting for their turn", lambda: queues.requests.waiting)
    telemetry.metrics.watch("requests_serving", "Being served", lambda: queues.requests.serving)
    telemetry.metrics.watch("streams_serving", "Up- and downloads that run", lambda: queues.streams.serving)
    app.state.draining = False
    if service_tokens:
        app.add_middleware(Door)
    app.add_middleware(Surround, settings=settings, telemetry=telemetry, stream_paths=stream_paths)
    problems.install(app)
    if settings.worker != "only":
        for router in routers:
            app.include_router(router)
        if metadata is not None:
            app.include_router(audit.router())
    app.include_router(_operations(readiness or {}))
    return app


def drain(app: FastAPI) -> None:
    """From now on not ready, and no more jobs; what runs goes on, and whoever still comes is served."""
    app.state.draining = True
    worker: Worker | None = app.state.worker
    if worker is not None:
        worker.leave()


def _lifespan(
    metadata: MetaData | None, jobs: Jobs | None, on_start: Sequence[Start]
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        settings: CommonSettings = app.state.settings
        log.configure(settings.service, level=settings.log_level, style=settings.log_format)
        clock.follow(settings.clock_file)
        faults.follow(settings.fault_dir)
        owned: Database | None = None
        if metadata is not None and app.state.database is None:
            owned = app.state.database = Database(new_engine(settings), metadata, app.state.telemetry)
            await owned.warm()
        worker: Worker | None = None
        if owned is not None and settings.worker != "off":
            work = (jobs or Jobs()).with_sweeps(housekeeping.SWEEPS)
            worker = app.state.worker = Worker(settings, work, owned, app.state.client, app.state.telemetry)
            worker.start()
        for start in on_start:
            await start(app)
        log.log.info("service.started", environment=settings.environment)
        try:
            yield
        finally:
            if worker is not None:
                await worker.stop()
            await app.state.client.close()
            if owned is not None:
                await owned.close()
            await app.state.telemetry.close()
            log.log.info("service.stopped")

    return lifespan


def _operations(readiness: dict[str, Check]) -> APIRouter:
    """`/healthz`, `/readyz`, `/metrics`: for the operator's machines, without personal data, open inside."""
    routes = APIRouter(tags=["operations"], dependencies=[Depends(unauthenticated)])

    @routes.get("/healthz")
    async def alive() -> dict[str, str]:
        """The process answers."""
        return {"status": "ok"}

    @routes.get("/readyz")
    async def ready(request: Request, response: Response) -> dict[str, object]:
        """What the service needs is there; 503 and the names of what is missing otherwise."""
        with trace.use(None):
            checks = {name: await _holds(request.app, check) for name, check in (_CHECKS | readiness).items()}
        response.status_code = 200 if all(checks.values()) else 503
        instance = request.app.state.settings.instance
        return {"ready": all(checks.values()), "checks": checks, "instance": instance}

    @routes.get("/metrics")
    async def metrics(request: Request) -> Response:
        """Prometheus text format."""
        board: Board = request.app.state.board
        telemetry: Telemetry = request.app.state.telemetry
        with trace.use(None):
            await board.refresh(request.app.state.database)
        shown = generate_latest(telemetry.metrics.registry)
        return Response(shown, media_type="text/plain; version=0.0.4")

    return routes


async def _holds(app: FastAPI, check: Check) -> bool:
    try:
        return await check(app)
    except Exception:
        return False


async def _database_answers(app: FastAPI) -> bool:
    database: Database | None = app.state.database
    if database is not None:
        async with database.read(ALL_CITIES) as session:
            await session.execute(text("SELECT 1"))
    return True


async def _stays(app: FastAPI) -> bool:
    return not app.state.draining


async def _worker_runs(app: FastAPI) -> bool:
    worker: Worker | None = app.state.worker
    return worker is None or worker.healthy


_CHECKS: dict[str, Check] = {"database": _database_answers, "worker": _worker_runs, "stays": _stays}
