"""CEL leaves: typed by the pack's facts, compiled once per pack, evaluated against one activation per case.

Facts are flat CEL variables with dotted names, so that a wrong name or a wrong type is refused when the pack
is loaded. A fact that is missing is absent from the activation; CEL then gives an error value, and its own
logic does the rest: `error || true` is true, `error && false` is false, all else stays an error.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from cel_expr_python import cel

from guide.comparisons import Truth, comparison
from guide.functions import functions

if TYPE_CHECKING:
    from guide.case import Case

CEL_TYPES: dict[str, Any] = {
    "bool": cel.Type.BOOL,
    "int": cel.Type.INT,
    "money": cel.Type.INT,
    "text": cel.Type.STRING,
    "date": cel.Type.STRING,
    "instant": cel.Type.TIMESTAMP,
    "code": cel.Type.STRING,
    "enum": cel.Type.STRING,
    "ref": cel.Type.STRING,
    "file": cel.Type.Map(cel.Type.STRING, cel.Type.DYN),
    "list<text>": cel.Type.List(cel.Type.STRING),
    "list<ref>": cel.Type.List(cel.Type.Map(cel.Type.STRING, cel.Type.DYN)),
    "list<ref<org>>": cel.Type.List(cel.Type.Map(cel.Type.STRING, cel.Type.DYN)),
}
"""CEL type of each fact type; lists of records are lists of maps with open values."""

BUILT_IN = {
    "as_of": cel.Type.TIMESTAMP,
    "today": cel.Type.STRING,
    "stage": cel.Type.STRING,
    "reading": cel.Type.STRING,
    "settled": cel.Type.Map(cel.Type.STRING, cel.Type.STRING),
    "item": cel.Type.Map(cel.Type.STRING, cel.Type.DYN),
}
"""Variables that every expression may read: the instant asked about, its date in the call's zone, the stage,
the value of an interpretation (inside `readings.open`), the interpretations that are settled by id, and the
element (inside a list construct)."""

_COMPARABLE = (cel.Type.BOOL, cel.Type.INT, cel.Type.STRING, cel.Type.TIMESTAMP)

_FUNCTION_TYPES = {
    "BOOL": cel.Type.BOOL,
    "INT": cel.Type.INT,
    "STRING": cel.Type.STRING,
    "TIMESTAMP": cel.Type.TIMESTAMP,
    "LIST<STRING>": cel.Type.List(cel.Type.STRING),
}
_NAME = re.compile(r"(?<![\w.])[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
_STRINGS = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")


class Program:
    """One compiled expression and the facts that it names."""

    __slots__ = ("_expression", "_reads", "facts", "result", "text", "truth")

    def __init__(self, text: str, expression: Any, facts: tuple[str, ...]) -> None:
        self.text = text
        self.facts = facts
        self.result: str = expression.return_type().name()
        self.truth: Truth = self._truth
        """Of a bool expression: True or False, or None if a fact that decides is missing."""
        self._expression = expression
        self._reads = (*facts, *(name for name in BUILT_IN if re.search(rf"\b{name}\b", text)))

    def value(self, case: Case) -> Any:
        """The plain value, or None if a fact that decides is missing."""
        result = self._eval(case)
        return None if result.type() == cel.Type.ERROR else result.plain_value()

    def _truth(self, case: Case) -> bool | None:
        value = self._eval(case).value()
        return value if value is True or value is False else None

    def _eval(self, case: Case) -> Any:
        values = case.values
        return self._expression.eval(None, {name: values[name] for name in self._reads if name in values})


class Programs(dict[str, Program]):
    """The expressions of one pack by their text. What is not there yet is compiled when it is asked for;
    that raises ValueError with the compiler's words."""

    def __init__(self, fact_types: Mapping[str, str], zone: ZoneInfo) -> None:
        super().__init__()
        variables = {name: CEL_TYPES[kind] for name, kind in fact_types.items()} | BUILT_IN
        self._env = cel.NewEnv(variables=variables, functions=_declarations(zone))
        self._facts = frozenset(fact_types)
        self._comparable = frozenset(name for name, kind in variables.items() if kind in _COMPARABLE)
        self._read = set(BUILT_IN)

    def __missing__(self, text: str) -> Program:
        try:
            expression = self._env.compile(text)
        except RuntimeError as error:
            raise ValueError(_first_line(str(error))) from None
        program = self[text] = Program(text, expression, self.names(text))
        simple = comparison(text, self._comparable) if program.result == "BOOL" else None
        if simple is not None:
            program.truth = simple
        else:
            self._read.update(program.facts)
        return program

    def activation(self, values: Mapping[str, Any]) -> Any:
        """What CEL reads of a case: without the facts that no expression (or only a comparison) names."""
        return self._env.Activation({name: values[name] for name in self._read & values.keys()})

    def names(self, text: str) -> tuple[str, ...]:
        """Facts named by an expression, in order of appearance."""
        found: dict[str, None] = {}
        for match in _NAME.finditer(_STRINGS.sub("''", text)):
            parts = match.group().split(".")
            for length in range(len(parts), 0, -1):
                name = ".".join(parts[:length])
                if name in self._facts:
                    found[name] = None
                    break
        return tuple(found)


def _declarations(zone: ZoneInfo) -> list[Any]:
    return [
        cel.FunctionDecl(
            name,
            [
                cel.Overload(
                    f"{name}_{len(parameters)}",
                    _FUNCTION_TYPES[result],
                    [_FUNCTION_TYPES[parameter] for parameter in parameters],
                    False,
                    implementation,
                )
            ],
        )
        for name, result, parameters, implementation in functions(zone)
    ]


def _first_line(message: str) -> str:
    line = message.split("\n", 1)[0]
    return re.sub(r"^INVALID_ARGUMENT: ERROR: <input>:", "", line)
