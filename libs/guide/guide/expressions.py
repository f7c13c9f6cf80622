"""CEL leaves: typed by the pack's facts, compiled once per pack, evaluated on the facts that each one names.

Facts are flat CEL variables with dotted names, so that a wrong name or a wrong type is refused when the pack
is loaded. A fact that is missing is not given to CEL; it then makes an error value, and its own logic does
the rest: `error || true` is true, `error && false` is false, all else stays an error.
"""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from cel_expr_python import cel

from guide.closures import Value
from guide.dictionary import dictionary
from guide.direct import Known, direct
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
    "ref<person>": cel.Type.STRING,
    "ref<application>": cel.Type.STRING,
    "ref<org>": cel.Type.Map(cel.Type.STRING, cel.Type.DYN),
    "percent": cel.Type.STRING,
    "decimal": cel.Type.STRING,
    "set<enum>": cel.Type.List(cel.Type.STRING),
    "list<enum>": cel.Type.List(cel.Type.STRING),
    "map<enum,decimal>": cel.Type.Map(cel.Type.STRING, cel.Type.STRING),
    "record": cel.Type.Map(cel.Type.STRING, cel.Type.DYN),
    "file": cel.Type.Map(cel.Type.STRING, cel.Type.DYN),
    "list<text>": cel.Type.List(cel.Type.STRING),
    "list<ref>": cel.Type.List(cel.Type.DYN),  # texts, or records where the pack says their keys
    "list<record>": cel.Type.List(cel.Type.Map(cel.Type.STRING, cel.Type.DYN)),
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
    "tier": cel.Type.Map(cel.Type.STRING, cel.Type.DYN),
    "total": cel.Type.INT,
    "wanted": cel.Type.INT,
}
"""Variables that every expression may read: the instant asked about, its date in the call's zone, the stage,
the value of an interpretation (inside `readings.open`), the interpretations that are settled by id, the
element (inside a list construct), the funding row (inside `tier`), the certain total and its bound (in
remedies of `count` and `sum`)."""

_SCALARS = (cel.Type.BOOL, cel.Type.INT, cel.Type.STRING, cel.Type.TIMESTAMP)
"""Types whose values compare in Python as they do in CEL."""
_RECORDS = ("record", "ref<org>")
"""Types of one record, whose keys have such values."""
_WORDS = ("set<enum>", "list<enum>", "list<text>")
"""Types of a list of texts."""

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
    """One compiled expression and the facts that it names.

    `value` gives its plain value for a case, None if a fact that decides is missing; `value_in_cel` is what
    CEL says, `value` the same by a shorter way where there is one.
    """

    __slots__ = ("_expression", "_reads", "facts", "result", "text", "value")

    def __init__(self, text: str, expression: Any, facts: tuple[str, ...], short: Value | None) -> None:
        self.text = text
        self.facts = facts
        self.result: str = expression.return_type().name()
        self.value: Value = short or self.value_in_cel
        self._expression = expression
        self._reads = (*facts, *(name for name in BUILT_IN if re.search(rf"\b{name}\b", text)))

    def value_in_cel(self, case: Case) -> Any:
        # an activation of the whole case costs more than it saves: few expressions come this way
        values = case.values
        read = {name: values[name] for name in self._reads if name in values}
        found = self._expression.eval(None, read, None, case.arena)
        if self.result == "BOOL":
            truth = found.value()
            return truth if truth is True or truth is False else None
        return None if found.type() == cel.Type.ERROR else found.plain_value()


class Programs(dict[str, Program]):
    """The expressions of one pack by their text. What is not there yet is compiled when it is asked for;
    that raises ValueError with the compiler's words."""

    def __init__(
        self, fact_types: Mapping[str, str], zone: ZoneInfo, places: Mapping[str, str] | None = None
    ) -> None:
        super().__init__()
        variables = {name: CEL_TYPES[kind] for name, kind in fact_types.items()} | BUILT_IN
        self._env = cel.NewEnv(variables=variables, functions=_declarations(zone, places))
        self._facts = frozenset(fact_types)
        self._known = Known(
            scalars=frozenset(name for name, kind in variables.items() if kind in _SCALARS),
            instants=frozenset(name for name, kind in variables.items() if kind == cel.Type.TIMESTAMP),
            lists=frozenset(name for name, kind in fact_types.items() if kind in _WORDS or "list<" in kind),
            words=frozenset(name for name, kind in fact_types.items() if kind in _WORDS),
            records={"item", "tier"} | {name for name, kind in fact_types.items() if kind in _RECORDS},
        )
        self._functions = {name: (types, function) for name, _, types, function in functions(zone, places)}

    def __missing__(self, text: str) -> Program:
        try:
            expression = self._env.compile(text)
        except RuntimeError as error:
            raise ValueError(_first_line(str(error))) from None
        short = direct(text, self._known, self._functions)
        program = self[text] = Program(text, expression, self.names(text), short)
        return program

    def names(self, text: str) -> tuple[str, ...]:
        """Facts named by an expression, in order of appearance."""
        return _longest_known(text, self._facts)


def named_in(text: str | None) -> tuple[str, ...]:
    """Facts of the dictionary named by an expression, in order of appearance."""
    return _longest_known(text, dictionary().declarable) if text is not None else ()


def _longest_known(text: str, known: Container[str]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for match in _NAME.finditer(_STRINGS.sub("''", text)):
        parts = match.group().split(".")
        for length in range(len(parts), 0, -1):
            name = ".".join(parts[:length])
            if name in known:
                found[name] = None
                break
    return tuple(found)


def _declarations(zone: ZoneInfo, places: Mapping[str, str] | None) -> list[Any]:
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
        for name, result, parameters, implementation in functions(zone, places)
    ]


def _first_line(message: str) -> str:
    line = message.split("\n", 1)[0]
    return re.sub(r"^INVALID_ARGUMENT: ERROR: <input>:", "", line)
