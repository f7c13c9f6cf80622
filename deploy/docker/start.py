"""What a container of the image runs, for the service named in SERVICE.

start.py serve             the API, or with <SERVICE>_WORKER=only the jobs; on port 8000
start.py migrate           the service's migrations, then the end
start.py healthy [path]    exit code 0 where the process in this container answers 200 (/healthz)

Secrets come as files: /run/secrets/QUOTA_DATABASE_URL is read into the variable of that name, unless the
variable is set. Only files of the service's own prefix are read. Standard library only, so that the health
check costs next to nothing.
"""

import http.client
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

SERVICES = ("documents", "eligibility", "gateway", "intake", "quota")
PORT = 8000
GRACE_S = "32"  # after SIGTERM for running requests (30 s at most, REQUEST_TIMEOUT_S), then cancelled
_HEALTH_TIMEOUT_S = 4


class Refusal(Exception):
    """The container cannot start; the message says why."""


def secrets_of(service: str, folder: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """Variables from files, without those that are set already and those of other services."""
    prefix = f"{service.upper()}_"
    files = sorted(folder.iterdir()) if folder.is_dir() else []
    return {
        file.name: file.read_text(encoding="utf-8").strip()
        for file in files
        if file.name.startswith(prefix) and file.name not in environment and file.is_file()
    }


def secrets_folder(environment: Mapping[str, str]) -> Path:
    """Where secrets are mounted."""
    return Path(environment.get("SECRETS", "/run/secrets"))


def service_of(environment: Mapping[str, str]) -> str:
    """
    Raises:
        Refusal: SERVICE names none.
    """
    service = environment.get("SERVICE", "")
    if service not in SERVICES:
        raise Refusal(f"SERVICE is {service!r}; it must be one of {', '.join(SERVICES)}")
    return service


def command(action: str, service: str, environment: Mapping[str, str]) -> list[str]:
    """The program that takes this process's place.

    Raises:
        Refusal: there is no such action for this service.
    """
    if action == "serve":
        grace = environment.get("GRACE_S", GRACE_S)
        return [
            *(sys.executable, "-m", "common.serving", f"{service}.app:create_app"),
            *("--host", environment.get("HOST", "0.0.0.0"), "--port", str(PORT)),  # noqa: S104  # a container's own
            *("--grace", grace),
        ]
    if action == "migrate" and service != "gateway":
        return [sys.executable, "-m", "common.migrations", "upgrade", service]
    raise Refusal(f"{action!r} is nothing that {service} can do: serve, migrate (not the gateway), healthy")


def healthy(path: str, port: int = PORT) -> bool:
    """Whether the process in this container answers this path with 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_HEALTH_TIMEOUT_S)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def main(arguments: Sequence[str]) -> int:
    """Does not return for serve and migrate: the program gets this process's id, and so its signals."""
    action = arguments[0] if arguments else "serve"
    if action == "healthy":
        return 0 if healthy(arguments[1] if len(arguments) > 1 else "/healthz") else 1
    try:
        service = service_of(os.environ)
        wanted = command(action, service, os.environ)
        found = secrets_of(service, secrets_folder(os.environ), os.environ)
    except (OSError, UnicodeDecodeError, Refusal) as refusal:
        sys.stderr.write(f"{refusal}\n")
        return 2
    os.execve(wanted[0], wanted, {**os.environ, **found})  # noqa: S606  # fixed words, no shell


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
