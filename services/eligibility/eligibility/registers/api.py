"""HTTP of the registers: the same routes for each kind, with the kind's own schema."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel

from common.actor import Actor
from common.auth import requires, services
from common.db import DatabaseDep, SessionDep
from common.idempotency import IdempotentRoute
from common.pagination import BadCursor, Page, decode_cursor, encode_cursor
from common.roles import Role
from eligibility.fields import Instant, ShortText
from eligibility.registers import service
from eligibility.registers.kinds import KINDS
from eligibility.registers.models import EntryRevision
from eligibility.registers.queries import Chosen
from eligibility.registers.schemas import FORMS, CorrectionIn, EndIn, EntryIn, Forms

KeeperDep = Annotated[Actor, Depends(services("operator", "intake", roles=service.KEEPERS))]
READERS = (Role.officer, Role.bureau_head, Role.auditor)
ReaderDep = Annotated[Actor, Depends(requires(*READERS))]
Handler = Callable[..., Awaitable[Any]]

router = APIRouter(prefix="/v1/registers", tags=["registers"], route_class=IdempotentRoute)


def _shown(forms: Forms, row: EntryRevision) -> BaseModel:
    return forms.answer(
        id=row.entry_id,
        register_name=row.register,
        city=row.city,
        revision=row.revision,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        source=row.source,
        recorded_at=row.recorded_at,
        recorded_by=row.recorded_by,
        change_reason=row.change_reason,
        superseded_at=row.superseded_at,
        import_id=row.import_id,
        **row.data,
    )


def _taking(body: type[BaseModel], handler: Handler) -> Handler:
    """The handler with this kind's schema as its body, so that the API's description shows each kind."""
    handler.__annotations__["body"] = body
    return handler


def _routes(register: str, forms: Forms) -> None:
    async def add(body: EntryIn, session: SessionDep, actor: KeeperDep, response: Response) -> BaseModel:
        """Record an entry; repeating it with the same `id` answers 200 and changes nothing."""
        row, fresh = await service.add(session, actor, register, body)
        response.status_code = 201 if fresh else 200
        return _shown(forms, row)

    async def correct(entry_id: UUID, body: CorrectionIn, session: SessionDep, actor: KeeperDep) -> BaseModel:
        """Replace what an entry says. Assessments already taken stay as they are."""
        return _shown(forms, await service.correct(session, actor, register, entry_id, body))

    async def end(entry_id: UUID, body: EndIn, session: SessionDep, actor: KeeperDep) -> BaseModel:
        """Say from when an entry no longer holds (its beginning: it never did)."""
        return _shown(forms, await service.end(session, actor, register, entry_id, body))

    async def entries(
        database: DatabaseDep,
        actor: ReaderDep,
        as_of: Annotated[Instant | None, Query(description="only what holds at this instant")] = None,
        known_at: Annotated[Instant | None, Query(description="as it was known at this instant")] = None,
        q: Annotated[
            ShortText | None, Query(max_length=100, description="text in a field or the source")
        ] = None,
        cursor: str | None = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> dict[str, Any]:
        """Entries of the cities in which the actor reads registers, as they are known now, or were."""
        found = actor.cities_as(READERS)
        chosen = Chosen(as_of, known_at, q)
        async with database.read(found) as session:
            rows = await service.page(session, found, register, chosen, _after(cursor), limit + 1)
        return _page(forms, rows, limit)

    async def history(entry_id: UUID, database: DatabaseDep, actor: ReaderDep) -> dict[str, Any]:
        """All revisions of an entry, oldest first."""
        async with database.read(actor.cities_as(READERS)) as session:
            rows = await service.history(session, register, entry_id)
        return {"items": [_shown(forms, row) for row in rows], "next_cursor": None}

    path, answer = f"/{register}/entries", forms.answer
    one, listed = f"{path}/{{entry_id}}", Page[answer]  # type: ignore[valid-type]  # a model made per kind
    router.post(path, status_code=201, name=f"add_{register}", response_model=answer)(
        _taking(forms.entry, add)
    )
    router.post(f"{one}/correct", name=f"correct_{register}", response_model=answer)(
        _taking(forms.correction, correct)
    )
    router.post(f"{one}/end", name=f"end_{register}", response_model=answer)(end)
    router.get(path, name=f"list_{register}", response_model=listed)(entries)
    router.get(f"{one}/history", name=f"history_{register}", response_model=listed)(history)


def _after(cursor: str | None) -> UUID | None:
    if cursor is None:
        return None
    try:
        return UUID(decode_cursor(cursor, "entry_id")["entry_id"])
    except (AttributeError, TypeError, ValueError) as error:
        raise BadCursor from error


def _page(forms: Forms, rows: Sequence[EntryRevision], limit: int) -> dict[str, Any]:
    more = len(rows) > limit
    return {
        "items": [_shown(forms, row) for row in rows[:limit]],
        "next_cursor": encode_cursor({"entry_id": rows[limit - 1].entry_id}) if more else None,
    }


for _name in KINDS:
    _routes(_name, FORMS[_name])
