"""Database access: short read and write blocks, rows held to the actor's cities, one naming convention.

No block may be open while another service is called, and none inside another: both raise, so that a
connection is never held across a call (with pooled sessions kept open, the eleventh caller stops everyone).
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from contextvars import ContextVar
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

import orjson
from fastapi import Depends, Request
from sqlalchemy import DateTime, MetaData, String, event
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import (
    AsyncConnection,
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import Mapped, ORMExecuteState, Session, mapped_column, with_loader_criteria

from common.actor import Actor
from common.auth import CurrentActorDep
from common.errors import from_integrity_error
from common.ids import as_text, new_id
from common.pool import look_before_use
from common.settings import CommonSettings
from common.tables import define_audit, define_idempotency
from common.telemetry import Telemetry

NAMING: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

Instant = Annotated[datetime, mapped_column(DateTime(timezone=True))]
UuidPk = Annotated[UUID, mapped_column(primary_key=True, default=new_id)]
Json = Annotated[dict[str, Any], mapped_column(JSONB)]
JsonList = Annotated[list[Any], mapped_column(JSONB)]


def new_metadata() -> MetaData:
    """Metadata for one service, with the tables that every service has (audit, idempotency).

    A service declares `class Base(DeclarativeBase): metadata = new_metadata()` in its `base.py`.
    """
    metadata = MetaData(naming_convention=NAMING)
    define_audit(metadata)
    define_idempotency(metadata)
    return metadata


class CityScoped:
    """Mixin: a row belongs to one city (GB/T 2260 code of the city, six digits) and is seen only there."""

    city: Mapped[str] = mapped_column(String(6), index=True)


class AllCities:
    """Scope of sweeps and job starts that must look across cities; never an actor's."""


ALL_CITIES: Final = AllCities()
Scope = Actor | frozenset[str] | AllCities


def cities(*codes: str) -> frozenset[str]:
    """A scope that names its cities."""
    return frozenset(codes)


def scope_cities(session: AsyncSession) -> list[str] | None:
    """The cities of this block, to bind in raw SQL; None means all."""
    found: list[str] | None = session.info["cities"]
    return found


class BlockOpen(RuntimeError):
    """A database block is open where none may be: inside another one, or around a call to a service."""


_open_block: ContextVar[str | None] = ContextVar("open_block", default=None)


def forbid_open_block(doing: str) -> None:
    """
    Raises:
        BlockOpen: the running task holds a database block.
    """
    held = _open_block.get()
    if held is not None:
        raise BlockOpen(f"{doing} while a {held} block is open")


class OutsideScope(RuntimeError):
    """A row of a city outside the block's scope was about to be written."""


@event.listens_for(Session, "do_orm_execute")
def _hold_to_cities(state: ORMExecuteState) -> None:
    codes = state.session.info.get("cities")
    if codes is None or state.is_column_load or state.is_relationship_load:
        return
    state.statement = state.statement.options(
        with_loader_criteria(CityScoped, lambda cls: cls.city.in_(codes), include_aliases=True)
    )


@event.listens_for(Session, "before_flush")
def _write_inside_cities(session: Session, _context: object, _instances: object) -> None:
    codes = session.info.get("cities")
    if codes is None:
        return
    for row in session.new:
        if isinstance(row, CityScoped) and row.city not in codes:
            raise OutsideScope(type(row).__name__)


def _dumps(value: Any) -> str:
    return orjson.dumps(value, default=as_text).decode()


def async_url(database_url: str) -> str:
    """The same DSN for SQLAlchemy's asyncpg driver."""
    return make_url(database_url).set(drivername="postgresql+asyncpg").render_as_string(hide_password=False)


def new_engine(settings: CommonSettings, *, pool_size: int | None = None) -> AsyncEngine:
    """An engine for the service's own role and schema.

    Raises:
        ValueError: the service has no database_url.
    """
    connect: dict[str, Any] = {
        "server_settings": {
            "application_name": settings.service,
            "statement_timeout": str(settings.statement_timeout_ms),
            "lock_timeout": str(settings.lock_timeout_ms),
            "timezone": "UTC",
        }
    }
    if not settings.prepared_statements:
        connect |= {"statement_cache_size": 0, "prepared_statement_cache_size": 0}
    engine = create_async_engine(
        async_url(settings.database_dsn()),
        pool_size=pool_size or settings.db_pool_size,
        max_overflow=0,
        pool_timeout=10,
        connect_args=connect,
        hide_parameters=True,  # errors are logged and kept by the queue; they must not quote rows
        json_serializer=_dumps,
        json_deserializer=orjson.loads,
    )
    look_before_use(engine)
    return engine


class Database:
    """One service's database.

    Args:
        bind: an engine; or, in tests, a connection whose outer transaction is rolled back at the end.
        telemetry: told of every block.
    """

    def __init__(
        self,
        bind: AsyncEngine | AsyncConnection,
        metadata: MetaData,
        telemetry: Telemetry | None = None,
    ) -> None:
        self.engine = bind if isinstance(bind, AsyncEngine) else None
        self._metadata, self._telemetry = metadata, telemetry
        shared: dict[str, Any] = {"expire_on_commit": False}
        if isinstance(bind, AsyncConnection):
            shared["join_transaction_mode"] = "create_savepoint"
        self._sessions = async_sessionmaker(bind, **shared)
        # requests gathered in a test share one connection and must take turns
        self._turn: asyncio.Lock | nullcontext[None] = (
            asyncio.Lock() if self.engine is None else nullcontext()
        )

    async def warm(self) -> None:
        """Open the first connection now, so that the start fails when the database cannot be reached."""
        if self.engine is not None:
            async with self.engine.connect():
                pass

    async def close(self) -> None:
        if self.engine is not None:
            await self.engine.dispose()

    @asynccontextmanager
    async def read(self, scope: Scope) -> AsyncIterator[AsyncSession]:
        """A short block for reading; rows of other cities do not exist in it."""
        async with self._block("read", scope) as session:
            yield session

    @asynccontextmanager
    async def write(self, scope: Scope) -> AsyncIterator[AsyncSession]:
        """A short transaction: committed when the block ends well, rolled back otherwise.

        Raises:
            DomainError: as registered for a violated constraint (`errors.constraint_error`).
        """
        try:
            async with self._block("write", scope) as session:
                yield session
        except IntegrityError as error:
            known = from_integrity_error(error)
            if known is None:
                raise
            raise known from error

    @asynccontextmanager
    async def _block(self, kind: str, scope: Scope) -> AsyncIterator[AsyncSession]:
        forbid_open_block(f"opening a {kind} block")
        async with self._turn:
            token = _open_block.set(kind)
            try:
                with self._watch(kind) as connected:
                    async with self._sessions() as session, session.begin():
                        session.info["cities"] = _codes(scope)
                        session.info["metadata"] = self._metadata
                        # now and not with the first statement, so that waiting for it can be told
                        readonly = kind == "read" and self.engine is not None
                        options = {"postgresql_readonly": True} if readonly else None
                        await session.connection(execution_options=options)
                        connected()
                        yield session
            finally:
                _open_block.reset(token)

    def _watch(self, kind: str) -> AbstractContextManager[Callable[[], None]]:
        return nullcontext(_nothing) if self._telemetry is None else self._telemetry.block(kind)


def _nothing() -> None:
    """Nobody is told."""


def _codes(scope: Scope) -> list[str] | None:
    if isinstance(scope, AllCities):
        return None
    return sorted(scope.cities if isinstance(scope, Actor) else scope)


async def get_database(request: Request) -> Database:
    """The service's database; for handlers with remote calls, which open their own blocks."""
    database: Database = request.app.state.database
    return database


DatabaseDep = Annotated[Database, Depends(get_database)]


async def get_session(
    request: Request, actor: CurrentActorDep, database: DatabaseDep
) -> AsyncIterator[AsyncSession]:
    """A write block as long as the request's function, committed before the answer leaves."""
    async with database.write(actor) as session:
        request.state.session = session  # an idempotent route keeps its answer in the same transaction
        yield session


async def get_read_session(actor: CurrentActorDep, database: DatabaseDep) -> AsyncIterator[AsyncSession]:
    """A read block as long as the request's function."""
    async with database.read(actor) as session:
        yield session


# With FastAPI's default scope the commit would come after the answer, and a failing one would still say 200.
SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]
ReadSessionDep = Annotated[AsyncSession, Depends(get_read_session, scope="function")]
