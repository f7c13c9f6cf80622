"""Domain errors, and how they leave a service: RFC 9457 problem details with stable codes."""

import re
from dataclasses import dataclass
from math import ceil
from typing import Any, ClassVar

import orjson
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout


@dataclass(frozen=True, slots=True)
class FieldError:
    """One fault in the input: where (RFC 6901 JSON Pointer), which, and in words."""

    pointer: str
    code: str
    detail: str

    def as_dict(self) -> dict[str, str]:
        return {"pointer": self.pointer, "code": self.code, "detail": self.detail}


class DomainError(Exception):
    """Base of everything that a caller can have done wrong or must know.

    Subclasses set `status` (HTTP), `code` (stable, `<service>.<noun>`), `title_zh`, `title_en`.

    Args:
        detail: one sentence about this case; never personal data.
        errors: faults in the input.
        extra: extension members of the problem document.
    """

    status: ClassVar[int] = 400
    code: ClassVar[str] = "common.bad_request"
    title_zh: ClassVar[str] = "请求有误"
    title_en: ClassVar[str] = "Bad request"

    def __init__(
        self,
        detail: str | None = None,
        *,
        errors: list[FieldError] | None = None,
        extra: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(detail or self.title_en)
        self.detail = detail
        self.errors = errors or []
        self.extra = extra or {}
        self.headers = headers or {}


class NotFound(DomainError):
    status, code, title_zh, title_en = 404, "common.not_found", "没有这个对象", "No such object"


class Unauthenticated(DomainError):
    status, code, title_zh, title_en = 401, "common.unauthenticated", "需要登录", "Authentication required"


class Forbidden(DomainError):
    status, code, title_zh, title_en = 403, "common.forbidden", "没有权限", "Not permitted"


class Conflict(DomainError):
    status, code, title_zh, title_en = (
        409,
        "common.conflict",
        "与当前状态冲突",
        "Conflict with the current state",
    )


class RevisionMismatch(DomainError):
    status, code = 412, "common.revision_mismatch"
    title_zh, title_en = "内容已被他人修改，请刷新后再试", "The object has changed since it was read"


class PreconditionRequired(DomainError):
    status, code = 428, "common.precondition_required"
    title_zh, title_en = "须用 If-Match 说明所依据的版本", "If-Match with the known revision is required"


class Unprocessable(DomainError):
    status, code, title_zh, title_en = 422, "common.invalid", "内容不符合要求", "Invalid input"


class TooLarge(DomainError):
    status, code, title_zh, title_en = 413, "common.too_large", "内容过大", "Too large"


class TimedOut(DomainError):
    status, code, title_zh, title_en = (
        408,
        "common.timed_out",
        "处理超时，请重试",
        "The request took too long",
    )


class Busy(DomainError):
    """More has come than can be served, or the database did not take it in time; nothing was changed."""

    status, code, title_zh, title_en = 503, "common.busy", "系统繁忙，请稍后重试", "Busy; try again shortly"


class OwnerUnavailable(DomainError):
    """Another service did not answer, or answered that it cannot. `service` names it.

    Args:
        retry_after_s: seconds after which another try makes sense.
    """

    status, code = 503, "common.owner_unavailable"
    title_zh, title_en = "相关服务暂时不可用，请稍后重试", "A service that is needed is unavailable"

    def __init__(self, service: str, *, retry_after_s: float = 2) -> None:
        pause = str(max(1, ceil(retry_after_s)))
        super().__init__(service, extra={"service": service}, headers={"Retry-After": pause})
        self.service = service


class Unstorable(Unprocessable):
    """Text that is none (NUL, half of a surrogate pair), a number out of range, or nesting without end."""

    code = "common.unstorable"
    title_zh, title_en = "含有无法保存的字符或数值", "A value cannot be stored: no text, or out of range"


_by_constraint: dict[str, type[DomainError]] = {}
_SHARD_SUFFIX = re.compile(r"_\d{3,}$")


def constraint_error(constraint: str, error: type[DomainError]) -> None:
    """Say which domain error a violated constraint means. A repeated registration must agree."""
    known = _by_constraint.setdefault(constraint, error)
    if known is not error:
        raise ValueError(f"constraint {constraint} already means {known.__name__}")


def constraint_of(error: IntegrityError) -> str | None:
    """Name of the violated constraint, without the shard suffix that a distributed plan adds."""
    cause = error.orig.__cause__ if error.orig is not None else None
    name = getattr(cause, "constraint_name", None)
    if not name:
        match = re.search(r'constraint "([^"]+)"', str(error.orig))
        name = match.group(1) if match else None
    return _SHARD_SUFFIX.sub("", name) if name else None


_TRANSIENT = {
    "40001",  # serialization failure
    "40P01",  # deadlock
    "53300",  # too many connections
    "55P03",  # lock time-out
    "57014",  # statement time-out
    "57P01",  # the server is shutting down
    "57P02",
    "57P03",
}


def is_transient(error: BaseException) -> bool:
    """Would the same request probably succeed later? Pool and lock time-outs, a database that restarts."""
    if isinstance(error, PoolTimeout | InterfaceError):
        return True
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or getattr(error.orig, "sqlstate", None) in _TRANSIENT
    return isinstance(error, ConnectionError) or getattr(error, "sqlstate", None) in _TRANSIENT


def is_unstorable(error: BaseException) -> bool:
    """Does a value of the request fit neither a column nor JSON? Postgres' class 22, and encoding errors."""
    if isinstance(error, orjson.JSONEncodeError | UnicodeEncodeError):
        return True
    if isinstance(error, StatementError) and error.orig is not None:
        cause = error.orig.__cause__ or error.orig
        state = getattr(error.orig, "sqlstate", None) or getattr(cause, "sqlstate", None)
        found = (error.orig, cause, cause.__cause__)
        return str(state or "").startswith("22") or any(
            isinstance(one, orjson.JSONEncodeError | UnicodeEncodeError) for one in found
        )
    return False


def from_integrity_error(error: IntegrityError) -> DomainError | None:
    """The domain error registered for the violated constraint."""
    name = constraint_of(error)
    kind = _by_constraint.get(name) if name else None
    return kind() if kind else None
