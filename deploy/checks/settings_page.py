"""docs/settings.md, made from the services' settings classes."""

import importlib
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic.fields import FieldInfo

from cli.house import SERVICES
from common.settings import CommonSettings

_HEAD = """# Settings

Environment variables, each with its service's prefix: `QUOTA_DATABASE_URL`, `GATEWAY_ISSUERS`. Lists and
objects are JSON. The local runner sets what it needs; in production they come from the platform's secrets.
This page is made from the code by `make schema`.
"""
_TABLE = "| variable | default | meaning |\n|---|---|---|"


def page() -> str:
    """The page's text."""
    prefixes = ", ".join(f"`{service.upper()}_`" for service in SERVICES)
    parts = [_HEAD, f"## Every service: {prefixes}\n", _TABLE, *_rows(CommonSettings, {})]
    for service in SERVICES:
        own: Any = importlib.import_module(f"{service}.settings").Settings
        rows = list(_rows(own, CommonSettings.model_fields))
        if rows:
            parts += [f"\n## `{service.upper()}_`\n", _TABLE, *rows]
    return "\n".join(parts) + "\n"


def _rows(settings: Any, known: Mapping[str, FieldInfo]) -> Iterator[str]:
    """Fields that are not known, or have another default here."""
    for name, field in settings.model_fields.items():
        if name in known and known[name].default == field.default:
            continue
        default = "required" if field.is_required() else f"`{field.default}`"
        shown = "–" if field.default is None else default
        yield f"| `{name.upper()}` | {shown} | {field.description or ''} |"
