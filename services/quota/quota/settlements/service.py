"""A hold has no right to free itself: when it is old, intake is asked what became of its subject.

Intake answers `committed`, or writes the subject void and answers `void`; both are final. While intake does
not answer, the hold stays. So a crash anywhere leaves nothing oversold, and once
intake is back nothing leaked.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from common import faults
from common.actor import Actor
from common.client import RemoteProblem, ServiceClient
from common.db import ALL_CITIES, Database
from common.errors import DomainError, OwnerUnavailable
from common.log import log
from quota import clients
from quota.clients import Outcome
from quota.holds import service as holds
from quota.holds.models import Hold
from quota.holds.schemas import HoldOut
from quota.holds.states import State

ANSWERED = faults.point("quota.settle.answered")
PAGE = 100
GIVE_UP_AFTER = 3
"""Unanswered questions in a row that end a round: intake is down, and each costs a time-out."""


@dataclass
class Round:
    """What one round of asking came to, in holds."""

    confirmed: int = 0
    voided: int = 0
    refused: int = 0
    unanswered: int = 0


async def settle_overdue(db: Database, client: ServiceClient, age: timedelta) -> Round:
    """Ask about every hold that has been open for longer than `age`; may run in several processes at once.

    No database block is open while intake is asked.
    """
    done, silent, last = Round(), 0, None
    while True:
        async with db.read(ALL_CITIES) as session:
            page = await holds.overdue(session, age, last, PAGE)
        for hold in page:
            last = hold
            try:
                await _settle(db, client, hold, done)
                silent = 0
            except OwnerUnavailable:
                done.unanswered += 1
                silent += 1
                if silent == GIVE_UP_AFTER:
                    log.warning("settle.intake_unavailable", open_hold=str(hold.subject))
                    return done
        if len(page) < PAGE:
            return done


async def settle(
    db: Database, client: ServiceClient, actor: Actor, subject: UUID, city: str, why: str
) -> HoldOut:
    """Ask intake about one subject, and confirm or void its hold as it says; repeatable.

    Args:
        why: stands in the ledger before intake's word (`settled: void`).

    Raises:
        OwnerUnavailable, RemoteProblem: no answer; nothing is done.
        HoldUnknown, HoldVoid: intake says that it stands, and there is no hold, or it was voided here.
    """
    outcome = await clients.settle(client, subject, city)
    await faults.reach(ANSWERED)
    change = holds.confirm if outcome is Outcome.committed else holds.void
    return await change(db, actor, subject, city=city, reason=f"{why}: {outcome}")


async def _settle(db: Database, client: ServiceClient, hold: Hold, done: Round) -> None:
    acting = Actor(caller="quota", cities=frozenset({hold.city}))
    try:
        after = await settle(db, client, acting, hold.subject, hold.city, "settled")
        if after.state is State.confirmed:
            done.confirmed += 1
        else:
            done.voided += 1
    except OwnerUnavailable:
        raise
    except RemoteProblem as problem:
        done.refused += 1
        log.warning("settle.refused", subject=str(hold.subject), code=problem.remote_code)
    except DomainError as error:
        # voided here while intake says committed: a person must look at it
        done.refused += 1
        log.error("settle.contradiction", subject=str(hold.subject), code=error.code)
