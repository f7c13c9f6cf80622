"""The applicants' side, in a process of its own: submits through the gateway, each at its own instant.

    python -m cli.bench.client plan.json answers.json

A plan holds `url` (the gateway's), `clock` (the house's clock file), `orders`, and `at_once`: how many of
those without an instant are on their way at the same time. The answers stand in the order of the orders.
"""

import asyncio
import sys
import time
from pathlib import Path
from typing import Any, TypedDict

import aiohttp
import orjson

from cli.demo.applying import FINDINGS
from common.clock import clock, parse_instant

PATIENCE_S = 60.0
SUBMIT = (
    "mutation($input: SubmitApplicationInput!) { submitApplication(input: $input) { errors { code } eligible "
    "attempt { state receivedAt } receipt { receivedAt manifestSha256 packVersion digest } "
    f"application {{ id state revision }} {FINDINGS} }} }}"
)


class Order(TypedDict):
    """One submission to be sent at a business instant (RFC 3339), or at any; the id is a global id."""

    at: str | None
    token: str
    application_id: str
    revision: int


class Answer(TypedDict):
    """What came of an order. `sent`, `answered`: business instants; `took`: seconds; `status`: 0 where
    nothing came; `later`: the body of a second answer, where somebody asked once more."""

    sent: str
    answered: str
    took: float
    status: int
    body: Any
    later: Any


async def send_all(url: str, orders: list[Order], at_once: int) -> list[Answer]:
    """Send every order at its instant, or, without one, as soon as fewer than `at_once` are on their way."""
    free = asyncio.Semaphore(at_once)
    timeout = aiohttp.ClientTimeout(total=PATIENCE_S)
    async with aiohttp.ClientSession(
        url, timeout=timeout, connector=aiohttp.TCPConnector(limit=0), json_serialize=_dumps
    ) as http:
        return await asyncio.gather(*(_send(http, order, free) for order in orders))


async def _send(http: aiohttp.ClientSession, order: Order, free: asyncio.Semaphore) -> Answer:
    if order["at"] is None:
        async with free:
            return await _submit(http, order)
    wait = (parse_instant(order["at"]) - clock.business()).total_seconds()
    await asyncio.sleep(max(0.0, wait))
    return await _submit(http, order)


async def _submit(http: aiohttp.ClientSession, order: Order) -> Answer:
    given = {
        "applicationId": order["application_id"],
        "expectedRevision": order["revision"],
        "idempotencyKey": f"rush-{order['application_id']}",
    }
    sent, began = clock.business(), time.perf_counter()
    status, body = 0, None
    try:
        async with http.post(
            "/graphql",
            json={"query": SUBMIT, "variables": {"input": given}},
            headers={"authorization": f"Bearer {order['token']}", "accept-language": "zh"},
        ) as answer:
            status, body = answer.status, orjson.loads(await answer.read())
    except (aiohttp.ClientError, TimeoutError) as error:
        body = type(error).__name__
    return {
        "sent": sent.isoformat(),
        "answered": clock.business().isoformat(),
        "took": time.perf_counter() - began,
        "status": status,
        "body": body,
        "later": None,
    }


def _dumps(value: Any) -> str:
    return orjson.dumps(value).decode()


def main(plan_file: Path, answers_file: Path) -> None:
    """Carry out a plan."""
    plan = orjson.loads(plan_file.read_bytes())
    clock.follow(Path(plan["clock"]))
    answers = asyncio.run(send_all(plan["url"], plan["orders"], plan["at_once"]))
    answers_file.write_bytes(orjson.dumps(answers))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:3]))
