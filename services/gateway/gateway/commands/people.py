"""Commands on units, people, and documents."""

from typing import Annotated, Any
from urllib.parse import quote

import strawberry
from strawberry import field

from gateway.commands.base import INPUT, Command, Payload, run
from gateway.graph.context import Info
from gateway.nouns.base import Instant, Json, global_id, uuid_of
from gateway.nouns.documents import DownloadLink, UploadTicket
from gateway.nouns.people import Person, Unit, person_of, unit_of
from gateway.wording import command, d


@strawberry.input(description=d("完善单位资料；未给出的不变", "Changes to a unit; what is left out stays."))
class CompleteUnitProfileInput(Command):
    unit_id: strawberry.ID = field(description=d("单位", "The unit."))
    expected_revision: int = field(description=d("所依据的版本", "Revision that the caller has before them."))
    name: str | None = field(default=None, description=d("名称", "Name."))
    short_names: list[str] | None = field(default=None, description=d("简称", "Short names."))
    legal_person: bool | None = field(default=None, description=d("有独立法人资格", "Is a legal person."))
    reg_region: str | None = field(
        default=None, description=d("注册地 (GB/T 2260)", "Region of registration.")
    )
    jurisdiction: str | None = field(default=None, description=d("属地", "Jurisdiction."))
    industry_class: str | None = field(default=None, description=d("国民经济行业代码", "Industry class."))
    profile: Json | None = field(
        default=None, description=d("其他事实，按名称合并", "Further facts by name, merged.")
    )


@strawberry.type(description=d("命令结果：单位", "The unit after the command."))
class UnitPayload(Payload):
    unit: Unit | None = field(description=d("单位", "The unit."))


@strawberry.input(description=d("登记项目组成员", "A person for the teams of a unit."))
class CreatePersonInput(Command):
    name: str = field(description=d("姓名", "Name."))
    unit_id: strawberry.ID | None = field(default=None, description=d("单位", "The unit."))
    city: str | None = field(
        default=None,
        description=d("市；无单位时填写，仅成员管理员", "City, for a person of no unit; administrators."),
    )
    ref: str | None = field(default=None, description=d("人员编号；仅成员管理员", "Ref; administrators."))
    resident_id: str | None = field(
        default=None,
        description=d("身份证号（加密保存）；仅成员管理员", "Resident id, kept encrypted; administrators."),
    )
    phone: str | None = field(
        default=None,
        description=d("电话（加密保存）；仅成员管理员", "Phone, kept encrypted; administrators."),
    )


@strawberry.type(description=d("命令结果：人员", "The person after the command."))
class PersonPayload(Payload):
    person: Person | None = field(description=d("人员", "The person."))


@strawberry.input(description=d("申请上传凭证", "What is about to be uploaded."))
class CreateUploadTicketInput(Command):
    application_id: strawberry.ID = field(description=d("申报项目", "The application."))
    material: str = field(description=d("材料编号", "Id of the material in the guide."))
    filename: str = field(description=d("文件名", "File name."))
    content_type: str = field(description=d("内容类型", "Content type."))
    size: int = field(description=d("大小（字节）", "Size in bytes."))
    attributes: Json | None = field(
        default=None,
        description=d(
            "材料所载的事实，按事实名；某事实本身是文件的，true 表示就是本文件",
            "Facts that the paper states, by name; for a fact that is a file, true says that it is this one.",
        ),
    )


@strawberry.type(description=d("命令结果：上传凭证", "Leave to upload."))
class UploadTicketPayload(Payload):
    upload: UploadTicket | None = field(description=d("上传凭证", "The ticket."))


@strawberry.input(description=d("申请下载链接", "Which document."))
class CreateDownloadLinkInput(Command):
    application_id: strawberry.ID = field(description=d("申报项目", "The application."))
    document_id: strawberry.ID = field(description=d("文件", "The document."))


@strawberry.type(description=d("命令结果：下载链接", "A link to download."))
class DownloadLinkPayload(Payload):
    download: DownloadLink | None = field(description=d("下载链接", "The link."))


def _upload(answer: dict[str, Any]) -> dict[str, Any]:
    return {
        "upload": UploadTicket(
            document_id=global_id("Document", answer["file_id"]),
            path=answer.get("upload_path", "/v1/files"),
            header="Upload-Ticket",
            ticket=answer["ticket"],
            expires_at=Instant(answer["expires_at"]),
        )
    }


def _download(answer: dict[str, Any]) -> dict[str, Any]:
    path = answer["path"]
    if "ticket=" not in path:
        path = f"{path}?ticket={quote(answer['ticket'])}"
    return {"download": DownloadLink(path=path, expires_at=Instant(answer["expires_at"]))}


_UNIT_FIELDS = (
    "name",
    "short_names",
    "legal_person",
    "reg_region",
    "jurisdiction",
    "industry_class",
    "profile",
)


@strawberry.type(description=d("单位、人员与材料的命令", "Commands on units, people and documents."))
class PeopleCommands:
    @command("完善单位资料", "Complete a unit's profile.")
    async def complete_unit_profile(
        self, info: Info, input: Annotated[CompleteUnitProfileInput, INPUT]
    ) -> UnitPayload | None:
        path = f"/v1/units/{uuid_of(input.unit_id, 'Unit')}"
        given = {name: getattr(input, name) for name in _UNIT_FIELDS}
        body = {name: value for name, value in given.items() if value is not None}
        return await run(
            info,
            input,
            UnitPayload,
            lambda: info.context.command(
                "intake", "PATCH", path, json=body, if_match=input.expected_revision
            ),
            lambda row: {"unit": unit_of(row)},
            "unit",
        )

    @command("登记项目组成员", "Enter a person for the teams of a unit.")
    async def create_person(
        self, info: Info, input: Annotated[CreatePersonInput, INPUT]
    ) -> PersonPayload | None:
        given = {name: getattr(input, name) for name in ("name", "city", "ref", "resident_id", "phone")}
        given["unit_id"] = uuid_of(input.unit_id, "Unit") if input.unit_id else None
        body = {name: value for name, value in given.items() if value is not None}
        return await run(
            info,
            input,
            PersonPayload,
            lambda: info.context.command(
                "intake", "POST", "/v1/people", json=body, idempotency_key=input.key
            ),
            lambda row: {"person": person_of(row)},
            "person",
        )

    @command(
        "申请上传凭证，再以 POST /v1/files 上传", "Ask leave to upload; then POST the content to /v1/files."
    )
    async def create_upload_ticket(
        self, info: Info, input: Annotated[CreateUploadTicketInput, INPUT]
    ) -> UploadTicketPayload | None:
        path = f"/v1/applications/{uuid_of(input.application_id, 'Application')}/upload-tickets"
        body = {
            "material": input.material,
            "filename": input.filename,
            "content_type": input.content_type,
            "size": input.size,
            "attributes": input.attributes if input.attributes is not None else {},
        }
        return await run(
            info,
            input,
            UploadTicketPayload,
            lambda: info.context.command("intake", "POST", path, json=body, idempotency_key=input.key),
            _upload,
            "upload",
        )

    @command("申请下载链接", "Ask for a link to download a document.")
    async def create_download_link(
        self, info: Info, input: Annotated[CreateDownloadLinkInput, INPUT]
    ) -> DownloadLinkPayload | None:
        path = f"/v1/applications/{uuid_of(input.application_id, 'Application')}/download-tickets"
        body = {"file_id": uuid_of(input.document_id, "Document")}
        return await run(
            info,
            input,
            DownloadLinkPayload,
            lambda: info.context.command("intake", "POST", path, json=body, idempotency_key=input.key),
            _download,
            "download",
        )
