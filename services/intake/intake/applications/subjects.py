"""Whom and what eligibility looks up in its registers for an application."""

from typing import Any, Final

from intake.applications.facts import Gathered

LONGEST: Final = 255
"""Of a name or number that registers are asked for; they keep none that is longer."""
MOST_VILLAGES: Final = 600


def subjects(known: Gathered, values: dict[str, Any]) -> dict[str, Any]:
    """The unit, the team, and what form and papers name.

    Args:
        values: all facts that are pushed, by name.
    """
    talent = values.get("talent.person")
    villages = [one.get("id") for one in values.get("beneficiary.villages") or () if isinstance(one, dict)]
    return {
        "unit": known.unit,
        "people": [{"id": str(person), "role": role} for person, role in known.people],
        "patent_number": _named(values.get("patent.number")),
        # a guide that does not ask how a project is called elsewhere knows it by its title
        "project_identity": _named(values.get("project.identity")) or known.title,
        "contract_number": _named(values.get("contract.registration_no")),
        "platform_id": _named(values.get("platform.id")),
        "talent": _named(talent.get("id") if isinstance(talent, dict) else talent),
        "villages": [one for one in villages if _named(one)][:MOST_VILLAGES],
    }


def _named(value: Any) -> str | None:
    """What is named to be looked up; `none` says that there is nothing."""
    fits = isinstance(value, str) and value.strip() not in ("", "none") and len(value) <= LONGEST
    return value if fits else None
