"""Asking the services as the operator: lists page by page, in the order of their ids."""

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, ClassVar, TypeVar

from pydantic import ValidationError
from pydantic_settings import SettingsConfigDict

from cli.errors import Refusal
from cli.house import WITH_DATABASE
from cli.keys import OPERATOR, Keys
from cli.project import RunDir
from common.client import HttpClient, RemoteProblem, ServiceClient
from common.errors import OwnerUnavailable
from common.settings import CommonSettings

_PATIENCE_S = 60.0
_T = TypeVar("_T")


class Settings(CommonSettings):
    """`OPERATOR_SERVICE_KEY`, `OPERATOR_SERVICE_JWKS`, and `OPERATOR_<SERVICE>_URL` for each service."""

    service: ClassVar[str] = OPERATOR
    model_config = SettingsConfigDict(env_prefix="OPERATOR_", extra="ignore", frozen=True)


class CannotCompare(Exception):
    """A service does not answer, or refuses to: nothing is known about what was asked."""


def settings() -> Settings:
    """From the environment where it has the operator's key, else of the running local house.

    Raises:
        Refusal: neither is there.
    """
    if os.environ.get("OPERATOR_SERVICE_KEY"):
        try:
            return Settings()
        except ValidationError as error:
            names = ", ".join("OPERATOR_" + str(fault["loc"][0]).upper() for fault in error.errors())
            raise Refusal(f"Settings are missing or wrong: {names}.") from None
    run = RunDir.of_project()
    urls, keys = run.running()["services"], Keys(run.keys)
    return Settings.model_validate(
        {
            "environment": "development",
            "service_key": json.dumps(keys.private(OPERATOR)),
            "service_jwks": json.dumps(keys.service_jwks()),
            **{f"{service}_url": urls[service] for service in WITH_DATABASE},
        }
    )


class Owners:
    """The four services, asked for one city.

    Args:
        client: signs as the operator.
    """

    def __init__(self, client: ServiceClient, city: str) -> None:
        self._client, self.city = client, city

    async def ask(self, service: str, method: str, path: str, **more: Any) -> Any:
        """One answer.

        Raises:
            CannotCompare: none.
        """
        try:
            return await self.command(service, method, path, **more)
        except RemoteProblem as problem:
            raise CannotCompare(f"{service} refuses {path}: {problem.remote_code}") from problem

    async def command(self, service: str, method: str, path: str, **more: Any) -> Any:
        """One answer; what is refused is the caller's to judge.

        Raises:
            CannotCompare: no answer.
            RemoteProblem: refused.
        """
        try:
            return await self._client.call(
                service, method, path, cities=(self.city,), timeout=_PATIENCE_S, **more
            )
        except OwnerUnavailable as error:
            raise CannotCompare(f"{service} does not answer {path}") from error

    async def listed(self, service: str, path: str, **params: Any) -> AsyncIterator[dict[str, Any]]:
        """All items of a list, in its order.

        Raises:
            CannotCompare: a page did not come.
        """
        cursor: str | None = None
        while True:
            page = await self.ask(service, "GET", path, params={**params, "cursor": cursor})
            for item in page["items"]:
                yield item
            cursor = page["next_cursor"]
            if cursor is None:
                return


@asynccontextmanager
async def asking(known: Settings) -> AsyncIterator[ServiceClient]:
    """A client that signs as the operator."""
    client = HttpClient(known)
    try:
        yield client
    finally:
        await client.close()


async def cities(client: ServiceClient) -> list[str]:
    """Every city that intake or quota knows.

    Raises:
        CannotCompare: one does not answer.
    """
    found: set[str] = set()
    for service in ("intake", "quota"):
        answer = await Owners(client, "").ask(service, "GET", "/v1/reconciliation/cities")
        found |= set(answer["cities"])
    return sorted(found)
