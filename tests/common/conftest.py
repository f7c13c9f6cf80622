"""A small service of its own, `probe`, with one table: what common does is tested on it."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Annotated, ClassVar

import pytest
import structlog
from fastapi import APIRouter, Depends, FastAPI
from pydantic import BaseModel, Field
from pydantic_settings import SettingsConfigDict
from sqlalchemy import MetaData, String, UniqueConstraint, select, text
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from cli.database import setup_database
from cli.pgbouncer import PgBouncer
from common import testing
from common.actor import Actor
from common.app import create_app
from common.auth import PublicDep, requires, services
from common.db import CityScoped, Database, ReadSessionDep, SessionDep, UuidPk, new_engine, new_metadata
from common.errors import Conflict, constraint_error
from common.idempotency import IdempotentRoute
from common.ids import new_id
from common.jobs import Jobs
from common.migrations import install_queue
from common.roles import Role
from common.settings import CommonSettings


class Base(DeclarativeBase):
    metadata = new_metadata()


class Note(CityScoped, Base):
    __tablename__ = "notes"
    __table_args__ = (UniqueConstraint("city", "word"),)

    id: Mapped[UuidPk]
    word: Mapped[str] = mapped_column(String(50))


class WordTaken(Conflict):
    code = "probe.word_taken"
    title_zh, title_en = "该词已有", "The word is taken"


constraint_error("uq_notes_city_word", WordTaken)


class ProbeSettings(CommonSettings):
    service: ClassVar[str] = "gateway"
    model_config = SettingsConfigDict(env_prefix="PROBE_", extra="ignore", frozen=True)


class NoteIn(BaseModel):
    word: Annotated[str, Field(min_length=1, max_length=50)]
    city: str = "330800"


class NoteOut(BaseModel):
    id: str
    word: str


OfficerDep = Annotated[Actor, Depends(requires(Role.officer))]
routes = APIRouter(prefix="/v1")
once = APIRouter(prefix="/v1", route_class=IdempotentRoute)


@once.post("/notes", status_code=201)
async def add(note: NoteIn, session: SessionDep, actor: OfficerDep) -> NoteOut:
    row = Note(id=new_id(), city=note.city, word=note.word)
    session.add(row)
    return NoteOut(id=str(row.id), word=row.word)


@routes.get("/notes")
async def words(session: ReadSessionDep, actor: PublicDep) -> list[str]:
    return list((await session.scalars(select(Note.word).order_by(Note.word))).all())


@routes.get("/inside")
async def inside(actor: Annotated[Actor, Depends(services("intake"))]) -> dict[str, str]:
    return {"caller": actor.caller}


@routes.get("/broken")
async def broken(actor: PublicDep) -> None:
    raise RuntimeError("secret words of a row")


@routes.get("/slow")
async def slow(session: SessionDep, actor: PublicDep) -> None:
    await session.execute(text("SET LOCAL statement_timeout = 10"))
    await session.execute(text("SELECT pg_sleep(5)"))


@pytest.fixture(scope="session")
def probe_dsn(admin_dsn: str) -> str:
    # the role is called gateway, as the probe's settings are, and has schemas of its own here
    return setup_database(admin_dsn, {"gateway": "test-only"}, database="shenbao_probe")["gateway"]


@pytest.fixture(scope="session")
def probe_settings(probe_dsn: str, pgbouncer: PgBouncer | None) -> ProbeSettings:
    where = {"database_url": probe_dsn} if pgbouncer is None else {**pgbouncer.settings(probe_dsn)}
    return testing.settings_for(ProbeSettings, **where)


@pytest.fixture(scope="session")
async def probe_engine(probe_dsn: str, probe_settings: ProbeSettings) -> AsyncIterator[AsyncEngine]:
    await install_queue("gateway", probe_dsn)
    engine = new_engine(probe_settings)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield engine
    await engine.dispose()


@pytest.fixture
async def probe_database(probe_engine: AsyncEngine) -> AsyncIterator[Database]:
    async with testing.rolled_back(probe_engine, Base.metadata) as database:
        yield database


@pytest.fixture
def probe_routers() -> list[APIRouter]:
    return [routes, once]


@pytest.fixture
def probe(probe_database: Database, probe_settings: ProbeSettings) -> FastAPI:
    return create_app(
        probe_settings,
        title="Probe",
        routers=[routes, once],
        metadata=Base.metadata,
        jobs=Jobs(),
        database=probe_database,
    )


@pytest.fixture
def started() -> Iterator[Callable[[FastAPI], AbstractAsyncContextManager[FastAPI]]]:
    """`async with started(app)`: with its lifespan, which sets up the log of the process; that is undone."""
    before = structlog.get_config()

    @asynccontextmanager
    async def running(app: FastAPI) -> AsyncIterator[FastAPI]:
        async with app.router.lifespan_context(app):
            yield app

    yield running
    structlog.configure(**before)


@pytest.fixture
def note() -> type[Note]:
    """The probe's model."""
    return Note


@pytest.fixture
def word_taken() -> type[WordTaken]:
    """What a second note with the same word raises."""
    return WordTaken


@pytest.fixture
def metadata() -> MetaData:
    """The probe's tables."""
    return Base.metadata
