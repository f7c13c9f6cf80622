"""YAML for packs: plain data only, bounded, no duplicate keys, dates stay strings.

The event stream is read by hand because the stock constructors turn dates, `on`, `1:30` and `1.5` into
surprises, and because anchors, tags and duplicate keys are refused here instead of being resolved.
"""

import re
from collections.abc import Iterator
from typing import Any

import yaml

from guide.errors import PackRefused, Problem, escape

MAX_BYTES = 2_000_000
MAX_DEPTH = 40
MAX_NODES = 200_000

_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+\.[0-9]*)([eE][-+]?[0-9]+)?\Z|[-+]?[0-9]+[eE][-+]?[0-9]+\Z")
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Place = tuple[int, int]
"""Line and column in the text, both from 1; columns count characters."""
Places = dict[str, Place]


def read_yaml(text: str | bytes) -> tuple[Any, Places]:
    """Plain data of one YAML document and the place of each JSON Pointer in it.

    Mappings have string keys only; scalars are str, int, bool or None. Raises PackRefused for bad syntax,
    a size or depth over the limits, duplicate keys, anchors, aliases, tags, floats and further documents.
    """
    raw = text.encode() if isinstance(text, str) else text
    if len(raw) > MAX_BYTES:
        raise PackRefused([Problem("", f"the text is larger than {MAX_BYTES} bytes")])
    try:
        decoded = raw.decode("utf-8-sig")
        return _Builder(yaml.parse(decoded, Loader=_LOADER)).document()
    except UnicodeDecodeError as error:
        raise PackRefused([Problem("", f"the text is not UTF-8: {error.reason}")]) from None
    except yaml.YAMLError as error:
        raise PackRefused([_syntax_problem(error)]) from None


def _syntax_problem(error: yaml.YAMLError) -> Problem:
    mark = getattr(error, "problem_mark", None)
    reason = getattr(error, "problem", None) or str(error)
    return Problem("", f"not YAML: {reason}", *(_at(mark) if mark else ()))


class _Builder:
    def __init__(self, events: Iterator[Any]) -> None:
        self._events = events
        self._nodes = 0
        self._places: Places = {}
        self._duplicates: list[Problem] = []

    def document(self) -> tuple[Any, Places]:
        value: Any = None
        documents = 0
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise PackRefused([Problem("", "more than one YAML document", *_place(event))])
            elif isinstance(event, yaml.NodeEvent):
                value = self._node(event, "", 0)
        if self._duplicates:
            raise PackRefused(self._duplicates)
        return value, self._places

    def _node(self, event: Any, pointer: str, depth: int) -> Any:
        self._nodes += 1
        if depth > MAX_DEPTH or self._nodes > MAX_NODES:
            limit = f"deeper than {MAX_DEPTH} levels" if depth > MAX_DEPTH else f"more than {MAX_NODES} nodes"
            raise PackRefused([Problem(pointer, limit, *_place(event))])
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            raise PackRefused([Problem(pointer, "anchors and aliases are not allowed", *_place(event))])
        if event.tag is not None and event.tag != "!":
            raise PackRefused([Problem(pointer, f"the tag {event.tag} is not allowed", *_place(event))])
        self._places[pointer] = _place(event)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(pointer, depth)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(pointer, depth)
        return _scalar(event, pointer)

    def _mapping(self, pointer: str, depth: int) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for event in self._events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            if not isinstance(event, yaml.ScalarEvent) or event.value == "<<":
                raise PackRefused([Problem(pointer, "a key is not a plain word", *_place(event))])
            key = event.value
            inner = f"{pointer}/{escape(key)}"
            if key in result:
                self._duplicates.append(Problem(inner, f"the key {key!r} stands twice", *_place(event)))
            result[key] = self._node(next(self._events), inner, depth + 1)
        return result

    def _sequence(self, pointer: str, depth: int) -> list[Any]:
        result: list[Any] = []
        for event in self._events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            result.append(self._node(event, f"{pointer}/{len(result)}", depth + 1))
        return result


def _scalar(event: Any, pointer: str) -> str | int | bool | None:
    text: str = event.value
    plain = event.implicit[0]
    if not plain:
        return text
    if text in {"", "~", "null"}:
        return None
    if text in {"true", "false"}:
        return text == "true"
    if _INTEGER.match(text):
        return int(text)
    if _FLOAT.match(text):
        raise PackRefused(
            [Problem(pointer, f"{text}: numbers are integers or quoted decimals", *_place(event))]
        )
    return text


def _place(event: Any) -> Place:
    return _at(event.start_mark)


def _at(mark: Any) -> Place:
    return mark.line + 1, mark.column + 1
