"""The published interfaces as files: openapi.json of each service, schema.graphql, the settings page.

`make schema` writes them; the check compares, so that every change of an interface shows in a diff.
"""

import argparse
import difflib
import importlib
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import settings_page
from fastapi import FastAPI

from cli.house import GATEWAY, SERVICES
from cli.keys import Keys

ROOT = Path(__file__).resolve().parents[2]
_SHOWN = 60


def snapshots() -> Iterator[tuple[Path, str]]:
    """Path below the root, and what should stand there."""
    with tempfile.TemporaryDirectory() as folder:
        keys = Keys(Path(folder))
        for service in SERVICES:
            app = _app(service, keys)
            document = orjson.dumps(app.openapi(), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)
            yield Path("services") / service / "openapi.json", document.decode() + "\n"
    graphql: Any = importlib.import_module("gateway.schema")
    yield Path("services") / GATEWAY / "schema.graphql", str(graphql.print_sdl())
    yield Path("docs") / "settings.md", settings_page.page()


def _app(service: str, keys: Keys) -> FastAPI:
    settings_class: Any = importlib.import_module(f"{service}.settings").Settings
    settings = settings_class(
        environment="development",
        service_key=orjson.dumps(keys.private(service)).decode(),
        service_jwks=orjson.dumps(keys.service_jwks()).decode(),
    )
    app: FastAPI = importlib.import_module(f"{service}.app").create_app(settings)
    return app


def main(arguments: list[str]) -> int:
    """Compare or write; 1 where a file differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args(arguments)
    failed = False
    for path, wanted in snapshots():
        file = ROOT / path
        found = file.read_text(encoding="utf-8") if file.exists() else ""
        if found == wanted:
            continue
        if options.write:
            file.write_text(wanted, encoding="utf-8")
            print(f"{path} written")
            continue
        failed = True
        print(f"{path} is out of date: run `make schema` and look at the diff")
        lines = difflib.unified_diff(
            found.splitlines(), wanted.splitlines(), "file", "code", lineterm="", n=1
        )
        print("\n".join(list(lines)[:_SHOWN]))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
