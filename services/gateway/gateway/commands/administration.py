"""Commands of administrators: registers, memberships, guides."""

from typing import Annotated, Any

import strawberry
from strawberry import field

from gateway.commands.base import INPUT, Command, Payload, run
from gateway.graph.context import Info
from gateway.nouns.base import Json, global_id, segment
from gateway.wording import command, d


@strawberry.input(description=d("登记台账", "An entry for a register."))
class AddRegisterEntryInput(Command):
    register: str = field(
        description=d(
            "台账，如 credit_blacklist、hnte、platforms；全部见 docs/registers.md",
            "Register, such as credit_blacklist, hnte, platforms; all of them: docs/registers.md.",
        )
    )
    entry: Json = field(description=d("内容，字段随台账而定", "The entry; its keys are the register's."))


@strawberry.type(description=d("台账已登记", "The entry is on record."))
class RegisterEntryPayload(Payload):
    entry: Json | None = field(description=d("登记的内容", "The entry as recorded."))


@strawberry.input(description=d("导入单位、人员与成员资格", "Units, people and memberships."))
class ImportMembershipsInput(Command):
    units: list[Json] = field(default_factory=list, description=d("单位", "Units."))
    people: list[Json] = field(default_factory=list, description=d("人员", "People."))
    memberships: list[Json] = field(default_factory=list, description=d("成员资格", "Memberships."))
    dry_run: bool = field(default=False, description=d("只检查，不写入", "Check only, write nothing."))


@strawberry.type(description=d("导入的对象", "An imported object."))
class Imported:
    key: str = field(description=d("文件中的标识", "Its name in the file: uscc or ref."))
    id: strawberry.ID = field(description=d("编号", "Its id."))


@strawberry.type(description=d("导入中的问题", "A problem in what was imported."))
class ImportProblem:
    pointer: str = field(description=d("位置 (JSON Pointer)", "Where (JSON Pointer)."))
    code: str = field(description=d("稳定的原因代码", "Stable code."))
    reason: str = field(description=d("原因", "Why."))


@strawberry.type(description=d("一类对象的条数", "How many rows of a kind."))
class ImportCounts:
    created: int = field(description=d("新增", "Made."))
    changed: int = field(description=d("更改", "Changed."))
    unchanged: int = field(description=d("未变", "Left as they were."))


@strawberry.type(
    description=d("导入（或试运行将会）产生的变化", "What an import did, or in a dry run would do.")
)
class ImportReport:
    units: ImportCounts = field(description=d("单位", "Units."))
    people: ImportCounts = field(description=d("人员", "People."))
    memberships: ImportCounts = field(description=d("成员资格", "Memberships."))


@strawberry.type(description=d("导入结果", "What came of an import."))
class ImportPayload(Payload):
    units: list[Imported] | None = field(description=d("单位", "Units."))
    people: list[Imported] | None = field(description=d("人员", "People."))
    memberships: int | None = field(description=d("成员资格条数", "How many memberships."))
    report: ImportReport | None = field(description=d("变化条数", "Counts."))
    problems: list[ImportProblem] | None = field(description=d("问题", "Problems."))


@strawberry.input(description=d("发布指南", "A guide pack to publish."))
class PublishGuideInput(Command):
    text: str = field(description=d("指南文件全文 (YAML)", "The whole pack (YAML)."))
    dry_run: bool = field(default=False, description=d("只校验，不发布", "Validate only."))


@strawberry.type(description=d("发布结果", "What came of publishing."))
class PublishGuidePayload(Payload):
    guide: str | None = field(description=d("申报通知编号", "Id of the guide."))
    version: str | None = field(description=d("版本", "Version."))
    state: str | None = field(description=d("状态", "State: validated or published."))


def _imported(answer: dict[str, Any], lang: str) -> dict[str, Any]:
    word = "reason" if lang == "en" else "reason_zh"
    return {
        "units": [Imported(key=row["uscc"], id=global_id("Unit", row["id"])) for row in answer["units"]],
        "people": [Imported(key=row["ref"], id=global_id("Person", row["id"])) for row in answer["people"]],
        "memberships": answer["memberships"],
        "report": ImportReport(**{kind: ImportCounts(**found) for kind, found in answer["report"].items()}),
        "problems": [
            ImportProblem(pointer=row["pointer"], code=row["code"], reason=row[word])
            for row in answer["problems"]
        ],
    }


async def _publish(info: Info, input: PublishGuideInput) -> dict[str, Any]:
    """Stage, then publish; both may be repeated."""
    ask = info.context.command
    key, staged_key = input.key, f"{input.key}:stage" if input.key else None
    staged: dict[str, Any] = await ask(
        "intake",
        "POST",
        "/v1/guides",
        json={"text": input.text},
        params={"dry_run": "true" if input.dry_run else None},
        idempotency_key=staged_key,
    )
    if input.dry_run:
        return staged
    path = f"/v1/guides/{staged['guide']}/versions/{staged['version']}/publish"
    published: dict[str, Any] = await ask("intake", "POST", path, json={}, idempotency_key=key)
    return published


@strawberry.type(description=d("管理员的命令", "Commands of administrators."))
class AdministrationCommands:
    @command("登记台账", "Add an entry to a register.")
    async def add_register_entry(
        self, info: Info, input: Annotated[AddRegisterEntryInput, INPUT]
    ) -> RegisterEntryPayload | None:
        path = f"/v1/registers/{segment(input.register)}/entries"
        return await run(
            info,
            input,
            RegisterEntryPayload,
            lambda: info.context.command(
                "eligibility", "POST", path, json=input.entry, idempotency_key=input.key
            ),
            lambda row: {"entry": Json(row)},
            "entry",
        )

    @command("导入单位、人员与成员资格", "Import units, people and memberships.")
    async def import_memberships(
        self, info: Info, input: Annotated[ImportMembershipsInput, INPUT]
    ) -> ImportPayload | None:
        body = {"units": input.units, "people": input.people, "memberships": input.memberships}
        return await run(
            info,
            input,
            ImportPayload,
            lambda: info.context.command(
                "intake",
                "POST",
                "/v1/memberships/import",
                json=body,
                params={"dry_run": "true" if input.dry_run else None},
                idempotency_key=input.key,
            ),
            lambda answer: _imported(answer, info.context.lang),
            "units",
            "people",
            "memberships",
            "report",
            "problems",
        )

    @command("校验并发布指南", "Validate and publish a guide.")
    async def publish_guide(
        self, info: Info, input: Annotated[PublishGuideInput, INPUT]
    ) -> PublishGuidePayload | None:
        return await run(
            info,
            input,
            PublishGuidePayload,
            lambda: _publish(info, input),
            lambda row: {"guide": row["guide"], "version": row["version"], "state": row["state"]},
            "guide",
            "version",
            "state",
        )
