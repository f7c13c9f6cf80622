"""`shenbao reconcile`."""

import argparse
import asyncio
import json
import sys
from typing import Any

from cli.reconcile import owners
from cli.reconcile.comparing import Wish, compare
from cli.reconcile.owners import CannotCompare, Settings
from cli.reconcile.report import Result

CLEAN, LEFT, UNKNOWN = 0, 1, 2


def add(verbs: Any) -> None:
    """Add it to the command line."""
    parser = verbs.add_parser(
        "reconcile", help="compare what the services keep of each other (0: agree, 1: differ, 2: unknown)"
    )
    parser.add_argument("--city", action="append", help="only this one; may be repeated (default: all)")
    parser.add_argument("--mend", action="store_true", help="put right what can be, by the owners' commands")
    parser.add_argument("--json", action="store_true", help="the report as JSON")
    parser.add_argument("--no-content", action="store_true", help="do not read the files' bytes")
    parser.add_argument(
        "--again-after",
        type=float,
        default=5.0,
        metavar="S",
        help="seconds between the two looks at what differs (5)",
    )
    parser.set_defaults(run=_reconcile)


def _reconcile(options: argparse.Namespace) -> int:
    wish = Wish(mend=options.mend, content=not options.no_content, again_after_s=options.again_after)
    try:
        results = asyncio.run(_compare(owners.settings(), options.city, wish))
    except CannotCompare as error:
        print(f"Nothing is known: {error}.", file=sys.stderr)
        return UNKNOWN
    if options.json:
        print(json.dumps([result.as_dict() for result in results], indent=2))
    else:
        print("\n".join(line for result in results for line in result.lines()))
        print(f"{sum(result.left for result in results)} left")
    return LEFT if any(result.left for result in results) else CLEAN


async def _compare(known: Settings, cities: list[str] | None, wish: Wish) -> list[Result]:
    async with owners.asking(known) as client:
        return [await compare(client, city, wish) for city in cities or await owners.cities(client)]
