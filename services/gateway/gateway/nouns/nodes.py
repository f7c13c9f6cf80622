"""`node(id)`: any object by its global id, through the same batch reads as everything else."""

from collections.abc import Awaitable, Callable
from typing import Any

from gateway.graph.context import Context
from gateway.graph.errors import BadInput
from gateway.graph.loaders import Loaders, Row
from gateway.nouns.applications import Application, application_of, blind_files, is_blind
from gateway.nouns.assessments import Assessment, assessment_of
from gateway.nouns.base import Node, segment, split_id, uuid_of
from gateway.nouns.calls import Call, GuideVersion, load_call, version_of
from gateway.nouns.documents import Document, document_of
from gateway.nouns.guides import CategoryNoun, TopicNoun, find_category, topic_of
from gateway.nouns.notices import Notice, Objection, Proposal, notice_of, objection_of, proposal_of
from gateway.nouns.people import MembershipRecord, Person, Unit, membership_of, person_of, unit_of
from gateway.nouns.quota import QuotaRow, quota_row_of
from gateway.nouns.reviews import (
    Assignment,
    Attempt,
    Recommendation,
    assignment_of,
    attempt_of,
    recommendation_of,
)

Find = Callable[[Context, str], Awaitable[Node | None]]


def _by_uuid(kind: str, loader: Callable[[Loaders], Any], make: Callable[[Row], Node]) -> Find:
    async def find(context: Context, key: str) -> Node | None:
        row = await loader(context.loaders).load(uuid_of(key, kind))
        return make(row) if row is not None else None

    return find


def _attempt(row: Row) -> Attempt:
    return attempt_of(row["attempt"], row.get("receipt"))


async def _assessment(context: Context, key: str) -> Assessment | None:
    """Eligibility knows the city only; whether the caller sees the application, and openly, intake says."""
    row = await context.loaders.assessments.load(uuid_of(key, "Assessment"))
    owner = await context.loaders.applications.load(str(row["application_id"])) if row is not None else None
    return assessment_of(row) if row is not None and owner is not None and not is_blind(owner) else None


async def _document(context: Context, key: str) -> Document | None:
    """As `_assessment`; of an application that is reviewed blind, the sealed blind files only."""
    row = await context.loaders.files.load(uuid_of(key, "Document"))
    owner = await context.loaders.applications.load(str(row["application_id"])) if row is not None else None
    if row is None or owner is None:
        return None
    blind = await blind_files(context, owner)
    return document_of(row) if blind is None or str(row["id"]) in blind else None


async def _call(context: Context, key: str) -> Call | None:
    return await load_call(context, key)


async def _version(context: Context, key: str) -> GuideVersion | None:
    guide, _, version = key.partition("/")
    return version_of(await context.packs.version(context, segment(guide), segment(version)))


async def _category(context: Context, key: str) -> CategoryNoun | None:
    guide, _, category = key.partition("/")
    pack = await context.packs.current(context, guide)
    return find_category(pack, category) if pack is not None else None


async def _topic(context: Context, key: str) -> TopicNoun | None:
    guide, _, topic = key.partition("/")
    pack = await context.packs.current(context, guide)
    found = pack.topics.get(topic) if pack is not None else None
    return topic_of(pack, found) if pack is not None and found is not None else None


async def _quota_row(context: Context, key: str) -> QuotaRow | None:
    row = await context.loaders.pools.load(key)
    return quota_row_of(row) if row is not None else None


FINDERS: dict[str, Find] = {
    Application.__name__: _by_uuid("Application", lambda all_: all_.applications, application_of),
    Assessment.__name__: _assessment,
    Assignment.__name__: _by_uuid("Assignment", lambda all_: all_.assignments, assignment_of),
    Attempt.__name__: _by_uuid("Attempt", lambda all_: all_.attempts, _attempt),
    Document.__name__: _document,
    MembershipRecord.__name__: _by_uuid("MembershipRecord", lambda all_: all_.memberships, membership_of),
    Notice.__name__: _by_uuid("Notice", lambda all_: all_.notices, notice_of),
    Objection.__name__: _by_uuid("Objection", lambda all_: all_.objections, objection_of),
    Person.__name__: _by_uuid("Person", lambda all_: all_.people, person_of),
    Proposal.__name__: _by_uuid("Proposal", lambda all_: all_.proposals, proposal_of),
    Recommendation.__name__: _by_uuid("Recommendation", lambda all_: all_.recommendations, recommendation_of),
    Unit.__name__: _by_uuid("Unit", lambda all_: all_.units, unit_of),
    "Call": _call,
    "Category": _category,
    "GuideVersion": _version,
    "QuotaRow": _quota_row,
    "Topic": _topic,
}


async def find(context: Context, id: str) -> Node | None:
    """The object of a global id; None where it is missing or invisible.

    Raises:
        BadInput: no global id, or of a type that is only reached through its owner.
    """
    parts = split_id(id)
    finder = FINDERS.get(parts[0]) if parts is not None else None
    if parts is None or finder is None:
        raise BadInput("a global id is expected")
    return await finder(context, parts[1])
