"""Is a backup whole? Everything is hashed again, and each dump's contents are listed, before it is used."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from joserfc.jwk import OKPKey

from cli import postgres
from cli.backup import files, manifest, programs
from cli.backup.files import Copied
from cli.backup.manifest import Dump, Manifest
from cli.backup.taking import ORDER
from cli.errors import Refusal

_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was found whole, as far as it was looked at.

    Attributes:
        sha256: of its manifest; names the backup.
        listing: its files; empty where they were not looked at.
    """

    folder: Path
    manifest: Manifest
    sha256: str
    listing: list[Copied]


def verified(
    folder: Path, key: OKPKey | None, *, services: Sequence[str] = ORDER, with_files: bool = True
) -> Backup:
    """Look at these services' dumps and, if wanted, at every file.

    Args:
        key: the operator's; None: the signature is not checked.

    Raises:
        Refusal: names what is missing or damaged.
    """
    found, sha256 = manifest.read(folder)
    if key is not None:
        manifest.check_signature(folder, sha256, key)
    faults = [fault for service in services for fault in _dump_faults(folder, service, found)]
    listing: list[Copied] = []
    if with_files:
        listing, wrong = _files(folder, found)
        faults += wrong
    if faults:
        more = f"\n  and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
        raise Refusal(f"{folder} is damaged:\n  " + "\n  ".join(faults[:_SHOWN]) + more)
    return Backup(folder, found, sha256, listing)


def _dump_faults(folder: Path, service: str, found: Manifest) -> Iterator[str]:
    if service not in found.dumps:
        yield f"no dump of {service}"
        return
    dump = found.dumps[service]
    file = folder / dump.file
    if not file.is_file():
        yield f"{dump.file} is missing"
    elif file.stat().st_size != dump.bytes:
        yield f"{dump.file} has {file.stat().st_size} bytes instead of {dump.bytes}"
    elif files.sha256_of(file) != dump.sha256:
        yield f"{dump.file} has other content"
    else:
        yield from _unreadable(file, dump)


def _unreadable(file: Path, dump: Dump) -> Iterator[str]:
    missing = set(dump.rows) - programs.tables(postgres.find_clients(dump.tool), file)
    if missing:
        yield f"{dump.file} lacks {', '.join(sorted(missing))}"


def _files(folder: Path, found: Manifest) -> tuple[list[Copied], list[str]]:
    listing = folder / manifest.LISTING
    if not listing.is_file() or files.sha256_of(listing) != found.files.sha256:
        return [], [f"{manifest.LISTING} is missing or has other content"]
    lines = files.read_listing(listing)
    return lines, [fault for line in lines for fault in _file_faults(folder / manifest.FILES, line)]


def _file_faults(folder: Path, line: Copied) -> Iterator[str]:
    file = folder / line.key
    if not file.is_file():
        yield f"file {line.key} is missing"
    elif file.stat().st_size != line.size or files.sha256_of(file) != line.sha256:
        yield f"file {line.key} has other content"
