"""What must hold after a rush, however slow: nobody in time refused, nobody late admitted, receipts true."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from cli.bench.client import Answer
from common.clock import parse_instant

GRACE = timedelta(seconds=1)
"""What is sent in the last second may be taken up after the bell on a machine that is out of breath."""
_ROWS = """
    SELECT a.id, a.application_id, a.state, a.received_at, a.decided_at, a.manifest_sha256, a.pack_version,
           a.failure->>'code' AS code, p.state AS application_state, p.attempt_id, g.current_version,
           b.manifest, b.manifest_sha256 AS sealed_sha256, b.as_of
    FROM intake.attempts a
    JOIN intake.applications p ON p.id = a.application_id
    JOIN intake.guides g ON g.id = p.guide
    LEFT JOIN documents.bundles b ON b.id = a.bundle_id
    WHERE a.application_id = ANY($1)
"""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What answers and rows are held against."""

    close: datetime
    grace: timedelta
    papers: int


@dataclass(slots=True)
class Findings:
    """What the rows and the answers said.

    Attributes:
        decided: answered with a decision; `left`: answered as open or pending and decided later.
        unanswered: whose client gave up waiting; they asked again.
        missed: sent before the close, within the grace, and taken up after it: refused by right.
        in_time_refused, late_admitted, untrue: one line for each; must stay empty.
        lags: seconds from sending to the instant that counts, of all that were received.
        decisions: business instants of all decisions.
    """

    admitted: int = 0
    refused: int = 0
    decided: int = 0
    left: int = 0
    receipts: int = 0
    missed: int = 0
    unanswered: int = 0
    in_time_refused: list[str] = field(default_factory=list)
    late_admitted: list[str] = field(default_factory=list)
    untrue: list[str] = field(default_factory=list)
    lags: list[float] = field(default_factory=list)
    decisions: list[datetime] = field(default_factory=list)

    @property
    def broken(self) -> list[str]:
        """Every invariant that does not hold."""
        return [*self.in_time_refused, *self.late_admitted, *self.untrue]


async def undecided(db: "asyncpg.Connection[Any]", ids: list[UUID]) -> int:
    """Attempts that are open or pending."""
    found: int = await db.fetchval(
        "SELECT count(*) FROM intake.attempts WHERE application_id = ANY($1) "
        "AND state IN ('open', 'admitted_pending')",
        ids,
    )
    return found


async def check(
    db: "asyncpg.Connection[Any]",
    ids: list[UUID],
    answers: list[Answer],
    *,
    close: datetime,
    papers: int,
    grace: timedelta = GRACE,
) -> Findings:
    """Compare what each applicant was told with what is stored; both in the applicants' order.

    Args:
        papers: files that each draft has.
        grace: what is sent longer before the close than this must have been taken up before it.
    """
    rows: dict[UUID, list[Any]] = {one: [] for one in ids}
    for row in await db.fetch(_ROWS, ids):
        rows[row["application_id"]].append(row)
    found = Findings()
    for application_id, answer in zip(ids, answers, strict=True):
        bounds = Bounds(close, grace, papers)
        _one(found, f"application {application_id}", rows[application_id], answer, bounds)
    return found


def _one(found: Findings, who: str, rows: list[Any], answer: Answer, bounds: Bounds) -> None:
    sent = parse_instant(answer["sent"])
    told = [payload for payload in (_told(answer["body"]), _told(answer["later"])) if payload is not None]
    if len(rows) != 1:
        # an attempt without an answer counts; an answer without an attempt, or nothing at all, does not
        if sent <= bounds.close or len(rows) > 1:
            found.in_time_refused.append(f"{who}: {len(rows)} attempts; answered {_words(answer)}")
        return
    row = rows[0]
    found.lags.append((row["received_at"] - sent).total_seconds())
    in_time, admitted = row["received_at"] <= bounds.close, row["state"] == "admitted"
    missed = sent <= bounds.close and not in_time
    found.missed += missed
    found.admitted += admitted
    found.refused += row["state"] == "refused"
    if row["decided_at"] is not None:
        found.decisions.append(row["decided_at"])
    if (in_time and not admitted) or (missed and sent < bounds.close - bounds.grace):
        found.in_time_refused.append(f"{who}: {row['state']}, {row['code']}, received {row['received_at']}")
    if not in_time and row["state"] != "refused":
        found.late_admitted.append(f"{who}: received {row['received_at']}")
    if not told:
        found.untrue.append(f"{who}: {_words(answer)}, though its attempt is {row['state']}")
        return
    found.unanswered += answer["status"] == 0
    found.decided += not is_open(answer)
    found.left += is_open(answer)
    for payload in told:
        found.untrue += [f"{who}: {fault}" for fault in _untrue(row, payload, answer)]
    if row["state"] == "admitted":
        last = told[-1]["receipt"]
        found.receipts += last is not None
        if last is None or last["manifestSha256"] is None:
            found.untrue.append(f"{who}: admitted, but without a whole receipt")
        found.untrue += [f"{who}: {fault}" for fault in _untrue_admission(row, bounds.papers)]


def is_open(answer: Answer) -> bool:
    """Nothing came, or "received" without a decision: whoever sent it asks again."""
    told = _told(answer["body"])
    if told is None:
        return answer["status"] == 0
    return told["attempt"]["state"] not in ("admitted", "refused")


def _told(body: Any) -> dict[str, Any] | None:
    if not isinstance(body, dict) or not body.get("data"):
        return None
    payload: dict[str, Any] | None = body["data"]["submitApplication"]
    return None if payload is None or payload["attempt"] is None else payload


def _words(answer: Answer) -> str:
    return f"HTTP {answer['status']} {orjson.dumps(answer['body']).decode()[:200]}"


def _untrue(row: Any, told: dict[str, Any], answer: Answer) -> list[str]:
    """What an answer states wrongly."""
    faults = []
    received: datetime = row["received_at"]
    if parse_instant(told["attempt"]["receivedAt"]) != received:
        faults.append("told another instant than the attempt's")
    if not parse_instant(answer["sent"]) <= received <= parse_instant(answer["answered"]):
        faults.append(f"received at {received}, which is not between sending and answer")
    receipt = told["receipt"]
    if receipt is not None:
        if receipt["manifestSha256"] not in (None, row["manifest_sha256"]):
            faults.append("the receipt names another manifest")
        if receipt["packVersion"] != row["pack_version"] or receipt["digest"] != _digest(row, receipt):
            faults.append("the receipt's version or digest is wrong")
    return faults


def _untrue_admission(row: Any, papers: int) -> list[str]:
    faults = []
    if row["application_state"] != "submitted" or row["attempt_id"] != row["id"]:
        faults.append(f"admitted, but the application is {row['application_state']}")
    if row["manifest"] is None:
        return [*faults, "admitted without a sealed bundle"]
    sealed = hashlib.sha256(row["manifest"].encode()).hexdigest()
    if not sealed == row["sealed_sha256"] == row["manifest_sha256"]:
        faults.append("the bundle's hash is not the sealed manifest's")
    if len(orjson.loads(row["manifest"])["files"]) != papers or row["as_of"] != row["received_at"]:
        faults.append("the bundle is not of all papers at the instant of arrival")
    if row["pack_version"] != row["current_version"]:
        faults.append("judged by another version than the one in force")
    return faults


def _digest(row: Any, receipt: dict[str, Any]) -> str:
    """As `intake.applications.receipts` makes it."""
    content = {
        "application_id": str(row["application_id"]),
        "attempt_id": str(row["id"]),
        "received_at": row["received_at"].isoformat(),
        "manifest_sha256": receipt["manifestSha256"],
        "pack_version": row["pack_version"],
    }
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()
