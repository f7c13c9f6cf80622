"""`shenbao guide`: what a city's officer does with a guide pack."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cli import house, impact, operations
from cli.errors import Refusal
from cli.keys import Keys
from cli.packs import in_file, read, read_pack
from cli.project import RunDir
from common import pages
from guide import CasesRefused, Change, ClauseChanges, Diff, Lang, diff, json_schema, read_cases, run_cases
from guide.review import review

_MARKS = {"added": "+", "removed": "-", "changed": "~"}


def add(verbs: Any) -> None:
    """Add the command and its steps to the command line."""
    guide = verbs.add_parser("guide", help="check, compare, test and publish guide packs")
    steps = guide.add_subparsers(required=True, metavar="what")

    validate = steps.add_parser("validate", help="every problem of a pack: file, line, column")
    validate.add_argument("pack", type=Path)
    validate.set_defaults(run=_validate)

    test = steps.add_parser("test", help="run a pack's golden cases")
    test.add_argument("pack", type=Path)
    test.add_argument("cases", type=Path, nargs="*", help="default: PACK's name with .cases.yaml or .json")
    test.set_defaults(run=_test)

    compared = steps.add_parser("diff", help="what changed between two versions, by clause")
    compared.add_argument("old", type=Path)
    compared.add_argument("new", type=Path)
    compared.add_argument("--json", action="store_true", help="for programs")
    compared.set_defaults(run=_diff)

    looked_at = steps.add_parser(
        "review", help="a page: the guide clause by clause, with rules in words and cases"
    )
    looked_at.add_argument("pack", type=Path)
    looked_at.add_argument("--cases", type=Path, nargs="*", help="default: those beside the pack, if any")
    looked_at.add_argument("--lang", choices=list(Lang), default=Lang.zh)
    looked_at.add_argument("-o", "--output", type=Path, required=True, help="the HTML file to write")
    looked_at.set_defaults(run=_review)

    publish = steps.add_parser("publish", help="hand a pack to the running house and make it current")
    publish.add_argument("pack", type=Path)
    publish.set_defaults(run=_publish)

    impact.add(steps)

    schema = steps.add_parser("schema", help="the JSON Schema of packs, for editors")
    schema.set_defaults(run=_schema)


def _validate(options: argparse.Namespace) -> int:
    pack = read_pack(options.pack)
    counts = f"categories: {len(pack.leaves)}, rules: {len(pack.rules)}, clauses: {len(pack.clauses)}"
    print(f"{options.pack} is sound: {pack.id} {pack.version[:12]}, {counts}")
    return 0


def _test(options: argparse.Namespace) -> int:
    pack = read_pack(options.pack)
    ran, named, failed = 0, set[str](), list[str]()
    for file in options.cases or _cases_beside(options.pack):
        try:
            golden = run_cases(pack, read(file))
        except CasesRefused as refused:
            raise Refusal(in_file(file, refused.problems)) from None
        ran += golden.ran
        named |= golden.rules
        failed += [problem.in_file(str(file)) for problem in golden.problems]
    print(f"{pack.id}: cases: {ran}, expectations not met: {len(failed)}")
    without = [rule for rule in pack.rules if rule not in named]
    if without:
        print(f"rules without a case: {', '.join(without)}")
    if failed:
        raise Refusal("\n".join(failed))
    return 0


def _cases_beside(pack: Path, *, optional: bool = False) -> Sequence[Path]:
    names = [pack.with_suffix(f".cases.{kind}") for kind in ("yaml", "json")]
    found = [file for file in names if file.exists()]
    if not found and not optional:
        raise Refusal(f"No cases: neither {names[0]} nor {names[1]} is there; name the files.")
    return found


def _diff(options: argparse.Namespace) -> int:
    found = diff(read_pack(options.old), read_pack(options.new))
    if options.json:
        print(json.dumps(found.as_dict(), ensure_ascii=False, indent=2))
    else:
        print("\n".join(_lines(found)))
    return 0


def _lines(found: Diff) -> list[str]:
    if not found.clauses:
        return ["both mean the same"]
    return [line for one in found.clauses for line in _of_clause(one)]


def _of_clause(one: ClauseChanges) -> list[str]:
    clause = one.clause
    head = f"{clause.id}  {clause.section}, lines {clause.lines}" if clause else "without a clause"
    return [head, *(line for change in one.changes for line in _of_change(change)), ""]


def _of_change(change: Change) -> list[str]:
    title = f"  {change.title}" if change.title else ""
    lines = [f"  {_MARKS[change.kind]} {change.section} {change.id}{title}"]
    for name in change.before or change.after or ():
        if change.before is not None and change.before[name] is not None:
            lines.append(f"      - {name}: {_text(change.before[name])}")
        if change.after is not None and change.after[name] is not None:
            lines.append(f"      + {name}: {_text(change.after[name])}")
    return lines


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _review(options: argparse.Namespace) -> int:
    pack, lang = read_pack(options.pack), Lang(options.lang)
    files = options.cases if options.cases is not None else _cases_beside(options.pack, optional=True)
    texts = [read(file) for file in files]
    for file, text in zip(files, texts, strict=True):
        try:
            read_cases(text)
        except CasesRefused as refused:
            raise Refusal(in_file(file, refused.problems)) from None
    shown = review(pack, lang, texts)
    html = pages.render("guide", "review.html", lang, review=shown)
    try:
        options.output.write_text(html, encoding="utf-8")
    except OSError as error:
        raise Refusal(f"{options.output} cannot be written: {error.strerror or error}") from None
    cases = f", cases: {shown.cases.ran}, expectations not met: {shown.cases.failed}" if shown.cases else ""
    print(f"{options.output}: clauses: {shown.clauses}, rules: {shown.rules}{cases}")
    return 0


def _publish(options: argparse.Namespace) -> int:
    run = RunDir.of_project()
    intake_url = run.running()["services"][house.INTAKE]
    guide, version = operations.publish(intake_url, Keys(run.keys), options.pack)
    print(f"{guide} {version}")
    return 0


def _schema(_options: argparse.Namespace) -> int:
    print(json.dumps(json_schema(), ensure_ascii=False, indent=2))
    return 0
