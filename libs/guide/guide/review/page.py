"""The whole review: the call, clause by clause what hangs on it, places, routing, open points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from guide.pack import Pack
from guide.reading import Labels
from guide.review.cases import Cases, run
from guide.review.clauses import SourceEntry, sources
from guide.review.entries import Entry, Rows, own_entries
from guide.review.tables import OpenPoints, Places, Route, head, open_points, places, routes
from guide.words import Lang


@dataclass(frozen=True, slots=True)
class Review:
    """What the page shows, all of it as text in one language (`other_…` in the other one).

    `cases` is None where none were given.
    """

    guide: str
    version: str
    title: str
    other_title: str
    head: Rows
    sources: tuple[SourceEntry, ...]
    own: tuple[Entry, ...]
    places: tuple[Places, ...]
    routes: tuple[Route, ...]
    open_points: tuple[OpenPoints, ...]
    cases: Cases | None
    rules: int
    clauses: int


def review(pack: Pack, lang: Lang, cases: Sequence[str | bytes] = ()) -> Review:
    """A pack for its officer.

    Args:
        cases: texts of files of golden cases.

    Raises:
        CasesRefused: one of them is no such file.
    """
    labels = Labels(pack, lang)
    titles = (pack.call.title_zh, pack.call.title_en)
    return Review(
        pack.id,
        pack.version,
        labels.choose(*titles),
        labels.choose(*titles[::-1]),
        head(pack, labels),
        sources(pack, labels),
        tuple(own_entries(pack, labels)),
        places(pack, labels),
        routes(pack, labels),
        open_points(pack, labels),
        run(pack, cases, labels) if cases else None,
        len(pack.rules),
        len(pack.clauses),
    )
