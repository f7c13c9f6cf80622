"""Quota against intake: quota tables, places and ledgers.

Intake says who has a place, quota how many there are. What differs is put right towards intake, where quota's
own rules allow it: a place is never taken past its limit, and what was voided stays void.
"""

from typing import Any

from cli.reconcile.joining import paired
from cli.reconcile.mending import retake, settle
from cli.reconcile.owners import Owners
from cli.reconcile.report import Check

_LIVE = ("held", "confirmed")


async def limits(owners: Owners) -> Check:
    """Rows of quota against the rows of the packs in force.

    Nothing is mended here: activating the pack's version, which the check of guides does, sets the limits.
    """
    check = Check("limits")
    versions = (await owners.ask("intake", "GET", "/v1/reconciliation/guides"))["items"]
    wanted = {key: limit for one in versions for key, limit in (one["limits"] or {}).items()}
    found: dict[str, int] = {}
    async for pool in owners.listed("quota", "/v1/reconciliation/pools"):
        found[pool["key"]] = pool["limit"]
    for key in sorted(wanted.keys() | found.keys()):
        check.compared += 1
        if wanted.get(key, 0) != found.get(key, 0):
            check.differs("limit_differs" if key in found else "row_missing", key)
    return check


async def ledger(owners: Owners) -> Check:
    """Each counter against the sum of its ledger and of its live holds. Never mended: it must not happen."""
    check = Check("ledger")
    async for pool in owners.listed("quota", "/v1/reconciliation/pools"):
        check.compared += 1
        if not pool["used"] == pool["booked"] == pool["held"]:
            check.differs("counter_unexplained", pool["key"])
    return check


async def holds(owners: Owners) -> Check:
    """Every recommendation that stands has its place, and no place is held for one that does not."""
    check = Check("places")
    pairs = paired(
        owners.listed("intake", "/v1/reconciliation/recommendations"),
        owners.listed("quota", "/v1/reconciliation/holds"),
        lambda item: str(item.get("subject") or item["id"]),
    )
    async for recommendation, hold in pairs:
        check.compared += 1
        match(check, recommendation, hold)
    return check


def match(check: Check, recommendation: dict[str, Any] | None, hold: dict[str, Any] | None) -> None:
    """One recommendation against the hold of its id; either may be missing."""
    place = recommendation["place"] if recommendation else "none"
    if place == "undecided":
        return
    if recommendation is not None and place in ("due", "kept"):
        subject = recommendation["id"]
        if hold is None:
            check.differs("place_lost", subject, retake(subject))
        elif hold["state"] not in _LIVE:
            check.differs("place_given_back", subject)
        elif hold["pools"] != [{"key": recommendation["pool_key"], "n": 1}]:
            check.differs("other_place", subject)
        elif place == "due" and hold["state"] == "held":
            check.differs("place_unconfirmed", subject, settle(subject, "confirmed"))
    elif hold is not None and hold["state"] in _LIVE:
        what = "place_not_due" if recommendation else "recommendation_unknown"
        check.differs(what, hold["subject"], settle(hold["subject"], "void"))
