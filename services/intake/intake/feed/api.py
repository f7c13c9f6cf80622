"""The feed's doors: changes, snapshot, manifest, reconciliation, dictionary; subscribers for the office."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.responses import StreamingResponse

from common.actor import Actor
from common.auth import PublicDep, requires, services
from common.db import DatabaseDep, ReadSessionDep, SessionDep
from common.idempotency import IdempotentRoute
from common.pagination import Page
from common.roles import Role
from intake.feed import chain, dictionary, service, subscribers
from intake.feed.schemas import (
    ChangesOut,
    DictionaryOut,
    DisclosureOut,
    ManifestOut,
    MemberOut,
    ReconciliationOut,
    SubscriberIn,
    SubscriberOut,
    SubscribersOut,
)

feed = APIRouter(prefix=f"/v1/feeds/{chain.FEED}", tags=["feed"])
subscriptions = APIRouter(prefix="/v1", tags=["feed"], route_class=IdempotentRoute)

ReaderDep = Annotated[Actor, Depends(requires(*service.READERS))]
KeeperDep = Annotated[Actor, Depends(services("operator", roles=(Role.officer,)))]
AuditorDep = Annotated[Actor, Depends(requires(*subscribers.OVERSEERS))]
City = Annotated[str | None, Query(pattern=r"^\d{6}$", description="needed by clients of several cities")]


@feed.get("/changes", response_model=ChangesOut, responses={304: {}, 410: {}})
async def changes(
    session: SessionDep,
    actor: ReaderDep,
    response: Response,
    city: City = None,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    if_none_match: Annotated[str | None, Header()] = None,
) -> ChangesOut | Response:
    """Items behind a cursor, in order and without gaps; 410 leads to the snapshot."""
    found = await service.changes(session, actor, city=city, cursor=cursor, limit=limit, known=if_none_match)
    if found is None:
        return Response(status_code=304, headers={"ETag": if_none_match or ""})
    response.headers["ETag"] = found.etag
    if found.body["has_more"]:
        path = f"/v1/feeds/{chain.FEED}/changes"
        query = f"city={found.body['city']}&cursor={found.body['next_cursor']}&limit={limit}"
        response.headers["Link"] = f'<{path}?{query}>; rel="next"'
    return ChangesOut.model_validate(found.body)


@feed.get("/snapshot", response_class=StreamingResponse)
async def snapshot(database: DatabaseDep, actor: ReaderDep, city: City = None) -> StreamingResponse:
    """The list as it stands, one JSON line per project, between a head line (cursor) and an end line."""
    async with database.write(actor) as session:
        sight, at, count = await service.open_snapshot(session, actor, city)
    return StreamingResponse(service.snapshot(database, sight, at, count), media_type="application/x-ndjson")


@feed.get("/manifest")
async def manifest(
    request: Request, session: ReadSessionDep, actor: ReaderDep, city: City = None
) -> ManifestOut:
    """Count, last number and chain hash, signed."""
    feed_key = request.app.state.settings.feed_key
    return ManifestOut.model_validate(await service.manifest(session, actor, city, feed_key))


@feed.get("/reconciliation")
async def reconciliation(session: ReadSessionDep, actor: ReaderDep, city: City = None) -> ReconciliationOut:
    """Count and digest per city, year and category, to compare with what was harvested."""
    return ReconciliationOut.model_validate(await service.reconciliation(session, actor, city))


@feed.get("/dictionary")
async def read_dictionary(_actor: PublicDep) -> DictionaryOut:
    """Every member of an item: meaning (zh, en), type, code list."""
    items = [MemberOut.model_validate(member, from_attributes=True) for member in dictionary.MEMBERS]
    return DictionaryOut(feed=chain.FEED, items=items)


@subscriptions.post("/subscribers", status_code=201)
async def subscribe(session: SessionDep, actor: KeeperDep, wanted: SubscriberIn) -> SubscriberOut:
    """Record who may read the feed, on which legal basis, for what, which fields and regions."""
    return SubscriberOut.model_validate(await subscribers.create(session, actor, wanted))


@subscriptions.get("/subscribers")
async def list_subscribers(session: ReadSessionDep, actor: AuditorDep) -> SubscribersOut:
    """The subscriptions in the actor's cities."""
    found = await subscribers.all_of(session, actor)
    return SubscribersOut(items=[SubscriberOut.model_validate(one) for one in found])


@subscriptions.get("/subscribers/{subscriber_id}/disclosures")
async def list_disclosures(
    session: ReadSessionDep,
    actor: AuditorDep,
    subscriber_id: UUID,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
) -> Page[DisclosureOut]:
    """What was given to a subscriber, oldest first."""
    rows, following = await subscribers.disclosures(session, actor, subscriber_id, cursor, limit)
    return Page(items=[DisclosureOut.model_validate(row) for row in rows], next_cursor=following)


router = APIRouter()
router.include_router(feed)
router.include_router(subscriptions)
