"""A ticket alone lasts a minute; with its holder, who must still have the membership, until it expires."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from common.actor import Actor
from common.clock import clock
from common.ids import new_id
from common.roles import Role
from common.testing import actor, http

UNIT = new_id()
GRANTS = [["applicant", str(UNIT)]]


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Any:
    """`later(61)`: the machine's clock stands so many seconds on."""
    now = clock.system()

    def move(seconds: int) -> datetime:
        at = now + timedelta(seconds=seconds)
        monkeypatch.setattr(clock, "system", lambda: at)
        return at

    return move


def holder(
    *roles: Role, subject: str = "person-1", unit_id: UUID | None = UNIT, city: str = "330800"
) -> Actor:
    return actor(*roles, subject=subject, unit_id=unit_id, city=city)


async def put(service: Any, ticket: str, content: bytes, acting: Actor | None) -> int:
    async with http(service.app, acting) as client:
        answer = await client.post("/v1/files", content=content, headers={"Upload-Ticket": ticket})
    if answer.status_code != 201:
        assert answer.json()["code"] == "documents.ticket_invalid"
    return int(answer.status_code)


async def test_a_ticket_alone_lasts_a_minute(
    service: Any, make: SimpleNamespace, claims: Any, later: Any
) -> None:
    await service.stage()
    given = claims(application_id=service.application_id, grants=GRANTS)
    ticket = service.ticket(given)
    later(59)
    assert await put(service, ticket, make.pdf(), None) == 201
    later(62)
    assert await put(service, ticket, make.pdf(), None) == 401


@pytest.mark.parametrize(
    ("acting", "status"),
    [
        (holder(Role.applicant), 201),
        (holder(Role.applicant, subject="person-2"), 401),  # somebody else
        (holder(), 401),  # revoked
        (holder(Role.department_manager), 401),  # another role than it stands on
        (holder(Role.applicant, unit_id=new_id()), 401),  # moved to another unit
        (holder(Role.applicant, city="430400"), 401),
    ],
)
async def test_after_it_the_holder_needs_the_membership_it_stands_on(
    service: Any, make: SimpleNamespace, claims: Any, later: Any, acting: Actor, status: int
) -> None:
    await service.stage()
    ticket = service.ticket(claims(application_id=service.application_id, grants=GRANTS))
    later(300)
    assert await put(service, ticket, make.pdf(), acting) == status


async def test_a_ticket_without_its_time_or_grants_is_nobodys(
    service: Any, make: SimpleNamespace, claims: Any, later: Any
) -> None:
    await service.stage()
    timeless = service.ticket(claims(application_id=service.application_id, iat=0, grants=[]))
    assert await put(service, timeless, make.pdf(), holder(Role.applicant)) == 401


async def test_nobody_holds_it_longer_than_it_says(
    service: Any, make: SimpleNamespace, claims: Any, later: Any
) -> None:
    await service.stage()
    ticket = service.ticket(claims(application_id=service.application_id, grants=GRANTS))
    later(601)
    assert await put(service, ticket, make.pdf(), holder(Role.applicant)) == 401


async def test_downloads_the_same(service: Any, make: SimpleNamespace, later: Any) -> None:
    await service.stage()
    file_id = (await service.put(make.pdf())).json()["id"]
    now = int(clock.system().timestamp())
    ticket = service.ticket(
        {
            "aud": "documents",
            "iat": now,
            "exp": now + 900,
            "file_id": file_id,
            "city": "330800",
            "purpose": "own",
            "by": "person-1",
            "grants": GRANTS,
        }
    )
    later(120)
    for acting, status in ((None, 401), (holder(), 401), (holder(Role.applicant), 200)):
        async with http(service.app, acting) as client:
            answer = await client.get(f"/v1/files/{file_id}", params={"ticket": ticket})
        assert answer.status_code == status
