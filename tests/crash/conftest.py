"""The house of the crash matrix; it stays up between the cases, and only what died is started again."""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest
from tests.crash.site import WORKERS, Site, with_places

from cli import operations, ports
from cli.cluster import Cluster, running_cluster
from cli.demo.season import plan, play, roster
from cli.demo.season.doors import Door
from cli.demo.season.names import Names
from cli.demo.season.season import Season
from cli.house import SERVICES
from cli.local import House, Plan, running_house
from cli.project import RunDir

APPLICANTS = 380
QUICK = {
    "INTAKE_FINISH_DELAY_S": "1",
    "INTAKE_RECOMMENDATION_EXPIRY_S": "4",
    "QUOTA_SETTLE_AFTER_S": "2",
    "QUOTA_SETTLE_EVERY_S": "0.5",
    # an idempotency key of a dead request lapses after twice this long
    **{f"{service.upper()}_REQUEST_TIMEOUT_S": "3" for service in SERVICES if service != "gateway"},
}


@contextmanager
def crashable(settings: dict[str, str]) -> Iterator[tuple[House, Cluster, Path]]:
    """A house with a Postgres of its own and the folder that holds both; fault points lie in `faults`."""
    # /tmp, not pytest's folder: as root Postgres runs as a user who may not enter that one
    folder = Path(tempfile.mkdtemp(prefix="shenbao-crash-"))
    folder.chmod(0o755)
    (folder / "faults").mkdir()
    given = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    given["SHENBAO_POSTGRES"] = given.get("SHENBAO_POSTGRES", "auto").replace("url", "auto")
    settings = settings | {f"{service.upper()}_FAULT_DIR": str(folder / "faults") for service in SERVICES}
    wanted = {service: ports.free() for service in SERVICES}
    built = Plan(lasting=False, wanted_ports=wanted, workers=WORKERS, settings=settings)
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        # what was committed may not hang on luck: durable, as in production
        cluster = stack.enter_context(running_cluster(env=given, durable=True))
        with pytest.MonkeyPatch.context() as patched:  # only while the house is built: others build theirs
            patched.setenv("DATABASE_URL", cluster.dsn_admin)
            patched.setenv("SHENBAO_POSTGRES", "url")
            house = stack.enter_context(running_house(RunDir(folder / "run").made(), built, print))
        yield house, cluster, folder


@pytest.fixture(scope="session")
async def site() -> AsyncIterator[Site]:
    with crashable(QUICK) as (house, cluster, folder):
        pack = with_places(folder / "pack.yaml", APPLICANTS)
        operations.publish(house.intake_url, house.keys, pack)
        async with httpx.AsyncClient(base_url=house.gateway_url, timeout=30, trust_env=False) as http:
            cast = roster.make(plan.SEED, [plan.Case("clean", APPLICANTS, plan.RD, "city_level")])
            season = Season(house, Door(http), cast, Names(1))
            await play.sign_up(season)
            yield Site(house, cluster, season, folder / "faults", pack, list(reversed(cast.entries)))
