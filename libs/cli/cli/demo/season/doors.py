"""The gateway for many people at once: bounded, patient, and with the habits of people in a hurry.

Every mutation carries an idempotency key, so that whoever got no answer may send it again.
"""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import httpx

from cli.demo.graphql import Refused
from common.ids import new_id

AT_ONCE = 24
_PATIENCE_S = 90.0  # the key of a request whose process died is running for up to a minute
_HASTE_S = 0.03
_BUSY = {
    "common.owner_unavailable",
    "idempotency.running",
    "intake.attempt_open",
    "intake.recommendation_void",
    "gateway.too_many_requests",
}


@dataclass(slots=True)
class Door:
    """What all share: the connection pool, the bound, and the tally.

    Attributes:
        tally: how many requests, repeats, double clicks, hasty time-outs, busy answers.
        took: seconds of each mutation by name.
        differing: double clicks whose two answers did not agree; must stay empty.
    """

    http: httpx.AsyncClient
    tally: Counter[str] = field(default_factory=Counter)
    took: dict[str, list[float]] = field(default_factory=dict)
    differing: list[str] = field(default_factory=list)


class Person:
    """One signed-in person, or a visitor without a token."""

    def __init__(self, door: Door, token: str | None) -> None:
        self._door = door
        self._headers = {"accept-language": "zh"}
        if token is not None:
            self._headers["authorization"] = f"Bearer {token}"

    async def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """Data of a query; busy owners are asked again.

        Raises:
            Refused: the answer has errors.
        """
        deadline, pause = time.monotonic() + _PATIENCE_S, 0.1
        while True:
            try:
                return await self._once(query, variables)
            except (Refused, httpx.TransportError) as failed:
                busy = isinstance(failed, httpx.TransportError) or failed.codes & _BUSY
                if not busy or time.monotonic() > deadline:
                    raise
                self._door.tally["repeated"] += 1
            await asyncio.sleep(pause)
            pause = min(2 * pause, 2.0)

    async def _once(
        self, query: str, variables: dict[str, Any], timeout_s: float | None = None
    ) -> dict[str, Any]:
        self._door.tally["requests"] += 1
        answer = await self._door.http.post(
            "/graphql",
            json={"query": query, "variables": variables},
            headers=self._headers,
            timeout=httpx.USE_CLIENT_DEFAULT if timeout_s is None else timeout_s,
        )
        if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
            raise Refused([{"code": "gateway.too_many_requests", "message": "too many requests"}])
        content = answer.json()
        if content.get("errors"):
            raise Refused([_plain(error) for error in content["errors"]])
        data: dict[str, Any] = content["data"]
        return data

    async def do(
        self, mutation: str, fields: str, *, habit: str | None = None, **given: Any
    ) -> dict[str, Any]:
        """Payload of a mutation.

        Args:
            habit: `double` sends it twice at once, `hasty` gives up at once and repeats it; by one key.

        Raises:
            Refused: user errors.
        """
        given = {"idempotencyKey": str(new_id()), **given}
        began = time.monotonic()
        if habit == "hasty":
            await self._give_up(mutation, fields, given)
        if habit == "double":
            self._door.tally["double clicks"] += 1
            answers = await asyncio.gather(
                self._do(mutation, fields, given), self._do(mutation, fields, given), return_exceptions=True
            )
            payload = self._same(mutation, *answers)
        else:
            payload = await self._do(mutation, fields, given)
        self._door.took.setdefault(mutation, []).append(time.monotonic() - began)
        return payload

    def _same(
        self, mutation: str, one: dict[str, Any] | BaseException, other: dict[str, Any] | BaseException
    ) -> dict[str, Any]:
        answers = [found for found in (one, other) if isinstance(found, dict)]
        if len(answers) == 2 and _ids(answers[0]) != _ids(answers[1]):
            self._door.differing.append(f"{mutation}: {_ids(answers[0])} and {_ids(answers[1])}")
        failed = next((found for found in (one, other) if isinstance(found, BaseException)), None)
        if failed is not None:
            if answers:
                self._door.differing.append(f"{mutation}: one answer, and {failed}")
            raise failed
        return answers[0]

    async def _give_up(self, mutation: str, fields: str, given: dict[str, Any]) -> None:
        try:
            await self._once(document(mutation, fields), {"input": given}, _HASTE_S)
        except httpx.TimeoutException:
            self._door.tally["gave up waiting"] += 1
        except Refused:
            pass

    async def _do(self, mutation: str, fields: str, given: dict[str, Any]) -> dict[str, Any]:
        deadline, pause = time.monotonic() + _PATIENCE_S, 0.1
        while True:
            payload: dict[str, Any] = (await self.ask(document(mutation, fields), input=given))[mutation]
            if not payload["errors"]:
                return payload
            refused = Refused(payload["errors"])
            if not refused.codes & _BUSY or time.monotonic() > deadline:
                raise refused
            self._door.tally["repeated"] += 1
            await asyncio.sleep(pause)
            pause = min(2 * pause, 2.0)

    async def upload(self, ticket: dict[str, Any], content: bytes, media_type: str) -> None:
        """Send a file's body with its ticket.

        Raises:
            httpx.HTTPStatusError: refused.
        """
        self._door.tally["uploads"] += 1
        headers = {**self._headers, ticket["header"]: ticket["ticket"], "content-type": media_type}
        deadline, pause = time.monotonic() + _PATIENCE_S, 0.1
        while True:
            try:
                answer = await self._door.http.post(ticket["path"], content=content, headers=headers)
                if answer.status_code not in (429, 502, 503) or time.monotonic() > deadline:
                    break
            except httpx.TransportError:
                if time.monotonic() > deadline:
                    raise
            self._door.tally["repeated"] += 1
            await asyncio.sleep(pause)
            pause = min(2 * pause, 2.0)
        answer.raise_for_status()

    async def get(self, path: str, **params: Any) -> httpx.Response:
        """A GET at one of the gateway's other doors.

        Raises:
            httpx.HTTPStatusError: refused.
        """
        self._door.tally["requests"] += 1
        answer = await self._door.http.get(path, params=params, headers=self._headers)
        answer.raise_for_status()
        return answer


def document(mutation: str, fields: str) -> str:
    """The GraphQL document of a mutation."""
    kind = mutation[0].upper() + mutation[1:] + "Input"
    return (
        f"mutation($input: {kind}!) {{ {mutation}(input: $input) "
        f"{{ errors {{ code message path details }} {fields} }} }}"
    )


def _plain(error: dict[str, Any]) -> dict[str, Any]:
    return {"code": error.get("extensions", {}).get("code"), "message": error.get("message")}


def _ids(found: Any) -> list[str]:
    """All ids in an answer, in order."""
    if isinstance(found, list):
        return [one for item in found for one in _ids(item)]
    if not isinstance(found, dict):
        return []
    own = [str(found["id"])] if "id" in found else []
    return own + [one for value in found.values() for one in _ids(value)]
