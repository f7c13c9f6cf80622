"""A table of people as an import: from rows of cells to units, people, memberships, each with its row."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ValidationError

from common import sheets, tabular
from common.errors import Unprocessable
from common.sheets import Unreadable
from common.tabular import RowProblem
from intake.people.columns import BY_FIELD, COLUMNS, Part
from intake.people.import_problems import WORDS
from intake.people.import_schemas import ImportIn, MembershipIn, PersonIn, UnitIn

_FEWEST_HEADERS = 3
_PARTS: tuple[tuple[Part, str, type[BaseModel]], ...] = (
    ("unit", "units", UnitIn),
    ("person", "people", PersonIn),
    ("membership", "memberships", MembershipIn),
)
_NAMES = {("unit", "unit_uscc"): "uscc", ("unit", "unit_name"): "name", ("membership", "ref"): "person_ref"}


class FileUnreadable(Unprocessable):
    code = "intake.file_unreadable"
    title_zh, title_en = "无法读取该文件", "The file cannot be read"


@dataclass
class Table:
    """A table that was read: the import it makes, the row of each object in it, and what is wrong."""

    body: ImportIn
    rows: dict[str, int] = field(default_factory=dict)
    problems: list[RowProblem] = field(default_factory=list)

    def locate(self, found: RowProblem) -> RowProblem:
        """A problem of the import, with the row and column of the table it stands in."""
        _, section, index, *rest = found.pointer.split("/")
        part = next(part for part, name, _ in _PARTS if name == section)
        row = self.rows[f"/{section}/{index}"]
        names = {(_NAMES.get((part, one.field)) or one.field): one for one in COLUMNS if part in one.parts}
        column = names.get(rest[0]) if rest else None
        column = column or BY_FIELD["subject" if part == "membership" else "unit_uscc"]
        return found.model_copy(
            update={"pointer": f"/rows/{row}/{column.field}", "row": row, "column": column.zh}
        )


def read(content: bytes, kind: str, city: str, max_rows: int) -> Table:
    """Read a file as an import into one city.

    Raises:
        FileUnreadable: no such file, or no row of known headers in it.
        TooLarge: too many rows, or unpacked too much.
    """
    try:
        lines = sheets.read(content, kind, max_rows)
        begin, headers = tabular.headers(lines, COLUMNS, _FEWEST_HEADERS)
    except Unreadable as error:
        extra = {} if error.row is None else {"row": error.row}
        raise FileUnreadable(str(error), extra=extra) from error
    table = Table(ImportIn())
    found: dict[str, dict[tuple[Any, ...], tuple[int, dict[str, Any]]]] = {name: {} for _, name, _ in _PARTS}
    for line in lines[begin:]:
        values, bad = tabular.values(line, headers)
        table.problems += bad
        if not bad:
            for part, section, _ in _PARTS:
                table.problems += _take(found[section], part, line.number, values)
    _build(table, found, city)
    return table


def _take(
    found: dict[tuple[Any, ...], tuple[int, dict[str, Any]]], part: Part, row: int, values: dict[str, Any]
) -> Iterable[RowProblem]:
    """Note what a row states of one part; a unit or person that stands above must be stated alike."""
    stated = {
        _NAMES.get((part, column.field), column.field): values[column.field]
        for column in COLUMNS
        if part in column.parts and column.field in values
    }
    own = [one for one in COLUMNS if one.parts == (part,)]
    if part == "membership" and "role" not in values and "subject" not in values:
        return
    if not any(one.field in values for one in own):
        return  # it only names what is known already
    needed = [one for one in COLUMNS if part in one.parts and one.needed]
    needed += [BY_FIELD["unit_uscc"]] if part == "unit" else []
    missing = [tabular.at(row, one, "missing") for one in needed if one.field not in values]
    if missing:
        yield from missing
        return
    key: tuple[Any, ...] = (stated.get("uscc"),) if part == "unit" else (stated.get("ref"),)
    if part == "membership":
        key = (row,)
    before = found.get(key)
    if before is None:
        found[key] = (row, stated)
        return
    for name, value in stated.items():
        if before[1].setdefault(name, value) != value:
            column = next(one for one in COLUMNS if _NAMES.get((part, one.field), one.field) == name)
            yield tabular.at(row, column, "differs", WORDS)


def _build(
    table: Table, found: dict[str, dict[tuple[Any, ...], tuple[int, dict[str, Any]]]], city: str
) -> None:
    made: dict[str, list[Any]] = {}
    for part, section, kind in _PARTS:
        made[section] = []
        for row, stated in found[section].values():
            try:
                one = kind.model_validate({"city": city, **stated})
            except ValidationError as error:
                table.problems += _refused(part, row, error)
                continue
            table.rows[f"/{section}/{len(made[section])}"] = row
            made[section].append(one)
    table.body = ImportIn.model_construct(None, **made)
    table.problems.sort(key=lambda one: one.row or 0)


def _refused(part: Part, row: int, error: ValidationError) -> Iterable[RowProblem]:
    for fault in error.errors(include_input=False, include_context=False, include_url=False):
        name = str(fault["loc"][0])
        column = next(
            one for one in COLUMNS if part in one.parts and _NAMES.get((part, one.field), one.field) == name
        )
        yield tabular.at(row, column, "invalid")


def template(kind: str, lang: str) -> bytes:
    """An empty table with its headers; a workbook says on a second sheet what each column takes."""
    return tabular.template(kind, lang, COLUMNS, ("人员", "people"))
