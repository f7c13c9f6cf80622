"""One call of Hengyang, Guilin or Lanzhou, from drafts to the provincial list, as its cast tells it.

The guides differ in the steps that they use: who reviews first, whether anybody recommends, what is granted
directly. The story asks the services what may be done and does it. Their guides give no window, so an officer
announces one. Everything goes through the public doors, as in Quzhou's story.
"""

from datetime import timedelta
from typing import Any

import httpx

from cli.demo import applying, bureau, cast, report
from cli.demo.cities import City, filing, office, registers, tables
from cli.demo.cities.ids import Ids
from cli.demo.graphql import Person, Refused
from cli.demo.story import Story, sign_up
from cli.local import House
from cli.packs import read_pack
from guide import VERDICT_EFFECTS, Pack

_PATIENCE_S = 30
_MARKS = {"expert-1": 88, "expert-2": 84}


class CallStory(Story):
    """The state of a play.

    Attributes:
        ids: application number -> what the cast's `@…` stand for there.
        decided: what people decided: (number, rule, decision, reason).
    """

    def __init__(self, house: House, http: httpx.Client, city: City) -> None:
        super().__init__(house, http, city.cast)
        self.pack: Pack = read_pack(city.pack)
        self.ids: dict[str, Ids] = {}
        self.decided: list[tuple[str, str, str, str]] = []

    def at(self, step: str) -> Any:
        """Hold the clock at a step of the cast's calendar; the instant."""
        return self.clock(self.cast.script["calendar"][step])

    def applicant(self, number: str) -> Person:
        """Who files an application."""
        return self.person(cast.applicant(self.plays[number]))

    def id_of(self, number: str) -> str:
        """Global id of an application."""
        return str(self.applications[number]["id"])


def play(house: House, city: City) -> int:
    """Play a city's call; 0 when it came out as its cast expects."""
    timeout = httpx.Timeout(_PATIENCE_S)
    with httpx.Client(base_url=house.gateway_url, timeout=timeout, trust_env=False) as http:
        story = CallStory(house, http, city)
        for step in (_sign_up, _draft, _open, _submit, _recommend, _close, _grant_directly, _review):
            step(story)
        for step in (_experts, _notice, _approve):
            step(story)
        pulled = bureau.pull(story.staff["province"])
        tables.show(story, pulled)
        return report.verdict(story, pulled)


def _sign_up(story: CallStory) -> None:
    story.at("signed_up")
    story.house.say(f"{sign_up(story)} people signed up")


def _draft(story: CallStory) -> None:
    story.at("drafted")
    before: Ids = {}
    for number in story.plays:
        application, ids = filing.prepare(story, story.pack, number, before)
        story.applications[number], story.ids[number] = application, ids
        before |= {f"{name}-of-{number}": one for name, one in ids.items()}
    story.house.say(f"{len(story.applications)} drafts with their papers (PDF)")
    story.house.say(f"{registers.fill(story)} register entries")
    for number in story.plays:
        found = applying.precheck(story.applicant(number), story.id_of(number))
        for finding in found["findings"]:
            if finding["outcome"] == "fail" and finding["effect"] in VERDICT_EFFECTS:
                told = finding["remedy"] or finding["message"]
                story.house.say(f"  the precheck of {number} says: {finding['rule']} fails: {told}")


def _open(story: CallStory) -> None:
    """The guide does not say when; until an officer does, nobody can submit."""
    first = next(iter(story.plays))
    try:
        applying.submit(story.applicant(first), story.applications[first])
    except Refused as refused:
        story.house.say(f"before the call is opened: {refused}")
    opens = story.at("opened")
    story.staff["officer"].do(
        "openCall",
        "call { state openAt }",
        callId=story.cast.guide,
        at=opens.isoformat(),
        reason="市科技主管部门通知：即日起申报（演示）",
    )
    here = opens.astimezone(story.pack.call.time_zone)
    story.house.say(f"an officer opened the call on {here:%Y-%m-%d}; the guide gives no day")


def _submit(story: CallStory) -> None:
    begun = story.at("submitted")
    direct = {number for number, one in story.plays.items() if one.get("direct")}
    for position, (number, application) in enumerate(story.applications.items()):
        if number in direct:
            continue
        story.house.set_clock(begun + timedelta(hours=position), frozen=True)
        payload = applying.submit(story.applicant(number), application)
        if payload["attempt"]["state"] == "refused" and "mended" in story.plays[number]:
            payload = _mend(story, number, payload["findings"])
        if payload["attempt"]["state"] == "refused":
            office.stop(story, number, "submission", payload["findings"])
    story.house.say(f"{len(set(story.running()) - direct)} submitted, receipts given")


def _mend(story: CallStory, number: str, findings: list[dict[str, Any]]) -> dict[str, Any]:
    """Hand in what the refusal asked for and submit again; the payload of the second attempt."""
    mended, person, application_id = (
        story.plays[number]["mended"],
        story.applicant(number),
        story.id_of(number),
    )
    (refusing,) = [one for one in findings if one["rule"] == mended["rule"]]
    story.house.say(f"  {number} is refused by {refusing['rule']}: {refusing['message']}")
    about = (f"项目名称：{story.plays[number]['title']}",)
    for material, stated in mended["papers"].items():
        filing.hand_in(person, story.pack, application_id, material, about, stated)
    query = "query($id: ID!) { application(id: $id) { id revision } }"
    application = person.ask(query, id=application_id)["application"]
    story.house.say(f"  {number} adds what was missing and submits again")
    return applying.submit(person, application, attempt=2)


def _recommend(story: CallStory) -> None:
    """Each recommender reviews its applications first where the guide has that step, then recommends them."""
    mine: dict[str, list[str]] = {}
    for number in story.running():
        if recommender := story.plays[number].get("recommender"):
            mine.setdefault(recommender, []).append(number)
    if not mine:
        story.house.say("the guide has nobody recommend")
        return
    story.at("recommended")
    for key, numbers in mine.items():
        office.recommend(story, key, numbers)
    story.house.say(f"{sum(map(len, mine.values()))} put forward by {len(mine)} recommending units")


def _close(story: CallStory) -> None:
    closes = story.at("closed")
    story.staff["officer"].do(
        "closeCall",
        "call { state closeAt }",
        callId=story.cast.guide,
        at=closes.isoformat(),
        reason="市科技主管部门通知：申报截止（演示）",
    )
    here = closes.astimezone(story.pack.call.time_zone)
    story.house.say(f"an officer closed the call on {here:%Y-%m-%d %H:%M}")


def _grant_directly(story: CallStory) -> None:
    direct = [number for number in story.running() if story.plays[number].get("direct")]
    if not direct:
        return
    story.at("granted")
    for number in direct:
        office.grant_directly(story, number)
    granted = [number for number in direct if story.fates[number].award]
    story.house.say(f"{len(granted)} of {len(direct)} signed projects granted without review or notice")


def _review(story: CallStory) -> None:
    story.at("reviewed")
    for number in story.running():
        sealed = {"sealed": True} if story.plays[number].get("recommender") else {}
        accepted = story.staff["officer"].do(
            "acceptApplication", "application { id state }", applicationId=story.id_of(number), **sealed
        )
        story.applications[number] |= accepted["application"]
        office.formal_review(story, number)
    story.house.say(
        f"{len(story.decided)} findings decided by a person, {len(story.running())} passed the formal review"
    )


def _experts(story: CallStory) -> None:
    story.at("scored")
    experts = {name: story.staff[name] for name in _MARKS}
    identities = {name: applying.person_id(person) for name, person in experts.items()}
    for number in story.running():
        assigned = bureau.assign(story.staff["officer"], story.id_of(number), identities)
        bureau.score(experts, assigned, _MARKS)


def _notice(story: CallStory) -> None:
    starts = story.at("notice")
    officer, chosen = story.staff["officer"], [story.id_of(number) for number in story.running()]
    guide = story.cast.guide
    officer.do("proposeApplications", "proposal { id }", guide=guide, applicationIds=chosen)
    bureau.publish_notice(officer, guide, chosen, starts, starts + timedelta(days=7))
    story.house.say(f"{len(chosen)} proposed and shown in a public notice; the guide gives no number of days")


def _approve(story: CallStory) -> None:
    story.at("approved")
    for number in story.running():
        grant = story.plays[number].get("grant")
        payload = story.staff["head"].do(
            "approveApplication",
            "application { state } award { number } seq",
            applicationId=story.id_of(number),
            **({"grant": grant} if grant else {}),
        )
        award = payload["award"]["number"]
        story.fates[number] = report.Fate("approved", award=award, seq=payload["seq"])
    story.house.say(f"{sum(fate.award is not None for fate in story.fates.values())} approved")
