"""Rows that a schema accepts, made from the schema alone: what the code of a revision might write.

One full row (a value in every column) and one sparse row (only what is required) of each table.
"""

import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

Row = dict[str, Any]
_LITERAL: Final = re.compile(r"'((?:[^']|'')*)'")
_MOST_TRIES: Final = 5_000


class NoRow(Exception):
    """No row was found that the table accepts; its checks want more than this module guesses."""


_VALUES: Final[tuple[tuple[type[Any], Callable[[int], Any]], ...]] = (
    (sa.JSON, lambda seed: {}),
    (sa.ARRAY, lambda seed: []),
    (sa.LargeBinary, lambda seed: bytes([seed % 256])),
    (sa.Uuid, lambda seed: UUID(int=seed)),
    (sa.Boolean, lambda seed: True),
    (sa.Integer, lambda seed: seed),
    (sa.Float, float),
    (sa.Numeric, Decimal),
    (sa.DateTime, lambda seed: datetime(2020, 6, 1, tzinfo=UTC)),
    (sa.Date, lambda seed: date(2020, 6, 1)),
    (sa.String, str),
)


def _plain(column: sa.Column[Any], seed: int) -> Any:
    """A value of the column's type; another seed, another value."""
    for kind, made in _VALUES:
        if isinstance(column.type, kind):
            return made(seed)
    raise NoRow(f"{column.table.name}.{column.name}: no value of {column.type!r} is known here")


def _candidates(column: sa.Column[Any], check: str, seed: int) -> list[Any]:
    """What a column that a check names may hold, likely ones first."""
    found: list[Any] = []
    if isinstance(column.type, sa.String):
        found += [text.replace("''", "'") for text in _LITERAL.findall(check)]
    elif isinstance(column.type, sa.DateTime):
        found += [datetime(year, 1, 1, tzinfo=UTC) for year in (2020, 2021)]
    elif isinstance(column.type, sa.Integer):
        found += [1, 0, 50]
    elif isinstance(column.type, sa.Boolean):
        found += [True, False]
    found.append(_plain(column, seed))
    return [*found, None] if column.nullable else found


async def insert_samples(
    connection: AsyncConnection, metadata: sa.MetaData, *, seed: int
) -> dict[str, list[Row]]:
    """Write the two rows of every table, parents first.

    Args:
        metadata: reflected tables.
        seed: tells one run's keys from another's.

    Returns:
        Table → the rows as written.

    Raises:
        NoRow: a table takes none of the rows that were tried.
    """
    written: dict[str, list[Row]] = {}
    for table in metadata.sorted_tables:
        for number, sparse in enumerate((False, True)):
            row = await _insert(connection, table, written, seed * 10 + number, sparse)
            written.setdefault(table.name, []).append(row)
    return written


async def _insert(
    connection: AsyncConnection, table: sa.Table, written: Mapping[str, list[Row]], seed: int, sparse: bool
) -> Row:
    row = _row(table, written, seed, sparse)
    checks = {str(one.name): one for one in table.constraints if isinstance(one, sa.CheckConstraint)}
    broken: set[str] = set()
    tries: Iterator[Row] = iter([row])
    for _ in range(_MOST_TRIES):
        attempt = next(tries, None)
        if attempt is None:
            break
        try:
            async with connection.begin_nested():
                await connection.execute(sa.insert(table).values(attempt))
            return attempt
        except IntegrityError as error:
            name = _violated(error)
            if name not in checks:
                raise NoRow(f"{table.name}: {name} refuses {sorted(row)}") from error
            if name not in broken:
                broken.add(name)
                tries = _variants(table, row, [str(checks[one].sqltext) for one in sorted(broken)], seed)
    raise NoRow(f"{table.name}: {sorted(broken)} refuse every row that was tried")


def _row(table: sa.Table, written: Mapping[str, list[Row]], seed: int, sparse: bool) -> Row:
    row: Row = {}
    for column in table.columns:
        fills = column.server_default is not None or column.identity is not None
        if column.computed is not None or (sparse and (column.nullable or fills)):
            continue
        row[column.name] = _plain(column, seed)
        for key in column.foreign_keys:
            parents = written.get(key.column.table.name)
            if parents is not None:
                row[column.name] = parents[seed % 10][key.column.name]
            elif column.nullable:
                row[column.name] = None  # points to its own table
    return row


def _variants(table: sa.Table, row: Row, checks: list[str], seed: int) -> Iterator[Row]:
    text = " ".join(checks)
    bound = {key.parent.name for key in table.foreign_keys}
    mentioned = set(re.findall(r"\w+", text))
    named = [one for one in table.columns if one.name in mentioned and one.name not in bound]
    for values in itertools.product(*(_candidates(one, text, seed) for one in named)):
        yield row | {one.name: value for one, value in zip(named, values, strict=True)}


def _violated(error: IntegrityError) -> str:
    cause = error.orig.__cause__ if error.orig is not None else None
    return str(getattr(cause, "constraint_name", None))
