"""A backup that is damaged is refused before anything is touched; a crash leaves nothing that looks whole."""

import asyncio
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from tests.restore.conftest import Days, until

from cli.backup import files, manifest
from cli.main import main

COMMAND = [sys.executable, "-m", "cli.main"]
_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'shenbao-backup' AND {}"
_TABLES = "SELECT count(*) FROM pg_class WHERE relnamespace = 'quota'::regnamespace AND relkind = 'r'"


def ask(dsn: str, *statements: str) -> Any:
    """The value of the last statement."""

    async def run() -> Any:
        connection = await asyncpg.connect(dsn)
        try:
            for statement in statements[:-1]:
                await connection.execute(statement)
            return await connection.fetchval(statements[-1])
        finally:
            await connection.close()

    return asyncio.run(run())


@contextmanager
def holding(dsn: str, statement: str) -> Iterator[None]:
    """A transaction that has run this statement stays open in the block."""
    with asyncio.Runner() as runner:
        connection = runner.run(asyncpg.connect(dsn))
        try:
            runner.run(connection.execute("BEGIN"))
            runner.run(connection.execute(statement))
            yield
        finally:
            runner.run(connection.close())


def end_programs(admin: str) -> None:
    """What a killed command had begun ends too, as when its machine goes down."""
    found = ask(
        admin, "SELECT array_agg(pid) FROM pg_stat_activity WHERE application_name = 'shenbao-backup'"
    )
    assert found
    for pid in found:
        ask(admin, f"SELECT pg_terminate_backend({pid})")
    until(lambda: not ask(admin, _WAITING.format("true")))


@pytest.fixture
def copy(days: Days, tmp_path: Path) -> Path:
    """Today's backup once more, to be damaged."""
    return Path(shutil.copytree(days.today, tmp_path / "copy", copy_function=os.link))


def rewrite(file: Path, content: bytes) -> None:
    """As new content; the original, of which the copy is a link, stays."""
    file.unlink()
    file.write_bytes(content)


def flip(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    rewrite(file, bytes(content))


def some_file(folder: Path) -> Path:
    return folder / manifest.FILES / files.read_listing(folder / manifest.LISTING)[0].key


def said_again(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Another manifest; its signature no longer holds."""
    content = json.loads((folder / manifest.FILE).read_text())
    change(content)
    rewrite(folder / manifest.FILE, json.dumps(content).encode())


def cut_and_hashed(folder: Path) -> None:
    """Half a dump whose manifest says that this is how it should be."""
    half = (folder / "quota.dump").read_bytes()[:2000]
    rewrite(folder / "quota.dump", half)
    sha256 = hashlib.sha256(half).hexdigest()
    said_again(folder, lambda content: content["dumps"]["quota"].update(sha256=sha256, bytes=len(half)))


DAMAGES: dict[str, tuple[Callable[[Path], None], str]] = {
    "a byte of a dump": (lambda folder: flip(folder / "quota.dump"), "quota.dump has other content"),
    "half a dump": (
        lambda folder: rewrite(folder / "quota.dump", (folder / "quota.dump").read_bytes()[:2000]),
        "quota.dump has 2000 bytes instead of",
    ),
    "no dump": (lambda folder: (folder / "intake.dump").unlink(), "intake.dump is missing"),
    "a byte of a file": (lambda folder: flip(some_file(folder)), "has other content"),
    "no file": (lambda folder: some_file(folder).unlink(), "is missing"),
    "another listing": (
        lambda folder: rewrite(folder / "files.txt", b""),
        "files.txt is missing or has",
    ),
    "no manifest": (lambda folder: (folder / manifest.FILE).unlink(), "it is no backup, or one that was not"),
    "another manifest": (
        lambda folder: said_again(folder, lambda content: content["files"].update(count=0)),
        "is not signed with this operator's key",
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_refused_before_anything_is_touched(
    days: Days, copy: Path, capsys: pytest.CaptureFixture[str], damage: str
) -> None:
    break_it, words = DAMAGES[damage]
    break_it(copy)
    before = ask(days.house.dsns["quota"], "SELECT sum(xmin::text::bigint) FROM pools")
    for command in (["restore", "--replace", "--from"], ["backup", "--verify"]):
        assert main([*command, str(copy)]) == 1
        assert words in capsys.readouterr().err
    assert ask(days.house.dsns["quota"], "SELECT sum(xmin::text::bigint) FROM pools") == before


def test_a_dump_that_cannot_be_read_is_refused_whatever_the_manifest_says(
    copy: Path, days: Days, capsys: pytest.CaptureFixture[str]
) -> None:
    cut_and_hashed(copy)
    assert main(["backup", "--verify", str(copy), "--unsigned"]) == 1
    assert "pg_restore failed" in capsys.readouterr().err


def test_a_newer_dump_is_refused(copy: Path, days: Days, capsys: pytest.CaptureFixture[str]) -> None:
    said_again(copy, lambda content: content["dumps"]["quota"].update(revision="9999"))
    command = ["restore", "--from", str(copy), "--replace", "--unsigned", "--service", "quota"]
    assert main(command) == 1
    assert "revision 9999, which this version does not know" in capsys.readouterr().err


def test_a_service_that_runs_or_holds_something_is_left_alone(
    days: Days, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["restore", "--from", str(days.today), "--service", "quota"]
    assert main([*command, "--replace"]) == 1
    assert "quota is in use (quota): stop its processes first" in capsys.readouterr().err
    with days.stopped("quota"):
        assert main(command) == 1
        assert "The schemas of quota are not empty" in capsys.readouterr().err
    assert main(["backup", "--to", str(days.today)]) == 1
    assert "is there already" in capsys.readouterr().err


def test_a_backup_is_private_linked_and_says_what_it_holds(days: Days) -> None:
    assert days.today.stat().st_mode & 0o077 == 0
    old, new = (
        {one.key: one for one in files.read_listing(folder / manifest.LISTING)}
        for folder in (days.yesterday, days.today)
    )
    assert old.keys() < new.keys()
    for key in old:
        inodes = {(folder / manifest.FILES / key).stat().st_ino for folder in (days.yesterday, days.today)}
        assert len(inodes) == 1
    held, _ = manifest.read(days.today)
    assert list(held.dumps) == ["quota", "intake", "eligibility", "documents"]
    assert held.dumps["intake"].notes["guides"] == [{"id": "qz-2020", "version": days.version}]
    (feed,) = held.dumps["intake"].notes["feed"]
    assert (feed["city"], feed["last_seq"]) == ("330800", 1)
    assert held.dumps["quota"].rows["quota.holds"] == 3
    assert held.business_at.year == 2020


def test_everything_is_lost_and_comes_back(
    days: Days, reconciled: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    before = days.used()
    with days.stopped("documents", "quota", "eligibility", "intake"):
        shutil.rmtree(days.house.run.files)
        days.house.run.files.mkdir()
        assert main(["restore", "--from", str(days.today), "--replace"]) == 0
    count = len(files.read_listing(days.today / manifest.LISTING))
    assert f"files: {count} in the backup, {count} written" in capsys.readouterr().out
    assert reconciled() == (0, set())
    assert days.used() == before
    row = "SELECT object_id FROM audit_entries WHERE action = 'service.restored' ORDER BY at DESC LIMIT 1"
    for dsn in days.house.dsns.values():
        assert ask(dsn, row) == manifest.read(days.today)[1]


def test_a_backup_that_is_killed_never_looks_whole(
    days: Days, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target, admin = folder / "killed", days.house.admin_dsn
    with holding(days.house.dsns["intake"], "LOCK TABLE attempts IN ACCESS EXCLUSIVE MODE"):
        process = subprocess.Popen([*COMMAND, "backup", "--to", str(target)], stdout=subprocess.DEVNULL)
        until(lambda: ask(admin, _WAITING.format("wait_event_type = 'Lock'")))
        process.send_signal(signal.SIGKILL)
        process.wait()
        (partial,) = folder.glob(".killed.partial-*")
        assert (partial / "quota.dump").exists()
        end_programs(admin)
    assert not target.exists()
    assert main(["backup", "--verify", str(partial)]) == 1
    assert "it is no backup, or one that was not finished" in capsys.readouterr().err
    assert main(["backup", "--to", str(target)]) == 0
    assert main(["backup", "--verify", str(target)]) == 0


def test_a_restore_that_is_killed_can_be_repeated(
    days: Days, capsys: pytest.CaptureFixture[str], reconciled: Callable[..., Any]
) -> None:
    """It is stopped where its schema is empty and nothing is back yet."""
    admin, dsn = days.house.admin_dsn, days.house.dsns["quota"]
    command = ["restore", "--from", str(days.today), "--service", "quota"]
    ask(
        admin,
        """CREATE FUNCTION public.wait_here() RETURNS event_trigger LANGUAGE plpgsql
           AS 'BEGIN PERFORM pg_advisory_xact_lock(42); END'""",
        """CREATE EVENT TRIGGER wait_here ON ddl_command_start WHEN TAG IN ('CREATE TABLE')
           EXECUTE FUNCTION public.wait_here()""",
        "SELECT 1",
    )
    with days.stopped("quota"):
        try:
            with holding(admin, "SELECT pg_advisory_xact_lock(42)"):
                process = subprocess.Popen([*COMMAND, *command, "--replace"], stdout=subprocess.DEVNULL)
                until(lambda: ask(admin, _WAITING.format("wait_event = 'advisory'")))
                process.send_signal(signal.SIGKILL)
                process.wait()
                assert ask(dsn, _TABLES) == 0
                assert main([*command, "--replace"]) == 1
                assert "quota is in use (shenbao-backup)" in capsys.readouterr().err
                end_programs(admin)
        finally:
            drop = "DROP EVENT TRIGGER wait_here; DROP FUNCTION public.wait_here"
            ask(admin, drop, "SELECT 1")
        assert main(command) == 0
    assert reconciled("--no-content") == (0, set())
