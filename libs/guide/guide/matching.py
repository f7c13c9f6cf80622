"""What a unit may apply for: each selectable category judged on the facts at hand, and put in an order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from functools import cached_property
from typing import Any

from guide.evaluate import evaluate
from guide.finding import Evaluation, Finding
from guide.model.categories import Category
from guide.pack import Pack
from guide.reach import OF_APPLICANT, OF_APPLICATION, Reach, facts_missing, reach_of, shortfall
from guide.window import Window, call_window
from guide.words import Effect, Eligible, Lang, Outcome, Stage

RECEIVED = "submission.received_at"
"""The instant of sending: whoever asks what may be applied for asks as if it were sent now."""

_SUBMISSION = "submission"
"""The step of the life by which one applies; without it a category is granted otherwise."""

_GROUPS = {Eligible.eligible: 0, Eligible.pending: 1, Eligible.not_eligible: 2}


@dataclass(frozen=True, slots=True)
class Failure:
    """A rule that fails, who could change that, and what share of the figure asked for is lacking."""

    finding: Finding
    reach: Reach
    shortfall: Fraction


@dataclass(frozen=True)
class Match:
    """One category for one set of facts, judged at submission.

    `failures` are the rules that refuse, nearest first; `open` those that are due and not decided yet.
    """

    pack: Pack
    category: Category
    evaluation: Evaluation
    window: Window
    failures: tuple[Failure, ...]
    open: tuple[Finding, ...]
    position: int
    """Of the category in its pack."""

    @cached_property
    def lacking(self) -> tuple[str, ...]:
        """Facts that open rules lack."""
        return facts_missing(self.open)

    @cached_property
    def about_applicant(self) -> tuple[str, ...]:
        """Those of `lacking` that the unit can state before it applies for anything."""
        return tuple(name for name in self.lacking if self.pack.facts[name].owner in OF_APPLICANT)

    @cached_property
    def about_application(self) -> tuple[str, ...]:
        """Those that the form, the files and the sending will state."""
        return tuple(name for name in self.lacking if self.pack.facts[name].owner in OF_APPLICATION)

    @cached_property
    def about_others(self) -> tuple[str, ...]:
        """Those that nobody asks the applicant for: places, lists of other bodies, reviewers."""
        mine = {*self.about_applicant, *self.about_application}
        return tuple(name for name in self.lacking if name not in mine)

    @cached_property
    def open_about_applicant(self) -> int:
        """Open rules that wait for a fact about the applicant."""
        mine = set(self.about_applicant)
        return sum(any(name.partition("[]")[0] in mine for name in one.missing) for one in self.open)

    @cached_property
    def for_person(self) -> tuple[Finding, ...]:
        """Open rules that a person of the bureau decides."""
        return tuple(one for one in self.open if one.outcome is Outcome.manual)

    @cached_property
    def priorities(self) -> tuple[Finding, ...]:
        """Grounds of priority that hold."""
        return tuple(
            one
            for one in self.evaluation.findings
            if one.effect is Effect.priority and one.outcome is Outcome.passed
        )

    @property
    def out_of_reach(self) -> bool:
        """Whether something refuses that nobody can change by applying otherwise or waiting a little."""
        return any(one.reach is Reach.nobody for one in self.failures)

    @property
    def total_shortfall(self) -> Fraction:
        return sum((one.shortfall for one in self.failures), Fraction(0))

    def order(self) -> tuple[Any, ...]:
        """Ascending is best first; `docs/planning.md` says it in words."""
        return (_GROUPS[self.evaluation.eligible], *self._nearness(), *_last_if_silent(self.window.close_at))

    def _nearness(self) -> tuple[Any, ...]:
        if self.evaluation.eligible is Eligible.not_eligible:
            return self.out_of_reach, len(self.failures), self.total_shortfall
        return self.open_about_applicant, len(self.open), Fraction(len(self.lacking))

    def why(self, lang: Lang | str) -> str:
        """One sentence on what put it where it stands."""
        zh, en = self._words()
        return en if Lang(lang) is Lang.en else zh

    def _words(self) -> tuple[str, str]:
        fails, mine, rest = len(self.failures), len(self.about_applicant), len(self.about_application)
        if self.evaluation.eligible is Eligible.eligible:
            return "各项条件均已满足", "every condition is met"
        if self.evaluation.eligible is Eligible.pending:
            if mine:
                return (
                    f"尚缺 {mine} 项申报主体的信息，另有 {rest} 项申报时填报",
                    f"facts about the applicant still missing: {mine}; to be stated when applying: {rest}",
                )
            return (
                f"申报主体的条件未见不符，申报时还须填报 {rest} 项",
                f"nothing about the applicant is missing; to be stated when applying: {rest}",
            )
        if self.out_of_reach:
            return (
                f"{fails} 项条件不符，其中有无法自行改变的",
                f"not met: {fails}, one or more not yours to change",
            )
        lacking = _percent(max(one.shortfall for one in self.failures))
        return f"{fails} 项条件不符，最大差距 {lacking}%", f"not met: {fails}; the largest gap is {lacking}%"


def applied_for(pack: Pack) -> list[Category]:
    """Categories that one applies for, in the pack's order."""
    return [one for one in pack.leaves if _SUBMISSION in pack.life_cycle.used_by(one.id)]


def match(
    pack: Pack,
    category: str,
    as_of: datetime,
    facts: Mapping[str, Any],
    lang: Lang | str,
    window: Window | None = None,
) -> Match:
    """Judge a selectable category at submission, as if the application were sent at `as_of`.

    Args:
        facts: flat, checked; those that the pack does not know are ignored.
        window: when the call receives, if that is known from elsewhere than the guide.
    """
    sent = dict(facts)
    if sent.get(RECEIVED) in {None, ""} and RECEIVED in pack.facts:
        sent[RECEIVED] = as_of.isoformat()
    found = evaluate(pack, category=category, stage=Stage.submission, as_of=as_of, facts=sent, lang=lang)
    counted = [one for one in found.findings if one.enters_verdict]
    failures = [
        Failure(one, reach_of(pack, one), shortfall(one)) for one in counted if one.outcome is Outcome.fail
    ]
    failures.sort(key=lambda one: (one.reach is Reach.nobody, one.shortfall))
    return Match(
        pack,
        pack.leaf(category),
        found,
        window or call_window(pack),
        tuple(failures),
        tuple(
            one
            for one in counted
            if one.outcome in {Outcome.unknown, Outcome.manual} and one.is_due(Stage.submission)
        ),
        [leaf.id for leaf in pack.leaves].index(category),
    )


def ranked(matches: Iterable[Match]) -> Sequence[Match]:
    """Best first; equals by guide and by their place in it."""
    return sorted(matches, key=lambda one: (*one.order(), one.pack.id, one.position))


def _last_if_silent(instant: datetime | None) -> tuple[bool, float]:
    return (True, 0.0) if instant is None else (False, instant.timestamp())


def _percent(share: Fraction) -> int:
    """Rounded up, so that something that is lacking never reads as nothing."""
    return -(-share.numerator * 100 // share.denominator)
