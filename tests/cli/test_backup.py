"""The parts of a backup that need no database: the copied store, the manifest, programs and what they get."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from joserfc.jwk import OKPKey

from cli import postgres
from cli.backup import files, manifest, programs
from cli.backup.installation import from_environment
from cli.backup.manifest import Files, Manifest
from cli.errors import Refusal

AT = datetime(2026, 6, 1, tzinfo=UTC)


def put(store: Path, key: str, content: bytes) -> Path:
    file = store / key
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    os.utime(file, (1_600_000_000, 1_600_000_000))
    return file


def test_the_store_is_copied_with_hashes_and_times(tmp_path: Path) -> None:
    store, to = tmp_path / "store", tmp_path / "to"
    put(store, "330800/a/f/1", b"one")
    put(store, "330800/b/f/2", b"")
    put(store, "330800/b/f/3#2", b"still being written")
    copied = files.copy_store(store, to, None)
    assert [(one.key, one.size) for one in copied] == [("330800/a/f/1", 3), ("330800/b/f/2", 0)]
    assert (to / "330800/a/f/1").read_bytes() == b"one"
    assert (to / "330800/a/f/1").stat().st_mtime == 1_600_000_000
    assert sorted(file.name for file in to.rglob("*") if file.is_file()) == ["1", "2"]
    listing = tmp_path / "files.txt"
    listing.write_text("".join(one.line() for one in copied))
    assert files.read_listing(listing) == copied


def test_what_an_earlier_backup_has_is_linked(tmp_path: Path) -> None:
    store, first, second = tmp_path / "store", tmp_path / "first", tmp_path / "second"
    put(store, "a", b"old")
    before = files.copy_store(store, first, None)
    put(store, "b", b"new")
    after = files.copy_store(store, second, (first, before))
    assert (second / "a").stat().st_ino == (first / "a").stat().st_ino
    assert (second / "b").stat().st_nlink == 1
    assert [one.key for one in after] == ["a", "b"]
    # another file under an old name is copied, whatever the earlier backup has
    put(store, "a", b"other")
    assert (files.copy_store(store, tmp_path / "third", (first, before))[0]).size == 5


@pytest.mark.parametrize("key", ["/etc/passwd", "../x", "a/../../x"])
def test_a_listing_leads_nowhere_else(tmp_path: Path, key: str) -> None:
    listing = tmp_path / "files.txt"
    listing.write_text(f"{'0' * 64} 1 {key}\n")
    with pytest.raises(ValueError, match="leads out"):
        files.read_listing(listing)


@pytest.fixture
def key() -> OKPKey:
    return OKPKey.generate_key("Ed25519", {"kid": "operator"}, private=True)


def written(folder: Path, key: OKPKey | None) -> str:
    made = Manifest(
        format=1,
        product="0.1.0",
        taken_at=AT,
        business_at=AT,
        dumps={},
        files=Files(sha256="0" * 64, count=0, bytes=0),
    )
    manifest.write(folder, made, key)
    return manifest.read(folder)[1]


def test_a_manifest_is_held_to_its_signature(tmp_path: Path, key: OKPKey) -> None:
    manifest.check_signature(tmp_path, written(tmp_path, key), key)
    stranger = OKPKey.generate_key("Ed25519", {"kid": "operator"}, private=True)
    with pytest.raises(Refusal, match="not signed with this operator's key"):
        manifest.check_signature(tmp_path, written(tmp_path, stranger), key)
    file = tmp_path / manifest.FILE
    sha256 = written(tmp_path, key)
    file.write_text(file.read_text().replace('"count": 0', '"count": 1'))
    assert manifest.read(tmp_path)[1] != sha256
    with pytest.raises(Refusal, match="not signed"):
        manifest.check_signature(tmp_path, manifest.read(tmp_path)[1], key)
    (tmp_path / manifest.SIGNATURE).unlink()
    with pytest.raises(Refusal, match="not signed"):
        manifest.check_signature(tmp_path, sha256, key)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "it is no backup, or one that was not finished"),
        ("{", "is damaged"),
        ("{}", "is damaged"),
        ("newer", "is of format 2; this version reads 1"),
    ],
)
def test_what_is_no_manifest_is_refused(tmp_path: Path, content: str | None, said: str) -> None:
    file = tmp_path / manifest.FILE
    if content == "newer":
        written(tmp_path, None)
        content = file.read_text().replace('"format": 1', '"format": 2')
    if content is not None:
        file.write_text(content)
    with pytest.raises(Refusal, match=said):
        manifest.read(tmp_path)


def test_passwords_are_on_no_command_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A stand-in for pg_dump writes down what it was given."""
    said = tmp_path / "said"
    program = tmp_path / "pg_dump"
    program.write_text(f'#!/bin/sh\necho "$@" > {said}\nenv | grep ^PG | sort >> {said}\n')
    program.chmod(0o755)
    dsn = "postgresql://quota:p%40ss@db.example:6543/shen%20bao?sslmode=require"
    binaries = postgres.Binaries(tmp_path, 18, "system")
    programs.dump(binaries, dsn, "quota", "0001-1", tmp_path / "quota.dump")
    arguments, *env = said.read_text().splitlines()
    assert "p@ss" not in arguments
    assert "p%40ss" not in arguments
    assert env == [
        "PGAPPNAME=shenbao-backup",
        "PGDATABASE=shen bao",
        "PGHOST=db.example",
        "PGPASSWORD=p@ss",
        "PGPORT=6543",
        "PGSSLMODE=require",
        "PGUSER=quota",
    ]


def test_client_programs_are_not_older_than_the_server() -> None:
    found = postgres.find_clients(postgres.OLDEST)
    assert (found.version >= postgres.OLDEST, (found.bin / "pg_restore").exists()) == (True, True)
    with pytest.raises(Refusal, match="PostgreSQL 99 or newer are needed"):
        postgres.find_clients(99)


def test_production_is_described_by_the_environment(key: OKPKey) -> None:
    assert from_environment({}) is None
    found = from_environment(
        {
            "QUOTA_DATABASE_URL": "postgresql+asyncpg://quota@pooled/x",
            "QUOTA_DATABASE_URL_DIRECT": "postgresql+asyncpg://quota@direct/x",
            "DOCUMENTS_STORE_PATH": "/nowhere",
            "OPERATOR_SERVICE_KEY": json.dumps(key.as_dict(private=True)),
        }
    )
    assert found is not None
    assert found.key is not None
    assert found.dsn("quota") == "postgresql://quota@direct/x"
    with pytest.raises(Refusal, match="INTAKE_DATABASE_URL is not set"):
        found.dsn("intake")
    with pytest.raises(Refusal, match="/nowhere is no folder"):
        found.store()
    with pytest.raises(Refusal, match="OPERATOR_SERVICE_KEY holds no private"):
        from_environment({"QUOTA_DATABASE_URL": "postgresql://x", "OPERATOR_SERVICE_KEY": "{}"})
