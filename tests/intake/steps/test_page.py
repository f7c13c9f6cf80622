"""The page on the domain shows the table of moves as it is."""

from itertools import groupby
from pathlib import Path

from common.roles import Role
from intake.applications.states import TRANSITIONS, Transition

PAGE = Path(__file__).parents[3] / "docs" / "domain.md"


def _who(move: Transition) -> str:
    if move.roles == tuple(Role):
        return "anyone signed in"
    return ", ".join(sorted(role.value for role in move.roles)) or "–"


def _when(move: Transition) -> str:
    parts = [f"`{step.value}`" for step in move.uses] + [f"no `{step.value}`" for step in move.without]
    return ", ".join(parts)


def _row(move: Transition) -> tuple[str, ...]:
    target = "(stays)" if move.target is move.source else move.target.value
    return (f"`{move.action}`", move.outcome or "", target, _who(move), _when(move))


def lines() -> list[str]:
    """The rows of the page's table: moves that differ in nothing but where they start stand together."""
    found = []
    for row, moves in groupby(TRANSITIONS, key=_row):
        cells = (", ".join(move.source.value for move in moves), *row)
        found.append("| " + " | ".join(cells) + " |")
    return found


def test_the_page_has_the_table() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert [line for line in lines() if line not in page] == []
    table = page.partition("| from | action |")[2].partition("\n\n")[0]
    assert table.splitlines()[2:] == lines()
