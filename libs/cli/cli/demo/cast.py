"""Who plays: units, people and applications of deploy/demo/quzhou-2020.yaml, and their import into intake."""

from dataclasses import dataclass
from typing import Any

import yaml

from cli import project
from cli.demo.season.names import identified
from cli.house import ISSUER

FILE = "deploy/demo/quzhou-2020.yaml"
_VALID_FROM = "2020-01-01T00:00:00+08:00"


@dataclass(frozen=True, slots=True)
class Cast:
    """The file's content: `units` by key, `applications` in order, `staff` by key."""

    guide: str
    city: str
    units: dict[str, dict[str, Any]]
    applications: list[dict[str, Any]]
    staff: dict[str, dict[str, Any]]

    def unit_of(self, application: dict[str, Any]) -> dict[str, Any]:
        """The applicant unit of an application."""
        return self.units[application["unit"]]


def read() -> Cast:
    """The cast as the file has it."""
    content = yaml.safe_load((project.root() / FILE).read_text(encoding="utf-8"))
    return Cast(
        guide=content["guide"],
        city=content["city"],
        units={unit["key"]: unit for unit in content["units"]},
        applications=content["applications"],
        staff={person["key"]: person for person in content["staff"]},
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
    for key in sorted({unit["recommending_unit"] for unit in cast.units.values()} - {None}):
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
    above = unit["recommending_unit"]
    return {
        "uscc": unit["uscc"],
        "name": unit["name"],
        "short_names": unit["short_names"],
        "former_names": [],
        "type": unit["type"],
        "legal_person": True,
        "reg_region": unit["reg_region"],
        "jurisdiction": unit["jurisdiction"],
        "industry_class": unit["industry_class"],
        "city": cast.city,
        "quota_token": unit["quota_token"],
        "recommending_unit_uscc": cast.units[above]["uscc"] if above else None,
        "profile": {},
    }


def _person(cast: Cast, subject: str, name: str, uscc: str | None) -> dict[str, Any]:
    return {"ref": subject, "name": name, "city": cast.city, "unit_uscc": uscc}


def _membership(cast: Cast, subject: str, role: str, uscc: str | None, login: str) -> dict[str, Any]:
    return {
        "issuer": ISSUER,
        "subject": subject,
        "person_ref": subject,
        "role": role,
        "city": cast.city,
        "unit_uscc": uscc,
        "login_kind": login,
        "valid_from": _VALID_FROM,
        "valid_to": None,
    }
