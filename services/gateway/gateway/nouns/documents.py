"""Documents of an application, the checklist over them, and tickets for up- and download."""

import strawberry
from strawberry import field

from gateway.graph.loaders import Row
from gateway.nouns.base import Instant, Json, Node, global_id
from gateway.nouns.texts import Text
from gateway.nouns.words import Bundle, ChecklistStatus
from gateway.wording import d


@strawberry.type(description=d("已上传的材料文件", "An uploaded file."))
class Document(Node):
    key: strawberry.Private[str]
    material: str = field(description=d("材料编号", "Id of the material in the guide."))
    bundle: Bundle = field(description=d("材料包", "Bundle."))
    name: str = field(description=d("文件名", "File name."))
    version: int = field(description=d("第几版", "Version of this file name, from 1."))
    size: int = field(description=d("大小（字节）", "Size in bytes."))
    sha256: str = field(description=d("SHA-256 摘要", "SHA-256, hex."))
    content_type: str = field(description=d("内容类型", "Content type."))
    status: str = field(description=d("状态", "State: stored when complete."))
    created_at: Instant = field(description=d("上传时间", "When it was uploaded."))
    attributes: Json = field(description=d("附加信息", "What was stated with it, by fact name."))


def document_of(row: Row) -> Document:
    """Of a documents file."""
    return Document(
        id=global_id("Document", row["id"]),
        key=str(row["id"]),
        material=row["material"],
        bundle=Bundle(row["bundle"]),
        name=row["name"],
        version=row["version"],
        size=row["size"],
        sha256=row["sha256"],
        content_type=row["content_type"],
        status=row.get("status", "stored"),
        created_at=Instant(row["created_at"]),
        attributes=Json(row.get("attributes") or {}),
    )


@strawberry.type(description=d("材料清单中的一项", "One item of the checklist."))
class ChecklistItem:
    material: str = field(description=d("材料编号", "Id of the material in the guide."))
    name: Text = field(description=d("名称", "Name."))
    required: bool = field(description=d("必需", "Required."))
    bundle: Bundle = field(description=d("材料包", "Bundle."))
    status: ChecklistStatus = field(description=d("状态", "State."))
    document_ids: list[strawberry.ID] = field(description=d("对应的文件", "Ids of the documents for it."))


def checklist_of(rows: list[Row] | None) -> list[ChecklistItem] | None:
    """Of a documents checklist; None where it is not known."""
    if rows is None:
        return None
    return [
        ChecklistItem(
            material=row["material"],
            name=Text(zh=row["name_zh"], en=row["name_en"]),
            required=bool(row["required"]),
            bundle=Bundle(row["bundle"]),
            status=ChecklistStatus(row["status"]),
            document_ids=[global_id("Document", one) for one in row.get("files") or []],
        )
        for row in rows
    ]


@strawberry.type(description=d("封存的一份文件", "One file version as sealed."))
class SealedFile:
    document_id: strawberry.ID = field(description=d("文件", "Id of the document."))
    material: str = field(description=d("材料编号", "Id of the material in the guide."))
    bundle: Bundle = field(description=d("材料包", "Bundle."))
    name: str = field(description=d("文件名", "File name."))
    size: int = field(description=d("大小（字节）", "Size in bytes."))
    sha256: str = field(description=d("SHA-256 摘要", "SHA-256, hex."))


@strawberry.type(description=d("封存的材料，不再变化", "A sealed bundle; it never changes."))
class SealedBundle:
    manifest_sha256: str = field(description=d("清单摘要", "SHA-256 of its manifest."))
    as_of: Instant = field(description=d("截至时间", "As of when."))
    files: list[SealedFile] = field(description=d("文件", "Files that the caller may see."))


def bundle_of(row: Row, *, blind: bool = False) -> SealedBundle:
    """Of documents' sealed bundle; with `blind`, the blind files alone."""
    return SealedBundle(
        manifest_sha256=row["manifest_sha256"],
        as_of=Instant(row["as_of"]),
        files=[
            SealedFile(
                document_id=global_id("Document", one["file_id"]),
                material=one["material"],
                bundle=Bundle(one["bundle"]),
                name=one["name"],
                size=one["size"],
                sha256=one["sha256"],
            )
            for one in row["files"]
            if not blind or one["bundle"] == "blind"
        ],
    )


@strawberry.type(
    description=d("上传凭证：以 POST 将文件内容发至 path", "Leave to upload: POST the file to `path`.")
)
class UploadTicket:
    document_id: strawberry.ID = field(description=d("将生成的文件编号", "Id that the document will have."))
    path: str = field(description=d("上传路径", "Where to POST the raw content."))
    header: str = field(description=d("携带凭证的请求头", "Header that carries the ticket."))
    ticket: str = field(description=d("凭证", "The ticket."))
    expires_at: Instant = field(description=d("有效期至", "Valid until."))


@strawberry.type(description=d("下载链接", "A link to download a document."))
class DownloadLink:
    path: str = field(description=d("下载路径，含凭证", "Where to GET it, ticket included."))
    expires_at: Instant = field(description=d("有效期至", "Valid until."))
