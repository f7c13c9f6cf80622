"""`shenbao backup` and `shenbao restore`."""

import argparse
import os
from pathlib import Path
from typing import Any

from cli.backup import restoring, taking, verifying
from cli.backup.installation import at_rest, from_environment, of_house, running
from cli.backup.taking import ORDER
from cli.project import RunDir


def add(verbs: Any) -> None:
    """Add both to the command line."""
    backup = verbs.add_parser("backup", help="dump every service and copy the files, with a signed manifest")
    what = backup.add_mutually_exclusive_group(required=True)
    what.add_argument("--to", type=Path, metavar="DIR", help="a folder that is not there yet")
    what.add_argument("--verify", type=Path, metavar="DIR", help="look whether a backup is whole")
    backup.add_argument("--link", type=Path, metavar="DIR", help="link files that this earlier backup has")
    backup.add_argument("--unsigned", action="store_true", help="with --verify: whatever the signature says")
    backup.set_defaults(run=_backup)

    restore = verbs.add_parser("restore", help="bring stopped services back to the moment of a backup")
    restore.add_argument("--from", type=Path, required=True, metavar="DIR", dest="source")
    restore.add_argument(
        "--service", action="append", choices=ORDER, default=[], help="only this one; may be repeated"
    )
    restore.add_argument(
        "--files",
        action="store_true",
        help="files that are missing or differ (default: all services and files)",
    )
    restore.add_argument("--replace", action="store_true", help="what the schemas hold now may go")
    restore.add_argument("--unsigned", action="store_true", help="whatever the signature says")
    restore.set_defaults(run=_restore)


def _backup(options: argparse.Namespace) -> int:
    if options.verify is not None:
        return _verify(options)
    taking.take(running(), options.to, options.link, _print)
    _print(f"{options.to} is whole")
    return 0


def _verify(options: argparse.Namespace) -> int:
    described = from_environment(os.environ) or of_house(RunDir.of_project(), {})
    key = None if options.unsigned else described.key
    backup = verifying.verified(options.verify, key)
    _print(
        f"{options.verify} is whole: {', '.join(backup.manifest.dumps)} of "
        f"{backup.manifest.taken_at:%Y-%m-%d %H:%M:%S} UTC, {len(backup.listing)} files"
    )
    if key is None:
        _print("the signature was not checked")
    return 0


def _restore(options: argparse.Namespace) -> int:
    everything = not options.service and not options.files
    services = [service for service in ORDER if everything or service in options.service]
    with at_rest(_print) as target:
        restoring.restore(
            target,
            options.source,
            services,
            with_files=options.files or everything,
            replace=options.replace,
            signed=not options.unsigned,
            say=_print,
        )
    _print("start the services, then: shenbao reconcile")
    return 0


def _print(line: str) -> None:
    print(line, flush=True)
