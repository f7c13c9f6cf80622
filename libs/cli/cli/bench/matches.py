"""A match over every category of every published guide, over HTTP."""

import time
from dataclasses import dataclass
from statistics import median
from typing import Any

import httpx

from cli import house
from cli.local import House

FACTS: dict[str, Any] = {
    "applicant.type": "enterprise",
    "applicant.legal_person": True,
    "applicant.reg_region": "330881",
    "hnte.status": "valid",
    "budget.rd_total": 2_400_000,
    "budget.self_raised": 2_400_000,
}
"""What a unit would state on a first visit."""
AS_OF = "2020-06-15T10:00:00+08:00"
_WARM = 5


@dataclass(frozen=True, slots=True)
class Measured:
    """Milliseconds of one question in the middle of `rounds`; how many categories it was about."""

    milliseconds: float
    categories: int
    rounds: int


def measure(home: House, *, rounds: int = 100) -> Measured:
    """One caller, one question after the other, with what the published guides of the house are."""
    url = f"{home.where.url(house.ELIGIBILITY)}/v1/matches"
    headers = {"authorization": f"Bearer {home.operator_token(house.ELIGIBILITY)}"}
    asked = {"facts": FACTS, "as_of": AS_OF, "limit": 500}
    took, categories = list[float](), 0
    with httpx.Client(trust_env=False, headers=headers) as http:
        for turn in range(_WARM + rounds):
            began = time.perf_counter()
            answer = http.post(url, json=asked).raise_for_status()
            if turn >= _WARM:
                took.append((time.perf_counter() - began) * 1000)
            categories = answer.json()["total"]
    return Measured(median(took), categories, rounds)
