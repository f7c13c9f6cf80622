"""Every refusal leaves as an RFC 9457 problem document, FastAPI's own included."""

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.responses import Response

from common import trace
from common.client import RemoteProblem
from common.errors import DomainError, FieldError

MEDIA_TYPE = "application/problem+json"
_TITLES = {
    400: ("common.bad_request", "请求有误", "Bad request"),
    401: ("common.unauthenticated", "需要登录", "Authentication required"),
    403: ("common.forbidden", "没有权限", "Not permitted"),
    404: ("common.not_found", "没有这个对象", "No such object"),
    405: ("common.method_not_allowed", "不支持此方法", "Method not allowed"),
    406: ("common.not_acceptable", "无法提供所要求的格式", "Not acceptable"),
    415: ("common.unsupported_media_type", "不支持此内容类型", "Unsupported media type"),
    422: ("common.invalid", "内容不符合要求", "Invalid input"),
    500: ("common.internal", "系统内部错误", "Internal error"),
}


def language(request: Request) -> str:
    """zh or en, by `Accept-Language`; zh where it names neither."""
    first = request.headers.get("accept-language", "zh").split(",")[0].strip().lower()
    return "en" if first.startswith("en") else "zh"


def document(
    request: Request,
    status: int,
    code: str,
    titles: tuple[str, str],
    *,
    detail: str | None = None,
    errors: Sequence[FieldError] = (),
    extra: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """A problem document; titles are (zh, en)."""
    return {
        **(extra or {}),
        "type": f"urn:shenbao:problem:{code}",
        "title": titles[1] if language(request) == "en" else titles[0],
        "status": status,
        "code": code,
        "detail": detail,
        "instance": request.url.path,
        "errors": [error.as_dict() for error in errors],
        "trace_id": trace.current_id(),
    }


def _answer(status: int, content: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    return JSONResponse(content, status_code=status, headers=headers, media_type=MEDIA_TYPE)


def internal(request: Request) -> Response:
    """The answer to an error of our own: nothing of its text leaves."""
    code, title_zh, title_en = _TITLES[500]
    return _answer(500, document(request, 500, code, (title_zh, title_en)))


def domain(request: Request, error: DomainError) -> Response:
    """The answer to a `DomainError`."""
    if isinstance(error, RemoteProblem):
        content = error.problem | {"instance": request.url.path, "trace_id": trace.current_id()}
        return _answer(error.remote_status, content)
    content = document(
        request,
        error.status,
        error.code,
        (error.title_zh, error.title_en),
        detail=error.detail,
        errors=error.errors,
        extra=error.extra,
    )
    return _answer(error.status, content, error.headers)


def _http(request: Request, error: HTTPException) -> Response:
    if isinstance(error.__cause__, DomainError):  # raised while FastAPI was reading the body
        return domain(request, error.__cause__)
    code, title_zh, title_en = _TITLES.get(error.status_code, _TITLES[400])
    content = document(request, error.status_code, code, (title_zh, title_en))
    return _answer(error.status_code, content, dict(error.headers or {}))


def _pointer(location: Sequence[Any]) -> str:
    """RFC 6901 for a place in the body; parameters and headers are named by where they stand."""
    parts = [str(part).replace("~", "~0").replace("/", "~1") for part in location]
    if parts and parts[0] == "body":
        parts = parts[1:]
    return "".join(f"/{part}" for part in parts)


def _validation(request: Request, error: RequestValidationError) -> Response:
    faults = [
        FieldError(_pointer(fault["loc"]), str(fault["type"]), str(fault["msg"])) for fault in error.errors()
    ]
    code, title_zh, title_en = _TITLES[422]
    return _answer(422, document(request, 422, code, (title_zh, title_en), errors=faults[:100]))


def install(app: FastAPI) -> None:
    """Make the app answer its refusals this way."""
    app.exception_handler(DomainError)(domain)
    app.exception_handler(HTTPException)(_http)
    app.exception_handler(RequestValidationError)(_validation)
