"""Intake against eligibility and documents, documents against its store, the list against the awards."""

from cli.reconcile.joining import paired
from cli.reconcile.mending import publish, restage
from cli.reconcile.owners import Owners
from cli.reconcile.report import Check

_BATCH = 200
_READERS = ("eligibility", "documents", "quota")


async def guides(owners: Owners) -> Check:
    """Every version that was ever in force is staged with its readers, the current one active."""
    check = Check("guides")
    versions = (await owners.ask("intake", "GET", "/v1/reconciliation/guides"))["items"]
    for reader in _READERS:
        answer = await owners.ask(reader, "GET", "/v1/reconciliation/guides")
        staged = {(one["guide"], one["version"]): one.get("active", True) for one in answer["items"]}
        for one in versions:
            check.compared += 1
            guide, version = one["guide"], one["version"]
            about = f"{reader}: {guide} {version[:12]}"
            if (guide, version) not in staged:
                check.differs("not_staged", about, restage(guide, version))
            elif one["current"] and not staged[(guide, version)]:
                check.differs("not_active", about, restage(guide, version))
    return check


async def bundles(owners: Owners) -> Check:
    """Every bundle that an attempt stands on is there, unchanged; and every bundle belongs to an attempt.

    One that belongs to none is a submission that intake has lost: only a person can bring it back.
    """
    check = Check("bundles")
    pairs = paired(
        owners.listed("intake", "/v1/reconciliation/attempts"),
        owners.listed("documents", "/v1/reconciliation/bundles"),
        lambda item: str(item["id"]),
    )
    async for attempt, bundle in pairs:
        check.compared += 1
        if bundle is None:
            if attempt is not None and attempt["bundle_id"] is not None:
                check.differs("bundle_missing", attempt["id"])
        elif attempt is None:
            check.differs("attempt_unknown", bundle["id"])
        elif not bundle["whole"]:
            check.differs("bundle_not_whole", bundle["id"])
        elif attempt["manifest_sha256"] not in (None, bundle["manifest_sha256"]):
            check.differs("other_manifest", bundle["id"])
    return check


async def files(owners: Owners, *, content: bool) -> Check:
    """Every file's object is there with its size and, if wanted, its content."""
    check = Check("files")
    async for file in owners.listed("documents", "/v1/reconciliation/files", content=str(content).lower()):
        check.compared += 1
        if file["object"] != "whole":
            check.differs(f"object_{file['object']}", file["id"])
    return check


async def objects(owners: Owners) -> Check:
    """Objects that no row names. Nothing is deleted here: after a restore they may be all that is left."""
    found = await owners.ask("documents", "GET", "/v1/reconciliation/objects")
    check = Check("objects", compared=found["count"])
    for file_id in found["file_ids"]:
        check.differs("file_unknown", file_id)
    for _ in range(found["without_row"] - len(found["file_ids"])):
        check.differs("object_unknown", "no file id in its key")
    return check


async def assessments(owners: Owners) -> Check:
    """Every assessment that a decision stands on is there, and is of that application."""
    check = Check("assessments")
    page: dict[str, str] = {}
    async for application in owners.listed("intake", "/v1/reconciliation/applications"):
        page |= dict.fromkeys(application["assessments"], application["id"])
        if len(page) >= _BATCH:
            await _look_up(owners, check, page)
            page = {}
    await _look_up(owners, check, page)
    return check


async def _look_up(owners: Owners, check: Check, wanted: dict[str, str]) -> None:
    ids = sorted(wanted)
    for start in range(0, len(ids), _BATCH):
        part = ids[start : start + _BATCH]
        answer = await owners.ask(
            "eligibility", "POST", "/v1/reconciliation/assessments/batch", json={"ids": part}
        )
        known = {one["id"]: one["application_id"] for one in answer["items"]}
        for one in part:
            check.compared += 1
            if one not in known:
                check.differs("assessment_missing", one)
            elif known[one] != wanted[one]:
                check.differs("other_application", one)


async def feed(owners: Owners) -> Check:
    """The list is gapless, its chain holds, and every award has its item."""
    found = await owners.ask("intake", "GET", "/v1/reconciliation/feed", params={"city": owners.city})
    check = Check("feed", compared=found["published"] + found["awards"])
    for fault in found["faults"]:
        about = fault["id"] or f"seq {fault['seq']}"
        lost = fault["what"] == "award_not_published"
        check.differs(fault["what"], about, publish(fault["id"]) if lost else None)
    return check
