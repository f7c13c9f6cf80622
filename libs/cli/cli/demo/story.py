"""One call of Quzhou 2020, from drafts to the provincial list; the business clock stands in summer 2020.

Everything goes through the public doors: GraphQL and files at the gateway, the feed, tokens of the
development issuer. Only the starting memberships and the province's subscription are the operator's.
"""

from datetime import datetime, timedelta
from typing import Any

import httpx

from cli import operations
from cli.demo import applying, bureau, cast, report
from cli.demo.graphql import Person
from cli.local import House
from common.clock import parse_instant

_PATIENCE_S = 30
_MARKS = {"expert-1": 88, "expert-2": 84, "expert-3": 90}


class Story:
    """The state of a play: who is signed in, and how far each application got.

    Attributes:
        fates: application number -> `{application, at, rule?, clause?, message?, remedy?}`.
    """

    def __init__(self, house: House, http: httpx.Client, file: str = cast.FILE) -> None:
        self.house, self.http = house, http
        self.cast = cast.read(file)
        self.plays = {play["no"]: play for play in self.cast.applications}
        self.applications: dict[str, dict[str, Any]] = {}
        self.fates: dict[str, report.Fate] = {}
        self.unit_ids: dict[str, str] = {}
        self.staff = {name: self.person(name) for name in self.cast.staff}

    def person(self, subject: str) -> Person:
        """Sign somebody in."""
        return Person(self.http, self.house.user_token(self.cast.login(subject)))

    def clock(self, instant: str) -> datetime:
        """Hold the business clock at an instant of the call's year, in China's time."""
        at = parse_instant(f"{self.cast.year}-{instant}+08:00")
        self.house.set_clock(at, frozen=True)
        return at

    def prepare(self, number: str) -> dict[str, Any]:
        """Complete the unit's profile, draft the application and upload its papers; as answered."""
        one = self.plays[number]
        person, unit = self.person(cast.applicant(one)), self.cast.unit_of(one)
        viewer = person.ask("{ viewer { memberships { unit { id } } } }")["viewer"]
        unit_id = viewer["memberships"][0]["unit"]["id"]
        applying.complete_profile(person, unit, unit_id)
        application = applying.draft(person, self.cast, one, unit_id)
        applying.attach(person, application["id"], one, unit)
        return application

    def running(self) -> list[str]:
        """Numbers of the applications that nothing has stopped so far."""
        return [number for number in self.applications if number not in self.fates]

    def stop(self, number: str, at: str, findings: list[dict[str, Any]], rules: tuple[str, ...] = ()) -> None:
        """An application goes no further; the first failed finding says why."""
        failed = [finding for finding in findings if finding["outcome"] == "fail"]
        named = [finding for finding in failed if finding["rule"] in rules] or failed
        self.fates[number] = report.Fate.by_finding(at, named[0])


def play(house: House) -> int:
    """Play the story; 0 when it came out as the cast file says."""
    timeout = httpx.Timeout(_PATIENCE_S)
    with httpx.Client(base_url=house.gateway_url, timeout=timeout, trust_env=False) as http:
        story = Story(house, http)
        for step in (
            open_call,
            _draft,
            _submit,
            _recommend,
            _too_late,
            _formal_review,
            _experts,
            _notice,
            _approve,
        ):
            step(story)
        pulled = bureau.pull(story.staff["province"])
        report.show(story, pulled)
        return report.verdict(story, pulled)


def open_call(story: Story) -> None:
    """Sign everybody up and fill the registers."""
    story.clock("05-20T09:00:00")
    signed_up = sign_up(story)
    busy = story.plays["08"]
    leader = applying.person_id(story.person(cast.applicant(busy)))
    patents = [
        {**one["patent"], "owner": story.cast.unit_of(one)}
        for one in story.cast.applications
        if "patent" in one
    ]
    blacklisted = story.cast.unit_of(story.plays["07"])
    bureau.fill_registers(story.staff["officer"], blacklisted, (leader, story.cast.unit_of(busy)), patents)
    story.house.say(f"{signed_up} people signed up, registers filled")


def sign_up(story: Story) -> int:
    """What the operator does before a call: import units and people, subscribe the province.

    Returns:
        How many people have a role.
    """
    content = cast.to_import(story.cast)
    operations.import_memberships(story.house.intake_url, story.house.keys, content)
    operations.subscribe(
        story.house.intake_url,
        story.house.keys,
        city=story.cast.city,
        subject=story.cast.login("province"),
        name="省级科技项目平台（演示）",
        legal_basis="演示：政务数据共享协议",
        purpose="立项项目归集",
    )
    return len(content["memberships"])


def _draft(story: Story) -> None:
    story.clock("06-01T09:00:00")
    for number in story.plays:
        story.applications[number] = story.prepare(number)
    story.house.say(f"{len(story.applications)} drafts with their papers (PDF, DOCX)")
    for number in ("04", "08"):
        found = applying.precheck(
            story.person(cast.applicant(story.plays[number])), story.applications[number]["id"]
        )
        for finding in found["findings"]:
            if finding["outcome"] == "fail":
                story.house.say(f"  precheck of {number}: {finding['rule']} fails: {finding['remedy']}")


def _submit(story: Story) -> None:
    begun = story.clock("06-15T09:00:00")
    for position, (number, application) in enumerate(story.applications.items()):
        if number == "06":
            continue
        story.house.set_clock(begun + timedelta(hours=position), frozen=True)
        payload = applying.submit(story.person(cast.applicant(story.plays[number])), application)
        if payload["attempt"]["state"] == "refused":
            story.stop(number, "submission", payload["findings"], ("QZ-SUB-04",))
    story.house.say(f"{len(story.running()) - 1} submitted in time, receipts given")


def _recommend(story: Story) -> None:
    story.clock("06-20T10:00:00")
    for number in story.running():
        one, application = story.plays[number], story.applications[number]
        if number == "06":
            continue
        recommender = story.person(cast.recommender(one["recommender"]))
        payload = applying.recommend(recommender, application["id"])
        if payload["recommendation"]["state"] == "refused":
            story.stop(number, "recommendation", payload["findings"], ("QZ-4-8b",))
            continue
        unit = story.cast.units[one["recommender"]]
        row = ("1", one["title"], story.cast.unit_of(one)["name"], one["leader"], one["category"])
        applying.seal(recommender, application["id"], unit["name"], row)
    story.house.say(f"{len(story.running()) - 1} recommended, each holding a place")


def _too_late(story: Story) -> None:
    story.clock("06-28T17:00:00.001")
    one = story.plays["06"]
    payload = applying.submit(story.person(cast.applicant(one)), story.applications["06"])
    story.stop("06", "submission", payload["findings"], ("QZ-4-8a",))
    story.house.say("one application came a millisecond after the close")


def _formal_review(story: Story) -> None:
    story.clock("07-02T09:00:00")
    decided = 0
    for number in story.running():
        application_id = story.applications[number]["id"]
        bureau.accept(story.staff["officer"], application_id)
        decided += bureau.judge(story.staff["reviewer"], application_id)
        payload = bureau.formal_review(story.staff["reviewer"], application_id)
        if payload["application"]["state"] == "failed_formal":
            story.stop(number, "formal review", payload["findings"])
    story.house.say(
        f"{decided} findings decided by a person, {len(story.running())} passed the formal review"
    )


def _experts(story: Story) -> None:
    story.clock("07-10T09:00:00")
    officer = story.staff["officer"]
    experts = {name: story.staff[name] for name in _MARKS}
    identities = {name: applying.person_id(person) for name, person in experts.items()}
    for number in story.running():
        application_id = story.applications[number]["id"]
        first = {name: identities[name] for name in ("expert-1", "expert-2")}
        assigned = bureau.assign(officer, application_id, first)
        if number == "10":
            (conflicted,) = [one for one in assigned if one["by"] == "expert-1"]
            experts["expert-1"].do(
                "declareConflict",
                "assignment { state }",
                assignmentId=conflicted["id"],
                reason="与项目负责人有合作关系",
            )
            second = bureau.assign(officer, application_id, {"expert-3": identities["expert-3"]})
            assigned = [one for one in assigned if one["by"] != "expert-1"]
            assigned += [one for one in second if one["by"] == "expert-3"]
        marks = {name: mark - (30 if number == "12" else 0) for name, mark in _MARKS.items()}
        bureau.score(experts, assigned, marks)
    officer.do(
        "notSelectApplication",
        "application { state }",
        applicationId=story.applications["12"]["id"],
        reason="综合评分未达到拟立项要求",
    )
    story.fates["12"] = report.Fate("expert review", message="not selected: scores 58 and 54")
    story.house.say(f"two scores each, one conflict of interest; {len(story.running())} to be proposed")


def _notice(story: Story) -> None:
    starts = story.clock("07-20T09:00:00")
    officer, citizen = story.staff["officer"], story.person(cast.applicant(story.plays["12"]))
    chosen = [story.applications[number]["id"] for number in story.running()]
    officer.do("proposeApplications", "proposal { id }", guide=story.cast.guide, applicationIds=chosen)
    notice = bureau.publish_notice(officer, story.cast.guide, chosen, starts, starts + timedelta(days=7))
    story.clock("07-22T09:00:00")
    upheld = bureau.object_to(citizen, notice, story.applications["02"]["id"], "该项目核心成果已由他人完成。")
    rejected = bureau.object_to(citizen, notice, story.applications["09"]["id"], "研究内容与本市产业无关。")
    story.clock("07-24T09:00:00")
    bureau.decide_objection(officer, upheld, "upheld", "经核查，异议成立。")
    bureau.decide_objection(officer, rejected, "rejected", "经核查，研究内容属于指南方向。")
    story.fates["02"] = report.Fate("public notice", message="objection upheld")
    story.house.say("public notice given, one objection upheld, one rejected")


def _approve(story: Story) -> None:
    story.clock("07-28T09:00:00")
    for number in story.running():
        payload = story.staff["head"].do(
            "approveApplication",
            "application { state } award { number } seq",
            applicationId=story.applications[number]["id"],
        )
        award = payload["award"]["number"]
        story.fates[number] = report.Fate("approved", award=award, seq=payload["seq"])
    story.house.say(f"{sum(fate.award is not None for fate in story.fates.values())} approved")
