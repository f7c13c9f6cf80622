"""Made-up items, subscribers and a harvester for tests of the feed."""

from typing import Any, Literal
from uuid import UUID

import orjson
from sqlalchemy.ext.asyncio import AsyncSession
from tests.intake.factories import CITY, make_actor

from common.actor import Actor
from common.clock import clock
from common.ids import new_id
from common.roles import Role
from intake.feed.models import FeedItem, Subscriber
from intake.feed.publishing import Change, publish

Op = Literal["upsert", "withdraw", "redact", "correct"]


async def add(
    session: AsyncSession,
    entity: UUID | None = None,
    op: Op = "upsert",
    *,
    city: str = CITY,
    region: str | None = "330803",
    category: str = "qz20-rd",
    title: str = "含氟材料研发",
) -> FeedItem:
    """Publish one item."""
    record = {
        "project_number": "qz-2020-0001",
        "title": title,
        "category": category,
        "region": region,
        "grant": 300_000,
        "leader_name": "甲某",
    }
    return await publish(
        session,
        Change(
            city=city,
            entity_id=entity or new_id(),
            op=op,
            effective_at=clock.business(),
            state="approved" if op in ("upsert", "correct") else "terminated",
            guide="qz-2020",
            year=2020,
            category=category,
            region=region,
            record=record if op in ("upsert", "correct") else None,
            reason=None if op == "upsert" else "更正",
        ),
    )


async def subscribe(
    session: AsyncSession,
    *,
    city: str = CITY,
    fields: list[str] | None = None,
    regions: list[str] | None = None,
    role: Role = Role.provincial_client,
) -> Actor:
    """A machine with its subscription."""
    actor = await make_actor(session, role, city=city, login_kind=None)
    session.add(
        Subscriber(
            id=new_id(),
            city=city,
            client=actor.label,
            name="省级平台",
            legal_basis="数据共享协议",
            purpose="项目查重",
            fields=fields,
            regions=regions,
            revision=1,
            created_by="operator",
            created_at=clock.business(),
        )
    )
    await session.flush()
    return actor


class Harvester:
    """Keeps a copy by the rules of the feed: a snapshot, then changes; a greater revision wins."""

    def __init__(self) -> None:
        self.held: dict[str, tuple[int, Any]] = {}
        self.cursor: str | None = None

    @property
    def listed(self) -> dict[str, Any]:
        """What stands on the list, by project."""
        return {entity: record for entity, (_, record) in self.held.items() if record is not None}

    def load(self, lines: bytes) -> int:
        """Begin again from a snapshot; gives the number of its position."""
        head, *items, end = (orjson.loads(line) for line in lines.splitlines())
        assert (head["type"], end) == ("head", {"type": "end", "count": len(items)})
        assert head["count"] == len(items)
        self.held = {one["entity_id"]: (one["revision"], one["record"]) for one in items}
        self.cursor = head["cursor"]
        return int(head["seq"])

    def apply(self, page: dict[str, Any]) -> None:
        """Take a page of changes."""
        for item in page["items"]:
            if item["withheld"]:
                continue
            known = self.held.get(item["entity_id"], (0, None))
            if item["revision"] > known[0]:
                keep = item["op"] in ("upsert", "correct")
                self.held[item["entity_id"]] = (item["revision"], item["record"] if keep else None)
        self.cursor = page["next_cursor"]
