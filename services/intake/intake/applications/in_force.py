"""What the version of a guide in force says of drafts: they are judged by it until they are handed in."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from common.errors import FieldError, Unprocessable
from guide import Pack
from intake.applications.models import Application
from intake.applications.states import State
from intake.guides import packs
from intake.guides import service as guides

DRAFTING: Final = (State.draft.value, State.returned.value)


class CategoryUnknown(Unprocessable):
    code = "intake.category_unknown"
    title_zh, title_en = "没有这个申报类别", "No such category in the call"


def demand_category(pack: Pack, category: str) -> None:
    """
    Raises:
        CategoryUnknown: no selectable category of the pack; a version may drop what an earlier one had.
    """
    if not pack.is_leaf(category):
        raise CategoryUnknown(
            errors=[FieldError("/category", "category", "not a category that can be applied for")]
        )


async def pack_for(session: AsyncSession, guide: str, category: str) -> Pack:
    """The pack in force, which has the category.

    Raises:
        CallNotPublished: no version of the call is in force.
        CategoryUnknown: as `demand_category`.
    """
    pack = await guides.current(session, guide)
    if pack is None:
        raise guides.CallNotPublished
    demand_category(pack, category)
    return pack


async def steps(session: AsyncSession, rows: Sequence[Application]) -> dict[UUID, Sequence[str]]:
    """By application the steps of its life: a draft's by the pack in force, else those that were pinned."""
    found: dict[UUID, Sequence[str]] = {row.id: row.steps for row in rows}
    drafts = [row for row in rows if row.state in DRAFTING]
    wanted = sorted({row.guide for row in drafts})
    in_force = {pack.id: pack for pack in await guides.in_force(session, wanted)} if wanted else {}
    for row in drafts:
        if row.guide in in_force:
            found[row.id] = packs.steps(in_force[row.guide], row.category)
    return found
