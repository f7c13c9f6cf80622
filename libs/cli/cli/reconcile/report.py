"""What a comparison found: per check how much was looked at, what differs, and what came of it."""

from dataclasses import dataclass, field
from typing import Any

from cli.reconcile.mending import Mend

MENDED, LEFT = "mended", "left to a person"
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing on which two owners disagree.

    Attributes:
        check: the check that found it.
        what: which disagreement, a static word.
        about: ids and keys only, never names.
        mend: what may put it right; None: another mend may, or it is a person's to decide.
    """

    check: str
    what: str
    about: str
    mend: Mend | None = None


@dataclass
class Check:
    """One comparison of a city: how many were compared, and what differs."""

    name: str
    compared: int = 0
    differences: list[Difference] = field(default_factory=list)

    def differs(self, what: str, about: str, mend: Mend | None = None) -> None:
        """Note a difference."""
        self.differences.append(Difference(self.name, what, about, mend))


@dataclass
class Result:
    """All checks of a city, and what came of each difference: `mended`, or why not."""

    city: str
    checks: list[Check]
    outcomes: dict[Difference, str] = field(default_factory=dict)

    @property
    def found(self) -> list[Difference]:
        return [one for check in self.checks for one in check.differences]

    @property
    def left(self) -> int:
        """How many differences are still there."""
        return sum(self.outcome(one) != MENDED for one in self.found)

    def outcome(self, one: Difference) -> str:
        return self.outcomes.get(one, "can be mended" if one.mend is not None else LEFT)

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "city": self.city,
            "left": self.left,
            "checks": [
                {
                    "check": check.name,
                    "compared": check.compared,
                    "differences": [
                        {"what": one.what, "about": one.about, "outcome": self.outcome(one)}
                        for one in check.differences
                    ],
                }
                for check in self.checks
            ],
        }

    def lines(self) -> list[str]:
        """For people."""
        out = [f"city {self.city}"]
        for check in self.checks:
            found = check.differences
            out.append(f"  {check.name:<16}{check.compared:>8} compared{len(found):>6} differ")
            out += [f"    {one.what}  {one.about}  {self.outcome(one)}" for one in found[:_SHOWN]]
            if len(found) > _SHOWN:
                out.append(f"    and {len(found) - _SHOWN} more (--json has all)")
        return out
