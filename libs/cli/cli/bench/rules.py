"""One case in memory: the rules of a category on a whole applicant, beside checks by hand and other engines.

The applicants are those of the golden cases. Before anything is timed the outcomes are compared: of a check
by hand with ours on every golden case of its category, of an engine on the rules that it can state.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from cli import project
from cli.bench.peers import Engine, Peer, folder
from cli.bench.table import Row, Table, in_turns
from cli.errors import Refusal
from guide import Evaluation, Pack, check_facts, evaluate, flatten, load_pack
from guide.cases import build_case
from guide.golden import read_cases
from guide.words import Outcome, Stage

PACKS = ("hy-2021", "qz-2020", "gl-2019", "lz-2022")
PATENT, MAJOR = ("qz-2020", "qz20-patent"), ("lz-2022", "lz22-major-industry")
_SAME = (
    "the same outcomes by rule, five-valued, for this one guide; no clause, text, remedy or record of facts"
)
BY_HAND = {PATENT: Engine("by_hand_quzhou.py", "own"), MAJOR: Engine("by_hand_lanzhou.py", "own")}
ENGINES = {
    "JSON-Logic, Node (json-logic-engine)": Engine("json_logic_node.mjs", "node"),
    "CEL, C++ (cel-expr-python)": Engine("cel_google.py", "own"),
    "CEL, Rust (common-expression-language)": Engine("cel_rust.py", "own"),
    "JSON-Logic, Python (json-logic-qubit)": Engine("json_logic_python.py"),
    "json-rules-engine, Node": Engine("json_rules_engine.mjs", "node"),
    "GoRules ZEN, Rust (zen-engine)": Engine("gorules_zen.py"),
    "Rego, the language of Open Policy Agent (regopy)": Engine("rego.py"),
}
# one rule of each kind fails
_PLANTED = {
    "applicant.rd_spend_2019": 0,
    "blacklist.listed": True,
    "patent.type": "utility_model",
    "person.lead_count": 2,
    "target.sales_income": 4_999_999,
}
_FINE = frozenset({Outcome.passed, Outcome.not_applicable})


@dataclass(frozen=True, slots=True)
class Applicant:
    """A golden case as a question: `facts` by dotted name, nothing empty."""

    id: str
    category: str
    stage: str
    as_of: str
    facts: Mapping[str, Any]

    def ask(self, pack: Pack) -> Evaluation:
        return evaluate(pack, category=self.category, stage=self.stage, as_of=self.as_of, facts=self.facts)


def measure(say: Callable[[str], None], *, number: int = 2000, rounds: int = 5) -> list[Table]:
    """All tables.

    Args:
        number: cases that each competitor checks in a round.

    Raises:
        Refusal: a check gives other outcomes than the pack.
    """
    packs = {
        name: load_pack(project.root().joinpath(f"deploy/guides/{name}.yaml").read_bytes()) for name in PACKS
    }
    applicants = {name: applicants_of(name, pack) for name, pack in packs.items()}
    tables = [_beside_hand(packs, applicants, at, number, rounds) for at in (PATENT, MAJOR)]
    tables.append(_beside_engines(packs[PATENT[0]], _of(applicants, PATENT), number, rounds, say))
    tables.append(_four_packs(packs, applicants, number, rounds))
    return tables


def applicants_of(name: str, pack: Pack) -> list[Applicant]:
    """Golden cases that ask with the guide's own readings and with every owner there."""
    found = []
    for file in sorted(project.root().glob(f"tests/guide/cases/{name}*.json")):
        for case in read_cases(file.read_bytes())[0].values():
            if not case.interpretations and not case.unavailable:
                sent = flatten(case.facts, pack.facts)
                facts = {fact: value for fact, value in sent.items() if value is not None and value != ""}
                found.append(Applicant(case.id, case.category, str(case.stage), case.as_of, facts))
    return found


def _of(applicants: Mapping[str, list[Applicant]], at: tuple[str, str]) -> list[Applicant]:
    return [one for one in applicants[at[0]] if one.category == at[1]]


def _whole(applicants: Sequence[Applicant]) -> list[Applicant]:
    found = [one for one in applicants if one.id.startswith("whole/")]
    if not found:
        raise Refusal("There are no golden cases of whole applicants (whole/…).")
    return found


def _flat(one: Applicant) -> dict[str, Any]:
    """As peers get it: stage and instant stand among the facts."""
    return {**one.facts, "stage": one.stage, "as_of": one.as_of}


def _timed(work: Callable[[Applicant], Any], cases: Sequence[Applicant], number: int) -> Callable[[], float]:
    """Milliseconds a case."""
    many = [cases[index % len(cases)] for index in range(number)]

    def run() -> float:
        began = time.perf_counter()
        for one in many:
            work(one)
        return (time.perf_counter() - began) / number * 1000

    return run


def _beside_hand(
    packs: Mapping[str, Pack],
    applicants: Mapping[str, list[Applicant]],
    at: tuple[str, str],
    number: int,
    rounds: int,
) -> Table:
    pack, everybody = packs[at[0]], _of(applicants, at)
    cases = _whole(everybody)
    with Peer(BY_HAND[at], {}, [_flat(one) for one in everybody]) as checked:
        for one, theirs in zip(everybody, checked.answers, strict=True):
            ours = {finding.rule: str(finding.outcome) for finding in one.ask(pack).findings}
            if ours != theirs:
                raise Refusal(f"{one.id}: the check by hand differs from the pack")
    with Peer(BY_HAND[at], {}, [_flat(one) for one in cases]) as peer:
        figures = in_turns(
            {
                "outcomes": _timed(lambda one: one.ask(pack), cases, number),
                "texts": _timed(lambda one: _texts(one.ask(pack)), cases, number),
                "json": _timed(lambda one: orjson.dumps(one.ask(pack).as_dict()), cases, number),
                "check": _timed(lambda one: check_facts(pack, at[1], one.facts), cases, number),
                "hand": lambda: peer.seconds(number) / number * 1000,
            },
            rounds,
        )
    rules, facts = len(pack.plans_for(at[1])), max(len(one.facts) for one in cases)
    return Table(
        f"One case in memory: {at[1]}, {rules} rules on up to {facts} facts, {len(cases)} whole applicants",
        "ms a case",
        [
            Row(
                "pack, evaluated", "verdict, outcome and effect of every rule", figures["outcomes"], base=True
            ),
            Row("the same with texts", "message, remedy and distance of every finding", figures["texts"]),
            Row("the same as JSON", "whole findings: clause, facts with provenance, bytes", figures["json"]),
            Row("facts checked", "names, types, tokens, contradictions of what is sent", figures["check"]),
            Row("plain Python by hand", _SAME, figures["hand"]),
        ],
        [f"outcomes compared on {len(everybody)} golden cases of the category before timing"],
    )


def _texts(evaluation: Evaluation) -> None:
    for finding in evaluation.findings:
        _ = finding.message, finding.remedy, finding.gap


def _beside_engines(
    pack: Pack, applicants: Sequence[Applicant], number: int, rounds: int, say: Callable[[str], None]
) -> Table:
    rules = json.loads((folder() / "share.json").read_text())
    sound = next(one for one in _whole(applicants) if one.stage == Stage.approval)
    cases = [
        sound,
        Applicant("planted", sound.category, sound.stage, sound.as_of, {**sound.facts, **_PLANTED}),
    ]
    plans = [plan for plan in pack.plans_for(sound.category) if plan.rule.id in rules]
    expected = [
        {
            finding.rule: finding.outcome in _FINE
            for finding in one.ask(pack).findings
            if finding.rule in rules
        }
        for one in cases
    ]

    def ours(one: Applicant) -> None:
        case = build_case(pack, one.category, Stage(one.stage), None, one.facts)
        for plan in plans:
            plan.judge(case)

    runs = {"ours": _timed(ours, cases, number)}
    absent: dict[str, str] = {}
    running: list[Peer] = []
    try:
        for name, engine in ENGINES.items():
            try:
                peer = Peer(engine, rules, [_flat(one) for one in cases])
            except Refusal as refusal:
                absent[name] = str(refusal)
                continue
            running.append(peer)
            if peer.answers != expected:
                raise Refusal(f"{name} gives other outcomes than the pack")
            share = number if peer.seconds(20) < 0.02 else max(20, number // 20)
            runs[name] = _by_peer(peer, share)
        figures = in_turns(runs, rounds)
    finally:
        for peer in running:
            peer.close()
    for name, why in absent.items():
        say(f"{name}: {why}")
    rows = [
        Row(
            "pack, the same rules",
            "outcomes of five values, what is missing, readings",
            figures["ours"],
            base=True,
        )
    ]
    rows += [
        Row(name, "true or false", figures.get(name, ()), absent=absent.get(name, "")) for name in ENGINES
    ]
    return Table(
        f"What other engines can state: {len(rules)} rules of {sound.category} on {len(sound.facts)} facts",
        "ms a case",
        rows,
        [
            "all facts are there: what engines make of a missing fact differs, and none says what is missing",
            "left out: readings, dates, lists, texts compared, a reviewer's word, stages, guards, effects",
        ],
    )


def _by_peer(peer: Peer, share: int) -> Callable[[], float]:
    return lambda: peer.seconds(share) / share * 1000


def _four_packs(
    packs: Mapping[str, Pack], applicants: Mapping[str, list[Applicant]], number: int, rounds: int
) -> Table:
    runs, computes = {}, {}
    for name, pack in packs.items():
        cases = _whole(applicants[name])
        rules = [len(pack.plans_for(one.category)) for one in cases]
        runs[f"{name}, evaluated"] = _timed(_asking(pack), cases, number)
        runs[f"{name}, as JSON"] = _timed(_writing(pack), cases, number)
        facts = sum(len(one.facts) for one in cases) / len(cases)
        computes[name] = (
            f"{len(cases)} applicants, {sum(rules) / len(cases):.0f} rules and {facts:.0f} facts each"
        )
    figures = in_turns(runs, rounds)
    rows = [Row(name, computes[name.partition(",")[0]], found) for name, found in figures.items()]
    return Table("Whole applicants of all categories of four packs", "ms a case", rows)


def _asking(pack: Pack) -> Callable[[Applicant], Any]:
    return lambda one: one.ask(pack)


def _writing(pack: Pack) -> Callable[[Applicant], Any]:
    return lambda one: orjson.dumps(one.ask(pack).as_dict())
