"""`shenbao guide impact`: what a draft pack would change for the assessments that are stored."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import orjson

from cli import house, operations, tokens
from cli.errors import Refusal
from cli.keys import Keys
from cli.packs import read_pack, text_of
from cli.project import RunDir
from guide import Stage

_PATIENCE_S = 120  # without a line


def add(steps: Any) -> None:
    """Add the step to `shenbao guide`."""
    impact = steps.add_parser("impact", help="what a draft would change for the assessments that are stored")
    impact.add_argument("pack", type=Path)
    impact.add_argument("--of", metavar="GUIDE", help="replay another guide's assessments, last year's say")
    impact.add_argument("--stage", choices=[stage.value for stage in Stage])
    impact.add_argument("--category")
    impact.add_argument(
        "--every", action="store_true", help="not only the newest assessment of each application"
    )
    impact.add_argument("--lines", action="store_true", help="print the answer's lines as they come (NDJSON)")
    impact.set_defaults(run=_impact)


def _impact(options: argparse.Namespace) -> int:
    pack = read_pack(options.pack)
    run = RunDir.of_project()
    url = run.running()["services"][house.ELIGIBILITY]
    token = tokens.for_service(Keys(run.keys), house.ELIGIBILITY, cities=[pack.city])
    asked = {
        "text": text_of(options.pack).text,
        "of": options.of,
        "stage": options.stage,
        "category": options.category,
        "every": options.every,
        "lang": "en",
    }
    summary: dict[str, Any] | None = None
    for line in lines(url, token, asked):
        if options.lines:
            print(orjson.dumps(line).decode())
        elif line["type"] == "progress":
            _show(f"{line['done']} of {line['total']}, changed: {line['changed']}")
        if line["type"] == "summary":
            summary = line
    if summary is None:
        raise Refusal("The answer broke off before its end; ask again.")
    if not options.lines:
        print("\n".join(table(summary)))
    return 0


def lines(url: str, token: str, asked: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The lines of eligibility's answer as they come.

    Raises:
        Refusal: it refuses, or does not answer.
    """
    headers = {"authorization": f"Bearer {token}", "accept-language": "en"}
    try:
        with (
            httpx.Client(trust_env=False, timeout=_PATIENCE_S) as http,
            http.stream("POST", f"{url}/v1/impact", headers=headers, json=asked) as answer,
        ):
            if answer.is_error:
                answer.read()
                raise Refusal(f"eligibility refuses: {operations.words(answer)}")
            for line in answer.iter_lines():
                yield orjson.loads(line)
    except httpx.TransportError as error:
        raise Refusal(f"eligibility at {url} does not answer: {error}") from None


def table(summary: dict[str, Any]) -> list[str]:
    """A summary for people: how many, from which verdict to which, by which rules."""
    found = [
        f"replayed: {summary['replayed']}, another verdict or step: {summary['changed']}, "
        f"other outcomes only: {summary['touched']}, not judged: {summary['not_judged']}"
    ]
    moved = [one for one in summary["verdicts"] if one["before"] != one["after"]]
    found += [f"  {one['count']:>8}  {one['before']} -> {one['after']}" for one in moved]
    clauses = {one["rule"]: one for one in summary["clauses"]}
    if summary["rules"]:
        found.append("by rule:")
    for one in summary["rules"]:
        about = clauses.get(one["rule"])
        place = f"  {about['clause']['section']}, lines {about['clause']['lines']}" if about else ""
        found.append(
            f"  {one['count']:>8}  {one['rule']}: {one['before'] or 'new'} -> {one['after'] or 'gone'}{place}"
        )
    if summary["missing"]:
        found.append("asked for by the draft, stated by nobody:")
        found += [f"  {one['count']:>8}  {one['fact']} ({one['label']})" for one in summary["missing"]]
    return found


def _show(progress: str) -> None:
    """On a terminal in one line, over what stood there."""
    if sys.stderr.isatty():
        print(f"\r{progress}", end="", file=sys.stderr, flush=True)
    else:
        print(progress, file=sys.stderr)
