"""`/v1/guides/…/review` and `…/diff`: a guide clause by clause for its officer, as pages that print."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query, Response
from fastapi.responses import HTMLResponse

from common import pages
from common.auth import PublicDep
from common.db import DatabaseDep
from common.etag import is_known
from guide import Lang
from guide.review import Comparison
from intake.guides import reviewing
from intake.guides.api import AdministratorDep
from intake.guides.schemas import ReviewIn

LangQuery = Annotated[Lang, Query(description="zh or en")]
FormatQuery = Annotated[Literal["json", "html"] | None, Query(description="by default as `Accept` says")]
KnownHeader = Annotated[str | None, Header(alias="if-none-match")]
_FOR_A_DAY, _ASK_AGAIN, _PRIVATE = "public, max-age=86400, immutable", "public, no-cache", "private, no-cache"
_HTML: dict[int | str, dict[str, Any]] = {200: {"content": {"text/html": {"schema": {"type": "string"}}}}}
_KNOWN: dict[int | str, dict[str, Any]] = {304: {"description": "The caller has it already"}}

router = APIRouter(prefix="/v1", tags=["guides"])


@router.get("/guides/{guide}/review", response_class=HTMLResponse, responses=_KNOWN)
async def review_guide(
    guide: str, actor: PublicDep, db: DatabaseDep, lang: LangQuery = Lang.zh, known: KnownHeader = None
) -> Response:
    """The guide in force, clause by clause, with the rules in words and everything else that hangs on it.

    Before a first version is in force: the newest draft, for the city's guide administrators.
    """
    found = await reviewing.of_version(db, actor, guide, None, lang)
    return _answer(found.page, _PRIVATE if found.draft else _ASK_AGAIN, known)


@router.get("/guides/{guide}/versions/{version}/review", response_class=HTMLResponse, responses=_KNOWN)
async def review_version(
    guide: str,
    version: str,
    actor: PublicDep,
    db: DatabaseDep,
    lang: LangQuery = Lang.zh,
    known: KnownHeader = None,
) -> Response:
    """One version, as `review_guide`; drafts are for the city's guide administrators."""
    found = await reviewing.of_version(db, actor, guide, version, lang)
    return _answer(found.page, _PRIVATE if found.draft else _FOR_A_DAY, known)


@router.post("/guides/review", response_class=HTMLResponse)
async def review_text(body: ReviewIn, actor: AdministratorDep, lang: LangQuery = Lang.zh) -> Response:
    """The same page of a pack that is sent along, with its golden cases; nothing is kept."""
    page = await reviewing.of_text(actor, body.text, body.cases, lang)
    return _answer(page, "no-store", None)


@router.get("/guides/{guide}/diff", response_model=Comparison, responses=_HTML | _KNOWN)
async def compare_versions(
    guide: str,
    actor: PublicDep,
    db: DatabaseDep,
    before: Annotated[str | None, Query(alias="from", max_length=64)] = None,
    after: Annotated[str | None, Query(alias="to", max_length=64)] = None,
    format: FormatQuery = None,
    lang: LangQuery = Lang.zh,
    accept: Annotated[str, Header()] = "",
    known: KnownHeader = None,
) -> Response:
    """What one version changes of another, clause by clause and field by field, in words.

    Without `to`: for the city's guide administrators the newest draft, for everyone else the version in
    force. Without `from`: the version in force, or what was in force before it.
    """
    compared = await reviewing.changes(db, actor, guide, before, after)
    keeping = _PRIVATE if compared.draft else _ASK_AGAIN
    if format == "html" or (format is None and accept.strip().startswith("text/html")):
        return _answer(await reviewing.changes_page(compared, lang), keeping, known, vary="Accept")
    found = await reviewing.changes_page(compared, None)
    headers = {"etag": found.etag, "cache-control": keeping, "vary": "Accept"}
    if is_known(known, found.etag):
        return Response(status_code=304, headers=headers)
    return Response(found.text, media_type="application/json", headers=headers)


def _answer(page: reviewing.Page, keeping: str, known: str | None, **more: str) -> Response:
    headers = pages.HEADERS | {"etag": page.etag, "cache-control": keeping} | more
    if is_known(known, page.etag):
        return Response(status_code=304, headers=headers)
    return HTMLResponse(page.text, headers=headers)
