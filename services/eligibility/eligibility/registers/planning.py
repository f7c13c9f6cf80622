"""What a file changes in a register: pure, from its statements and the source's entries as they are known.

Of one identity one statement holds at a time: a later statement ends an open one before it. A statement with
the identity and the beginning of an entry is that entry, as it is or corrected.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import pairwise
from typing import Any, Literal
from uuid import UUID

from common import tabular
from common.tabular import RowProblem
from eligibility.registers.files import WORDS, Statement
from eligibility.registers.kinds.columns import PERIOD

Action = Literal["added", "corrected", "ended", "unchanged"]
ACTIONS: tuple[Action, ...] = ("added", "corrected", "ended", "unchanged")


@dataclass(frozen=True, slots=True)
class Known:
    """An entry of the source as it is known now."""

    entry_id: UUID
    identity: str
    data: dict[str, Any]
    valid_from: datetime
    valid_to: datetime | None


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one entry. `row`: of the file; None where the file no longer has it."""

    action: Action
    row: int | None
    entry: Known | None
    identity: str
    data: dict[str, Any]
    valid_from: datetime
    valid_to: datetime | None


@dataclass(slots=True)
class Plan:
    """All changes, those of rows in the file's order first; and rows that cannot stand together."""

    changes: list[Change] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        """How many entries of each action."""
        return {action: sum(one.action == action for one in self.changes) for action in ACTIONS}


def plan(statements: Sequence[Statement], known: Iterable[Known], complete_as_of: datetime | None) -> Plan:
    """What the file changes.

    Args:
        complete_as_of: the file is the source's whole list as of this instant: entries that hold then and
            are not in it end then, and those that begin then never were. None: the file says nothing of
            others.
    """
    made = Plan()
    rows: dict[str, list[Statement]] = defaultdict(list)
    for one in statements:
        rows[one.identity].append(one)
    stated = {(one.identity, one.valid_from) for one in statements}
    here: dict[str, list[Known]] = defaultdict(list)
    ended: list[Change] = []
    for entry in known:
        if entry.valid_to == entry.valid_from:  # a void one stands in nobody's way
            continue
        if entry.valid_from == complete_as_of and (entry.identity, entry.valid_from) not in stated:
            ended.append(_end(entry, entry.valid_from, None))
        else:
            here[entry.identity].append(entry)
    for identity, own in rows.items():
        _one(made, ended, identity, sorted(own, key=lambda one: one.valid_from), here.get(identity, []))
    if complete_as_of is not None:
        gone = {change.entry.entry_id for change in (*made.changes, *ended) if change.entry}
        ended += [
            _end(entry, complete_as_of, None)
            for entries in here.values()
            for entry in entries
            if entry.entry_id not in gone and _holds(entry, complete_as_of)
        ]
    made.changes.sort(key=lambda change: change.row or 0)
    made.changes += ended
    made.problems.sort(key=lambda problem: problem.row or 0)
    return made


def _holds(entry: Known, instant: datetime) -> bool:
    return entry.valid_from < instant and (entry.valid_to is None or instant < entry.valid_to)


def _one(
    made: Plan, ended: list[Change], identity: str, own: Sequence[Statement], known: Sequence[Known]
) -> None:
    """The statements about one identity, in order of their beginning."""
    if not _follow(made, own, known):
        return
    same = {entry.valid_from: entry for entry in known}
    begins = sorted({one.valid_from for one in own} | same.keys())
    for one in own:
        later = next((begin for begin in begins if begin > one.valid_from), None)
        statement = one if one.valid_to is not None else replace(one, valid_to=later)
        made.changes.append(_change(statement, identity, same.get(one.valid_from)))
    stated = {one.valid_from for one in own}
    for entry in known:
        follower = next((one for one in own if one.valid_from > entry.valid_from), None)
        if entry.valid_from not in stated and follower is not None and _holds(entry, follower.valid_from):
            ended.append(_end(entry, follower.valid_from, follower.row))


def _follow(made: Plan, own: Sequence[Statement], known: Sequence[Known]) -> bool:
    """Do the rows about one identity follow each other, and end before entries that begin later?"""
    fine = True
    stated = {one.valid_from for one in own}
    others = [entry.valid_from for entry in known if entry.valid_from not in stated]
    for one in own:
        if one.valid_to is not None and any(one.valid_from < begin < one.valid_to for begin in others):
            made.problems.append(tabular.at(one.row, PERIOD[1], "overlaps", WORDS))
            fine = False
    for before, after in pairwise(own):
        if before.valid_from == after.valid_from:
            made.problems.append(tabular.at(max(before.row, after.row), PERIOD[0], "twice", WORDS))
            fine = False
        elif before.valid_to is not None and before.valid_to > after.valid_from:
            made.problems.append(tabular.at(before.row, PERIOD[1], "overlaps", WORDS))
            fine = False
    return fine


def _change(one: Statement, identity: str, entry: Known | None) -> Change:
    action: Action = "corrected"
    if entry is None:
        action = "added"
    elif entry.data == one.data and entry.valid_to == one.valid_to:
        action = "unchanged"
    return Change(action, one.row, entry, identity, one.data, one.valid_from, one.valid_to)


def _end(entry: Known, instant: datetime, row: int | None) -> Change:
    return Change("ended", row, entry, entry.identity, entry.data, entry.valid_from, instant)
