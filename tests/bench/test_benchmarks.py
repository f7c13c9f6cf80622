"""The benchmarks in miniature: whatever they compare is equal, every table is whole; no times."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli import operations, ports, project
from cli.bench import everything, loading, rules, taking
from cli.bench.peers import Engine, Peer
from cli.bench.table import Row, Table, in_turns
from cli.errors import Refusal
from cli.house import SERVICES
from cli.local import House, Plan, running_house
from cli.project import RunDir
from guide import load_pack

pytestmark = pytest.mark.timeout(300)


def nothing(_line: str) -> None:
    """What is said meanwhile."""


def whole(tables: list[Table], rounds: int) -> dict[str, dict[str, Row]]:
    """Rows by work and name; each has a figure for every round, or says why not."""
    for table in tables:
        assert table.lines()
        for row in table.rows:
            assert len(row.figures) == rounds or row.absent, (table.work, row.name)
            assert all(figure > 0 for figure in row.figures)
    return {table.work: {row.name: row for row in table.rows} for table in tables}


def test_rules_beside_others() -> None:
    found = whole(rules.measure(nothing, number=5, rounds=2), 2)
    assert len(found) == 4
    by_hand = [rows["plain Python by hand"] for rows in found.values() if "plain Python by hand" in rows]
    assert len(by_hand) == 2
    assert all(row.figures for row in by_hand)
    (engines,) = [rows for rows in found.values() if set(rules.ENGINES) <= set(rows)]
    assert engines["CEL, C++ (cel-expr-python)"].figures  # comes with the project
    assert engines["CEL, Rust (common-expression-language)"].figures


def test_a_check_by_hand_that_differs_is_not_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    def stricter(text: bytes) -> object:
        return load_pack(text.replace(b"person.lead_count <= 1", b"person.lead_count <= 0"))

    monkeypatch.setattr(rules, "load_pack", stricter)
    with pytest.raises(Refusal, match="by hand differs from the pack"):
        rules.measure(nothing, number=5, rounds=1)


@pytest.mark.parametrize("engine", [Engine("no_such_program.py", "own"), Engine("by_hand.py", "own")])
def test_a_peer_that_does_not_answer_is_refused(engine: Engine) -> None:
    with pytest.raises(Refusal):
        Peer(engine, {}, [{}])


def test_packs_are_weighed() -> None:
    found = whole(loading.measure(nothing, rounds=1), 1)
    assert {name for rows in found.values() for name in rows} == {"load_pack", "resident memory"}


def test_a_table() -> None:
    rows = [Row("ours", "all", [2.0, 1.0, 3.0], base=True), Row("theirs", "some", [9.0, 5.0, 4.0])]
    lines = Table("work", "ms", [*rows, Row("absent", "all", (), absent="not installed")], ["a note"]).lines()
    assert "| ours | 2.000 | 1.00 | 2.000, 1.000, 3.000 | all |" in lines
    assert "| theirs | 5.000 | 2.50 | 9.000, 5.000, 4.000 | some |" in lines
    assert "| absent |  |  | not installed | all |" in lines
    assert "- a note" in lines


def test_rounds_are_taken_in_turns() -> None:
    order: list[str] = []

    def run(name: str) -> float:
        order.append(name)
        return float(len(order))

    found = in_turns({"a": lambda: run("a"), "b": lambda: run("b")}, 3)
    assert order == ["a", "b", "b", "a", "a", "b"]
    assert found == {"a": [1.0, 4.0, 5.0], "b": [2.0, 3.0, 6.0]}


@pytest.fixture(scope="module")
def home() -> Iterator[House]:
    # /tmp, not pytest's folder: as root Postgres runs as a user who may not enter that one
    folder = Path(tempfile.mkdtemp(prefix="shenbao-bench-"))
    folder.chmod(0o755)
    wanted = {service: ports.free() for service in SERVICES}
    try:
        plan = Plan(lasting=False, single=True, wanted_ports=wanted)
        with running_house(RunDir(folder).made(), plan, print) as running:
            for name in rules.PACKS:
                pack = project.root() / "deploy" / "guides" / f"{name}.yaml"
                operations.publish(running.intake_url, running.keys, pack)
            yield running
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def test_assessments_over_http(home: House) -> None:
    found = whole(taking.measure(home, number=16, rounds=1), 1)
    assert [work for work in found if "1 client:" in work]
    assert [work for work in found if "16 clients:" in work]
    assert all(rows["POST /v1/assessments"].figures for work, rows in found.items() if "HTTP" in work)


def test_a_match(home: House) -> None:
    ((_, rows),) = whole(everything.matched(home, rounds=1, questions=1), 1).items()
    assert "categories" in rows["POST /v1/matches"].computes


def test_an_impact_reaches_every_assessment(home: House) -> None:
    ((_, rows),) = whole(everything.impacted(home, 60, rounds=1), 1).items()
    assert set(rows) == {"POST /v1/impact", "the first progress"}
