"""Commands of the bureau on its calls, where their guides do not say when they open and close."""

from typing import Annotated

import strawberry
from strawberry import field

from gateway.commands.applications import REASON
from gateway.commands.base import INPUT, Command, Payload, run
from gateway.graph.context import Info
from gateway.nouns.base import Instant, key_of, segment
from gateway.nouns.calls import Call, call_of
from gateway.wording import command, d


@strawberry.input(description=d("公布申报开始时间", "An announcement of when a call opens."))
class OpenCallInput(Command):
    call_id: strawberry.ID = field(
        description=d("申报通知；编号如 gl-2019 亦可", "The call; its id will do.")
    )
    at: Instant | None = field(default=None, description=d("时间；空值为现在", "When; null: now."))
    reason: str = field(description=REASON)


@strawberry.input(description=d("公布申报截止时间", "An announcement of when a call closes."))
class CloseCallInput(OpenCallInput):
    pass


@strawberry.type(description=d("命令结果：申报通知", "The call after the command."))
class CallPayload(Payload):
    call: Call | None = field(description=d("申报通知", "The call."))


async def _announce(info: Info, input: OpenCallInput, kind: str) -> CallPayload:
    path = f"/v1/calls/{segment(key_of(input.call_id, 'Call'))}/{kind}"
    body = {"at": input.at, "reason": input.reason}
    return await run(
        info,
        input,
        CallPayload,
        lambda: info.context.command("intake", "POST", path, json=body, idempotency_key=input.key),
        lambda row: {"call": call_of(row)},
        "call",
    )


@strawberry.type(description=d("申报通知的命令", "Commands on calls."))
class CallCommands:
    @command("公布申报开始时间（指南未规定时）", "Announce when a call opens; where its guide is silent.")
    async def open_call(self, info: Info, input: Annotated[OpenCallInput, INPUT]) -> CallPayload | None:
        return await _announce(info, input, "open")

    @command(
        "公布或改动申报截止时间（指南未规定时）",
        "Announce when a call closes, or another time for it; where its guide is silent.",
    )
    async def close_call(self, info: Info, input: Annotated[CloseCallInput, INPUT]) -> CallPayload | None:
        return await _announce(info, input, "close")
