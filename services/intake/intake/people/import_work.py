"""One reading of a file of people: what it holds, what is known already, what is wrong."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from common.tabular import RowProblem
from intake.people.import_problems import problem
from intake.people.import_schemas import ImportIn, MembershipIn, PersonIn, UnitIn
from intake.people.models import Membership, Person, Unit

Key = tuple[str, str]
Login = tuple[str, str, str]


@dataclass
class Work:
    """Units by (city, credit code), people by (city, ref), logins by (issuer, subject, city), persons by the
    blind index of their resident id, administrators' memberships by city."""

    body: ImportIn
    units: dict[Key, Unit] = field(default_factory=dict)
    people: dict[Key, Person] = field(default_factory=dict)
    logins: dict[Login, list[Membership]] = field(default_factory=dict)
    carriers: dict[bytes, Person] = field(default_factory=dict)
    administrators: dict[str, list[Membership]] = field(default_factory=dict)
    problems: list[RowProblem] = field(default_factory=list)

    def problem(self, pointer: str, code: str, more: str | None = None) -> None:
        """Note what is wrong at a place of the file."""
        self.problems.append(problem(pointer, code, more=more))

    def sections(self) -> Iterator[tuple[str, Sequence[UnitIn | PersonIn | MembershipIn]]]:
        """The three parts of the file, by name."""
        yield "units", self.body.units
        yield "people", self.body.people
        yield "memberships", self.body.memberships

    def cities(self) -> set[str]:
        """The cities that the file names."""
        return {row.city for _, rows in self.sections() for row in rows}

    def held(self, row: MembershipIn) -> Membership | None:
        """The membership that a row is about, where there is one already."""
        unit = self.units.get((row.city, row.unit_uscc)) if row.unit_uscc is not None else None
        if row.unit_uscc is not None and unit is None:
            return None
        wanted = (row.role.value, unit.id if unit else None)
        found = self.logins.get((row.issuer, row.subject, row.city), [])
        return next((one for one in found if (one.role, one.unit_id) == wanted), None)
