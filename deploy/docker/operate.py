"""What must be done once by nobody yet known to the house: the first memberships, the first guide.

operate.py import memberships.yaml      # the body of POST intake/v1/memberships/import
operate.py publish qz-2020.yaml

Acts as `operator`: OPERATOR_SERVICE_KEY and OPERATOR_SERVICE_JWKS (or files of these names in /run/secrets),
OPERATOR_INTAKE_URL. Afterwards people with the roles guide_administrator and membership_administrator do the
same through the gateway.
"""

import argparse
import asyncio
import os
import sys
from pathlib import Path
from typing import Any, ClassVar

import start
import yaml
from pydantic import ValidationError
from pydantic_settings import SettingsConfigDict

from common.client import HttpClient, RemoteProblem
from common.errors import OwnerUnavailable
from common.settings import CommonSettings
from guide import PackRefused, load_pack

_PATIENCE_S = 60.0


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


async def import_memberships(client: HttpClient, text: str) -> str:
    """Units, people and memberships; problems are intake's to name.

    Raises:
        RemoteProblem: intake refuses it.
        OwnerUnavailable: intake does not answer.
    """
    content: dict[str, Any] = yaml.safe_load(text)
    rows = [row for kind in ("units", "people", "memberships") for row in content.get(kind) or []]
    cities = tuple(sorted({str(row["city"]) for row in rows if row.get("city")}))
    answer = await _post(client, "/v1/memberships/import", content, cities)
    faults = "".join(f"\n{fault['pointer']}: {fault['reason']}" for fault in answer["problems"])
    return f"{answer['memberships']} memberships{faults}"


async def _post(client: HttpClient, path: str, body: dict[str, Any], cities: tuple[str, ...]) -> Any:
    return await client.call("intake", "POST", path, cities=cities, json=body, timeout=_PATIENCE_S)


async def run(action: str, text: str) -> str:
    """One action with a client of its own."""
    client = HttpClient(Settings())
    try:
        return await (publish(client, text) if action == "publish" else import_memberships(client, text))
    finally:
        await client.close()


def main() -> int:
    """Command line; 0 when all is well."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("action", choices=["import", "publish"])
    parser.add_argument("file", help="a file, or - for standard input")
    options = parser.parse_args()
    os.environ.update(start.secrets_of("operator", start.secrets_folder(os.environ), os.environ))
    try:
        text = sys.stdin.read() if options.file == "-" else Path(options.file).read_text(encoding="utf-8")
        sys.stdout.write(asyncio.run(run(options.action, text)) + "\n")
    except RemoteProblem as problem:
        sys.stderr.write(f"intake refuses: {problem.remote_code} {problem.problem.get('detail') or ''}\n")
    except OwnerUnavailable:
        sys.stderr.write("intake does not answer\n")
    except (OSError, yaml.YAMLError, PackRefused) as error:
        sys.stderr.write(f"{options.file}: {error}\n")
    except ValidationError as error:
        names = ", ".join("OPERATOR_" + str(fault["loc"][0]).upper() for fault in error.errors())
        sys.stderr.write(f"settings are missing or wrong: {names}\n")
    else:
        return 0
    return 1


if __name__ == "__main__":
    sys.exit(main())
