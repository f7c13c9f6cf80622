"""Submitting, recommending and approving while an owner fails in every way that it can.

Nothing received is lost, no place is lost or held twice, and once the owner is well all is as if it had been.
A choice of the pairs runs always; all of them with SHENBAO_PARTIAL=full.
"""

import asyncio
import itertools
import os
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from tests.partial import proxy as faults
from tests.partial.conftest import OWNERS
from tests.partial.proxy import Fault, Proxy

from cli.demo import applying, bureau, cast
from cli.demo.graphql import Person, Refused
from cli.demo.story import Story
from cli.local import House

Until = Callable[[Callable[[], Any]], Any]
FAULTS: tuple[Fault, ...] = (
    faults.hangs,
    faults.loses_the_answer,
    faults.hangs_after_the_headers,
    faults.trickles,
    faults.breaks_off,
    faults.halves_the_json,
    faults.errs_one_time_in_three,
    faults.knows_more,
    faults.knows_less,
    faults.refuses_new_fields,
)
FULL = os.environ.get("SHENBAO_PARTIAL") == "full"
PAIRS = [
    (owner, fault)
    for number, (fault, owner) in enumerate(itertools.product(FAULTS, OWNERS))
    if FULL or (number // len(OWNERS) + number) % len(OWNERS) == 0
]
RECEIVED = ("open", "admitted_pending", "admitted")
PLAYS = itertools.cycle(("10", "11", "12", "09"))
_STATE = "query($id: ID!) { application(id: $id) { state pending receivedAt } }"


def named(pair: Any) -> str:
    return pair if isinstance(pair, str) else pair.__name__


def unless_away(step: Callable[[], dict[str, Any]]) -> dict[str, Any] | None:
    """What a step answers; None if an owner is away, the only other thing that may be."""
    try:
        return step()
    except Refused as refused:
        if refused.codes != {"common.owner_unavailable"}:
            raise
        return None


class Case:
    """One application on its way, with those who move it."""

    def __init__(self, story: Story, number: str) -> None:
        one = story.plays[number]
        story.clock("06-15T09:00:00")
        self.story = story
        self.applicant: Person = story.person(cast.applicant(one))
        self.recommender: Person = story.person(cast.recommender(one["recommender"]))
        self.application = story.prepare(number)
        self.id = self.application["id"]

    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = self.applicant.ask(_STATE, id=self.id)["application"]
        return found

    def settled(self) -> dict[str, Any] | None:
        """Its state once it is decided; None before, and while the gateway has not found intake again."""
        found = unless_away(self.state)
        return None if found is None or found["pending"] or found["state"] == "draft" else found

    def recommended(self) -> dict[str, Any] | None:
        """What recommending it (again) answers; None while an owner is away."""
        payload = unless_away(
            lambda: self.recommender.do(
                "recommend",
                "recommendation { id state rowKey }",
                applicationId=self.id,
                idempotencyKey=f"recommend-{self.id}",
            )
        )
        return payload and payload["recommendation"]

    def tidy(self) -> dict[str, Any] | None:
        """Withdraw it, so that its place is free for the next case; None while the gateway lacks intake."""
        return unless_away(
            lambda: self.applicant.do(
                "withdrawApplication", "application { state }", applicationId=self.id, reason="试验结束"
            )
        )


def rows(house: House, service: str, query: str, *values: Any) -> list[dict[str, Any]]:
    """Rows of a service's database, read by its own role."""

    async def read() -> list[dict[str, Any]]:
        connection = await asyncpg.connect(house.dsns[service])
        try:
            return [dict(row) for row in await connection.fetch(query, *values)]
        finally:
            await connection.close()

    return asyncio.run(read())


def live_holds(house: House, application: str) -> list[dict[str, Any]]:
    query = "SELECT subject, state FROM holds WHERE application_id = $1::uuid AND state <> 'void'"
    return rows(house, "quota", query, applying.raw_id(application))


def counted(house: House) -> dict[str, tuple[int, int]]:
    """Quota row → places taken by its counter, and by the holds that live."""
    query = """SELECT p.key, p.used, COALESCE(SUM(hp.n) FILTER (WHERE h.state <> 'void'), 0)::int AS held
        FROM pools p LEFT JOIN hold_pools hp ON hp.pool_id = p.id LEFT JOIN holds h ON h.subject = hp.subject
        GROUP BY p.key, p.used"""
    return {row["key"]: (row["used"], row["held"]) for row in rows(house, "quota", query)}


@pytest.mark.parametrize(("owner", "fault"), PAIRS, ids=named)
def test_what_was_sent_arrives_once(
    story: Story, house: House, proxies: dict[str, Proxy], until: Until, owner: str, fault: Fault
) -> None:
    case, before = Case(story, next(PLAYS)), counted(house)
    with proxies[owner].doing(fault) as proxy:
        payload = applying.submit(case.applicant, case.application)
        assert payload["attempt"]["state"] in RECEIVED
        received = payload["attempt"]["receivedAt"]
        assert applying.submit(case.applicant, case.application)["attempt"]["receivedAt"] == received
        assert proxy.asked
    settled = until(case.settled)
    assert (settled["state"], settled["receivedAt"]) == ("submitted", received)
    assert len(rows(house, "intake", *_attempts(case))) == 1

    story.clock("06-20T10:00:00")
    case.recommender.do("initialReview", "application { id }", applicationId=case.id, decision="approved")
    with proxies[owner].doing(fault) as proxy:
        answers = [case.recommended(), case.recommended()]
        assert proxy.asked
    assert {one["state"] for one in answers if one is not None} <= {"recommended"}
    made = until(case.recommended)
    assert made["state"] == "recommended"
    assert case.state()["state"] == "recommended"
    assert [str(one["subject"]) for one in live_holds(house, case.id)] == [applying.raw_id(made["id"])]
    until(lambda: [one["state"] for one in live_holds(house, case.id)] == ["confirmed"])
    now = counted(house)
    assert all(used == held for used, held in now.values())
    assert sum(used for used, _ in now.values()) == sum(used for used, _ in before.values()) + 1

    assert case.tidy()
    until(lambda: live_holds(house, case.id) == [])
    assert counted(house) == before


def _attempts(case: Case) -> tuple[str, str]:
    return "SELECT id FROM attempts WHERE application_id = $1::uuid", applying.raw_id(case.id)


def test_an_approval_that_cannot_be_assessed_changes_nothing_and_is_repeated(
    story: Story, house: House, proxies: dict[str, Proxy], until: Until
) -> None:
    """From the formal review to the award, each step first while eligibility fails."""
    case = Case(story, "03")
    applying.submit(case.applicant, case.application)
    until(case.settled)
    story.clock("06-20T10:00:00")
    applying.recommend(case.recommender, case.id)
    play = story.plays["03"]
    unit, leader = story.cast.unit_of(play)["name"], play["leader"]
    row = ("1", play["title"], unit, leader, play["category"])
    applying.seal(case.recommender, case.id, story.cast.units[play["recommender"]]["name"], row)
    officer, reviewer, head = (story.staff[name] for name in ("officer", "reviewer", "head"))
    story.clock("07-02T09:00:00")
    bureau.accept(officer, case.id)
    bureau.judge(reviewer, case.id)
    assert fails_cleanly(case, proxies["eligibility"], lambda: bureau.formal_review(reviewer, case.id))
    until(lambda: unless_away(lambda: bureau.formal_review(reviewer, case.id)))
    story.clock("07-10T09:00:00")
    experts = {name: story.staff[name] for name in ("expert-1", "expert-2")}
    identities = {name: applying.person_id(person) for name, person in experts.items()}
    bureau.score(experts, bureau.assign(officer, case.id, identities), dict.fromkeys(experts, 88))
    begins = story.clock("07-20T09:00:00")
    guide = story.cast.guide
    officer.do("proposeApplications", "proposal { id }", guide=guide, applicationIds=[case.id])
    bureau.publish_notice(officer, guide, [case.id], begins, begins + timedelta(days=7))
    story.clock("07-28T09:00:00")

    def approve() -> Any:
        return head.do(
            "approveApplication", "application { state } award { number } seq", applicationId=case.id
        )

    assert fails_cleanly(case, proxies["eligibility"], approve)
    query = "SELECT id FROM awards WHERE application_id = $1::uuid"
    assert rows(house, "intake", query, applying.raw_id(case.id)) == []
    until(lambda: unless_away(approve))
    assert case.state()["state"] == "approved"
    assert len(rows(house, "intake", query, applying.raw_id(case.id))) == 1
    feed = rows(house, "intake", "SELECT seq, op FROM feed_items ORDER BY seq")
    assert [(one["seq"], one["op"]) for one in feed] == [(1, "upsert")]


def fails_cleanly(case: Case, proxy: Proxy, step: Callable[[], Any]) -> bool:
    """Each fault refuses the step as an owner that is away, and leaves the application where it was."""
    before = case.state()
    for fault in (faults.hangs, faults.loses_the_answer, faults.halves_the_json, faults.knows_less):
        with proxy.doing(fault):
            assert unless_away(step) is None, fault.__name__
        assert case.state() == before, fault.__name__
    return True
