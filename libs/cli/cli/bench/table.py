"""What a benchmark comes to: rows with figures of all rounds, and ratios against one of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median


@dataclass(frozen=True, slots=True)
class Row:
    """One competitor.

    Attributes:
        name: who.
        computes: what it does, so that the ratio can be judged.
        figures: one for each round, in the table's unit; none: it could not be run, `absent` says why.
        base: ratios are taken against it.
        absent: why there are no figures.
    """

    name: str
    computes: str
    figures: Sequence[float]
    base: bool = False
    absent: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """One piece of work, done by us and by others in turns.

    Attributes:
        work: what is done, in a sentence.
        unit: of the figures: `ms`, `s` or `a second`.
        rows: ours and the others.
        notes: what was learnt beside the figures, a sentence each.
    """

    work: str
    unit: str
    rows: Sequence[Row]
    notes: Sequence[str] = field(default_factory=tuple)

    def lines(self) -> list[str]:
        """Markdown. A ratio is this row's median by the base's."""
        bases = [median(row.figures) for row in self.rows if row.base and row.figures]
        found = [f"## {self.work}", "", f"| who | {self.unit} | ratio | rounds | computes |"]
        found.append("| --- | --- | --- | --- | --- |")
        for row in self.rows:
            figure = ratio = ""
            if row.figures:
                figure = _shown(median(row.figures))
                ratio = f"{median(row.figures) / bases[0]:.2f}" if bases else ""
            rounds = ", ".join(_shown(one) for one in row.figures) or row.absent
            found.append(f"| {row.name} | {figure} | {ratio} | {rounds} | {row.computes} |")
        return [*found, "", *(f"- {note}" for note in self.notes), ""]


def in_turns(runs: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """Every run once in each round, each round begun by another: what the machine does meanwhile hits all."""
    figures: dict[str, list[float]] = {name: [] for name in runs}
    names = list(runs)
    for turn in range(rounds):
        start = turn % len(names) if names else 0
        for name in names[start:] + names[:start]:
            figures[name].append(runs[name]())
    return figures


def _shown(figure: float) -> str:
    return f"{figure:,.0f}" if figure >= 100 else f"{figure:.1f}" if figure >= 10 else f"{figure:.3f}"
