"""Everything that people do to one application, each as one coroutine with an answer."""

from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
from tests.intake.factories import GUIDE
from tests.life.city import City, Life

from common.actor import Actor
from common.clock import clock

NOTICE = timedelta(days=8)
JUDGEMENTS = {"project.topic_fit": True, "anonymity.reviewer_ok": True}
UNAVAILABLE = "common.owner_unavailable"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command was told."""

    status: int
    body: dict[str, Any]

    @property
    def ok(self) -> bool:
        return self.status < 300

    @property
    def code(self) -> str | None:
        return self.body.get("code")

    @property
    def reason(self) -> str | None:
        """The reason's code where the table of moves refuses."""
        return self.body.get("reason") if not self.ok else None


NOTHING = Answer(404, {"code": "nothing to do it to"})
Command = Callable[[City, Life, str | None], Coroutine[Any, Any, Answer]]


def read(response: httpx.Response) -> Answer:
    """An answer; a fault of ours is none."""
    answer = Answer(response.status_code, response.json())
    assert answer.status < 500 or answer.code == UNAVAILABLE, response.text
    return answer


async def shown(city: City, life: Life, actor: Actor) -> dict[str, Any] | None:
    """The application as this person sees it; None: not at all."""
    async with city.world.by(actor) as client:
        found = await client.post("/v1/applications/batch", json={"ids": [str(life.id)]})
    items = found.json()["items"]
    return items[0] if items else None


async def _send(city: City, actor: Actor, path: str, body: dict[str, Any], key: str | None) -> Answer:
    headers = {} if key is None else {"Idempotency-Key": key}
    async with city.world.by(actor) as client:
        return read(await client.post(f"/v1/{path}", json=body, headers=headers))


async def edit(city: City, life: Life, _key: str | None) -> Answer:
    now = await shown(city, life, life.applicant)
    assert now is not None
    form = {"project.identity": f"{now['title']} {now['revision']}"}
    headers = {"If-Match": f'"{now["revision"]}"'}
    async with city.world.by(life.applicant) as client:
        path = f"/v1/applications/{life.id}"
        return read(await client.patch(path, json={"form": form}, headers=headers))


async def submit(city: City, life: Life, key: str | None) -> Answer:
    now = await shown(city, life, life.applicant)
    assert now is not None
    wanted = {"expected_revision": now["revision"]}
    return await _send(city, life.applicant, f"applications/{life.id}/submit", wanted, key)


async def withdraw(city: City, life: Life, key: str | None) -> Answer:
    wanted = {"reason": "不再申报"}
    return await _send(city, life.applicant, f"applications/{life.id}/withdraw", wanted, key)


async def reopen(city: City, life: Life, key: str | None) -> Answer:
    return await _send(city, city.officer, f"applications/{life.id}/reopen", {"reason": "系统原因"}, key)


async def initial_review(city: City, life: Life, key: str | None) -> Answer:
    wanted = {"decision": "approved"}
    return await _send(city, city.recommender, f"applications/{life.id}/initial-review", wanted, key)


async def return_it(city: City, life: Life, key: str | None) -> Answer:
    wanted = {"decision": "returned", "reason": "材料需补充"}
    return await _send(city, city.recommender, f"applications/{life.id}/initial-review", wanted, key)


async def recommend(city: City, life: Life, key: str | None) -> Answer:
    return await _send(city, city.recommender, f"applications/{life.id}/recommend", {}, key)


async def withdraw_recommendation(city: City, life: Life, key: str | None) -> Answer:
    now = await shown(city, life, city.recommender)
    if now is None or now["recommendation_id"] is None:
        return NOTHING
    path = f"recommendations/{now['recommendation_id']}/withdraw"
    return await _send(city, city.recommender, path, {"reason": "调整"}, key)


async def accept(city: City, life: Life, key: str | None) -> Answer:
    with suppress(AssertionError):  # the sealed form, where it may be handed in
        await city.upload(city.recommender, life.id, "QZ-D08")
    return await _send(city, city.officer, f"applications/{life.id}/accept", {"sealed": True}, key)


async def formal_review(city: City, life: Life, key: str | None) -> Answer:
    """A pass; what is left to people is decided first, when the answer names it."""
    path, wanted = f"applications/{life.id}/formal-review", {"decision": "pass"}
    answer = await _send(city, city.officer, path, wanted, key)
    for finding in answer.body.get("findings", []) if answer.code == "intake.findings_undecided" else []:
        facts = {name: JUDGEMENTS[name] for name in finding["missing"] if name in JUDGEMENTS}
        judgement = {"facts": facts} if facts else {"outcome": "pass"}
        decide = f"applications/{life.id}/findings/{finding['rule']}/decide"
        await _send(city, city.officer, decide, {"reason": "经核对相符", **judgement}, None)
    if answer.code == "intake.findings_undecided":
        answer = await _send(city, city.officer, path, wanted, key)
    return answer


async def assign(city: City, life: Life, key: str | None) -> Answer:
    wanted = {"expert_ids": [str(one.person_id) for one in city.experts]}
    return await _send(city, city.officer, f"applications/{life.id}/assignments", wanted, key)


async def score(city: City, life: Life, _key: str | None) -> Answer:
    answer = NOTHING
    for expert in city.experts:
        async with city.world.by(expert) as client:
            wanted = {"application_ids": [str(life.id)], "mine": True}
            found = (await client.post("/v1/assignments/search", json=wanted)).json()["items"]
        for one in found:
            marks = {"score": 80, "comment": "可行"}
            answer = await _send(city, expert, f"assignments/{one['id']}/score", marks, None)
    return answer


async def propose(city: City, life: Life, key: str | None) -> Answer:
    wanted = {"guide": GUIDE, "application_ids": [str(life.id)]}
    return await _send(city, city.officer, "proposals", wanted, key)


async def not_select(city: City, life: Life, key: str | None) -> Answer:
    wanted = {"reason": "综合评分不足"}
    return await _send(city, city.officer, f"applications/{life.id}/not-select", wanted, key)


async def publish_notice(city: City, life: Life, key: str | None) -> Answer:
    now = clock.business()
    wanted = {
        "guide": GUIDE,
        "application_ids": [str(life.id)],
        "starts_at": now.isoformat(),
        "ends_at": (now + NOTICE).isoformat(),
        "where_zh": "市科技局网站",
    }
    return await _send(city, city.officer, "notices", wanted, key)


async def object_to(city: City, life: Life, key: str | None) -> Answer:
    async with city.world.by(city.citizen) as client:
        notices = (await client.get("/v1/notices")).json()["items"]
    mine = [one["id"] for one in notices if str(life.id) in one["application_ids"]]
    if not mine:
        return NOTHING
    wanted = {"application_id": str(life.id), "text": "成果归属有争议"}
    return await _send(city, city.citizen, f"notices/{mine[0]}/objections", wanted, key)


async def reject_objection(city: City, life: Life, key: str | None) -> Answer:
    async with city.world.by(city.officer) as client:
        wanted = {"application_ids": [str(life.id)], "state": "open"}
        found = (await client.post("/v1/objections/search", json=wanted)).json()["items"]
    if not found:
        return NOTHING
    decision = {"decision": "rejected", "reason": "经核查不成立"}
    return await _send(city, city.officer, f"objections/{found[0]['id']}/decide", decision, key)


async def approve(city: City, life: Life, key: str | None) -> Answer:
    return await _send(city, city.head, f"applications/{life.id}/approve", {"grant": 100_000}, key)


@dataclass(frozen=True, slots=True)
class Action:
    """A command, the table's word for it, and who does it.

    `once`: the same key answers the same; the others make several requests.
    """

    word: str
    run: Command
    who: Callable[[City, Life], Actor]
    once: bool = True


ACTIONS = {
    "edit": Action("edit", edit, lambda _, life: life.applicant, once=False),
    "submit": Action("submit", submit, lambda _, life: life.applicant),
    "withdraw": Action("withdraw", withdraw, lambda _, life: life.applicant),
    "reopen": Action("reopen", reopen, lambda city, _: city.officer),
    "initial_review": Action("initial_review", initial_review, lambda city, _: city.recommender),
    "return": Action("initial_review", return_it, lambda city, _: city.recommender),
    "recommend": Action("recommend", recommend, lambda city, _: city.recommender),
    "withdraw_recommendation": Action(
        "withdraw_recommendation", withdraw_recommendation, lambda city, _: city.recommender
    ),
    "accept": Action("accept", accept, lambda city, _: city.officer),
    "formal_review": Action("formal_review", formal_review, lambda city, _: city.officer, once=False),
    "assign": Action("assign", assign, lambda city, _: city.officer),
    "score": Action("score", score, lambda city, _: city.officer, once=False),
    "propose": Action("propose", propose, lambda city, _: city.officer),
    "not_select": Action("not_select", not_select, lambda city, _: city.officer),
    "publish_notice": Action("publish_notice", publish_notice, lambda city, _: city.officer, once=False),
    "object": Action("object", object_to, lambda city, _: city.citizen),
    "decide_objection": Action("decide_objection", reject_objection, lambda city, _: city.officer),
    "approve": Action("approve", approve, lambda city, _: city.head),
}
NEXT = {
    "draft": ("submit",),
    "returned": ("submit",),
    "submitted": ("initial_review",),
    "initial_review_passed": ("recommend",),
    "recommended": ("accept",),
    "accepted": ("formal_review",),
    "expert_review": ("assign", "score", "propose"),
    "proposed": ("publish_notice",),
    "public_notice": ("approve",),
    "objection_handling": ("decide_objection",),
}
