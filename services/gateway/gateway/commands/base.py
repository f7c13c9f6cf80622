"""What all mutations share: one input, a payload with the changed object or typed user errors."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import strawberry
from strawberry import field
from strawberry.utils.str_converters import to_camel_case

from common.client import RemoteProblem
from gateway.graph.context import Info
from gateway.graph.errors import describe
from gateway.graph.loaders import Row
from gateway.nouns.applications import Application, application_of
from gateway.nouns.base import Json, uuid_of
from gateway.wording import d

_STANDARD = {"type", "title", "status", "code", "detail", "instance", "errors", "trace_id"}


@strawberry.type(description=d("用户可以改正的错误", "An error that the user can do something about."))
class UserError:
    code: str = field(description=d("稳定的错误代码", "Stable code."))
    message: str = field(description=d("说明", "In words."))
    path: list[str] = field(description=d("出错的输入项", "Which part of the input."))
    details: Json | None = field(
        description=d("附加信息，如额度情况", "More about it, such as the row's state.")
    )


@strawberry.input(description=d("命令的公共输入", "What every command takes."))
class Command:
    client_mutation_id: str | None = field(
        default=None, description=d("原样返回的标识", "Given back as it is.")
    )
    idempotency_key: str | None = field(
        default=None,
        description=d(
            "幂等键：重试用同一键，不会重复执行",
            "Repeat with the same key and it is done once; by default clientMutationId.",
        ),
    )

    @property
    def key(self) -> str | None:
        """The Idempotency-Key for the service."""
        return self.idempotency_key or self.client_mutation_id


@strawberry.interface(description=d("命令的公共结果", "What every command answers."))
class Payload:
    client_mutation_id: str | None = field(description=d("原样返回的标识", "As it was given."))
    errors: list[UserError] = field(description=d("错误；成功时为空", "Errors; empty on success."))


P = TypeVar("P", bound=Payload)


async def run(
    info: Info,
    command: Command,
    payload: Callable[..., P],
    send: Callable[[], Awaitable[Any]],
    make: Callable[[Any], dict[str, Any]],
    *fields: str,
) -> P:
    """Send a command; a refusal becomes user errors with the payload's `fields` null.

    Raises:
        OwnerUnavailable: the service is down; what happened is unknown and the same key may be sent again.
    """
    common: dict[str, Any] = {"client_mutation_id": command.client_mutation_id}
    try:
        answer = await send()
    except RemoteProblem as problem:
        return payload(**common, errors=_errors(problem, info.context.lang), **dict.fromkeys(fields))
    info.context.renew()
    return payload(**common, errors=[], **make(answer))


def _errors(problem: RemoteProblem, lang: str) -> list[UserError]:
    message, _ = describe(problem, lang)
    more = {name: value for name, value in problem.problem.items() if name not in _STANDARD}
    details = Json(more) if more else None
    faults = problem.problem.get("errors") or []
    if not faults:
        detail = problem.problem.get("detail")
        words = f"{message}: {detail}" if detail else message
        return [UserError(code=problem.remote_code, message=words, path=["input"], details=details)]
    return [
        UserError(
            code=str(fault.get("code") or problem.remote_code),
            message=f"{message}: {fault.get('detail', '')}",
            path=_path(str(fault.get("pointer", ""))),
            details=details,
        )
        for fault in faults
    ]


def _path(pointer: str) -> list[str]:
    """A JSON Pointer into a service's body as a path into the mutation's input."""
    parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    return ["input", *(to_camel_case(part) if index == 0 else part for index, part in enumerate(parts))]


@strawberry.type(description=d("命令结果：申报项目", "The application after the command."))
class ApplicationPayload(Payload):
    application: Application | None = field(description=d("申报项目", "The application."))


def one_application(answer: Row) -> dict[str, Any]:
    """Payload fields from an answer that is an application, or has one inside."""
    row = answer.get("application", answer)
    return {"application": application_of(row)}


async def step(
    info: Info, command: Command, application_id: strawberry.ID, name: str, body: dict[str, Any]
) -> ApplicationPayload:
    """Send one step of an application's life to intake (`POST /v1/applications/{id}/<name>`).

    Raises:
        OwnerUnavailable: as `run`.
    """
    path = f"/v1/applications/{uuid_of(application_id, 'Application')}/{name}"
    return await run(
        info,
        command,
        ApplicationPayload,
        lambda: info.context.command("intake", "POST", path, json=body, idempotency_key=command.key),
        one_application,
        "application",
    )


INPUT = strawberry.argument(description=d("输入", "Input."))
