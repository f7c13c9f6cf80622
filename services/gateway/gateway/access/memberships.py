"""What a verified identity may do: memberships, resolved by intake and kept for at most half a minute."""

import asyncio
from collections import OrderedDict
from typing import Any
from uuid import UUID

from common.actor import Actor, Grant
from common.client import ServiceClient
from common.clock import clock
from common.roles import Role
from gateway.access.tokens import Identity
from gateway.settings import Settings

_CACHE_SIZE = 10_000
Asked = tuple[Identity, float | None]


class Person:
    """An actor together with the name that intake knows it by."""

    __slots__ = ("actor", "name")

    def __init__(self, actor: Actor, name: str | None) -> None:
        self.actor, self.name = actor, name


class Memberships:
    """Resolves identities; concurrent requests of one person share one question to intake."""

    def __init__(self, settings: Settings, client: ServiceClient) -> None:
        self._client = client
        self._kept_for = settings.membership_cache_s
        self._public_cities = frozenset(settings.public_cities)
        self._known: OrderedDict[Identity, tuple[float, dict[str, Any]]] = OrderedDict()
        self._asking: dict[Asked, asyncio.Task[dict[str, Any]]] = {}

    def visitor(self, lang: str) -> Person:
        """Somebody without a token: public rows only."""
        return Person(
            Actor(caller="gateway", cities=self._public_cities, lang=lang, anonymous=True), name=None
        )

    async def resolve(self, identity: Identity, lang: str, patience_s: float | None = None) -> Person:
        """The actor of an identity; without memberships it sees what a visitor sees.

        Args:
            patience_s: seconds that intake may take; the usual time of a call where none are said.

        Raises:
            OwnerUnavailable: intake does not answer and nothing fresh is known.
        """
        row = await self._row(identity, patience_s)
        grants = tuple(
            Grant(
                Role(grant["role"]),
                grant["city"],
                UUID(grant["unit_id"]) if grant.get("unit_id") else None,
                grant.get("login_kind"),
            )
            for grant in row["grants"]
        )
        cities = frozenset(row["cities"]) or self._public_cities
        actor = Actor(
            caller="gateway",
            subject=identity.label,
            person_id=UUID(row["person_id"]) if row.get("person_id") else None,
            grants=grants,
            login_kind=row.get("login_kind"),
            cities=cities,
            lang=lang,
        )
        return Person(actor, row.get("name"))

    async def _row(self, identity: Identity, patience_s: float | None) -> dict[str, Any]:
        known = self._known.get(identity)
        if known is not None and known[0] > clock.system().timestamp():
            return known[1]
        asked = (identity, patience_s)
        task = self._asking.get(asked)
        if task is None:
            task = self._asking[asked] = asyncio.create_task(self._ask(identity, patience_s))
            task.add_done_callback(lambda done: self._forget(asked, done))
        return await asyncio.shield(task)

    def _forget(self, asked: Asked, done: "asyncio.Task[dict[str, Any]]") -> None:
        self._asking.pop(asked, None)
        if not done.cancelled():
            done.exception()  # whoever waits has it; nobody may wait any more

    async def _ask(self, identity: Identity, patience_s: float | None) -> dict[str, Any]:
        asked_at = clock.system().timestamp()  # what intake read may be as old as the question
        row: dict[str, Any] = await self._client.call(
            "intake",
            "POST",
            "/v1/memberships/resolve",
            json={"issuer": identity.issuer, "subject": identity.subject},
            timeout=patience_s,
        )
        self._known[identity] = (asked_at + self._kept_for, row)
        self._known.move_to_end(identity)
        if len(self._known) > _CACHE_SIZE:
            self._known.popitem(last=False)
        return row
