"""Why a file is not taken, or not handed out."""

from common.errors import Conflict, DomainError, Forbidden, NotFound, TimedOut, TooLarge, Unprocessable
from documents.formats.limits import Fault


class FileTooLarge(TooLarge):
    code, title_zh, title_en = "documents.too_large", "文件超过允许的大小", "The file is larger than allowed"


class TypeMismatch(Unprocessable):
    code = "documents.type_mismatch"
    title_zh, title_en = "文件内容与其类型不符", "The content is not of the stated type"


class FileEmpty(Unprocessable):
    code, title_zh, title_en = "documents.empty", "文件为空", "The file is empty"


class FileDamaged(Unprocessable):
    code, title_zh, title_en = "documents.damaged", "文件已损坏，无法打开", "The file is damaged"


class FileEncrypted(Unprocessable):
    code = "documents.encrypted"
    title_zh, title_en = "文件已加密，请去除密码后重新上传", "The file is encrypted; remove the password"


class FileTooComplex(Unprocessable):
    code = "documents.too_complex"
    title_zh, title_en = "文件解压后过大或过于复杂", "The file unpacks to more than may be read"


class NameInvalid(Unprocessable):
    code, title_zh, title_en = "documents.name_invalid", "文件名不合规", "The file name is not allowed"


class FileDiffers(Conflict):
    code = "documents.file_differs"
    title_zh, title_en = "同一文件编号已有不同内容", "This file id has other content already"


class UploadStalled(TimedOut):
    code, title_zh, title_en = "documents.upload_stalled", "上传超时，请重试", "The upload took too long"


class UploadCutShort(DomainError):
    status, code = 400, "documents.upload_cut_short"
    title_zh, title_en = "上传中断", "The upload ended before its end"


class FileUnknown(NotFound):
    code, title_zh, title_en = "documents.file_unknown", "没有这个文件", "No such file"


class NotInBundle(Forbidden):
    code = "documents.not_in_bundle"
    title_zh, title_en = "该文件不在所许可的材料包内", "The file is not in the bundle that the ticket names"


class RangeUnsatisfiable(DomainError):
    status, code = 416, "documents.range_unsatisfiable"
    title_zh, title_en = "所请求的字节范围不存在", "The file has no such bytes"


FAULTS: dict[Fault, type[DomainError]] = {
    "type_mismatch": TypeMismatch,
    "empty": FileEmpty,
    "damaged": FileDamaged,
    "encrypted": FileEncrypted,
    "too_complex": FileTooComplex,
}
