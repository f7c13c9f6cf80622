"""A guide for its officer: the page with everything that hangs on each clause, and what a version changes."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncSession

from common import pages
from common.actor import Actor
from common.db import ALL_CITIES, Database
from common.errors import FieldError, NotFound, Unprocessable
from guide import CasesRefused, Lang, Pack
from guide.review import Comparison, compare, review
from intake.guides import packs, queries
from intake.guides.models import GuideVersion
from intake.guides.recent import Recent
from intake.guides.service import administer, checked, is_shown

_pages: Recent[tuple[str, Lang], "Page"] = Recent(32)
_comparisons: Recent[tuple[str, str], Comparison] = Recent(16)
_changes: Recent[tuple[str, str, Lang | None], "Page"] = Recent(32)
"""Of two versions, as a page in a language; None: as JSON."""
_JSON: Final = TypeAdapter(Comparison)


class GuideCasesRefused(Unprocessable):
    code = "intake.guide_cases_refused"
    title_zh, title_en = "验证用例文件未通过检查", "The file of cases is refused"


@dataclass(frozen=True, slots=True)
class Page:
    """A page as HTML, or what it says as JSON; `etag` changes with version, language and layout."""

    text: str
    etag: str


@dataclass(frozen=True, slots=True)
class VersionPage:
    """`draft`: the version was never in force, and only its administrators see the page."""

    page: Page
    draft: bool


@dataclass(frozen=True, slots=True)
class Compared:
    """Two versions that may be compared; `draft`: one of them was never in force."""

    before: GuideVersion
    after: GuideVersion
    draft: bool


async def of_version(db: Database, actor: Actor, guide: str, version: str | None, lang: Lang) -> VersionPage:
    """The page of a version; without one, of that in force, and before there is one, of the newest draft.

    Raises:
        NotFound: no such guide or version, or a draft for somebody else than its administrators.
    """
    async with db.read(ALL_CITIES) as session:
        row = await _version(session, actor, guide, version)
    key = row.version, lang
    page = _pages.get(key)
    if page is None:
        pack = await _loaded(row)
        page = _pages.keep(key, await asyncio.to_thread(_rendered, pack, lang))
    return VersionPage(page, row.published_at is None)


async def of_text(actor: Actor, text: str, cases: Sequence[str], lang: Lang) -> Page:
    """The page of a pack that is not kept, with its golden cases beside the rules.

    Raises:
        GuideRefused, GuideCasesRefused: with the place and the reason of every problem.
        Forbidden: a pack of another city.
    """
    pack = await checked(text)
    administer(actor, pack.city)
    try:
        return await asyncio.to_thread(_rendered, pack, lang, cases)
    except CasesRefused as error:
        raise GuideCasesRefused(
            errors=[FieldError(f"/cases{one.pointer}", "cases", str(one)) for one in error.problems[:200]]
        ) from error


async def changes(db: Database, actor: Actor, guide: str, before: str | None, after: str | None) -> Compared:
    """Which version is compared with which.

    Without `after`: the newest draft that came after the version in force, or else that version. Without
    `before`: the version in force, or what was in force before it.

    Raises:
        NotFound: no such guide or version, or a draft for somebody else than its administrators.
    """
    async with db.read(ALL_CITIES) as session:
        pointer = await queries.get(session, guide)
        shown = {one.version: one for one in await queries.versions(session, guide) if is_shown(actor, one)}
    if pointer is None or not shown or not {before, after} - {None} <= shown.keys():
        raise NotFound
    current = shown.get(pointer.current_version or "")
    new = shown[after] if after is not None else _newest(list(shown.values()), current)
    old = shown[before] if before is not None else _earlier(list(shown.values()), current, new)
    return Compared(old, new, draft=None in (old.published_at, new.published_at))


async def changes_page(compared: Compared, lang: Lang | None) -> Page:
    """What changes, as a page in a language; None: as JSON, which has both. Versions never change, so it is
    found out once."""
    versions = compared.before.version, compared.after.version
    page = _changes.get((*versions, lang))
    if page is None:
        comparison = _comparisons.get(versions)
        if comparison is None:
            before, after = await _loaded(compared.before), await _loaded(compared.after)
            comparison = _comparisons.keep(versions, await asyncio.to_thread(compare, before, after))
        page = _changes.keep((*versions, lang), await asyncio.to_thread(_written, comparison, lang))
    return page


def _written(comparison: Comparison, lang: Lang | None) -> Page:
    if lang is None:
        return _page(_JSON.dump_json(comparison).decode())
    return _page(pages.render("guide", "changes.html", lang, comparison=comparison))


async def _version(session: AsyncSession, actor: Actor, guide: str, version: str | None) -> GuideVersion:
    wanted = version
    if wanted is None:
        pointer = await queries.get(session, guide)
        wanted = pointer.current_version if pointer is not None else None
    if wanted is not None:
        row = await queries.version(session, guide, wanted)
        drafts = [row] if row is not None else []
    else:
        drafts = await queries.versions(session, guide)
    shown = [one for one in drafts if is_shown(actor, one)]
    if not shown:
        raise NotFound
    return shown[-1]


def _newest(shown: list[GuideVersion], current: GuideVersion | None) -> GuideVersion:
    """The last draft that is younger than the version in force; without one that version."""
    young = [one for one in shown if current is None or one.created_at > current.created_at]
    drafts = [one for one in young if one.published_at is None]
    return drafts[-1] if drafts else current or shown[-1]


def _earlier(shown: list[GuideVersion], current: GuideVersion | None, new: GuideVersion) -> GuideVersion:
    """The version in force; for that itself, what was in force before it, if anything was."""
    if current is not None and current is not new:
        return current
    past = [(one.published_at, one) for one in shown if one.published_at is not None and one is not new]
    return max(past, key=lambda one: one[0])[1] if past else new


async def _loaded(row: GuideVersion) -> Pack:
    return packs.kept(row.version) or await packs.load(row.text)


def _rendered(pack: Pack, lang: Lang, cases: Sequence[str] = ()) -> Page:
    return _page(pages.render("guide", "review.html", lang, review=review(pack, lang, cases)))


def _page(text: str) -> Page:
    return Page(text, f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"')
