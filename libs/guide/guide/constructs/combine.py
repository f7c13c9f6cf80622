"""The order in which outcomes win when parts are combined."""

from __future__ import annotations

from typing import TYPE_CHECKING

from guide.case import PLAIN, Note, Part, Reading
from guide.words import Outcome

if TYPE_CHECKING:
    from guide.case import Case

ALL_ORDER = (Outcome.fail, Outcome.unknown, Outcome.manual, Outcome.passed)
ANY_ORDER = (Outcome.passed, Outcome.unknown, Outcome.manual, Outcome.fail)


def strongest(parts: list[Part], order: tuple[Outcome, ...]) -> Part:
    """The first outcome of `order` that a part has; parts that do not apply drop out.

    A pass keeps no missing facts; every other outcome keeps what any open part misses.
    """
    if parts[0].outcome is Outcome.passed and parts.count(parts[0]) == len(parts):
        return parts[0]  # most parts of most rules; nothing to merge
    listed = [part for part in parts if part.outcome is not Outcome.not_applicable]
    if not listed:
        return PLAIN[Outcome.not_applicable]
    outcomes = [part.outcome for part in listed]
    outcome = next(one for one in order if one in outcomes)
    return merged(outcome, listed, listed[outcomes.index(outcome)].case)


def merged(outcome: Outcome, parts: list[Part], case: Case | None) -> Part:
    """One outcome for several parts, with what they miss, remark and turn on, each once."""
    if len(parts) == 1 and parts[0].outcome is outcome and parts[0].case is case:
        return parts[0]
    missing: dict[str, None] = {}
    notes: dict[Note, None] = {}
    readings: dict[Reading, None] = {}
    for part in parts:
        if part.missing:
            missing.update(dict.fromkeys(part.missing))
        if part.readings:
            readings.update(dict.fromkeys(part.readings))
        if part.notes and part.outcome is outcome:
            notes.update(dict.fromkeys(part.notes))
    if outcome is Outcome.passed or outcome is Outcome.not_applicable:
        missing = {}
    if missing or notes or readings or case is not None:
        return Part(outcome, tuple(missing), tuple(notes), tuple(readings), case)
    return PLAIN[outcome]
