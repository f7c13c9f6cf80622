"""HTTP of reports: JSON, or a page that prints well."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Header, Query
from fastapi.responses import HTMLResponse

from common import pages
from common.auth import PublicDep
from common.db import DatabaseDep
from eligibility.assessments.api import READERS, ReaderDep
from eligibility.deps import PacksDep
from eligibility.prechecks.schemas import PrecheckIn
from eligibility.reports import service
from eligibility.reports.schemas import ReportOut
from eligibility.reports.values import instant_text
from guide import Lang

FormatQuery = Annotated[Literal["json", "html"] | None, Query(description="by default as `Accept` says")]
LangQuery = Annotated[Lang | None, Query(description="zh or en; by default the caller's")]
AcceptHeader = Annotated[str, Header()]
_HTML: dict[int | str, dict[str, Any]] = {200: {"content": {"text/html": {"schema": {"type": "string"}}}}}

router = APIRouter(prefix="/v1", tags=["reports"])


@router.get("/assessments/{assessment_id}/report", response_model=ReportOut, responses=_HTML)
async def of_assessment(
    assessment_id: UUID,
    database: DatabaseDep,
    packs: PacksDep,
    actor: ReaderDep,
    format: FormatQuery = None,
    lang: LangQuery = None,
    accept: AcceptHeader = "",
) -> ReportOut | HTMLResponse:
    """What a stored assessment said and on which facts, as JSON or as a page; never judged again."""
    report = await service.of_assessment(database, packs, actor, assessment_id, READERS, lang)
    return _page(report) if _wants_page(format, accept) else report


@router.post("/prechecks/report", response_model=ReportOut, responses=_HTML)
async def of_precheck(
    body: PrecheckIn,
    database: DatabaseDep,
    packs: PacksDep,
    actor: PublicDep,
    format: FormatQuery = None,
    lang: LangQuery = None,
    accept: AcceptHeader = "",
) -> ReportOut | HTMLResponse:
    """The answer to a precheck as a report; nothing is stored."""
    report = await service.of_precheck(database, packs, actor, body, lang)
    return _page(report) if _wants_page(format, accept) else report


def _wants_page(asked: str | None, accept: str) -> bool:
    """A browser names text/html before everything else; programs that do not care get JSON."""
    return asked == "html" or (asked is None and accept.strip().startswith("text/html"))


def _page(report: ReportOut) -> HTMLResponse:
    return pages.page("eligibility", "report.html", report.lang, report=report, when=instant_text)
