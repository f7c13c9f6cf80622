"""What the bureau's steps need in tests: quota that counts, decisions that count, ready applications."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from fastapi.responses import JSONResponse
from sqlalchemy.ext.asyncio import AsyncSession
from tests.intake import factories
from tests.intake.factories import CATEGORY, GUIDE, Cast, make_actor, make_cast, pack
from tests.intake.owners import FILE, Owners

from common.actor import Actor
from common.clock import clock
from common.ids import new_id
from common.roles import Role
from intake.applications.models import Application, Attempt
from intake.notices.models import Notice, NoticeEntry
from intake.reviews.models import Acceptance, Assignment, InitialReview

POOL = f"{GUIDE}/{CATEGORY}/qujiang"
JUDGED = {"project.topic_fit": True, "anonymity.reviewer_ok": True}


class Bureau(Owners):
    """The three other services, with places that run out and with decisions that later assessments cite."""

    def __init__(self) -> None:
        super().__init__()
        self.papers["recommendation.form"] = FILE
        self.limits: dict[str, int] = {POOL: 5}
        self.seen_used: int | None = None
        self.holds: dict[str, dict[str, Any]] = {}
        self.decisions: dict[str, dict[str, Any]] = {}

    def used(self, key: str = POOL) -> int:
        return sum(
            pool["n"]
            for hold in self.holds.values()
            for pool in hold["pools"]
            if pool["key"] == key and hold["state"] != "void"
        )

    def _eligibility(self, path: str, body: dict[str, Any]) -> Any:
        if path == "/v1/decisions":
            if body["id"] not in self.decisions:
                self.decisions[body["id"]] = body
                self.registers |= body["facts"] or {}
            return JSONResponse(body, 201)
        return super()._eligibility(path, body)

    def _quota(self, path: str, body: dict[str, Any]) -> Any:
        if path == "/v1/pools/batch":
            used = self.used() if self.seen_used is None else self.seen_used
            return {
                "items": [
                    {"key": key, "limit": self.limits[key], "used": used, "left": 0}
                    for key in body["keys"]
                    if key in self.limits
                ]
            }
        if path == "/v1/holds":
            return self._take(body)
        subject, _, verb = path.removeprefix("/v1/holds/").partition("/")
        if subject not in self.holds:
            return _problem(404, "quota.hold_unknown")
        self.holds[subject]["state"] = {"confirm": "confirmed", "void": "void"}[verb]
        return self.holds[subject]

    def _take(self, body: dict[str, Any]) -> Any:
        known = self.holds.get(body["subject"])
        if known is not None:
            return known if known["state"] != "void" else _problem(409, "quota.hold_void")
        key = body["pools"][0]["key"]
        if key not in self.limits:
            return _problem(404, "quota.pool_unknown")
        limit, used = self.limits[key], self.used(key)
        if used >= limit:
            return _problem(409, "quota.place_exhausted", pool={"key": key, "limit": limit, "used": used})
        pool = {"key": key, "n": 1, "limit": limit, "used": used + 1, "left": limit - used - 1}
        self.holds[body["subject"]] = {"subject": body["subject"], "state": "held", "pools": [pool]}
        return JSONResponse(self.holds[body["subject"]], 201)


def _problem(status: int, code: str, **extra: Any) -> JSONResponse:
    return JSONResponse(
        {"status": status, "code": code, **extra}, status, media_type="application/problem+json"
    )


async def submitted_cast(session: AsyncSession, state: str = "submitted", **columns: Any) -> Cast:
    """An application that was submitted in time, in any later state, with the rows that led there."""
    now = clock.business()
    values = {"pack_version": pack().version, "received_at": now, "bundle_id": new_id(), **columns}
    cast = await make_cast(session, state=state, **values)
    application = cast.application
    attempt = Attempt(
        id=new_id(),
        city=application.city,
        application_id=application.id,
        state="admitted",
        received_at=now,
        filed_at=now,
        idempotency_key="submit",
        body_hash="0" * 64,
        application_revision=1,
        submitted_by=cast.applicant.label,
        person_id=cast.applicant.person_id,
        login_kind="personal",
        pack_version=pack().version,
        bundle_id=application.bundle_id,
    )
    session.add(attempt)
    application.attempt_id = attempt.id
    if state not in ("submitted", "returned"):
        session.add(
            InitialReview(
                id=new_id(),
                city=application.city,
                application_id=application.id,
                unit_id=cast.recommending_unit.id,
                decision="approved",
                decided_by=cast.recommender.label,
                decided_at=now,
            )
        )
    await session.flush()
    return cast


async def accepted_cast(session: AsyncSession, state: str = "accepted") -> Cast:
    """An application that the office has taken on, with the seal on its form."""
    cast = await submitted_cast(session, state)
    now = clock.business()
    session.add(
        Acceptance(
            id=new_id(),
            city=cast.application.city,
            application_id=cast.application.id,
            office="社发科",
            sealed=True,
            dated=now.date(),
            accepted_by=cast.officer.label,
            accepted_at=now,
        )
    )
    await session.flush()
    return cast


async def noticed(session: AsyncSession, applications: Iterable[Application], days: int = 7) -> Notice:
    """A notice that begins now."""
    now = clock.business()
    notice = Notice(
        id=new_id(),
        city=factories.CITY,
        guide=GUIDE,
        starts_at=now,
        ends_at=now + timedelta(days=days),
        where_zh="市科技局",
        created_by="officer",
        created_at=now,
    )
    notice.entries = [
        NoticeEntry(
            id=new_id(),
            city=notice.city,
            notice_id=notice.id,
            application_id=one.id,
            position=position,
            title=one.title,
            category=one.category,
            unit_name="试作单位",
        )
        for position, one in enumerate(applications)
    ]
    session.add(notice)
    await session.flush()
    return notice


async def scored(session: AsyncSession, application: Application, *scores: int | None) -> list[Assignment]:
    """Assignments of this application; None is one that is still open."""
    made = []
    for score in scores:
        expert = await make_actor(session, Role.expert)
        assert expert.person_id is not None
        made.append(
            Assignment(
                id=new_id(),
                city=application.city,
                application_id=application.id,
                expert_id=expert.person_id,
                state="assigned" if score is None else "scored",
                score=score,
                comment=None if score is None else "有创新",
                assigned_by="officer",
                assigned_at=clock.business(),
            )
        )
    session.add_all(made)
    await session.flush()
    return made


async def strangers(session: AsyncSession, *roles: Role) -> tuple[Actor, Actor]:
    """Somebody with these roles for another unit of the city, and somebody with them in another city."""
    unit = await factories.make_unit(session)
    far = await factories.make_unit(session, city=factories.OTHER_CITY, reg_region="330100")
    return (
        await make_actor(session, *roles, unit=unit, login_kind="legal_person"),
        await make_actor(session, *roles, city=factories.OTHER_CITY, unit=far, login_kind="legal_person"),
    )


def id_of(person: Actor) -> UUID:
    """The person's id."""
    assert person.person_id is not None
    return person.person_id
