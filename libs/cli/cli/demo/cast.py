"""Who plays: units, people and applications of a file in deploy/demo, and their import into intake."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from cli import project
from cli.demo.season.names import identified
from cli.house import ISSUER

FILE = "deploy/demo/quzhou-2020.yaml"


@dataclass(frozen=True, slots=True)
class Cast:
    """The file's content: `units` by key, `applications` in order, `staff` by key.

    Attributes:
        year: of the call; people have their roles from its first day on.
        logins: stands before every login, so that casts of several cities can play in one house.
        script: what else the file says, for the story that reads it.
    """

    guide: str
    city: str
    year: int
    units: dict[str, dict[str, Any]]
    applications: list[dict[str, Any]]
    staff: dict[str, dict[str, Any]]
    logins: str = ""
    script: Mapping[str, Any] = field(default_factory=dict)

    def login(self, subject: str) -> str:
        """The subject at the development issuer of somebody who plays."""
        return f"{self.logins}{subject}"

    def unit_of(self, application: dict[str, Any]) -> dict[str, Any]:
        """The applicant unit of an application."""
        return self.units[application["unit"]]


def read(file: str = FILE) -> Cast:
    """The cast as the file has it."""
    content = yaml.safe_load((project.root() / file).read_text(encoding="utf-8"))
    return Cast(
        guide=content.pop("guide"),
        city=content.pop("city"),
        year=content.pop("year"),
        units={unit["key"]: unit for unit in content.pop("units")},
        applications=content.pop("applications"),
        staff={person["key"]: person for person in content.pop("staff")},
        logins=content.pop("logins", ""),
        script=content,
    )


def applicant(application: dict[str, Any]) -> str:
    """Subject of the person who files an application."""
    return f"applicant-{application['no']}"


def recommender(unit_key: str) -> str:
    """Subject of a recommending unit's person."""
    return f"recommender-{unit_key}"


def to_import(cast: Cast) -> dict[str, Any]:
    """What the membership import takes: units without the profiles that applicants complete themselves."""
    people, memberships = [], []
    for application in cast.applications:
        unit = cast.unit_of(application)
        subject = applicant(application)
        people.append(_person(cast, subject, application["leader"], unit["uscc"]))
        memberships.append(_membership(cast, subject, "applicant", unit["uscc"], "personal"))
    for key in sorted(
        {unit["recommending_unit"] for unit in cast.units.values() if unit.get("recommending_unit")}
    ):
        unit, subject = cast.units[key], recommender(key)
        people.append(_person(cast, subject, f"{unit['short_names'][0]}经办人", unit["uscc"]))
        memberships.append(_membership(cast, subject, "recommender", unit["uscc"], "legal_person"))
    for subject, person in cast.staff.items():
        people.append(_person(cast, subject, person["name"], None))
        memberships.append(_membership(cast, subject, person["role"], None, person["login_kind"]))
    return {
        "units": [_unit(cast, unit) for unit in cast.units.values()],
        "people": identified(people),
        "memberships": memberships,
    }


def _unit(cast: Cast, unit: dict[str, Any]) -> dict[str, Any]:
    above = unit.get("recommending_unit")
    return {
        "uscc": unit["uscc"],
        "name": unit["name"],
        "short_names": unit["short_names"],
        "former_names": [],
        "type": unit["type"],
        "legal_person": True,
        "reg_region": unit["reg_region"],
        "jurisdiction": unit.get("jurisdiction"),
        "industry_class": unit.get("industry_class"),
        "city": cast.city,
        "quota_token": unit.get("quota_token"),
        "recommending_unit_uscc": cast.units[above]["uscc"] if above else None,
        "profile": {},
    }


def _person(cast: Cast, subject: str, name: str, uscc: str | None) -> dict[str, Any]:
    return {"ref": subject, "name": name, "city": cast.city, "unit_uscc": uscc}


def _membership(cast: Cast, subject: str, role: str, uscc: str | None, login: str) -> dict[str, Any]:
    return {
        "issuer": ISSUER,
        "subject": cast.login(subject),
        "person_ref": subject,
        "role": role,
        "city": cast.city,
        "unit_uscc": uscc,
        "login_kind": login,
        "valid_from": f"{cast.year}-01-01T00:00:00+08:00",
        "valid_to": None,
    }
