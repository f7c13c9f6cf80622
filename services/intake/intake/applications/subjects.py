"""Whom and what eligibility looks up in its registers for an application."""

from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from intake.applications.facts import Gathered

LONGEST: Final = 255
"""Of a name or number that registers are asked for; they keep none that is longer."""
MOST_VILLAGES: Final = 600


def subjects(known: Gathered, values: dict[str, Any]) -> dict[str, Any]:
    """The unit, the team, and what form and papers name.

    Args:
        values: all facts that are pushed, by name.
    """
    found = named(known.unit, known.people, values)
    # a guide that does not ask how a project is called elsewhere knows it by its title
    return found | {"project_identity": found["project_identity"] or known.title}


def named(unit: dict[str, Any], people: Iterable[tuple[UUID, str]], values: dict[str, Any]) -> dict[str, Any]:
    """What facts name, before there is an application; they need not have been checked."""
    talent, villages = values.get("talent.person"), values.get("beneficiary.villages")
    records = villages if isinstance(villages, list) else ()
    ids = [one.get("id") for one in records if isinstance(one, dict)]
    return {
        "unit": unit,
        "people": [{"id": str(person), "role": role} for person, role in people],
        "patent_number": findable(values.get("patent.number")),
        "project_identity": findable(values.get("project.identity")),
        "contract_number": findable(values.get("contract.registration_no")),
        "platform_id": findable(values.get("platform.id")),
        "talent": findable(talent.get("id") if isinstance(talent, dict) else talent),
        "villages": [one for one in ids if findable(one)][:MOST_VILLAGES],
    }


def findable(value: Any) -> str | None:
    """What is named to be looked up; `none` says that there is nothing."""
    if not isinstance(value, str) or value.strip() in ("", "none"):
        return None
    return value if len(value) <= LONGEST and "\x00" not in value else None
