"""What one GraphQL request carries: who asks, the way to the services, and its dataloaders."""

from typing import TYPE_CHECKING, Any

import strawberry

from common import faults
from common.actor import Actor
from common.client import ServiceClient
from gateway.access.caller import Caller
from gateway.access.memberships import Person
from gateway.graph.loaders import Loaders
from gateway.graph.packs import Packs

COMMAND_S = 20.0
PRECHECK_S = 6.0
ANSWERED = faults.point("gateway.command.answered")


class Context:
    """One request's context; nothing in it outlives the request but the cache of packs."""

    def __init__(
        self, caller: Caller, client: ServiceClient, packs: Packs, operation_name: str | None = None
    ) -> None:
        self.caller, self.packs, self.operation_name = caller, packs, operation_name
        self._client = client
        self.loaders = Loaders(self.ask)

    @property
    def lang(self) -> str:
        """zh or en, by Accept-Language."""
        return self.caller.lang

    async def person(self) -> Person:
        """Who asks; raises OwnerUnavailable while intake cannot say."""
        return await self.caller.person()

    async def actor(self) -> Actor:
        """As whom services are asked."""
        return await self.caller.actor()

    async def ask(self, service: str, method: str, path: str, **options: Any) -> Any:
        """One call to a service on the caller's behalf; options as `ServiceClient.call` takes them."""
        return await self._client.call(service, method, path, actor=await self.actor(), **options)

    async def command(self, service: str, method: str, path: str, **options: Any) -> Any:
        """As `ask`, with time for what a command does in other services before it answers."""
        await self.caller.person(COMMAND_S)  # who comes in time is not turned away because intake is busy
        answer = await self.ask(service, method, path, timeout=COMMAND_S, **options)
        await faults.reach(ANSWERED)
        return answer

    def renew(self) -> None:
        """Forget what was read: after a command, rows are read again."""
        self.loaders = Loaders(self.ask)


if TYPE_CHECKING:
    Info = strawberry.Info[Context, None]
else:
    Info = strawberry.Info
