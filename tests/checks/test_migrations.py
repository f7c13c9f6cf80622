"""The check of migrations finds what would stop the code before a revision, and lets pass what would not."""

import asyncio
import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import asyncpg
import pytest
from alembic.config import Config

from cli.database import drop_database, setup_database

CHECKS = Path(__file__).resolve().parents[2] / "deploy/checks"
ENVIRONMENT = """
from common.db import new_metadata
from common.migrations import run

run(new_metadata())
"""
REVISION = """
from alembic import op

revision, down_revision = "{revision}", {down!r}
branch_labels = depends_on = None
narrows = {narrows!r}


def upgrade():
    for statement in {statements!r}:
        op.execute(statement)
"""
FIRST = """
CREATE TABLE parents (id uuid PRIMARY KEY)
;
CREATE TABLE things (
    id uuid CONSTRAINT pk_things PRIMARY KEY,
    parent_id uuid NOT NULL REFERENCES parents (id),
    city varchar(6) NOT NULL,
    state varchar(20) NOT NULL CONSTRAINT ck_things_state CHECK (state IN ('open', 'closed')),
    kind varchar(20) NOT NULL CONSTRAINT ck_things_kind CHECK (kind IN ('place')),
    used integer NOT NULL DEFAULT 0,
    capacity integer NOT NULL CONSTRAINT ck_things_capacity CHECK (used >= 0 AND used <= capacity),
    note text,
    closed_at timestamptz CONSTRAINT ck_things_closed CHECK ((state = 'closed') = (closed_at IS NOT NULL)),
    CONSTRAINT uq_things_city_note UNIQUE (city, note)
)
;
CREATE UNIQUE INDEX uq_things_open ON things (city, capacity) WHERE state = 'open'
"""
EMPTY = """
DO $$ DECLARE name text; BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = current_schema() LOOP
        EXECUTE format('DROP TABLE %I CASCADE', name);
    END LOOP;
END $$;
DROP FUNCTION IF EXISTS no()
"""
Run = Callable[..., list[str]]


def module(name: str) -> ModuleType:
    """A check as a module; the checks import each other as scripts of one folder do."""
    sys.path.insert(0, str(CHECKS))
    try:
        spec = importlib.util.spec_from_file_location(f"checks_{name}", CHECKS / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        found = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(found)
        return found
    finally:
        sys.path.remove(str(CHECKS))


@pytest.fixture(scope="module")
def checking() -> ModuleType:
    return module("migrations")


@pytest.fixture(scope="module")
def own_dsn(admin_dsn: str) -> Iterator[str]:
    """Quota's role in a database of its own."""
    name = "shenbao_checked"
    drop_database(admin_dsn, name)
    yield setup_database(admin_dsn, {"quota": "test-only"}, database=name)["quota"]
    drop_database(admin_dsn, name)


@pytest.fixture
def dsn(own_dsn: str) -> str:
    """The same with nothing in it."""

    async def empty() -> None:
        connection = await asyncpg.connect(own_dsn)
        try:
            await connection.execute(EMPTY)
        finally:
            await connection.close()

    asyncio.run(empty())
    return own_dsn


@pytest.fixture
def run(checking: ModuleType, dsn: str, tmp_path: Path) -> Run:
    """`run("ALTER TABLE …")`: what the check says of a history of FIRST and this statement."""

    def history(statement: str, *, narrows: dict[str, str] | None = None) -> list[str]:
        folder = tmp_path / "migrations"
        (folder / "versions").mkdir(parents=True)
        (folder / "env.py").write_text(ENVIRONMENT)
        for revision, down, sql in (("0001", None, FIRST), ("0002", "0001", statement)):
            said = narrows if revision == "0002" and narrows else {}
            values = {"down": down, "narrows": said, "statements": sql.split("\n;\n")}
            content = REVISION.format(revision=revision, **values)
            (folder / "versions" / f"{revision}.py").write_text(content)
        config = Config()
        config.set_main_option("script_location", str(folder))
        config.attributes |= {"database_url": dsn, "service": "quota"}
        found: list[str] = checking.history(config, dsn)
        return found

    return history


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("DROP TABLE things", "things: the table is gone"),
        ("ALTER TABLE things RENAME TO items", "things: the table is gone"),
        ("ALTER TABLE things DROP COLUMN note", "things.note: the column is gone"),
        ("ALTER TABLE things RENAME COLUMN note TO remark", "things.note: the column is gone"),
        ("ALTER TABLE things ALTER note TYPE varchar(9)", "things.note: the type was text"),
        (
            "UPDATE things SET closed_at = now(), state = 'closed'\n;\n"
            "ALTER TABLE things ALTER closed_at SET NOT NULL",
            "things.closed_at: the column was nullable",
        ),
        ("ALTER TABLE things ALTER used DROP DEFAULT", "things.used: the default is gone"),
        (
            "DELETE FROM things\n;\nALTER TABLE things ADD weight integer NOT NULL",
            "things.weight: a new column needs a value",
        ),
        ("ALTER TABLE things ADD CONSTRAINT c CHECK (length(note) < 5)", "things.c: a new constraint"),
        ("CREATE UNIQUE INDEX i ON things (note)", "things.i: a new constraint"),
        ("CREATE UNIQUE INDEX i ON things (lower(note))", "things.i: a new constraint"),
        ("ALTER TABLE things DROP CONSTRAINT uq_things_city_note", "things.uq_things_city_note: what makes"),
        ("DROP INDEX uq_things_open", "things.uq_things_open: what makes"),
        (
            "ALTER TABLE things DROP CONSTRAINT ck_things_state, ADD CONSTRAINT ck_things_state"
            " CHECK (state IN ('open', 'done')) NOT VALID",
            "things.ck_things_state: it was",
        ),
        (
            "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$\n;\n"
            "CREATE TRIGGER t BEFORE INSERT ON things FOR EACH ROW EXECUTE FUNCTION no()",
            "things.t: a new trigger",
        ),
    ],
)
def test_what_old_code_would_run_into_is_found(run: Run, statement: str, what: str) -> None:
    (first, *_) = run(statement)
    assert first.startswith(f"0002: {what}")


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE more (id uuid PRIMARY KEY, thing_id uuid NOT NULL REFERENCES things (id))",
        "ALTER TABLE things ADD weight integer",
        "ALTER TABLE things ADD weight integer NOT NULL DEFAULT 1 CONSTRAINT w CHECK (weight > 0)",
        "ALTER TABLE things ADD number bigint GENERATED ALWAYS AS IDENTITY",
        "ALTER TABLE things ADD code text\n;\nCREATE UNIQUE INDEX i ON things (city, code)",
        "CREATE INDEX i ON things (city, state)",
        "ALTER TABLE things ALTER city DROP NOT NULL",
        "ALTER TABLE things DROP CONSTRAINT ck_things_closed",
        "ALTER TABLE things DROP CONSTRAINT ck_things_state, ADD CONSTRAINT ck_things_state"
        " CHECK (state IN ('open', 'closed', 'withdrawn'))",
        "ALTER TABLE things DROP CONSTRAINT ck_things_kind, ADD CONSTRAINT ck_things_kind"
        " CHECK (kind IN ('place', 'money'))",
    ],
)
def test_what_only_adds_passes(run: Run, statement: str) -> None:
    assert run(statement) == []


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("ALTER TABLE things ADD c text DEFAULT 'x'\n;\nCREATE UNIQUE INDEX i ON things (c)", "does not run"),
        ("ALTER TABLE things ADD c integer DEFAULT 1, ADD CONSTRAINT k CHECK (c > 2) NOT VALID", "refused"),
        ("UPDATE things SET note = 'rewritten ' || id", "things: rows are not what they were"),
    ],
)
def test_rows_of_the_older_tables_are_tried(run: Run, statement: str, what: str) -> None:
    """What the comparison of schemas cannot see."""
    assert any(what in one for one in run(statement))


def test_what_nobody_uses_any_more_is_declared(run: Run) -> None:
    assert (
        run(
            "ALTER TABLE things DROP COLUMN note",
            narrows={
                "things.note": "not read since the revision before",
                "things.uq_things_city_note": "went with the column",
            },
        )
        == []
    )


def test_a_declaration_without_its_narrowing_is_found(run: Run) -> None:
    assert run("ALTER TABLE things ADD more text", narrows={"things.note": "not read"}) == [
        "0002: things.note: declared, and not narrowed"
    ]
