"""Bundles: what had been handed in at an instant, sealed once and for good."""

import hashlib
import json
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from common import audit, faults
from common.actor import Actor
from common.clock import clock
from common.db import Database
from common.errors import Conflict, constraint_error
from common.roles import Role
from documents.bundles import queries
from documents.bundles.models import Bundle
from documents.bundles.schemas import (
    BundleIn,
    BundleOut,
    Manifest,
    ManifestFile,
    SealedOut,
)
from documents.facts import service as facts
from documents.facts.service import Sorted
from documents.files import service as files
from documents.tickets import BundleKind

SEALING = faults.point("documents.bundle.sealing")
SEALED = faults.point("documents.bundle.sealed")
_READERS = (
    Role.applicant,
    Role.department_manager,
    Role.recommender,
    Role.project_leader,
    Role.officer,
    Role.formal_reviewer,
    Role.bureau_head,
    Role.finance,
    Role.auditor,
)


class BundleExists(Conflict):
    code = "documents.bundle_exists"
    title_zh, title_en = "该材料包已封存", "The bundle is sealed already"


class BundleDiffers(Conflict):
    code = "documents.bundle_differs"
    title_zh, title_en = (
        "同一编号的材料包已按其他条件封存",
        "A bundle of this id was sealed for something else",
    )


constraint_error("pk_bundles", BundleExists)


async def seal(db: Database, actor: Actor, asked: BundleIn) -> tuple[SealedOut, bool]:
    """Seal a bundle, or find it sealed; and what its files say. True: it was sealed by this call.

    Raises:
        GuideUnknown, CategoryUnknown.
        BundleDiffers: the id was used for another application, guide, category or instant.
    """
    scope = actor.in_city(asked.city)
    pack, materials = await facts.materials_of(db, asked)
    made = True
    try:
        async with db.write(scope) as session:
            row = await _find(session, asked)
            if row is None:
                single = facts.single_materials(materials)
                current = await files.current(session, asked.application_id, asked.as_of, single)
                row = await _insert(session, scope, asked, Sorted(pack, materials, current))
                await faults.reach(SEALING)
            else:
                made = False
                current = await files.sealed(session, asked.id)
    except BundleExists:
        made = False
        async with db.read(scope) as session:
            row = await _find(session, asked)
            current = await files.sealed(session, asked.id)
        if row is None:
            raise BundleDiffers from None
    await faults.reach(SEALED)
    said = await facts.judge(db, scope, asked, Sorted(pack, materials, current))
    return SealedOut(**dict(_out(row)), **dict(said)), made


async def many(session: AsyncSession, actor: Actor, ids: Sequence[UUID]) -> list[BundleOut]:
    """Bundles by id; an expert sees the blind files only."""
    rows = await queries.many(session, ids)
    whole, blind = actor.cities_as(_READERS), actor.cities_as([Role.expert])
    return [
        _out(row, only=None if row.city in whole else "blind") for row in rows if row.city in whole | blind
    ]


async def _find(session: AsyncSession, asked: BundleIn) -> Bundle | None:
    found = await queries.many(session, [asked.id])
    if not found:
        return None
    row = found[0]
    sealed = (row.application_id, row.guide, row.guide_version, row.category, row.as_of)
    if sealed != (asked.application_id, asked.guide, asked.version, asked.category, asked.as_of):
        raise BundleDiffers
    return row


async def _insert(session: AsyncSession, actor: Actor, asked: BundleIn, found: Sorted) -> Bundle:
    manifest = canonical(_manifest(asked, found))
    row = Bundle(
        id=asked.id,
        city=asked.city,
        application_id=asked.application_id,
        guide=asked.guide,
        guide_version=asked.version,
        category=asked.category,
        as_of=asked.as_of,
        manifest=manifest,
        manifest_sha256=hashlib.sha256(manifest.encode()).hexdigest(),
        sealed_at=clock.business(),
    )
    session.add(row)
    files.seal(session, asked.city, asked.id, {one.id: found.bundle_of(one) for one in found.files})
    await audit.record(
        session,
        actor,
        action="bundle.sealed",
        object_type="bundle",
        object_id=asked.id,
        city=asked.city,
        application_id=asked.application_id,
        data={"manifest_sha256": row.manifest_sha256, "files": len(found.files)},
    )
    await session.flush()
    return row


def _manifest(asked: BundleIn, found: Sorted) -> Manifest:
    return Manifest(
        id=asked.id,
        application_id=asked.application_id,
        city=asked.city,
        guide=asked.guide,
        version=asked.version,
        category=asked.category,
        as_of=asked.as_of,
        files=[
            ManifestFile.model_validate(
                {
                    "file_id": row.id,
                    "material": row.material,
                    "bundle": found.bundle_of(row),
                    "name": row.name,
                    "version": row.version_no,
                    "size": row.size,
                    "sha256": row.sha256,
                    "created_at": row.completed_at,
                }
            )
            for row in found.files
        ],
    )


def canonical(manifest: Manifest) -> str:
    """Sorted keys, no white space, UTF-8: the same content has the same hash everywhere."""
    content = manifest.model_dump(mode="json")
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _out(row: Bundle, *, only: BundleKind | None = None) -> BundleOut:
    """With `only`, files of that kind alone, and no manifest text, which names the others."""
    files = Manifest.model_validate_json(row.manifest).files
    return BundleOut(
        id=row.id,
        application_id=row.application_id,
        guide=row.guide,
        version=row.guide_version,
        category=row.category,
        as_of=row.as_of,
        sealed_at=row.sealed_at,
        manifest_sha256=row.manifest_sha256,
        manifest=row.manifest if only is None else None,
        files=[file for file in files if only is None or file.bundle == only],
    )
