"""`/v1/applications` and `/v1/attempts`."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Request, Response

from common import arrival
from common.actor import Actor
from common.auth import SignedInDep, requires, services
from common.client import ClientDep
from common.db import DatabaseDep, ReadSessionDep, SessionDep
from common.etag import IfMatchDep, set_etag
from common.idempotency import IdempotentRoute, KeyInvalid
from common.roles import Role
from common.tables import KEY_LENGTH
from common.tokens import ServiceTokens
from intake.applications import assessing, drafting, receipts, service, submission, tickets
from intake.applications.desk import Desk
from intake.applications.opening import Order
from intake.applications.schemas import (
    ApplicationIn,
    ApplicationOut,
    ApplicationPage,
    ApplicationPatch,
    Applications,
    Attempts,
    DownloadIn,
    DownloadTicket,
    Ids,
    PrecheckIn,
    SearchIn,
    SubmitIn,
    Submitted,
    UploadIn,
    UploadTicket,
    WithdrawIn,
)
from intake.applications.states import AttemptState
from intake.settings import Settings

router = APIRouter(prefix="/v1", tags=["applications"])
creating = APIRouter(prefix="/v1", tags=["applications"], route_class=IdempotentRoute)


async def arrived(request: Request) -> datetime:
    """Business time at which the request has come in."""
    return arrival.of(request)


async def get_settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


async def get_tokens(request: Request) -> ServiceTokens:
    tokens: ServiceTokens = request.app.state.tokens
    return tokens


async def get_desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


ArrivalDep = Annotated[datetime, Depends(arrived)]
SettingsDep = Annotated[Settings, Depends(get_settings)]
DeskDep = Annotated[Desk, Depends(get_desk)]
TokensDep = Annotated[ServiceTokens, Depends(get_tokens)]
ApplicantDep = Annotated[Actor, Depends(requires(Role.applicant))]
KeeperDep = Annotated[Actor, Depends(requires(Role.applicant, Role.department_manager, Role.project_leader))]
UploaderDep = Annotated[
    Actor,
    Depends(requires(Role.applicant, Role.department_manager, Role.project_leader, Role.recommender)),
]
OfficerDep = Annotated[Actor, Depends(requires(Role.officer))]
ReaderDep = Annotated[Actor, Depends(services("gateway", "operator", roles=list(Role)))]


@creating.post("/applications", status_code=201)
async def create_application(
    body: ApplicationIn, actor: ApplicantDep, session: SessionDep, response: Response
) -> ApplicationOut:
    """Open a draft."""
    row = await drafting.create(session, actor, body)
    set_etag(response, row.revision)
    return row


@router.patch("/applications/{application_id}")
async def edit_application(
    application_id: UUID,
    body: ApplicationPatch,
    actor: KeeperDep,
    session: SessionDep,
    revision: IfMatchDep,
    response: Response,
) -> ApplicationOut:
    """Change a draft: title, form, team."""
    row = await drafting.edit(session, actor, application_id, revision, body)
    set_etag(response, row.revision)
    return row


@router.post("/applications/batch")
async def read_applications(body: Ids, actor: ReaderDep, session: ReadSessionDep) -> Applications:
    """These applications, as far as the actor may see them."""
    return Applications(items=await service.batch(session, actor, body.ids))


@router.post("/applications/search")
async def search_applications(body: SearchIn, actor: ReaderDep, session: ReadSessionDep) -> ApplicationPage:
    """Applications that the actor may see, newest first."""
    return await service.search(session, actor, body)


@router.post("/applications/{application_id}/precheck")
async def precheck_application(
    application_id: UUID,
    body: PrecheckIn,
    actor: SignedInDep,
    db: DatabaseDep,
    client: ClientDep,
) -> dict[str, Any]:
    """What an assessment would say now (eligibility's answer), and the checklist; nothing is stored."""
    return await assessing.precheck(db, client, actor, application_id, body.stage)


@router.post("/applications/{application_id}/submit")
async def submit_application(
    received_at: ArrivalDep,
    application_id: UUID,
    body: SubmitIn,
    actor: ApplicantDep,
    db: DatabaseDep,
    client: ClientDep,
    settings: SettingsDep,
    desk: DeskDep,
    response: Response,
    idempotency_key: Annotated[str | None, Header()] = None,
) -> Submitted:
    """Submit. The same key finds the same attempt; without a key the revision serves as one.

    200 when it is decided (a refusal too, with its findings); 202 while it is being decided or pending.
    """
    key = idempotency_key if idempotency_key is not None else f"revision-{body.expected_revision}"
    if not 0 < len(key) <= KEY_LENGTH or not key.isprintable():
        raise KeyInvalid
    order = Order(application_id, body.expected_revision, key, received_at)
    done = await submission.submit(db, client, settings, desk, actor, order)
    decided = done.attempt.state in (AttemptState.admitted, AttemptState.refused)
    response.status_code = 200 if decided else 202
    return done


@router.post("/attempts/batch")
async def read_attempts(body: Ids, actor: ReaderDep, session: ReadSessionDep) -> Attempts:
    """These attempts with receipts and findings, as far as the actor may see them."""
    return Attempts(items=await receipts.batch(session, actor, body.ids))


@creating.post("/applications/{application_id}/withdraw")
async def withdraw_application(
    application_id: UUID, body: WithdrawIn, actor: ApplicantDep, session: SessionDep
) -> ApplicationOut:
    """Take an application back."""
    return await service.withdraw(session, actor, application_id, body.reason)


@creating.post("/applications/{application_id}/reopen")
async def reopen_application(
    application_id: UUID, body: WithdrawIn, actor: OfficerDep, session: SessionDep
) -> ApplicationOut:
    """Allow one more submission after the close, where a late assessment of ours returned the application."""
    return await service.reopen(session, actor, application_id, body.reason)


@creating.post("/applications/{application_id}/upload-tickets", status_code=201)
async def permit_upload(
    application_id: UUID,
    body: UploadIn,
    actor: UploaderDep,
    session: SessionDep,
    settings: SettingsDep,
    tokens: TokensDep,
) -> UploadTicket:
    """Leave to upload one file of a material to documents."""
    return await tickets.upload(session, settings, tokens, actor, application_id, body)


@router.post("/applications/{application_id}/download-tickets", status_code=201)
async def permit_download(
    application_id: UUID,
    body: DownloadIn,
    actor: SignedInDep,
    db: DatabaseDep,
    client: ClientDep,
    settings: SettingsDep,
    tokens: TokensDep,
) -> DownloadTicket:
    """Leave to download one file; an expert gets blind files of the sealed bundle only."""
    return await tickets.download(db, client, settings, tokens, actor, application_id, body)
