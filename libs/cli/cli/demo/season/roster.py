"""The season's units, people and applications, made from the plan by a seeded generator."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from cli.demo.season import plan
from cli.demo.season.names import Names, identified
from cli.demo.season.plan import CASES, EARLY, MAJOR, PATENT, RD, RUSH, Case
from cli.house import CITY, ISSUER

GUIDE = "qz-2020"
_VALID_FROM = "2020-01-01T00:00:00+08:00"
_EXPERTS = 8
# token -> (words, region code, kind of unit there, its own name or None, who recommends)
_COUNTIES = {
    "kecheng": ("柯城", "330802"), "qujiang": ("衢江", "330803"), "longyou": ("龙游", "330825"),
    "jiangshan": ("江山", "330881"), "changshan": ("常山", "330822"), "kaihua": ("开化", "330824"),
}  # fmt: skip
_ORGANISERS = {
    "city_level": "市级归口管理部门（演练）", "green_cluster": "绿色产业集聚区管委会（演练）",
    "smart_new_city": "智慧新城管委会（演练）", "health_system": "市卫生健康主管部门（演练）",
    "other_public_institutions": "市属事业单位归口部门（演练）",
}  # fmt: skip
_INSTITUTES = {
    "quzhou_university": ("三衢理工学院（演练）", "三衢理工", "university"),
    "quzhou_polytechnic": ("三衢职业技术学院（演练）", "三衢职院", "university"),
    "southeast_digital_institute": ("三衢数字经济研究院（演练）", "三衢数研院", "research_institute"),
    "academy_agri_sciences": ("三衢农业科学院（演练）", "三衢农科院", "research_institute"),
}
_PUBLIC = {"health_system": ("医院", "Q8411"), "other_public_institutions": ("监测站", "M7461")}
_TOPICS = [
    "qz20-t-1-1-fluorine", "qz20-t-1-2-silicone", "qz20-t-1-4-paper-based", "qz20-t-2-2-battery",
    "qz20-t-2-3-energy-saving", "qz20-t-3-2-cnc", "qz20-t-3-4-parts", "qz20-t-4-1-iot", "qz20-t-4-2-bigdata",
    "qz20-t-5-2-devices", "qz20-t-6-1-agri-machinery", "qz20-t-6-3-food", "qz20-t-6-4-forest",
    "qz20-t-6-6-eco", "qz20-t-6-7-health",
]  # fmt: skip
STAFF = (
    ("officer", "officer", "legal_person"),
    ("reviewer", "formal_reviewer", "legal_person"),
    ("head", "bureau_head", "legal_person"),
    ("province", "provincial_client", "legal_person"),
)


@dataclass(slots=True)
class Entry:
    """One application of the season and what became of it on the way.

    Attributes:
        unit: the applicant unit's line of the import; above: key of the recommending unit.
        admitted: its submission was taken.
        refused: rules named by a refusal that leaves no trace on the application itself.
    """

    no: str
    case: Case
    unit: dict[str, Any]
    above: str
    title: str
    identity: str
    topic: str
    leader: str
    members: list[str]
    wave: str
    patent: dict[str, Any] | None
    application: dict[str, Any] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=dict)
    admitted: bool = False
    recommendation: str | None = None
    mean: float = 0.0
    refused: tuple[str, ...] = ()

    @property
    def subject(self) -> str:
        """Who files it, at the development issuer."""
        return f"applicant-{self.no}"

    @property
    def id(self) -> str:
        return str(self.application["id"])

    @property
    def row(self) -> str:
        return plan.row_of(self.case.category, self.case.home)


@dataclass(slots=True)
class Roster:
    """Everybody: `units` and `recommenders` by key, `entries` in order, `experts` by subject."""

    units: dict[str, dict[str, Any]]
    recommenders: dict[str, dict[str, Any]]
    entries: list[Entry]
    experts: dict[str, str]
    staff: dict[str, str]

    def to_import(self) -> dict[str, Any]:
        """What the membership import takes; profiles are left for the units to complete."""
        people, memberships = [], []

        def add(subject: str, name: str, role: str, uscc: str | None, login: str) -> None:
            people.append({"ref": subject, "name": name, "city": CITY, "unit_uscc": uscc})
            memberships.append(_membership(subject, role, uscc, login))

        for one in self.entries:
            add(one.subject, one.leader, "applicant", one.unit["uscc"], one.case.login)
        for key, unit in self.recommenders.items():
            add(
                f"recommender-{key}",
                f"{unit['short_names'][0]}经办",
                "recommender",
                unit["uscc"],
                "legal_person",
            )
        for subject, name in self.experts.items():
            # the last one works for the unit of the first application
            uscc = self.entries[0].unit["uscc"] if subject == f"expert-{_EXPERTS}" else None
            add(subject, name, "expert", uscc, "personal")
        for subject, role, login in STAFF:
            add(subject, self.staff[subject], role, None, login)
        units = {unit["uscc"]: unit for unit in (*self.recommenders.values(), *self.units.values())}
        return {"units": list(units.values()), "people": identified(people), "memberships": memberships}


def make(seed: int, cases: Iterable[Case] = CASES) -> Roster:
    """The roster of a seed, of the season's cases or of others; the same each time."""
    names = Names(seed)
    recommenders = _recommenders(names)
    units: dict[str, dict[str, Any]] = {}
    twins: dict[str, tuple[dict[str, Any], str]] = {}
    entries: list[Entry] = []
    for case in cases:
        for number in range(case.n):
            no = f"{len(entries) + 1:03d}"
            unit, identity = _unit(names, case, recommenders), names.title()
            if case.twin is not None:
                unit, identity = twins.setdefault(case.twin, (unit, identity))
            units[unit["uscc"]] = unit
            entries.append(_entry(names, no, case, number, unit, identity))
    experts = {f"expert-{number}": names.person() for number in range(1, _EXPERTS + 1)}
    staff = {subject: names.person() for subject, _, _ in STAFF}
    return Roster(units, recommenders, entries, experts, staff)


def _recommenders(names: Names) -> dict[str, dict[str, Any]]:
    found = {}
    for token, (words, region) in _COUNTIES.items():
        uscc = names.uscc("11", region)
        found[token] = unit_line(
            uscc, f"{words}科技主管部门（演练）", f"{words}科技部门", "st_department", token, region
        )
    for token, full in _ORGANISERS.items():
        uscc = names.uscc("11", "330802")
        home = token if token in ("green_cluster", "smart_new_city") else "city_level"
        found[token] = unit_line(
            uscc, full, full.removesuffix("（演练）"), "other_department", home, "330802"
        )
    for token, (full, short, kind) in _INSTITUTES.items():
        uscc = names.uscc("12", "330802")
        unit = unit_line(uscc, full, short, kind, "city_level", "330802", token=token)
        found[token] = unit | {"recommending_unit_uscc": uscc}
    return found


def unit_line(
    uscc: str,
    name: str,
    short: str,
    kind: str,
    jurisdiction: str,
    region: str,
    *,
    industry: str | None = None,
    token: str | None = None,
) -> dict[str, Any]:
    """A unit as the import takes it."""
    return {
        "uscc": uscc,
        "name": name,
        "short_names": [short],
        "former_names": [],
        "type": kind,
        "legal_person": True,
        "reg_region": region,
        "jurisdiction": jurisdiction,
        "industry_class": industry,
        "city": CITY,
        "quota_token": token,
        "recommending_unit_uscc": None,
        "profile": {},
    }


def _unit(names: Names, case: Case, recommenders: dict[str, dict[str, Any]]) -> dict[str, Any]:
    home, above = case.home, {"recommending_unit_uscc": recommenders[case.home]["uscc"]}
    if home in _INSTITUTES:
        return recommenders[home]
    if home in _PUBLIC:
        words, industry = _PUBLIC[home]
        short = names.firm("", "C")[1][:2] + words
        uscc = names.uscc("12", "330802")
        unit = unit_line(uscc, f"三衢{short}（演练）", short, "public_institution", "city_level", "330802",
                         industry=industry, token=home)  # fmt: skip
    else:
        place, region = _COUNTIES.get(home, ("三衢", "330802"))
        industry = names.choose(["C2651", "C3985", "C3421", "C3849", "B0810", "D4413"])
        full, short = names.firm(place, industry)
        uscc = names.uscc("91", region)
        unit = unit_line(uscc, full, short, "enterprise", home, region, industry=industry)
    return unit | above | case.unit


def _entry(names: Names, no: str, case: Case, number: int, unit: dict[str, Any], identity: str) -> Entry:
    leader, members = names.person(), [names.person() for _ in range(2)]
    patent = None
    if case.category == PATENT:
        year = names.whole(2010, 2018)
        patent = {"number": names.patent(year), "filing_date": f"{year}-03-18", "type": "invention"}
        patent |= {"prior_listings": 0} | case.patent
    return Entry(
        no=no,
        case=case,
        unit=unit,
        above=case.home,
        title=identity,
        identity=identity,
        topic=names.choose(_TOPICS),
        leader=leader,
        members=members,
        wave=case.wave or (EARLY if number % 3 == 2 else RUSH),
        patent=patent,
    )


def budget(entry: Entry) -> int:
    """Budgeted R&D investment, yuan; for major projects above the threshold, unless the case differs."""
    usual = {MAJOR: 3_600_000, RD: 900_000, PATENT: 2_400_000}[entry.case.category]
    return int(entry.case.form.get("budget.rd_total", usual))


def rd_spend(entry: Entry) -> int | None:
    """R&D expenditure of 2019 that the unit states, yuan."""
    found: int | None = entry.case.profile.get("applicant.rd_spend_2019", 2_500_000)
    return found


def _membership(subject: str, role: str, uscc: str | None, login: str) -> dict[str, Any]:
    return {
        "issuer": ISSUER,
        "subject": subject,
        "person_ref": subject,
        "role": role,
        "city": CITY,
        "unit_uscc": uscc,
        "login_kind": login,
        "valid_from": _VALID_FROM,
        "valid_to": None,
    }
