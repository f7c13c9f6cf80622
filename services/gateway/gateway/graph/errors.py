"""How errors leave GraphQL: a stable code, a title in the caller's language, nothing of the inner text."""

import re
from typing import Any

from graphql import GraphQLError, GraphQLFormattedError

from common import trace
from common.client import RemoteProblem
from common.errors import DomainError, OwnerUnavailable, Unstorable, is_unstorable
from common.log import log

_SUGGESTION = re.compile(r" Did you mean [^?]*\?")
INTERNAL = ("系统内部错误", "Internal error")


class BadInput(GraphQLError):
    """An id or cursor that cannot be read; `extensions.code` is BAD_USER_INPUT."""

    def __init__(self, message: str) -> None:
        super().__init__(message, extensions={"code": "BAD_USER_INPUT"})


class DocumentRefused(GraphQLError):
    """A document past the limits; `code` names which."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message, extensions={"code": code})


def in_language(lang: str, zh: str, en: str) -> str:
    """One of two texts."""
    return en if lang == "en" else zh


def describe(error: BaseException, lang: str) -> tuple[str, dict[str, Any]]:
    """Message and extensions of an error raised while a field was answered."""
    if is_unstorable(error):  # a JSON argument that cannot even be passed on
        error = Unstorable()
    if isinstance(error, RemoteProblem):
        problem = error.problem
        message = str(problem.get("title") or in_language(lang, "请求被拒绝", "Refused"))
        return message, {
            "code": error.remote_code,
            "service": error.service,
            "status": error.remote_status,
            "detail": problem.get("detail"),
        }
    if isinstance(error, OwnerUnavailable):
        return in_language(lang, error.title_zh, error.title_en), {
            "code": error.code,
            "service": error.service,
        }
    if isinstance(error, DomainError):
        return in_language(lang, error.title_zh, error.title_en), {"code": error.code}
    return in_language(lang, *INTERNAL), {"code": "common.internal"}


def formatted(error: GraphQLError, lang: str, *, suggestions: bool) -> GraphQLFormattedError:
    """The error as it is answered.

    Args:
        suggestions: keep the library's "Did you mean …?", which tells names of the schema.
    """
    original = error.original_error
    while isinstance(original, GraphQLError) and original.original_error is not None:
        original = original.original_error
    if original is None or isinstance(original, GraphQLError):
        source = original if isinstance(original, GraphQLError) else error
        message = source.message if suggestions else _SUGGESTION.sub("", source.message)
        extensions = {"code": "graphql.invalid", **(source.extensions or {}), **(error.extensions or {})}
    else:
        message, extensions = describe(original, lang)
    answer: GraphQLFormattedError = {"message": message}
    if error.locations:
        answer["locations"] = [place.formatted for place in error.locations]
    if error.path is not None:
        answer["path"] = error.path
    answer["extensions"] = {**extensions, "traceId": trace.current_id()}
    return answer


def record(errors: list[GraphQLError]) -> None:
    """Log what failed, by kind and place only: messages and documents hold personal data."""
    for error in errors:
        original = error.original_error
        if original is None or isinstance(original, GraphQLError):
            continue
        where = ".".join(str(part) for part in error.path or () if isinstance(part, str))
        _, extensions = describe(original, "en")
        if extensions["code"] == "common.internal":
            log.error("graphql.failed", error=type(original).__name__, field=where, place=_place(original))
        else:
            log.info("graphql.refused", code=extensions["code"], field=where)


def _place(error: BaseException) -> str:
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    return f"{frame.tb_frame.f_globals.get('__name__')}:{frame.tb_lineno}" if frame else "unknown"
