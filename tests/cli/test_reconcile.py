"""The comparison's own parts: walking two lists, and the order and outcome of mends."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.reconcile import places
from cli.reconcile.comparing import Wish, compare
from cli.reconcile.joining import paired
from cli.reconcile.mending import publish, restage, retake, settle
from cli.reconcile.report import Check
from common.client import RemoteProblem
from common.errors import OwnerUnavailable

KEYS = st.sets(st.text("abc", min_size=1, max_size=4)).map(sorted)


async def items(keys: list[str]) -> AsyncIterator[dict[str, Any]]:
    for key in keys:
        yield {"id": key}


@given(KEYS, KEYS)
def test_two_lists_side_by_side(left: list[str], right: list[str]) -> None:
    async def walk() -> list[tuple[Any, Any]]:
        pairs = paired(items(left), items(right), lambda item: str(item["id"]))
        return [(one and one["id"], other and other["id"]) async for one, other in pairs]

    every = sorted({*left, *right})
    assert asyncio.run(walk()) == [
        (key if key in left else None, key if key in right else None) for key in every
    ]


def test_mends_come_in_their_order() -> None:
    mends = [publish("a"), retake("b"), settle("c", "void"), restage("qz-2020", "v")]
    assert sorted(mends) == list(reversed(mends))


def _recommendation(place: str) -> dict[str, Any]:
    return {"id": "r", "application_id": "a", "pool_key": "row", "place": place}


def _hold(state: str, key: str = "row") -> dict[str, Any]:
    return {"subject": "r", "state": state, "pools": [{"key": key, "n": 1}]}


@pytest.mark.parametrize(
    ("recommendation", "hold", "what", "mend"),
    [
        ("due", None, "place_lost", retake("r")),
        ("kept", None, "place_lost", retake("r")),
        ("due", _hold("void"), "place_given_back", None),
        ("due", _hold("confirmed", "other"), "other_place", None),
        ("due", _hold("held"), "place_unconfirmed", settle("r", "confirmed")),
        ("due", _hold("confirmed"), None, None),
        ("kept", _hold("confirmed"), None, None),
        ("none", _hold("confirmed"), "place_not_due", settle("r", "void")),
        ("none", _hold("void"), None, None),
        ("none", None, None, None),
        ("undecided", _hold("held"), None, None),
        ("undecided", None, None, None),
        (None, _hold("confirmed"), "recommendation_unknown", settle("r", "void")),
        (None, _hold("void"), None, None),
    ],
)
def test_a_recommendation_against_its_hold(
    recommendation: str | None, hold: Any, what: str | None, mend: Any
) -> None:
    check = Check("places")
    places.match(check, recommendation and _recommendation(recommendation), hold)
    assert [(one.what, one.about, one.mend) for one in check.differences] == (
        [(what, "r", mend)] if what else []
    )


class Services:
    """Four services in which one recommendation stands; `hold` is quota's, None: lost."""

    def __init__(self, hold: str | None, outcome: Any = "held") -> None:
        self.hold, self.outcome = hold, outcome
        self.looks = 0
        self.mends: list[str] = []

    async def call(self, service: str, method: str, path: str, **_: Any) -> Any:
        if method == "POST" and path.endswith("/retake"):
            self.mends.append(path)
            if isinstance(self.outcome, Exception):
                raise self.outcome
            self.hold = "confirmed" if self.outcome == "held" else self.hold
            return {"outcome": self.outcome}
        if path.endswith("/recommendations"):
            return {"items": [_recommendation("due")], "next_cursor": None}
        if path.endswith("/holds"):
            self.looks += 1
            return {"items": [_hold(self.hold)] if self.hold else [], "next_cursor": None}
        if path.endswith("/objects"):
            return {"count": 0, "without_row": 0, "file_ids": []}
        if path.endswith("/feed"):
            return {"published": 0, "awards": 0, "faults": []}
        return {"items": [], "next_cursor": None}


async def compared(services: Any, *, mend: bool = False) -> Any:
    return await compare(services, "330800", Wish(mend=mend, again_after_s=0))


async def test_what_was_under_way_is_no_difference() -> None:
    class Passing(Services):
        async def call(self, service: str, method: str, path: str, **more: Any) -> Any:
            if path.endswith("/holds") and self.looks == 1:
                self.hold = "confirmed"
            return await super().call(service, method, path, **more)

    services = Passing(None)
    result = await compared(services)
    assert (services.looks, result.left) == (2, 0)
    agreeing = Services("confirmed")
    assert ((await compared(agreeing)).left, agreeing.looks) == (0, 1)


async def test_a_mend_counts_when_a_further_look_agrees() -> None:
    services = Services(None)
    assert (await compared(services)).left == 1
    assert services.mends == []
    result = await compared(services, mend=True)
    assert ([result.outcome(one) for one in result.found], result.left) == (["mended"], 0)


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        ("exhausted", "no place is left in the row"),
        (
            RemoteProblem("intake", 409, {"code": "intake.place_not_due"}),
            "intake refuses: intake.place_not_due",
        ),
        (OwnerUnavailable("intake"), "intake does not answer"),
    ],
)
async def test_why_something_was_not_mended_is_said(outcome: Any, said: str) -> None:
    result = await compared(Services(None, outcome), mend=True)
    assert [result.outcome(one).startswith(said) for one in result.found] == [True]
    assert result.left == 1
    assert any(said in line for line in result.lines())
