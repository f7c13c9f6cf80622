"""What the image installs, cut out of requirements.lock: the services' packages, and what builds our own.

python deploy/docker/runtime_lock.py      # after `make lock`; needs the project's virtual environment

The cut follows the metadata of the installed packages; lines, markers and hashes are copied as they are.
"""

import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ("documents", "eligibility", "gateway", "intake", "quota")
BUILD = ("hatchling", "editables")
OURS = "shenbao-"
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==")


def pins(text: str) -> dict[str, str]:
    """Package -> its lines in a lock."""
    found: dict[str, str] = {}
    name = ""
    for line in text.splitlines(keepends=True):
        match = _PIN.match(line)
        if match:
            name = canonicalize_name(match[1])
        if name:
            found[name] = found.get(name, "") + line
    return found


def closure(roots: Iterable[Requirement]) -> set[str]:
    """Names of all packages that these need; our own are left out.

    Markers of Python and platform are not judged here: the lock's own lines carry them.
    """
    seen: set[tuple[str, frozenset[str]]] = set()
    waiting = list(roots)
    while waiting:
        wanted = waiting.pop()
        name, extras = canonicalize_name(wanted.name), frozenset(wanted.extras)
        if (name, extras) not in seen:
            seen.add((name, extras))
            waiting += _needs(name, extras)
    return {name for name, _ in seen if not name.startswith(OURS)}


def _needs(name: str, extras: frozenset[str]) -> Iterator[Requirement]:
    try:
        lines = requires(name) or []
    except PackageNotFoundError:  # for another platform
        return
    for line in lines:
        found = Requirement(line)
        marker = str(found.marker or "")
        if "extra" not in marker or any(f'extra == "{extra}"' in marker for extra in extras):
            yield found


def locks() -> dict[str, str]:
    """File name -> content."""
    known = pins((ROOT / "requirements.lock").read_text(encoding="utf-8"))
    declared: list[Requirement] = []
    for member in (*(f"services/{service}" for service in SERVICES), "libs/common", "libs/guide"):
        project = tomllib.loads((ROOT / member / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        declared += [Requirement(line) for line in project["dependencies"]]
    roots = {"requirements.lock": declared, "build.lock": [Requirement(name) for name in BUILD]}
    return {
        file: "".join(known[name] for name in sorted(closure(wanted)) if name in known)
        for file, wanted in roots.items()
    }


def main() -> int:
    """Writes both files beside this one."""
    for file, content in locks().items():
        (Path(__file__).parent / file).write_text(content, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
