"""GraphQL over HTTP: `POST /graphql`, queries by GET as well, the IDE on GET from a browser.

Follows the GraphQL-over-HTTP draft: a client that accepts `application/graphql-response+json` gets 400 for a
document that cannot be carried out; one that only knows `application/json` gets 200 with errors for it.
"""

from dataclasses import dataclass
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types.graphql import OperationType

from common.problems import language
from gateway.access.caller import AnyoneDep, Caller
from gateway.graph import errors, ide
from gateway.graph.context import Context
from gateway.graph.guard import Schema
from gateway.settings import Settings

GRAPHQL = "application/graphql-response+json"
JSON = "application/json"
_QUERIES = frozenset({OperationType.QUERY})
_ALL = frozenset({OperationType.QUERY, OperationType.MUTATION})

router = APIRouter(tags=["graphql"])


class Refused(Exception):
    """A request that holds no operation to carry out."""

    def __init__(self, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.headers = status, code, message, headers or {}


@dataclass(frozen=True, slots=True)
class Operation:
    """What a request asks for."""

    query: str
    variables: dict[str, Any] | None
    name: str | None


def _accepted(request: Request) -> str:
    """The media type to answer in.

    Raises:
        Refused: 406, the client takes neither.
    """
    wanted = request.headers.get("accept", "*/*")
    best, chosen = 0.0, ""
    for part in wanted.split(","):
        kind, *parameters = (piece.strip().lower() for piece in part.split(";"))
        weight = _weight(parameters)
        media = GRAPHQL if kind == GRAPHQL else JSON if kind in (JSON, "*/*", "application/*") else ""
        if media and weight > best:
            best, chosen = weight, media
    if not chosen:
        raise Refused(406, "graphql.not_acceptable", f"the answer is {GRAPHQL} or {JSON}")
    return chosen


def _weight(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0


async def _posted(request: Request) -> Operation:
    kind, *parameters = (part.strip().lower() for part in request.headers.get("content-type", "").split(";"))
    if kind != JSON:
        raise Refused(415, "graphql.unsupported_media_type", f"the body is {JSON}")
    if any(
        part.startswith("charset=") and part not in ("charset=utf-8", "charset=utf8") for part in parameters
    ):
        raise Refused(415, "graphql.unsupported_media_type", "the body is UTF-8")
    try:
        body = orjson.loads(await request.body())
    except orjson.JSONDecodeError as error:
        raise Refused(400, "graphql.malformed", "the body is no JSON") from error
    if not isinstance(body, dict):
        raise Refused(400, "graphql.malformed", "the body is no JSON object")
    return _operation(body)


def _from_address(request: Request) -> Operation:
    parameters: dict[str, Any] = dict(request.query_params)
    for name in ("variables", "extensions"):
        if parameters.get(name):
            try:
                parameters[name] = orjson.loads(parameters[name])
            except orjson.JSONDecodeError as error:
                raise Refused(400, "graphql.malformed", f"{name} is no JSON") from error
        else:
            parameters.pop(name, None)
    return _operation(parameters)


def _operation(body: dict[str, Any]) -> Operation:
    query, variables = body.get("query"), body.get("variables")
    name, extensions = body.get("operationName"), body.get("extensions")
    if not isinstance(query, str) or not query.strip():
        raise Refused(400, "graphql.malformed", "query is a text with a document")
    if variables is not None and not isinstance(variables, dict):
        raise Refused(400, "graphql.malformed", "variables is an object")
    if name is not None and not isinstance(name, str):
        raise Refused(400, "graphql.malformed", "operationName is a text")
    if extensions is not None and not isinstance(extensions, dict):
        raise Refused(400, "graphql.malformed", "extensions is an object")
    return Operation(query, variables, name or None)


@router.post("/graphql", include_in_schema=True, response_model=None)
async def post(request: Request, caller: AnyoneDep) -> Response:
    """Carry out a GraphQL operation: `{"query", "variables", "operationName"}`."""
    return await _answer(request, caller, posted=True)


@router.get("/graphql", include_in_schema=True, response_model=None)
async def get(request: Request, caller: AnyoneDep) -> Response:
    """A query in the address; for a browser in development the IDE."""
    settings: Settings = request.app.state.settings
    if "query" not in request.query_params and "text/html" in request.headers.get("accept", ""):
        if settings.shows_ide:
            return ide.page(settings)
        return _malformed(JSON, Refused(400, "graphql.malformed", "query is a text with a document"))
    return await _answer(request, caller, posted=False)


async def _answer(request: Request, caller: Caller, *, posted: bool) -> Response:
    media = JSON
    try:
        media = _accepted(request)
        operation = await _posted(request) if posted else _from_address(request)
        return await _carry_out(request, caller, operation, media, _ALL if posted else _QUERIES)
    except Refused as refusal:
        return _malformed(media, refusal)


async def _carry_out(
    request: Request, caller: Caller, operation: Operation, media: str, allowed: frozenset[OperationType]
) -> Response:
    state = request.app.state
    schema: Schema = state.schema
    settings: Settings = state.settings
    context = Context(caller, state.client, state.packs, operation.name)
    try:
        result = await schema.execute(
            operation.query,
            variable_values=operation.variables,
            context_value=context,
            operation_name=operation.name,
            allowed_operation_types=allowed,
        )
    except InvalidOperationTypeError as error:
        raise Refused(
            405, "graphql.method_not_allowed", "mutations are sent by POST", {"Allow": "POST"}
        ) from error
    except CannotGetOperationTypeError as error:
        status = 400 if media == GRAPHQL else 200
        raise Refused(status, "graphql.invalid", "the document has no such operation") from error
    found = result.errors or []
    carried_out = result.data is not None or any(error.path is not None for error in found)
    content: dict[str, Any] = {"data": result.data} if carried_out else {}
    if found:
        content["errors"] = [
            errors.formatted(error, language(request), suggestions=settings.shows_introspection)
            for error in found
        ]
    return _json(content, media, 200 if carried_out or media == JSON else 400)


def _malformed(media: str, refusal: Refused) -> Response:
    content = {"errors": [{"message": refusal.message, "extensions": {"code": refusal.code}}]}
    return _json(content, media, refusal.status, refusal.headers)


def _json(content: Any, media: str, status: int, headers: dict[str, str] | None = None) -> Response:
    return Response(
        orjson.dumps(content), status, {**(headers or {}), "vary": "accept"}, f"{media}; charset=utf-8"
    )
