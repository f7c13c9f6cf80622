"""Commands on people: bringing them in from files, and changing the keys of their identifiers."""

import argparse
import sys

from cli import house, operations
from cli.keys import Keys
from cli.project import RunDir

_TABLES = (".csv", ".xlsx")


def import_file(options: argparse.Namespace) -> int:
    """Import units, people and memberships into the running house; 1 where a dry run finds problems."""
    run = RunDir.of_project()
    intake_url, keys = run.running()["services"][house.INTAKE], Keys(run.keys)
    if options.file.suffix.lower() in _TABLES:
        answer = operations.import_table(
            intake_url, keys, options.file, city=options.city, dry_run=options.dry_run
        )
    else:
        content = operations.read_import(options.file)
        answer = operations.import_memberships(intake_url, keys, content, dry_run=options.dry_run)
    for problem in answer["problems"]:
        place = f"row {problem['row']}, {problem['column']}" if problem.get("row") else problem["pointer"]
        print(f"{place}: {problem['reason']}", file=sys.stderr)
    if options.dry_run:
        print("dry run: nothing was written")
    for kind, counts in answer["report"].items():
        print(f"{kind}: " + ", ".join(f"{number} {word}" for word, number in counts.items()))
    return 1 if answer["problems"] else 0


def reseal(_options: argparse.Namespace) -> int:
    """Seal personal identifiers of the running house with the first key of its ring."""
    run = RunDir.of_project()
    done = operations.reseal(run.running()["services"][house.INTAKE], Keys(run.keys))
    print(f"{done} persons sealed anew, none left")
    return 0
