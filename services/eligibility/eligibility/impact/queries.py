"""Stored assessments, page by page, in a form that is cheap to hand to another process."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, and_, cast, exists, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from eligibility.assessments.models import Assessment
from eligibility.impact.replay import Stored


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which assessments: of a guide, taken not after `until`; `every` or the newest of each application."""

    guide: str
    until: datetime
    stage: str | None = None
    category: str | None = None
    every: bool = False


async def count(session: AsyncSession, wanted: Wanted) -> int:
    """How many there are."""
    query = select(func.count()).select_from(Assessment).where(*_conditions(wanted))
    return (await session.execute(query)).scalar_one()


async def page(
    session: AsyncSession, wanted: Wanted, after: UUID | None, limit: int
) -> Sequence[tuple[datetime, Stored]]:
    """By id, after the given one; each with the instant at which it was taken."""
    # JSON goes through as text: only the process that judges has to read it
    one = Assessment
    query: Select[Any] = (
        select(
            one.created_at,
            one.id,
            one.application_id,
            one.pack_version,
            one.category,
            one.stage,
            one.as_of,
            one.eligible,
            one.decision["decision"].astext,
            cast(one.facts, Text),
            cast(one.unavailable, Text),
            cast(func.coalesce(one.outcomes, _outcomes_of_findings()), Text),
        )
        .where(*_conditions(wanted))
        .order_by(one.id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(one.id > after)
    rows = await session.execute(query)
    return [(at, Stored(str(id_), str(of), *rest)) for at, id_, of, *rest in rows]


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    found = [Assessment.guide == wanted.guide, Assessment.created_at <= wanted.until]
    if wanted.stage is not None:
        found.append(Assessment.stage == wanted.stage)
    if wanted.category is not None:
        found.append(Assessment.category == wanted.category)
    if not wanted.every:
        found.append(~exists().where(_newer(wanted)))
    return found


def _newer(wanted: Wanted) -> ColumnElement[bool]:
    """Another assessment of the application, as new or newer, among those that are wanted."""
    other = aliased(Assessment)
    one = Assessment
    same_stage = [other.stage == wanted.stage] if wanted.stage is not None else []
    return and_(
        other.application_id == one.application_id,
        other.city == one.city,
        other.guide == one.guide,
        other.created_at <= wanted.until,
        tuple_(other.created_at, other.id) > tuple_(one.created_at, one.id),
        *same_stage,
    )


def _outcomes_of_findings() -> Any:
    """As the column `outcomes`, for assessments stored before it was there."""
    finding = func.jsonb_array_elements(Assessment.findings).table_valued("value").alias("finding")
    said = finding.c.value
    return (
        select(func.jsonb_object_agg(said.op("->>")("rule"), said.op("->>")("outcome")))
        .select_from(finding)
        .scalar_subquery()
        .correlate(Assessment)
    )
