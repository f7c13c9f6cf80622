"""What recommending asks of quota: take, confirm and give back a place; and the findings on places."""

from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from common.client import RemoteProblem, ServiceClient
from common.errors import OwnerUnavailable
from common.log import log
from guide import Pack
from intake import clients

QUOTA = "quota"
LIMIT_FACTS = ("quota.used", "quota.limit")
ROW_FACT = "quota.row"


class HeldPool(BaseModel):
    """One pool of a hold. `used` counts this hold."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    key: str
    n: int
    limit: int
    used: int
    left: int


class Hold(BaseModel):
    """Quota's answer for a subject that has its place."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    subject: UUID
    state: str
    pools: list[HeldPool] = Field(min_length=1)


class Taken(BaseModel):
    """What came of asking for a place. `exhausted` carries the pool's limit and use; `not_limited`: the guide
    counts no places in the category."""

    outcome: Literal["held", "exhausted", "void", "unknown_row", "not_limited"]
    hold: Hold | None = None
    limit: int | None = None
    used: int | None = None


async def take(
    client: ServiceClient,
    *,
    subject: UUID,
    city: str,
    pool_key: str,
    application_id: UUID,
    decided_by: str,
    reason: str = "recommendation",
) -> Taken:
    """Ask for one place; repeatable, the same subject finds its hold.

    Raises:
        OwnerUnavailable: quota is away, or refuses for a reason that is not about places: a fault between the
            services, not the recommender's. Whether the place is held is then unknown, and settling decides.
    """
    body = {
        "id": subject,
        "city": city,
        "subject": subject,
        "pools": [{"kind": "place", "key": pool_key, "n": 1}],
        "reason": reason,
        "application_id": application_id,
        "decided_by": decided_by,
    }
    try:
        answer = await client.call(QUOTA, "POST", "/v1/holds", cities=(city,), json=body)
    except RemoteProblem as problem:
        return _refusal(problem)
    return Taken(outcome="held", hold=clients.read(QUOTA, Hold, answer))


def _refusal(problem: RemoteProblem) -> Taken:
    if problem.remote_code == "quota.place_exhausted":
        pool = problem.problem.get("pool") or {}
        return Taken(outcome="exhausted", limit=pool.get("limit"), used=pool.get("used"))
    if problem.remote_code == "quota.hold_void":
        return Taken(outcome="void")
    if problem.remote_code == "quota.pool_unknown":
        return Taken(outcome="unknown_row")
    log.error("owner.refused", owner=QUOTA, path="/v1/holds", code=problem.remote_code)
    raise OwnerUnavailable(QUOTA) from problem


async def confirm(client: ServiceClient, subject: UUID, city: str) -> None:
    """Say that the place is taken for good; repeatable."""
    await client.call(QUOTA, "POST", f"/v1/holds/{subject}/confirm", cities=(city,), json={})


async def give_back(client: ServiceClient, subject: UUID, city: str, reason: str) -> None:
    """Give the place back; repeatable. A subject that quota does not know holds nothing."""
    try:
        await client.call(QUOTA, "POST", f"/v1/holds/{subject}/void", cities=(city,), json={"reason": reason})
    except RemoteProblem as problem:
        if problem.remote_status != 404:
            raise


def judge(
    pack: Pack, category: str, findings: list[dict[str, Any]], taken: Taken, row: str
) -> list[dict[str, Any]]:
    """The findings with those on places written from quota's answer where it says otherwise.

    What eligibility read may be older than what quota decided. `used` in a finding is without this
    recommendation (vocabulary section 10), so one is taken off what quota counts for a hold.
    """
    counted = _rules(pack, category, LIMIT_FACTS)
    rows = _rules(pack, category, (ROW_FACT,)) - counted
    if taken.outcome == "unknown_row":
        return [_without_row(found, row) if found["rule"] in rows else found for found in findings]
    if taken.outcome == "held" and taken.hold is not None:
        pool = taken.hold.pools[0]
        limit, used = pool.limit, pool.used - pool.n
    elif taken.outcome == "exhausted" and taken.limit is not None and taken.used is not None:
        limit, used = taken.limit, taken.used
    else:
        return findings
    return [_counted(found, used, limit) if found["rule"] in counted else found for found in findings]


def _rules(pack: Pack, category: str, facts: tuple[str, ...]) -> set[str]:
    of_category = {rule.id for rule in pack.rules_for(category)}
    return {rule for name in facts if name in pack.facts for rule in pack.facts[name].rules} & of_category


def _counted(found: dict[str, Any], used: int, limit: int) -> dict[str, Any]:
    over = used + 1 - limit
    # a manual finding (an unconfirmed mapping of the row) stays a person's to decide while there is a place
    outcome = "fail" if over > 0 else ("manual" if found["outcome"] == "manual" else "pass")
    told = {fact["name"]: fact["value"] for fact in found["facts_used"]}
    same = told.get("quota.used") == used and told.get("quota.limit", limit) == limit
    if same and found["outcome"] == outcome:
        return found
    new = {"quota.used": used, "quota.limit": limit}
    facts = [
        {**fact, "value": new[fact["name"]], "source": QUOTA} if fact["name"] in new else fact
        for fact in found["facts_used"]
    ]
    facts += [
        {"name": name, "value": value, "source": QUOTA, "at": None}
        for name, value in new.items()
        if name not in told
    ]
    return {
        **found,
        "outcome": outcome,
        "message": f"该行推荐名额{limit}个，已用{used}个" + ("，没有剩余名额" if over > 0 else ""),
        "remedy": f"该行还差{over}个名额" if over > 0 else None,
        "gap": {"fact": "quota.used", "value": over, "unit": "places"} if over > 0 else None,
        "facts_used": facts,
        "missing": [],
    }


def _without_row(found: dict[str, Any], row: str) -> dict[str, Any]:
    return {
        **found,
        "outcome": "fail",
        "message": f"名额表中没有 {row} 这一行，没有行即没有名额",
        "remedy": None,
        "gap": None,
    }
