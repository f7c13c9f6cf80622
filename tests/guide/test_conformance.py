"""Every expression of every pack means the same to a second, independent CEL engine.

Each is compared on what it is asked about: while the golden cases are answered, the values that it reads are
kept, with the record, reading, tier or total that a construct binds. Nothing is left out.
"""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import cel
import pytest
from tests.guide.conftest import GUIDES, every_pack
from tests.guide.test_golden import PRECHECKS

import guide.load
from guide import Pack, answer, load_pack, nest
from guide.case import Case
from guide.expressions import BUILT_IN, Program, Programs
from guide.functions import functions

Kept = dict[tuple[str, str], tuple[Mapping[str, Any], Any]]
"""By expression and what it reads: the values, and what our engine makes of them."""


class Recording(Programs):
    """The expressions of a pack, which keep what they are asked."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.kept: Kept = {}

    def __missing__(self, text: str) -> Program:
        program = super().__missing__(text)
        value, reads = program.value, (*program.facts, *(n for n in BUILT_IN if re.search(rf"\b{n}\b", text)))

        def keeping(case: Case) -> Any:
            found = value(case)
            values = {name: case.values[name] for name in reads if name in case.values}
            self.kept.setdefault((text, json.dumps(values, default=str, sort_keys=True)), (values, found))
            return found

        program.value = keeping
        return program


class Second:
    """The other engine, with the same functions."""

    def __init__(self, pack: Pack) -> None:
        self._functions = [
            (name, implementation)
            for name, _, _, implementation in functions(pack.zone, pack.call.renamed_places)
        ]

    def value(self, text: str, values: Mapping[str, Any]) -> Any:
        context = cel.Context(nest(dict(values)))
        for name, implementation in self._functions:
            context.add_function(name, implementation)
        try:
            found = cel.evaluate(text, context)
        except (KeyError, RuntimeError, TypeError, ValueError):
            return None
        return found if isinstance(found, bool | int | str | datetime) else None


def expressions(pack: Pack) -> Iterator[str]:
    """Those of rules, remedies, materials, forms and routes."""
    for rule in pack.rules.values():
        for root in (rule.guard, rule.require):
            for _, node in root.walk() if root is not None else ():
                yield from (text for _, text in node.conditions())
                yield from (text for _, text, _ in node.terms())
        for remedy in rule.remedies:
            yield from (text for text in (remedy.when, remedy.gap and remedy.gap.value) if text)
    yield from (text for text in conditions(pack) if text)
    yield from (route.when for route in pack.document.routing.routes if route.when)


def conditions(pack: Pack) -> list[str | None]:
    fields = [field for group in (*pack.document.forms, *pack.document.profile) for field in group.fields]
    return [one.condition for one in (*pack.document.materials, *fields)]


def ask(pack: Pack) -> None:
    """Everything that the golden cases give an occasion to ask, and the route of every topic."""
    for topic in pack.topics:
        pack.route(pack.leaves[0].id, {"project": {"topic": topic}})
    for case in PRECHECKS:
        if case.guide == pack.id:
            remedies = [finding.remedy for finding in answer(pack, case.request(pack)).findings]
            assert remedies  # written out when they are looked at
            pack.route(case.category, case.facts)
            for condition in conditions(pack):
                pack.holds(condition, case.category, case.facts)


@every_pack
def test_the_same_value(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(guide.load, "Programs", Recording)
    pack = load_pack((GUIDES / f"{name}.yaml").read_bytes())
    programs = pack.runtime.programs
    assert isinstance(programs, Recording)
    ask(pack)
    second = Second(pack)
    for (text, _), (values, found) in programs.kept.items():
        other = second.value(text, values)
        assert (type(other), other) == (type(found), found), (text, values)
    known = {text for (text, _), (_, found) in programs.kept.items() if found is not None}
    unknown = sorted(set(expressions(pack)) - known)
    assert [text for text in unknown if "signed_list.funded_" not in text] == []
    assert len(unknown) == NEVER_SENT.get(name, 0)


NEVER_SENT = {"hy-2021": 5}
"""By pack how many expressions read the grant ledger's figures, which no question has."""


def test_another_meaning_is_noticed(qz: Pack) -> None:
    """The second engine is no echo of ours."""
    values = {"budget.rd_total": 2999999}
    assert Second(qz).value("budget.rd_total >= 3000000", values) is False
    assert Second(qz).value("budget.rd_total >= 2999999", values) is True
    assert Second(qz).value("budget.rd_total >= 3000000 || budget.other", values) is None
