"""What is to be backed up or restored: the databases, the folder of files, and the operator's key.

In production they come from the environment, under the names that the services have; otherwise from the
local runner.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from cli.errors import Refusal
from cli.house import WITH_DATABASE
from cli.keys import OPERATOR, Keys
from cli.local import Plan, Say, running_database
from cli.project import RunDir
from common.migrations import direct_url

_KEY = "OPERATOR_SERVICE_KEY"
_STORE = "DOCUMENTS_STORE_PATH"


@dataclass(frozen=True, slots=True)
class Installation:
    """Where the state of an installation lies.

    Attributes:
        dsns: service -> postgresql:// URL of its own role, straight to Postgres.
        files: folder of the file store; None: not said.
        key: the operator's key, which signs manifests; None: not at hand.
        clock_file: moves the business clock; None in production.
    """

    dsns: Mapping[str, str]
    files: Path | None
    key: OKPKey | None
    clock_file: Path | None = None

    def dsn(self, service: str) -> str:
        """
        Raises:
            Refusal: nothing says where this service's database is.
        """
        if service not in self.dsns:
            raise Refusal(f"{service.upper()}_DATABASE_URL is not set.")
        return self.dsns[service]

    def store(self) -> Path:
        """
        Raises:
            Refusal: nothing says where the files are, or there is no such folder.
        """
        if self.files is None:
            raise Refusal(f"{_STORE} is not set: it names the folder of the file store.")
        if not self.files.is_dir():
            raise Refusal(f"{self.files} is no folder.")
        return self.files


def from_environment(env: Mapping[str, str]) -> Installation | None:
    """The installation that the environment describes; None where it names no database.

    Raises:
        Refusal: the operator's key cannot be read.
    """
    dsns = {service: url for service in WITH_DATABASE if (url := direct_url(service, env))}
    if not dsns:
        return None
    files = env.get(_STORE)
    return Installation(
        {service: url.replace("postgresql+asyncpg://", "postgresql://") for service, url in dsns.items()},
        Path(files) if files else None,
        _key(env.get(_KEY)),
    )


def of_house(run: RunDir, dsns: Mapping[str, str]) -> Installation:
    """The local runner's."""
    return Installation(dsns, run.files, Keys(run.keys).key(OPERATOR), run.clock)


def running() -> Installation:
    """What the environment describes, else the running local house.

    Raises:
        Refusal: neither is there.
    """
    return from_environment(os.environ) or _running_house()


def _running_house() -> Installation:
    run = RunDir.of_project()
    return of_house(run, run.running()["dsns"])


@contextmanager
def at_rest(say: Say) -> Iterator[Installation]:
    """What the environment describes, else the local house; its Postgres is started where nothing runs.

    Raises:
        Refusal: Postgres does not start.
    """
    described = from_environment(os.environ)
    run = RunDir.of_project()
    if described is not None:
        yield described
    elif run.is_running():
        yield _running_house()
    else:
        with run.alone(), running_database(run, Plan(lasting=True), say) as (_, dsns):
            yield of_house(run, dsns)


def _key(text: str | None) -> OKPKey | None:
    if not text:
        return None
    try:
        return OKPKey.import_key(json.loads(text))
    except (JoseError, ValueError, KeyError, TypeError):
        raise Refusal(f"{_KEY} holds no private Ed25519 JWK.") from None
