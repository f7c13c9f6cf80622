"""What must be done once by nobody yet known to the house: the first memberships, the first guide.

operate.py import memberships.yaml      # the body of POST intake/v1/memberships/import
operate.py import people.xlsx --city 330800 [--dry-run]       # or .csv
operate.py publish qz-2020.yaml
operate.py reseal                       # after a new first key in INTAKE_PERSONAL_KEYS

Acts as `operator`: OPERATOR_SERVICE_KEY and OPERATOR_SERVICE_JWKS (or files of these names in /run/secrets),
OPERATOR_INTAKE_URL. Afterwards people with the roles guide_administrator and membership_administrator do the
same through the gateway.
"""

import argparse
import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from http import HTTPStatus
from pathlib import Path
from typing import Any, ClassVar

import start
import yaml
from pydantic import ValidationError
from pydantic_settings import SettingsConfigDict

from common.actor import Actor
from common.client import HttpClient, RemoteProblem
from common.errors import OwnerUnavailable
from common.settings import CommonSettings
from guide import PackRefused, load_pack

_PATIENCE_S = 60.0
TABLES = ("csv", "xlsx")


class Settings(CommonSettings):
    service: ClassVar[str] = "operator"
    model_config = SettingsConfigDict(env_prefix="OPERATOR_", extra="ignore", frozen=True)


async def publish(client: HttpClient, text: str) -> str:
    """Hand a pack to intake and make it current.

    Raises:
        PackRefused: the text is no pack.
        RemoteProblem: intake refuses it.
        OwnerUnavailable: intake does not answer.
    """
    cities = (load_pack(text).city,)
    taken = await _post(client, "/v1/guides", {"text": text}, cities)
    await _post(client, f"/v1/guides/{taken['guide']}/versions/{taken['version']}/publish", {}, cities)
    return f"{taken['guide']} {taken['version']}"


async def import_memberships(client: HttpClient, text: str, *, dry_run: bool = False) -> str:
    """Units, people and memberships; problems are intake's to name.

    Raises:
        RemoteProblem: intake refuses it.
        OwnerUnavailable: intake does not answer.
    """
    content: dict[str, Any] = yaml.safe_load(text)
    rows = [row for kind in ("units", "people", "memberships") for row in content.get(kind) or []]
    cities = tuple(sorted({str(row["city"]) for row in rows if row.get("city")}))
    path = f"/v1/memberships/import?dry_run={str(dry_run).lower()}"
    return _told(await _post(client, path, content, cities))


async def import_table(client: HttpClient, content: bytes, kind: str, city: str, *, dry_run: bool) -> str:
    """The same from a CSV or XLSX file of one city.

    Raises:
        RemoteProblem: intake refuses it.
        OwnerUnavailable: intake does not answer.
    """

    async def body() -> AsyncIterator[bytes]:
        yield content

    operator = Actor(caller="operator", cities=frozenset({city}))
    params = {"kind": kind, "city": city, "dry_run": str(dry_run).lower()}
    path = "/v1/memberships/import/file"
    sent = client.stream("intake", "POST", path, actor=operator, params=params, body=body())
    async with sent as answer:
        found = json.loads(b"".join([chunk async for chunk in answer.chunks]))
        if answer.status >= HTTPStatus.BAD_REQUEST:
            raise RemoteProblem("intake", answer.status, found)
    return _told(found)


def _told(answer: dict[str, Any]) -> str:
    faults = [f"{fault['pointer']}: {fault['reason']}" for fault in answer["problems"]]
    counts = [
        f"{kind}: " + ", ".join(f"{number} {word}" for word, number in found.items())
        for kind, found in answer["report"].items()
    ]
    return "\n".join(counts + faults)


async def reseal(client: HttpClient) -> str:
    """Seal every personal identifier with the first key of intake's ring.

    Raises:
        RemoteProblem: intake refuses it.
        OwnerUnavailable: intake does not answer.
    """
    done, left = 0, 1
    while left:
        answer = await _post(client, "/v1/people/reseal", {}, ())
        done, left = done + answer["resealed"], answer["left"]
    return f"{done} persons sealed anew, none left"


async def _post(client: HttpClient, path: str, body: dict[str, Any], cities: tuple[str, ...]) -> Any:
    return await client.call("intake", "POST", path, cities=cities, json=body, timeout=_PATIENCE_S)


async def run(options: argparse.Namespace, content: bytes) -> str:
    """One action with a client of its own."""
    client = HttpClient(Settings())
    try:
        if options.action == "reseal":
            return await reseal(client)
        if options.action == "publish":
            return await publish(client, content.decode())
        kind = options.kind or Path(options.file).suffix.lower().removeprefix(".")
        if kind in TABLES and options.city is None:
            raise OSError("a table needs --city")
        if kind in TABLES:
            return await import_table(client, content, kind, options.city, dry_run=options.dry_run)
        return await import_memberships(client, content.decode(), dry_run=options.dry_run)
    finally:
        await client.close()


def _content(file: str | None) -> bytes:
    if file is None:
        raise OSError("a file is needed")
    return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()


def main() -> int:
    """Command line; 0 when all is well."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("action", choices=["import", "publish", "reseal"])
    parser.add_argument("file", nargs="?", help="a file, or - for standard input")
    parser.add_argument("--kind", choices=TABLES, help="of standard input; otherwise YAML")
    parser.add_argument("--city", help="GB/T 2260 code; needed for a table")
    parser.add_argument("--dry-run", action="store_true", help="check and count, write nothing")
    options = parser.parse_args()
    os.environ.update(start.secrets_of("operator", start.secrets_folder(os.environ), os.environ))
    try:
        content = b"" if options.action == "reseal" else _content(options.file)
        sys.stdout.write(asyncio.run(run(options, content)) + "\n")
    except RemoteProblem as problem:
        sys.stderr.write(f"intake refuses: {problem.remote_code} {problem.problem.get('detail') or ''}\n")
        for fault in problem.problem.get("errors") or []:
            sys.stderr.write(f"{fault['pointer']}: {fault['detail']}\n")
    except OwnerUnavailable:
        sys.stderr.write("intake does not answer\n")
    except (OSError, UnicodeDecodeError, yaml.YAMLError, PackRefused) as error:
        sys.stderr.write(f"{options.file}: {error}\n")
    except ValidationError as error:
        names = ", ".join("OPERATOR_" + str(fault["loc"][0]).upper() for fault in error.errors())
        sys.stderr.write(f"settings are missing or wrong: {names}\n")
    else:
        return 0
    return 1


if __name__ == "__main__":
    sys.exit(main())
