"""Four services in this process, each on its own schema."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from sqlalchemy import MetaData

import documents.app
import documents.base
import documents.settings
import eligibility.app
import eligibility.base
import eligibility.settings
import intake.app
import intake.base
import intake.settings
import quota.app
import quota.base
import quota.settings
from common.db import Database
from common.inprocess import InProcessClient
from common.testing import settings_for

Open = Callable[[MetaData, str], Awaitable[Database]]
_SERVICES: tuple[tuple[Any, Any, Any], ...] = (
    (eligibility.app, eligibility.settings.Settings, eligibility.base.Base),
    (quota.app, quota.settings.Settings, quota.base.Base),
    (documents.app, documents.settings.Settings, documents.base.Base),
    (intake.app, intake.settings.Settings, intake.base.Base),
)


class House:
    """Intake with the real eligibility, documents and quota: apps and databases by the service's name."""

    def __init__(self) -> None:
        self.apps: dict[str, FastAPI] = {}
        self.databases: dict[str, Database] = {}
        self.client = InProcessClient(settings_for(intake.settings.Settings), self.apps.get)

    @classmethod
    async def opened(cls, database: Open, files: Path) -> "House":
        """A house on the tests' databases; `files`: the folder of the file store."""
        made = cls()
        for module, kind, base in _SERVICES:
            name = kind.service
            found = made.databases[name] = await database(base.metadata, name)
            values = {"store_path": files} if name == "documents" else {}
            made.apps[name] = module.create_app(settings_for(kind, **values), made.client, found)
        return made
