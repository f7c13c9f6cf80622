"""A small app in place of the five services, for the tests of the runner."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cli.cluster import running_cluster
from cli.project import RunDir

_APP = """
import os
from contextlib import asynccontextmanager
from types import SimpleNamespace
from fastapi import FastAPI, Request

@asynccontextmanager
async def lifespan(app):
    print("stand-in says hello", flush=True)
    yield
    print("stand-in says goodbye", flush=True)

def create_app(settings=None, client=None):
    app = FastAPI(lifespan=lifespan)
    app.state.settings, app.state.worker = SimpleNamespace(drain_s=0), None

    @app.get("/readyz")
    async def ready(request: Request):
        found = [value for name, value in os.environ.items() if name.endswith("_INSTANCE")]
        return {"ready": True, "instance": found[0]}

    @app.get("/about")
    async def about(request: Request):
        others = client and await client.call("second", "GET", "/readyz")
        secrets = sorted(name for name in os.environ if name.endswith("_SERVICE_KEY"))
        return {"pid": os.getpid(), "secrets": secrets, "second": others}

    return app
"""
_SETTINGS = """
from typing import ClassVar
from common.settings import CommonSettings
from pydantic_settings import SettingsConfigDict

class Settings(CommonSettings):
    service: ClassVar[str] = "{name}"
    model_config = SettingsConfigDict(env_prefix="{prefix}_")
"""
_BROKEN = "def create_app():\n    raise SystemExit('cannot start: no luck')\n"


@pytest.fixture(scope="session")
def own_dsn() -> Iterator[str]:
    """An administrator's DSN of a cluster of our own: roles and passwords are the whole cluster's."""
    with running_cluster() as cluster:
        yield cluster.dsn_admin


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunDir:
    """A run folder of its own."""
    monkeypatch.setenv("SHENBAO_RUN_DIR", str(tmp_path / "run"))
    return RunDir.of_project()


@pytest.fixture
def stand_ins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, str]]:
    """`stand_ins("first", broken="second")`: packages with an app each, importable by children."""
    folder = tmp_path / "stand-ins"
    folder.mkdir()
    paths = [str(folder), *filter(None, [os.environ.get("PYTHONPATH")])]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))

    def make(*names: str, broken: str | None = None) -> dict[str, str]:
        for name in names:
            package = folder / name
            package.mkdir()
            (package / "app.py").write_text(_BROKEN if name == broken else _APP)
            (package / "settings.py").write_text(_SETTINGS.format(name=name, prefix=name.upper()))
        return {name: f"{name}.app:create_app" for name in names}

    return make
