"""The GraphQL schema as it is published: its table (fields.yaml), and questions made from it."""

import base64
import binascii
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from graphql import (
    FieldNode,
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    build_schema,
    get_named_type,
    get_nullable_type,
    is_list_type,
    is_required_argument,
    is_required_input_field,
    parse,
    validate,
    visit,
)
from tests.strangers.rules import Rows, load

from gateway.nouns.base import global_id

FILE = Path(__file__).with_name("fields.yaml")
SNAPSHOT = Path(__file__).parents[2] / "services/gateway/schema.graphql"
TABLE: Final[dict[str, dict[str, Any]]] = {name: rows for name, rows in load(FILE).items() if name[0] != "_"}
QUERIES, MUTATIONS = TABLE["Query"], TABLE["Mutation"]
TYPES: Final = {name: rows for name, rows in TABLE.items() if name not in ("Query", "Mutation")}
NODES: Final = {name: rows for name, rows in TYPES.items() if "sight" in rows}
_DEPTH = 4
_OF_GUIDES = (
    "Call",
    "GuideVersion",
    "Category",
    "Topic",
)  # public and long: in full where asked for
_WANTED = ("people", "unitId")  # what is not required, and without which there is nothing to do
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
# under which name of rules.Rows the key of a node stands
KEYS: Final = {
    "Application": "application_id",
    "Assessment": "assessment_id",
    "Assignment": "assignment_id",
    "Attempt": "attempt_id",
    "Award": "award_id",
    "Document": "file_id",
    "MembershipRecord": "membership_id",
    "Notice": "notice_id",
    "Objection": "objection_id",
    "Person": "person_id",
    "Proposal": "proposal_id",
    "Recommendation": "recommendation_id",
    "Subscriber": "subscriber_id",
    "Unit": "unit_id",
    "Call": "guide",
    "QuotaRow": "pool_key",
}
# arguments and inputs whose names are not those of rules.Rows
_ALIASES: Final = {
    "call_id": "guide",
    "document_id": "file_id",
    "register_entry_id": "credit_blacklist",
}
_WORDS: Final = {
    "register": "credit_blacklist",
    "material": "QZ-D02",
    "filename": "报告.pdf",
    "contentType": "application/pdf",
    "stage": "submission",
    "uscc": "91330802MADE00492F",
    "startsAt": "2020-07-29T10:00:00+08:00",
    "endsAt": "2020-08-06T10:00:00+08:00",
}
_BLACKLISTING: Final = {
    "unit_uscc": "91330881MADE001697",
    "list_id": "quzhou-credit",
    "from": "2020-03-01T00:00:00+08:00",
}


@cache
def schema() -> GraphQLSchema:
    """The snapshot; that it is the gateway's, `make snapshots` says."""
    return build_schema(SNAPSHOT.read_text(encoding="utf-8"))


def composites() -> Iterator[GraphQLObjectType | GraphQLInterfaceType]:
    """Every type that has fields."""
    for name, kind in schema().type_map.items():
        if not name.startswith("__") and isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            yield kind


def listed(name: str) -> list[str]:
    """The fields of a type that its row names."""
    rows = TABLE.get(name, {})
    if name in ("Query", "Mutation"):
        return list(rows)
    return [*rows.get("fields", ()), *rows.get("openly", ()), *rows.get("roles", ())]


def everything(kind: Any, rows: Rows, *, depth: int = _DEPTH, above: tuple[str, ...] = ()) -> str:
    """A selection of every field that can be reached, no type inside itself."""
    named = get_named_type(kind)
    if not isinstance(named, GraphQLObjectType | GraphQLInterfaceType):
        return ""
    parts = []
    for name, one in named.fields.items():
        inner = get_named_type(one.type)
        if isinstance(inner, GraphQLObjectType | GraphQLInterfaceType):
            if inner.name in above or depth == 0:
                continue
            if inner.name in _OF_GUIDES and above:
                parts.append(f"{name}{_arguments(one, rows)} {{ __typename id }}")
                continue
            below = everything(inner, rows, depth=depth - 1, above=(*above, named.name))
            parts.append(f"{name}{_arguments(one, rows)} {below}")
        else:
            parts.append(f"{name}{_arguments(one, rows)}")
    return "{ " + " ".join(["__typename", *parts]) + " }"


def _arguments(one: GraphQLField, rows: Rows) -> str:
    needed = {
        name: value
        for name, argument in one.args.items()
        if name == "id" or is_required_argument(argument)
        if (value := example(name, argument, rows)) is not None
    }
    if not needed:
        return ""
    return "(" + ", ".join(f"{name}: {_literal(value)}" for name, value in needed.items()) + ")"


def _literal(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {_literal(one)}" for name, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_literal(one) for one in value) + "]"
    if isinstance(value, _Word):
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


class _Word(str):
    """A word of an enum, written without quotes."""


def example(name: str, one: GraphQLArgument | GraphQLInputField, rows: Rows, owner: str = "") -> Any:
    """A value for an argument or input field: of these rows where its name says so."""
    kind = get_named_type(one.type)
    if isinstance(kind, GraphQLInputObjectType):
        value: Any = inputs(kind, rows)
    else:
        value = _scalar(name, kind, rows, owner)
    return [value] if is_list_type(get_nullable_type(one.type)) else value


def _scalar(name: str, kind: Any, rows: Rows, owner: str) -> Any:
    snake = re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower()
    known = _ALIASES.get(snake, snake.removesuffix("s") if snake.endswith("_ids") else snake)
    if owner == "FileObjectionInput" and snake == "application_id":
        known = "objected_id"
    if owner == "PublishGuideInput" and snake == "text":
        known = "pack"
    if known in rows and kind.name in ("ID", "String"):
        return str(rows[known])
    if name in _WORDS:
        return _Word(_WORDS[name]) if isinstance(kind, GraphQLEnumType) else _WORDS[name]
    if isinstance(kind, GraphQLEnumType):
        return _Word(next(iter(kind.values)))
    if kind.name == "JSON":
        return _json(name, rows)
    return {"Int": 1, "Boolean": True, "Money": 1, "ID": str(rows["application_id"])}.get(kind.name, "测试")


def _json(name: str, rows: Rows) -> Any:
    if name == "entry":
        return dict(_BLACKLISTING)
    if name == "people":
        return {"ref": "newcomer", "name": "测试", "city": rows["city"]}
    return {}


def inputs(kind: GraphQLInputObjectType, rows: Rows) -> dict[str, Any]:
    """A value for an input: what it needs, and what names a row."""
    found = {}
    for name, one in kind.fields.items():
        if is_required_input_field(one) or name in _WANTED:
            found[name] = example(name, one, rows, kind.name)
    if "facts" in kind.fields and "outcome" in kind.fields:
        found["outcome"] = _Word("PASS" if "PASS" in kind.fields["outcome"].type.values else "pass")
    return found


def document(kind: str, *parts: str) -> str:
    """An operation of these parts that the schema allows: one refused as such would prove nothing."""
    found = f"{kind} {{ {' '.join(parts)} }}"
    assert validate(schema(), parse(found)) == []
    return found


def question(field: str, rows: Rows) -> str:
    """A query field with everything below it; `id` is that of the row it is called for."""
    one = schema().query_type.fields[field]
    mine = rows | {"id": rows.get(f"{field}_id", rows["guide"])}
    return f"{field}{_arguments(one, mine)} {everything(one.type, mine)}"


def node(kind: str, rows: Rows) -> str:
    """`node` for one type's row, with everything below it."""
    key = rows.get(KEYS.get(kind, ""), f"{rows['guide']}/{rows.get('category')}")
    fields = everything(schema().type_map[kind], rows)
    return f'node(id: "{global_id(kind, str(key))}") {{ __typename ... on {kind} {fields} }}'


def command(field: str, rows: Rows) -> str:
    """A mutation on these rows, selecting whether it was done."""
    one = schema().mutation_type.fields[field]
    value = _literal(inputs(get_named_type(one.args["input"].type), rows))
    return f"{field}(input: {value}) {everything(one.type, rows, depth=2)}"


def uuids(content: Any) -> set[str]:
    """Every UUID in an answer, those inside global ids and cursors included."""
    found: set[str] = set()
    for text in _texts(content):
        found.update(_UUID.findall(text))
        found.update(_UUID.findall(_decoded(text)))
    return found


def _decoded(text: str) -> str:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    except (binascii.Error, ValueError):
        return ""


def _texts(content: Any) -> Iterator[str]:
    if isinstance(content, dict):
        for name, value in content.items():
            yield str(name)
            yield from _texts(value)
    elif isinstance(content, list):
        for value in content:
            yield from _texts(value)
    elif isinstance(content, str | UUID):
        yield str(content)


def fields_of(text: str) -> set[tuple[str, str]]:
    """(type, field) of everything that an operation selects."""
    info, found = TypeInfo(schema()), set[tuple[str, str]]()

    class Fields(Visitor):
        def enter_field(self, node: FieldNode, *_: Any) -> None:
            parent = info.get_parent_type()
            if parent is not None:
                found.add((parent.name, node.name.value))

    visit(parse(text), TypeInfoVisitor(info, Fields()))
    return found
