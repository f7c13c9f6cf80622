"""Two cities with the same data: the same units, names, titles and files, played through a real house.

Each town plays five applications of the demonstration's cast: one each left as a draft, submitted, in expert
review, under objection, and approved. Only ids and logins differ; so whatever one city shows of the other is
an id of it, a login of it, or a number that it moves.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import httpx
import yaml

from cli import operations, project
from cli.demo import applying, bureau, cast
from cli.demo.graphql import Person
from cli.demo.story import Story
from cli.house import ISSUER
from cli.local import House
from common.roles import Role
from guide import load_pack

HERE, THERE = "330800", "430400"
GUIDES: Final = {HERE: "qz-2020", THERE: "qz-2020-twin"}
DRAFT, SUBMITTED, REVIEWED, OBJECTED, APPROVED = "06", "11", "10", "09", "01"
PLAYED = (DRAFT, SUBMITTED, REVIEWED, OBJECTED, APPROVED)
NOW = "2020-07-29T09:00:00+08:00"
ENTRIES: Final[dict[str, dict[str, Any]]] = yaml.safe_load(
    Path(__file__).with_name("entries.yaml").read_text(encoding="utf-8")
)
"""register -> an entry, for the registers that the story leaves empty."""
_EXPERTS = ("expert-1", "expert-2", "expert-3")
_LISTED = "a07"  # a unit that files nothing here, or its submission would be refused
# people whom the demonstration does without; those of a unit belong to that of the reviewed application
_MORE_STAFF = {
    "finance": Role.finance,
    "auditor": Role.auditor,
    "people": Role.membership_administrator,
    "portal": Role.portal_client,
}
_MORE_OF_UNIT = {"manager": Role.department_manager, "leader": Role.project_leader}


def pack_text(city: str) -> str:
    """The pack of Quzhou 2020, as it stands or under another city and id."""
    text = (project.root() / "deploy/guides/qz-2020.yaml").read_text(encoding="utf-8")
    if city == HERE:
        return text
    moved = text.replace("id: qz-2020\n", f"id: {GUIDES[city]}\n", 1)
    moved = moved.replace(f'city: "{HERE}"', f'city: "{city}"', 1)
    pack = load_pack(moved)
    assert (pack.id, pack.city) == (GUIDES[city], city)
    return moved


@dataclass(frozen=True, slots=True)
class Town:
    """One played city.

    Attributes:
        applications: number in the cast -> id; likewise what hangs on them by kind.
    """

    city: str
    guide: str
    version: str
    applications: dict[str, UUID]
    notice: UUID
    objection: UUID

    def login(self, name: str) -> str:
        """The subject of somebody of this town at the development issuer."""
        return login(self.city, name)


def login(city: str, name: str) -> str:
    """Logins carry the city: the same login would be one person of both."""
    return f"{name}-of-{city}"


class Play(Story):
    """The demonstration's story in one of the cities, with logins of its own."""

    def __init__(self, house: House, http: httpx.Client, city: str) -> None:
        self.city = city
        super().__init__(house, http)
        self.cast = replace(
            self.cast,
            guide=GUIDES[city],
            city=city,
            applications=[one for one in self.cast.applications if one["no"] in PLAYED],
        )
        self.plays = {one["no"]: one for one in self.cast.applications}

    def person(self, subject: str) -> Person:
        """Sign somebody of this city in."""
        return super().person(login(self.city, subject))


def populate(house: House, http: httpx.Client, city: str) -> Town:
    """Play one city through; what came of it."""
    play = Play(house, http, city)
    version = _publish(house, city)
    _sign_up(play)
    play.clock("06-01T09:00:00")
    for number in PLAYED:
        play.applications[number] = play.prepare(number)
    _to_recommendation(play)
    _to_review(play)
    notice, objection = _to_approval(play)
    return Town(
        city=city,
        guide=GUIDES[city],
        version=version,
        applications={number: _uuid(one["id"]) for number, one in play.applications.items()},
        notice=_uuid(notice),
        objection=_uuid(objection),
    )


def _uuid(global_id: str) -> UUID:
    return UUID(applying.raw_id(global_id))


def _publish(house: House, city: str) -> str:
    file = house.work_dir / f"{GUIDES[city]}.yaml"
    file.write_text(pack_text(city), encoding="utf-8")
    return operations.publish(house.intake_url, house.keys, file)[1]


def _sign_up(play: Play) -> None:
    play.clock("05-20T09:00:00")
    content = cast.to_import(play.cast)
    unit = play.cast.unit_of(play.plays[REVIEWED])["uscc"]
    for name, role in {**_MORE_STAFF, **_MORE_OF_UNIT}.items():
        uscc = unit if name in _MORE_OF_UNIT else None
        content["people"].append({"ref": name, "name": f"{name}甲", "city": play.city, "unit_uscc": uscc})
        content["memberships"].append(
            {
                "issuer": ISSUER,
                "subject": name,
                "person_ref": name,
                "role": role.value,
                "city": play.city,
                "unit_uscc": uscc,
                "login_kind": "legal_person",
                "valid_from": "2020-01-01T00:00:00+08:00",
                "valid_to": None,
            }
        )
    for row in content["memberships"]:
        row["subject"] = login(play.city, row["subject"])
    operations.import_memberships(play.house.intake_url, play.house.keys, content)
    for client in ("province", "portal"):
        operations.subscribe(
            play.house.intake_url,
            play.house.keys,
            city=play.city,
            subject=login(play.city, client),
            name="平台（测试）",
            legal_basis="测试：数据共享协议",
            purpose="立项项目归集",
        )
    leader = applying.person_id(play.person(cast.applicant(play.plays[DRAFT])))
    unit_of = play.cast.unit_of
    patents = [
        {
            "number": "ZL201610000131.7",
            "filing_date": "2016-03-18",
            "owner": unit_of(play.plays[APPROVED]),
        }
    ]
    listed, busy = play.cast.units[_LISTED], unit_of(play.plays[DRAFT])
    bureau.fill_registers(play.staff["officer"], listed, (leader, busy), patents)
    for register, entry in ENTRIES.items():
        play.staff["officer"].do("addRegisterEntry", "entry", register=register, entry=entry)


def _to_recommendation(play: Play) -> None:
    play.clock("06-15T09:00:00")
    for number in (SUBMITTED, REVIEWED, OBJECTED, APPROVED):
        person = play.person(cast.applicant(play.plays[number]))
        payload = applying.submit(person, play.applications[number])
        assert payload["attempt"]["state"] == "admitted", payload
    play.clock("06-20T10:00:00")
    for number in (REVIEWED, OBJECTED, APPROVED):
        one, application = play.plays[number], play.applications[number]
        recommender = play.person(cast.recommender(one["recommender"]))
        payload = applying.recommend(recommender, application["id"])
        assert payload["recommendation"]["state"] == "recommended", payload
        row = ("1", one["title"], play.cast.unit_of(one)["name"], one["leader"], one["category"])
        applying.seal(recommender, application["id"], play.cast.units[one["recommender"]]["name"], row)


def _to_review(play: Play) -> None:
    play.clock("07-02T09:00:00")
    officer, reviewer = play.staff["officer"], play.staff["reviewer"]
    experts = {name: play.staff[name] for name in _EXPERTS}
    for number in (REVIEWED, OBJECTED, APPROVED):
        application_id = play.applications[number]["id"]
        bureau.accept(officer, application_id)
        bureau.judge(reviewer, application_id)
        payload = bureau.formal_review(reviewer, application_id)
        assert payload["application"]["state"] == "expert_review", payload
    play.clock("07-10T09:00:00")
    identities = {name: applying.person_id(person) for name, person in experts.items()}
    for number in (REVIEWED, OBJECTED, APPROVED):
        two = {name: identities[name] for name in _EXPERTS[:2]}
        assigned = bureau.assign(officer, play.applications[number]["id"], two)
        if number != REVIEWED:
            bureau.score(experts, assigned, dict.fromkeys(_EXPERTS, 80))


def _to_approval(play: Play) -> tuple[str, str]:
    starts = play.clock("07-20T09:00:00")
    officer = play.staff["officer"]
    chosen = [play.applications[number]["id"] for number in (OBJECTED, APPROVED)]
    officer.do("proposeApplications", "proposal { id }", guide=play.cast.guide, applicationIds=chosen)
    notice = bureau.publish_notice(officer, play.cast.guide, chosen, starts, starts + timedelta(days=7))
    play.clock("07-22T09:00:00")
    citizen = play.person(cast.applicant(play.plays[SUBMITTED]))
    objection = bureau.object_to(
        citizen, notice, play.applications[OBJECTED]["id"], "该项目核心成果已由他人完成。"
    )
    play.clock("07-28T09:00:00")
    play.staff["head"].do(
        "approveApplication", "award { number } seq", applicationId=play.applications[APPROVED]["id"]
    )
    play.staff["province"].get("/v1/feeds/approved-projects/changes")
    return notice, objection
