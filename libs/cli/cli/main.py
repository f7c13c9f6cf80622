"""The `shenbao` command."""

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from cli import commands, guides, people, registers
from cli.backup import command as backup
from cli.errors import Refusal
from cli.house import SERVICES, WITH_DATABASE
from cli.reconcile import command as reconcile
from common.roles import Role

_BENCHES = {
    "rules": "one case in memory, beside checks by hand and other engines",
    "loading": "four packs: time and memory",
    "assessments": "one assessment and one precheck over HTTP",
    "matches": "a match over all categories of four guides",
    "impact": "a changed pack against stored assessments",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 when all is well, 1 with one clear sentence when not."""
    options = _parser().parse_args(arguments)
    before = {number: signal.signal(number, _interrupt) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        return int(options.run(options))
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _interrupt(_number: int, _frame: object) -> None:
    """The first one stops everything in order; nobody may disturb that."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="shenbao", description="Runs the project on this machine.")
    verbs = parser.add_subparsers(required=True, metavar="command")

    up = verbs.add_parser("up", help="start Postgres and the five services; Ctrl-C stops all")
    up.add_argument("--single", action="store_true", help="all services in one process")
    up.add_argument("--pgbouncer", action="store_true", help="services reach Postgres through PgBouncer")
    up.set_defaults(run=commands.up)

    demo = verbs.add_parser("demo", help="start everything, play the story, stop everything")
    demo.add_argument("--single", action="store_true", help="all services in one process")
    demo.add_argument("--pgbouncer", action="store_true", help="services reach Postgres through PgBouncer")
    demo.add_argument(
        "--city", default="quzhou", help="quzhou, hengyang, guilin, lanzhou, or the code (quzhou)"
    )
    demo.add_argument("--season", choices=("short", "full"), default="short", help="14 applications, or 150")
    demo.set_defaults(run=commands.demo)

    token = verbs.add_parser("token", help="a token for a person with a role, or for calling a service")
    kind = token.add_mutually_exclusive_group(required=True)
    kind.add_argument("--role", choices=[role.value for role in Role])
    kind.add_argument("--subject", help="a person whose memberships were imported")
    kind.add_argument("--service", choices=SERVICES, help="the operator's token for this service")
    token.add_argument("--city", default="330800", help="GB/T 2260 code (330800)")
    token.add_argument("--unit", metavar="USCC", help="the unit that the role is bound to")
    token.set_defaults(run=commands.token)

    clock = verbs.add_parser("clock", help="show or move the business clock")
    steps = clock.add_subparsers(required=True, metavar="what")
    steps.add_parser("show", help="both clocks").set_defaults(run=commands.clock_show)
    moved = steps.add_parser("set", help="hold it at an instant")
    moved.add_argument("instant", help="RFC 3339 with offset: 2020-06-01T09:00:00+08:00")
    moved.set_defaults(run=commands.clock_set)
    steps.add_parser("run", help="let it run on from where it stands").set_defaults(run=commands.clock_run)
    steps.add_parser("reset", help="back to the machine's time").set_defaults(run=commands.clock_reset)

    guides.add(verbs)

    imported = verbs.add_parser("import", help="import units, people and memberships")
    imported.add_argument("file", type=Path, help="YAML, JSON, CSV or XLSX")
    imported.add_argument("--city", default="330800", help="of a CSV or XLSX file (330800)")
    imported.add_argument("--dry-run", action="store_true", help="check and count, write nothing")
    imported.set_defaults(run=people.import_file)

    registers.add(verbs)

    reseal = verbs.add_parser("reseal", help="seal personal identifiers with the first key of the ring")
    reseal.set_defaults(run=people.reseal)

    subscribed = verbs.add_parser("subscribe", help="let a provincial client read the feed")
    subscribed.add_argument("--role", default=Role.provincial_client.value, help=argparse.SUPPRESS)
    subscribed.add_argument("--city", default="330800", help="GB/T 2260 code (330800)")
    subscribed.add_argument("--subject", help="the client's subject; default: the one of `token --role`")
    subscribed.add_argument("--legal-basis", required=True, help="why the data may be given")
    subscribed.add_argument("--purpose", required=True, help="what they are for")
    subscribed.set_defaults(run=commands.subscribe, unit=None)

    db = verbs.add_parser("db", help="about the running database").add_subparsers(
        required=True, metavar="what"
    )
    url = db.add_parser("url", help="its URL, for psql")
    url.add_argument("service", nargs="?", choices=WITH_DATABASE, help="with this service's own role")
    url.set_defaults(run=commands.db_url)

    tools = verbs.add_parser("tools", help="fetch the programs that tests and checks use")
    tools.add_argument("--look", action="store_true", help="only say what is missing")
    tools.set_defaults(run=commands.fetch_tools)

    backup.add(verbs)
    reconcile.add(verbs)

    bench = verbs.add_parser("bench", help="measure, beside others, on this machine")
    bench.add_argument("--assessments", type=int, default=100_000, help="stored, for the impact (100000)")
    bench.set_defaults(run=commands.bench, what=None)
    what = bench.add_subparsers(metavar="what")
    for name, words in _BENCHES.items():
        what.add_parser(name, help=words).set_defaults(what=name)
    rush = what.add_parser("rush", help="the last minute: 2000 applicants, most of them in the last seconds")
    rush.add_argument("--applicants", type=int, default=2000, help="who come in time (2000)")
    rush.add_argument("--single", action="store_true", help="all services in one process")
    rush.set_defaults(run=commands.bench_rush)

    test = verbs.add_parser("test", help="start Postgres and run the tests")
    test.add_argument("pytest", nargs=argparse.REMAINDER, help="arguments for pytest")
    test.set_defaults(run=commands.test)
    return parser


if __name__ == "__main__":
    sys.exit(main())
