"""What a crash needs of the runner: ends by kill -9, workers of their own, and a Postgres that comes back."""

import json
import os
from collections.abc import Callable

import asyncpg
import httpx

from cli import ports
from cli.cluster import running_cluster
from cli.fleet import Fleet
from cli.house import Addresses
from cli.keys import Keys
from cli.project import RunDir

StandIns = Callable[..., dict[str, str]]


def fleet(run: RunDir, apps: dict[str, str]) -> Fleet:
    keys = Keys(run.keys)
    env = dict(os.environ)
    for name in apps:
        env[f"{name.upper()}_SERVICE_KEY"] = json.dumps(keys.private(name))
        env[f"{name.upper()}_INSTANCE"] = "this house"
        env[f"{name.upper()}_SERVICE_JWKS"] = json.dumps({"keys": [keys.public(name)]})
    return Fleet(
        apps, Addresses({name: ports.free() for name in apps}, ()), env, run.logs, workers=["second"]
    )


def test_a_worker_is_a_child_of_its_own_and_one_that_is_killed_can_be_started_again(
    run: RunDir, stand_ins: StandIns
) -> None:
    with fleet(run, stand_ins("first", "second")) as running:
        assert list(running.children) == running.names() == ["first", "second", "second-worker"]
        killed = running.children["second-worker"]
        running.kill_service("second-worker")
        assert killed.returncode == -9
        assert httpx.get(f"{running.where.url('second')}/readyz", trust_env=False).is_success
        running.start_service("second-worker")
        running.wait_ready()
        assert running.children["second-worker"].pid != killed.pid


async def test_a_postgres_that_lost_its_power_comes_back_with_what_was_committed() -> None:
    env = {
        name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "SHENBAO_POSTGRES")
    }
    with running_cluster(env=env, durable=True) as cluster:
        assert cluster.server is not None
        connection = await asyncpg.connect(cluster.dsn_admin)
        await connection.execute("CREATE TABLE kept (n int)")
        await connection.execute("INSERT INTO kept VALUES (1)")
        cluster.server.kill()
        assert connection.is_closed() or not await _answers(connection)
        cluster.server.start_again()
        again = await asyncpg.connect(cluster.dsn_admin)
        assert await again.fetchval("SELECT n FROM kept") == 1
        await again.close()


async def _answers(connection: "asyncpg.Connection[asyncpg.Record]") -> bool:
    try:
        await connection.execute("SELECT 1")
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        return False
    return True
