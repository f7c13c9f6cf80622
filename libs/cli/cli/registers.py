"""`shenbao registers`: reading files of entries into a city's registers."""

import argparse
import sys
from datetime import date
from pathlib import Path
from typing import Any

from cli import house, operations
from cli.errors import Refusal
from cli.keys import Keys
from cli.project import RunDir

_TABLES = (".csv", ".xlsx")


def add(verbs: Any) -> None:
    """Add the command and its step to the command line."""
    registers = verbs.add_parser("registers", help="registers of eligibility (docs/registers.md)")
    steps = registers.add_subparsers(required=True, metavar="what")
    imported = steps.add_parser("import", help="read a file of entries into a register")
    imported.add_argument("register", metavar="KIND", help="hnte, platforms, credit_blacklist, …")
    imported.add_argument("file", type=Path, help="CSV or XLSX")
    imported.add_argument("--city", default="330800", help="GB/T 2260 code (330800)")
    imported.add_argument("--source", required=True, help="whose list it is; entries of others stay")
    imported.add_argument(
        "--complete",
        metavar="DATE",
        type=date.fromisoformat,
        help="the source's whole list as of this day: what is not in it ends then",
    )
    imported.add_argument(
        "--whole-until",
        metavar="DATE",
        type=date.fromisoformat,
        help="the file is the whole register from --complete up to and including this day",
    )
    imported.add_argument("--dry-run", action="store_true", help="check and report, write nothing")
    imported.set_defaults(run=import_file)


def import_file(options: argparse.Namespace) -> int:
    """Read a file into a register of the running house; 1 where a dry run finds problems.

    Raises:
        Refusal: it is no table, or eligibility refuses it.
    """
    if options.file.suffix.lower() not in _TABLES:
        raise Refusal(f"{options.file} is neither CSV nor XLSX")
    run = RunDir.of_project()
    answer = operations.import_register(
        run.running()["services"][house.ELIGIBILITY],
        Keys(run.keys),
        options.register,
        options.file,
        city=options.city,
        source=options.source,
        complete=options.complete,
        whole_until=options.whole_until,
        dry_run=options.dry_run,
    )
    for problem in answer["problems"]:
        print(f"row {problem['row']}, {problem['column']}: {problem['reason']}", file=sys.stderr)
    if answer["found"] > len(answer["problems"]):
        print(f"{answer['found']} problems in all", file=sys.stderr)
    if options.dry_run:
        print("dry run: nothing was written")
    for one in answer["rows"]:
        place = f"row {one['row']}" if one["row"] else "not in the file"
        print(f"{one['action']} {one['about']} ({place})")
    counts = ", ".join(f"{number} {word}" for word, number in answer["counts"].items())
    print(f"{options.register}: {counts}")
    return 1 if answer["problems"] else 0
