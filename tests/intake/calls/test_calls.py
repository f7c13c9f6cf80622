"""Calls follow the business clock."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx
import pytest
from tests.intake.factories import Cast, pack

As = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]


@pytest.mark.parametrize(
    ("at", "state"),
    [
        ("2020-05-17T23:59:59.999+08:00", "published"),
        ("2020-05-18T00:00:00+08:00", "open"),
        ("2020-06-28T17:00:00+08:00", "open"),
        ("2020-06-28T17:00:00.001+08:00", "closed"),
    ],
)
async def test_a_call_by_the_clock(acting: As, cast: Cast, business_clock: Any, at: str, state: str) -> None:
    business_clock.at(at)
    async with acting(None, caller="gateway", cities=()) as client:
        (call,) = (await client.get("/v1/calls")).json()["items"]
        same = (await client.post("/v1/calls/batch", json={"ids": ["qz-2020", "no-such"]})).json()["items"]
        assert (await client.get("/v1/calls?city=330100")).json()["items"] == []
        assert (await client.get("/v1/calls?city=x")).status_code == 422
    assert same == [call]
    assert call["state"] == state
    assert (call["id"], call["city"], call["year"]) == ("qz-2020", "330800", 2020)
    assert call["version"] == pack().version
    assert call["close_at"] == "2020-06-28T17:00:00+08:00"
