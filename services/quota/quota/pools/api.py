"""Reads of pools and of their ledger."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from common.actor import Actor
from common.auth import PublicDep, requires
from common.db import DatabaseDep, ReadSessionDep
from common.pagination import Page
from quota.fields import CategoryId, GuideId
from quota.pools import service
from quota.pools.schemas import LedgerEntryOut, PoolList, PoolOut, PoolsBatch
from quota.scopes import OVERSEERS, reading_cities

router = APIRouter(prefix="/v1", tags=["pools"])
LedgerReaderDep = Annotated[Actor, Depends(requires(*OVERSEERS))]
Cursor = Annotated[str | None, Query(max_length=500)]


@router.get("/pools")
async def list_pools(
    session: ReadSessionDep,
    _actor: PublicDep,
    guide: Annotated[GuideId, Query()],
    category: Annotated[CategoryId | None, Query()] = None,
    cursor: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 200,
) -> Page[PoolOut]:
    """A guide's quota rows in the order of its tables: limit, used, left."""
    return await service.listing(session, guide, category, cursor, limit)


@router.post("/pools/batch")
async def batch_pools(session: ReadSessionDep, _actor: PublicDep, body: PoolsBatch) -> PoolList:
    """Pools by key or id; missing ones are left out."""
    return PoolList(items=await service.batch(session, body))


@router.get("/pools/{pool_id}/ledger")
async def read_ledger(
    database: DatabaseDep,
    actor: LedgerReaderDep,
    pool_id: UUID,
    cursor: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Page[LedgerEntryOut]:
    """A pool's history, oldest first: who took or freed what, when, why, on whose decision."""
    async with database.read(reading_cities(actor, OVERSEERS)) as session:
        return await service.ledger(session, pool_id, cursor, limit)
