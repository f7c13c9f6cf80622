"""The schema class and its guard: cached parsing and validation, limits, no introspection, no suggestions."""

import contextlib
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import strawberry
from graphql import (
    DocumentNode,
    GraphQLError,
    NoSchemaIntrospectionCustomRule,
    get_operation_ast,
    parse,
    specified_rules,
    validate,
)
from graphql.validation import ASTValidationRule
from strawberry.extensions import SchemaExtension
from strawberry.types import ExecutionContext

from gateway.graph import errors
from gateway.graph.context import Context
from gateway.graph.limits import Limits, measure

_DOCUMENTS = 500
_MAX_ERRORS = 20


class Schema(strawberry.Schema):
    """Strawberry's schema; its own way of reporting errors would log documents and messages."""

    def process_errors(
        self, errors_found: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        errors.record(errors_found)


@dataclass(frozen=True, slots=True)
class Rules:
    """What a guard holds documents to.

    Attributes:
        max_tokens: of a document, counted while it is parsed.
        introspection: also switches suggestions ("did you mean").
    """

    limits: Limits
    max_tokens: int
    introspection: bool


class _Documents:
    """Parsed documents and what validation said of them, by their text; the oldest go first."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self._parsed: OrderedDict[str, DocumentNode] = OrderedDict()
        self._judged: OrderedDict[str, list[GraphQLError]] = OrderedDict()

    def parse(self, text: str) -> DocumentNode:
        found = self._parsed.get(text)
        if found is None:
            found = parse(text, no_location=False, max_tokens=self.rules.max_tokens)
            _keep(self._parsed, text, found)
        return found

    def judge(self, context: ExecutionContext, document: DocumentNode) -> list[GraphQLError]:
        text = context.query or ""
        found = self._judged.get(text)
        if found is None:
            more: list[type[ASTValidationRule]] = (
                [] if self.rules.introspection else [NoSchemaIntrospectionCustomRule]
            )
            found = validate(
                context.schema._schema,
                document,
                [*specified_rules, *more],
                max_errors=_MAX_ERRORS,
                hide_suggestions=not self.rules.introspection,
            )
            _keep(self._judged, text, found)
        return found


def _keep(cache: "OrderedDict[str, Any]", key: str, value: Any) -> None:
    cache[key] = value
    if len(cache) > _DOCUMENTS:
        cache.popitem(last=False)


class Guard(SchemaExtension):
    """Stands around parsing and validation of one operation."""

    def __init__(self, documents: _Documents) -> None:
        super().__init__()
        self._documents = documents

    def on_parse(self) -> Iterator[None]:
        context = self.execution_context
        context.parse_options = {"max_tokens": self._documents.rules.max_tokens}
        if context.query:
            # what cannot be parsed is parsed again by strawberry, which answers the error
            with contextlib.suppress(GraphQLError):
                context.graphql_document = self._documents.parse(context.query)
        yield

    def on_validate(self) -> Iterator[None]:
        context = self.execution_context
        document = context.graphql_document
        if document is not None:
            context.pre_execution_errors = self._check(context, document)
        yield

    def _check(self, context: ExecutionContext, document: DocumentNode) -> list[GraphQLError]:
        asked: Context = context.context
        if get_operation_ast(document, asked.operation_name) is None:
            # strawberry would carry out the first of several
            return [GraphQLError("operationName must say which operation of the document")]
        try:
            schema = context.schema._schema
            measure(schema, document, context.variables or {}, self._documents.rules.limits)
        except GraphQLError as error:
            return [error]
        return self._documents.judge(context, document)


def guard(rules: Rules) -> Callable[[], Guard]:
    """A factory of guards that share one cache of documents."""
    documents = _Documents(rules)
    return lambda: Guard(documents)
