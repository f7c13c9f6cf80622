"""Is a schema still good for the code before it? What two states of one schema say about that.

Old processes run on the new schema until they are replaced, so a revision may only add: tables, columns that
need no value, indexes, constraints on new columns, further values of a list. Everything else is a narrowing.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import asyncpg

_COLUMNS = """
    SELECT t.relname, a.attname, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull,
        a.atthasdef OR a.attidentity <> '' AS fills, a.attgenerated <> '' AS generated
    FROM pg_attribute a JOIN pg_class t ON t.oid = a.attrelid
    WHERE t.relnamespace = current_schema()::regnamespace AND t.relkind IN ('r', 'p')
        AND a.attnum > 0 AND NOT a.attisdropped
    ORDER BY t.relname, a.attnum"""
_CONSTRAINTS = """
    SELECT t.relname, c.conname AS name, c.contype::text AS kind, pg_get_constraintdef(c.oid) AS definition,
        ARRAY(SELECT a.attname::text FROM pg_attribute a
            WHERE a.attrelid = t.oid AND a.attnum = ANY (c.conkey)) AS columns
    FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
    WHERE t.relnamespace = current_schema()::regnamespace AND c.contype IN ('c', 'f', 'p', 'u', 'x')"""
_UNIQUE_INDEXES = """
    SELECT t.relname, i.relname AS name, 'u' AS kind, pg_get_indexdef(i.oid) AS definition,
        ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = t.oid AND (
            a.attnum = ANY (x.indkey) OR EXISTS (SELECT FROM pg_depend d WHERE d.objid = i.oid
                AND d.refobjid = t.oid AND d.refobjsubid = a.attnum))) AS columns
    FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
    WHERE t.relnamespace = current_schema()::regnamespace AND x.indisunique
        AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.oid AND c.conrelid = t.oid)"""
_TRIGGERS = """
    SELECT t.relname, g.tgname AS name, pg_get_triggerdef(g.oid) AS definition
    FROM pg_trigger g JOIN pg_class t ON t.oid = g.tgrelid
    WHERE t.relnamespace = current_schema()::regnamespace AND NOT g.tgisinternal"""
_DECIDING = ("p", "u", "x")  # which row is the one: old code names them in ON CONFLICT and in its errors
_LIST = re.compile(
    r"= (?:ANY \(\(?ARRAY\[(?P<many>[^\]]*)\]\)?(?:::\w+\[\])?\)"
    r"|(?P<one>'(?:[^']|'')*'(?:::[a-z ]+)?))"
)
_LITERAL = re.compile(r"'(?:[^']|'')*'")


@dataclass(frozen=True, slots=True)
class Column:
    """A column as an INSERT sees it. `fills`: it has a default or an identity."""

    type: str
    required: bool
    fills: bool
    generated: bool


@dataclass(frozen=True, slots=True)
class Constraint:
    """A constraint or a unique index; `kind` as in pg_constraint."""

    kind: str
    definition: str
    columns: frozenset[str]


@dataclass(slots=True)
class Table:
    """One table with what may refuse a row."""

    columns: dict[str, Column] = field(default_factory=dict)
    constraints: dict[str, Constraint] = field(default_factory=dict)
    triggers: dict[str, str] = field(default_factory=dict)


Schema = Mapping[str, Table]


@dataclass(frozen=True, slots=True)
class Narrowing:
    """`what` (`table` or `table.name`) no longer takes what it took, and why."""

    what: str
    why: str


async def read_schema(dsn: str) -> Schema:
    """The schema that a role sees first."""
    connection: asyncpg.Connection[Any] = await asyncpg.connect(dsn)
    try:
        found: dict[str, Table] = {}
        for row in await connection.fetch(_COLUMNS):
            columns = found.setdefault(row["relname"], Table()).columns
            columns[row["attname"]] = Column(row["type"], row["attnotnull"], row["fills"], row["generated"])
        for row in (*await connection.fetch(_CONSTRAINTS), *await connection.fetch(_UNIQUE_INDEXES)):
            one = Constraint(row["kind"], row["definition"], frozenset(row["columns"]))
            found[row["relname"]].constraints[row["name"]] = one
        for row in await connection.fetch(_TRIGGERS):
            found[row["relname"]].triggers[row["name"]] = row["definition"]
        return found
    finally:
        await connection.close()


def narrowings(before: Schema, after: Schema) -> list[Narrowing]:
    """What stands against old code on the new schema; empty where all is well."""
    found: list[Narrowing] = []
    for name, old in before.items():
        if name not in after:
            found.append(Narrowing(name, "the table is gone or has another name"))
            continue
        found += _in_columns(name, old, after[name])
        found += _in_constraints(name, old, after[name])
        for trigger, definition in after[name].triggers.items():
            if old.triggers.get(trigger) != definition:
                found.append(Narrowing(f"{name}.{trigger}", "a new trigger acts on what old code writes"))
    return found


def _in_columns(table: str, old: Table, new: Table) -> Iterator[Narrowing]:
    for name, was in old.columns.items():
        now = new.columns.get(name)
        if now is None:
            yield Narrowing(f"{table}.{name}", "the column is gone or has another name")
        elif now.type != was.type:
            yield Narrowing(f"{table}.{name}", f"the type was {was.type} and is {now.type}")
        elif now.generated and not was.generated:
            yield Narrowing(f"{table}.{name}", "the column is generated and takes no values any more")
        elif now.required and not was.required:
            yield Narrowing(f"{table}.{name}", "the column was nullable and is not")
        elif now.required and was.fills and not now.fills:
            yield Narrowing(f"{table}.{name}", "the default is gone")
    for name in new.columns.keys() - old.columns.keys():
        now = new.columns[name]
        if now.required and not (now.fills or now.generated):
            yield Narrowing(f"{table}.{name}", "a new column needs a value and has no default")


def _in_constraints(table: str, old: Table, new: Table) -> Iterator[Narrowing]:
    for name, was in old.constraints.items():
        if was.kind in _DECIDING and new.constraints.get(name) != was:
            yield Narrowing(f"{table}.{name}", "what makes a row the only one is gone or differs")
    for name, now in new.constraints.items():
        known = old.constraints.get(name)
        if known == now or not now.columns & old.columns.keys():
            continue
        if known is None:
            if not _passes_without(now, old, new):
                yield Narrowing(f"{table}.{name}", "a new constraint binds columns that were there before")
        elif known.kind not in _DECIDING and not _widened(known, now):
            yield Narrowing(f"{table}.{name}", f"it was {known.definition} and is {now.definition}")


def _passes_without(one: Constraint, old: Table, new: Table) -> bool:
    """Keys and references pass over rows where a column is null, as new ones are in what old code writes."""
    added = [new.columns[name] for name in one.columns - old.columns.keys()]
    nulls = any(not (column.required or column.fills or column.generated) for column in added)
    return one.kind != "c" and nulls and "NULLS NOT DISTINCT" not in one.definition


def _widened(was: Constraint, now: Constraint) -> bool:
    """The same check, its list of values longer."""
    return _frame(was) == _frame(now) and _values(was) <= _values(now)


def _frame(one: Constraint) -> str:
    return _LIST.sub("IN ()", one.definition)


def _values(one: Constraint) -> frozenset[str]:
    lists = [found["many"] or found["one"] for found in _LIST.finditer(one.definition)]
    return frozenset(value for text in lists for value in _LITERAL.findall(text))
