"""The five apps in one process over populated databases, and the rows that stand in them."""

import json
import re
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from importlib import import_module
from typing import Any, Final
from uuid import UUID

import httpx
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import OKPKey
from sqlalchemy import MetaData, Table, and_, event, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from tests.strangers.towns import Town

from cli.house import AUDIENCE, ISSUER
from cli.local import House
from common.actor import Actor, Grant
from common.clock import clock
from common.db import Database, new_engine
from common.inprocess import InProcessClient
from common.roles import Role
from common.testing import settings_for, tokens_of

OWNERS: Final = ("intake", "eligibility", "quota", "documents")
_SAVEPOINT: Final = re.compile(r"sa_savepoint_\d+")
PERSONAL_KEY: Final = OKPKey.generate_key("Ed25519", {"kid": "one"}, private=True)


class World:
    """Apps by service, each on its database; the tests' transaction is undone after each of them."""

    def __init__(
        self, here: Town, there: Town, apps: dict[str, FastAPI], engines: dict[str, AsyncEngine]
    ) -> None:
        self.here, self.there, self.apps = here, there, apps
        self._engines = engines
        self.connections: dict[str, AsyncConnection] = {}

    def metadata(self, service: str) -> MetaData:
        """The service's tables."""
        found: MetaData = import_module(f"{service}.base").Base.metadata
        return found

    def table(self, place: str) -> Table:
        """`intake.units`: a service's table."""
        service, _, name = place.partition(".")
        return self.metadata(service).tables[name]

    @contextmanager
    def statements(self) -> Iterator[list[str]]:
        """What is said to the databases inside the block, statement by statement."""
        said: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            said.append(_SAVEPOINT.sub("savepoint", statement))

        engines = [engine.sync_engine for engine in self._engines.values()]
        for engine in engines:
            event.listen(engine, "before_cursor_execute", note)
        try:
            yield said
        finally:
            for engine in engines:
                event.remove(engine, "before_cursor_execute", note)

    @asynccontextmanager
    async def undone(self) -> AsyncIterator[None]:
        """Every database on a connection whose outer transaction is rolled back at the end."""
        async with AsyncExitStack() as stack:
            for service, engine in self._engines.items():
                connection = await stack.enter_async_context(engine.connect())
                await connection.begin()
                stack.push_async_callback(connection.rollback)
                self.connections[service] = connection
                self.apps[service].state.database = Database(connection, self.metadata(service))
            yield

    async def again(self) -> None:
        """Undo what the test has done so far, and go on from the towns as they were played."""
        for connection in self.connections.values():
            await connection.rollback()
            await connection.begin()

    async def ids(self, place: str, city: str, column: str = "id", **where: Any) -> list[UUID]:
        """Keys of a table's rows in a city, oldest first."""
        table = self.table(place)
        wanted = and_(table.c.city == city, *(table.c[name] == value for name, value in where.items()))
        query = select(table.c[column]).where(wanted).order_by(table.c[column])
        connection = self.connections[place.partition(".")[0]]
        return list((await connection.execute(query)).scalars())

    async def rows(self, place: str, **where: Any) -> list[dict[str, Any]]:
        """Rows of a table by values of its columns."""
        table = self.table(place)
        query = select(table).where(and_(*(table.c[name] == value for name, value in where.items())))
        found = await self.connections[place.partition(".")[0]].execute(query)
        return [dict(row) for row in found.mappings()]

    async def one(self, place: str, city: str, column: str = "id", **where: Any) -> UUID:
        """The first of `ids`; there must be one."""
        return (await self.ids(place, city, column, **where))[0]

    async def every_id(self, city: str) -> set[str]:
        """Every UUID that a row of this city has and no row of another city has."""
        own, others = set[str](), set[str]()
        for service in OWNERS:
            for table in self.metadata(service).sorted_tables:
                if "city" not in table.c:
                    continue
                columns = [column for column in table.c if column.type.python_type is UUID]
                if not columns:
                    continue
                rows = await self.connections[service].execute(select(table.c.city, *columns))
                for row in rows:
                    (own if row[0] == city else others).update(str(one) for one in row[1:] if one is not None)
        return own - others

    async def warm(self) -> None:
        """Let every process-wide cache of guide packs fill, so that a first question is as any later one."""
        for town in (self.here, self.there):
            officer = await self.login(town, "officer")
            for application_id in town.applications.values():
                body: dict[str, Any] = {"ids": [str(application_id)]}
                await self.call("intake", "POST", "/v1/applications/batch", officer, json=body)
            body = {"ids": [str(one) for one in await self.ids("intake.units", town.city)]}
            await self.call("intake", "POST", "/v1/units/batch", officer, json=body)

    async def around(self, application_id: UUID) -> set[str]:
        """The application's id, and every UUID in a row of it that is in no row of another application."""
        own, others = {str(application_id)}, set[str]()
        for service in OWNERS:
            for table in self.metadata(service).sorted_tables:
                if "application_id" not in table.c:
                    continue
                columns = [column for column in table.c if column.type.python_type is UUID]
                rows = await self.connections[service].execute(select(table.c.application_id, *columns))
                for row in rows:
                    (own if row[0] == application_id else others).update(map(str, row[1:]))
        return own - others - {"None"}

    async def erase(self, city: str) -> None:
        """Take a city out of every database, as if it had never been; undone after the test like the rest."""
        for service in OWNERS:
            connection = self.connections[service]
            await connection.execute(text("SET CONSTRAINTS ALL DEFERRED"))
            for table in reversed(self.metadata(service).sorted_tables):
                if "city" in table.c:
                    await connection.execute(table.delete().where(table.c.city == city))

    async def login(self, town: Town, name: str) -> Actor:
        """The actor of somebody of a town, as the gateway would make it from the memberships."""
        table, people = self.table("intake.memberships"), self.connections["intake"]
        rows = (
            (await people.execute(select(table).where(table.c.subject == town.login(name)))).mappings().all()
        )
        assert rows, name
        return Actor(
            caller="gateway",
            subject=f"{town.login(name)}@{ISSUER.removeprefix('https://')}",
            person_id=rows[0]["person_id"],
            grants=tuple(
                Grant(Role(one["role"]), one["city"], one["unit_id"], one["login_kind"]) for one in rows
            ),
            login_kind=rows[0]["login_kind"],
            cities=frozenset({town.city}),
        )

    async def call(
        self,
        service: str,
        method: str,
        path: str,
        acting: Actor | None = None,
        *,
        caller: str = "gateway",
        cities: Iterable[str] = (),
        headers: dict[str, str] | None = None,
        **request: Any,
    ) -> httpx.Response:
        """A request to a service, signed by a caller: for a person, or for itself in these cities."""
        token = tokens_of(caller).mint(service, acting, cities if acting is None else ())
        return await self.bare(
            service, method, path, headers={"Authorization": f"Bearer {token}", **(headers or {})}, **request
        )

    async def graphql(self, login: str | None, document: str, lang: str = "zh") -> dict[str, Any]:
        """The answer to an operation, as a person of the development issuer or a visitor hears it."""
        headers = {"accept-language": lang}
        if login is not None:
            headers["authorization"] = f"Bearer {access_token(login)}"
        answer = await self.bare("gateway", "POST", "/graphql", json={"query": document}, headers=headers)
        found: dict[str, Any] = answer.json()
        assert answer.status_code == 200, found
        return found

    async def bare(self, service: str, method: str, path: str, **request: Any) -> httpx.Response:
        """A request as it is."""
        transport = httpx.ASGITransport(app=self.apps[service], raise_app_exceptions=False)
        async with httpx.AsyncClient(
            transport=transport, base_url=f"http://{service}.test", timeout=30
        ) as client:
            return await client.request(method, path, **request)


def access_token(login: str) -> str:
    """A person's access token."""
    now = int(clock.system().timestamp())
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": login, "iat": now, "exp": now + 600}
    header = {"alg": "Ed25519", "typ": "at+jwt", "kid": "one"}
    return jwt.encode(header, claims, PERSONAL_KEY, algorithms=["Ed25519"])


async def opened(stack: AsyncExitStack, house: House, towns: tuple[Town, Town]) -> World:
    """The five apps on a house's databases, with keys of the tests."""
    apps: dict[str, FastAPI] = {}
    engines: dict[str, AsyncEngine] = {}
    for service in (*OWNERS, "gateway"):
        settings = _settings(service, house, towns)
        client = InProcessClient(settings, apps.get)
        module = import_module(f"{service}.app")
        apps[service] = module.create_app(settings, client=client)
        stack.push_async_callback(client.close)
        if service in house.dsns:
            engines[service] = new_engine(settings, pool_size=2)
            stack.push_async_callback(engines[service].dispose)
    return World(*towns, apps, engines)


def _settings(service: str, house: House, towns: tuple[Town, Town]) -> Any:
    # patient: on one connection the services take turns, and a busy machine must not look like an outage
    values: dict[str, Any] = {"call_timeout_s": 60, "statement_timeout_ms": 60_000, "request_timeout_s": 120}
    if service in house.dsns:
        values["database_url"] = house.dsns[service]
    if service == "documents":
        values["store_path"] = house.run.files
    if service == "intake":
        values |= {"submit_budget_s": 60, "personal_keys": house.keys.personal_keys()}
        values["feed_key"] = json.dumps(PERSONAL_KEY.as_dict(private=True))
    if service == "gateway":
        issuer = {
            "issuer": ISSUER,
            "audience": AUDIENCE,
            "jwks": {"keys": [PERSONAL_KEY.as_dict(private=False)]},
        }
        values |= {
            "issuers": [issuer],
            "public_cities": [town.city for town in towns],
            "membership_cache_s": 0,
            "rate_per_second": 10_000,
            "rate_burst": 100_000,
            "max_depth": 100,
            "max_aliases": 1_000,
            "max_tokens": 100_000,
            "max_cost": 1_000_000_000,
            "max_body_bytes": 10_000_000,
        }
    return settings_for(import_module(f"{service}.settings").Settings, **values)
