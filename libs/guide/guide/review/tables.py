"""What the officer adds up at the end: places, routing, and what the bureau has still to settle."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from guide.model.interpretations import Interpretation
from guide.pack import Pack
from guide.reading import Labels, say
from guide.review.entries import names_of, said, silent
from guide.review.terms import STEPS, instant, term
from guide.words import Strength


@dataclass(frozen=True, slots=True)
class Places:
    """A block of places; `total` is what the guide prints, `sum` what its rows add up to."""

    category: str
    clause: str
    total: int
    sum: int
    rows: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Route:
    """Which office handles what; `condition` in words (None = always), `expression` as the pack has it."""

    categories: str
    condition: str | None
    expression: str | None
    office: str


@dataclass(frozen=True, slots=True)
class OpenPoint:
    """One thing that a person has to settle or to know; `clause` or `rule`: where it stands."""

    text: str
    clause: str | None = None
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class OpenPoints:
    """Open points of one kind."""

    title: str
    points: tuple[OpenPoint, ...]


def places(pack: Pack, labels: Labels) -> tuple[Places, ...]:
    """The blocks of places, in the order of the pack."""
    return tuple(
        Places(
            labels.category(block.category),
            block.clause,
            block.total,
            sum(row.limit for row in block.rows),
            tuple((labels.choose(row.unit_zh, row.unit_en), row.limit) for row in block.rows),
        )
        for block in pack.document.quota_blocks or ()
    )


def routes(pack: Pack, labels: Labels) -> tuple[Route, ...]:
    """The routing table; first match counts."""
    return tuple(
        Route(
            names_of(route.categories, labels),
            None if route.when is None else say(route.when, labels) or route.when,
            route.when,
            labels.choose(pack.offices[route.office].name_zh, pack.offices[route.office].name_en),
        )
        for route in pack.document.routing.routes
    )


def open_points(pack: Pack, labels: Labels) -> tuple[OpenPoints, ...]:
    """What is not confirmed, not stated, routed or judged by a person, or carries nothing."""
    choose = labels.choose
    kinds = (
        (
            choose("尚未确认的解读口径", "interpretations that nobody has confirmed"),
            _unconfirmed(pack, labels),
        ),
        (choose("指南未载明", "where the guide is silent"), _silences(pack, labels)),
        (choose("须人工分派科室的类别", "categories that a person routes"), _unrouted(pack, labels)),
        (choose("“原则上”的条款", "conditions in principle"), _soft(pack, labels)),
        (choose("按惯例、无条款依据的环节", "steps by custom, without a clause"), _customary(pack, labels)),
    )
    return tuple(OpenPoints(title, found) for title, points in kinds if (found := tuple(points)))


def _unconfirmed(pack: Pack, labels: Labels) -> Iterator[OpenPoint]:
    for one in pack.interpretations.values():
        if one.confirmed is None and one.derived:
            how = _meanwhile(one, labels)
            yield OpenPoint(f"{one.id}: {one.question.in_(labels.lang)} — {how}", clause=one.clause)


def _meanwhile(one: Interpretation, labels: Labels) -> str:
    if one.mode == "apply":
        default = labels.reading(one.id, one.default_key or "")
        return labels.choose(f"暂按“{default}”执行", f"“{default}” applies meanwhile")
    return labels.choose("结论不同时转人工", "a person decides where readings differ")


def _silences(pack: Pack, labels: Labels) -> Iterator[OpenPoint]:
    call, choose = pack.call, labels.choose
    window = call.window
    stated_at = window.clause if window is not None else None
    if window is None or window.open_at is None:
        yield OpenPoint(choose("受理开始时间", "when the call opens"), clause=stated_at)
    if window is None or window.close_at is None:
        yield OpenPoint(choose("受理截止时间", "when the call closes"), clause=stated_at)
    if pack.life_cycle.notice_days is None:
        yield OpenPoint(choose("公示天数", "days of public notice"))
    if pack.document.quota_blocks is None:
        yield OpenPoint(choose("推荐名额", "places for recommendation"))
    for leaf in pack.leaves:
        fields = (
            (leaf.who, choose("申报主体", "who may apply")),
            (leaf.fields, choose("支持领域", "fields")),
            (leaf.years, choose("实施年限", "years")),
            (leaf.cap, choose("立项上限", "cap")),
            (leaf.funding, choose("资助额度", "funding")),
            (leaf.funding_mode, choose("资助方式", "mode of funding")),
        )
        lacking = [name for value, name in fields if value is None]
        if lacking:
            said_of = choose(leaf.name_zh, leaf.name_en)
            yield OpenPoint(f"{said_of}: {choose('、', ', ').join(lacking)}", clause=leaf.clause)


def _unrouted(pack: Pack, labels: Labels) -> Iterator[OpenPoint]:
    for leaf in pack.leaves:
        if leaf.manual_route:
            yield OpenPoint(labels.choose(leaf.name_zh, leaf.name_en), clause=leaf.clause)


def _soft(pack: Pack, labels: Labels) -> Iterator[OpenPoint]:
    for rule in pack.rules.values():
        if rule.strength is Strength.soft:
            yield OpenPoint(f"{rule.id} {labels.choose(rule.title_zh, rule.title_en)}", rule=rule.id)


def _customary(pack: Pack, labels: Labels) -> Iterator[OpenPoint]:
    for step in pack.life_cycle.steps:
        if step.used and step.clause is None:
            yield OpenPoint(term(STEPS, step.id, labels))


def head(pack: Pack, labels: Labels) -> tuple[tuple[str, str], ...]:
    """The call: issuer, city, year, window, addressees, what it rests on."""
    call, choose = pack.call, labels.choose
    opens, closes = (instant(at, call.time_zone, labels) for at in (call.open_at, call.close_at))
    unstated = silent(labels)
    return (
        (choose("发布单位", "issued by"), choose(call.issuer, call.issuer_en)),
        (choose("所属市", "city"), f"{choose(call.city_zh, call.city_en)} ({call.city})"),
        (choose("年度", "year"), str(call.year)),
        (choose("受理时间", "window"), f"{opens} – {closes} ({call.zone})"),
        (choose("公示天数", "days of notice"), str(pack.life_cycle.notice_days or unstated)),
        (choose("申报对象", "addressees"), said(call.addressees, labels)),
        (choose("政策依据", "basis"), choose("；", "; ").join(call.basis) or unstated),
    )
