"""The columns of a table of people: one row is a person with the unit and, where it has one, a role.

A cell that is empty states nothing. A unit or a person may stand in several rows, alike in each.
"""

from dataclasses import dataclass
from typing import Final, Literal

from common import tabular
from common.roles import Role
from common.tabular import FLAGS

Part = Literal["unit", "person", "membership"]


@dataclass(frozen=True, slots=True)
class Column(tabular.Column):
    """A column, and the parts of a row that it belongs to; `needed` by a row that states anything of such a
    part."""

    parts: tuple[Part, ...] = ()


_ROLES_ZH = {
    "申报人": Role.applicant, "归口部门管理员": Role.department_manager, "推荐单位": Role.recommender,
    "项目负责人": Role.project_leader, "业务处室": Role.officer, "形式审查": Role.formal_reviewer,
    "形式审查人员": Role.formal_reviewer, "评审专家": Role.expert, "专家": Role.expert,
    "局领导": Role.bureau_head, "财务": Role.finance, "审计": Role.auditor,
    "指南管理员": Role.guide_administrator, "成员管理员": Role.membership_administrator,
    "省级平台": Role.provincial_client, "门户网站": Role.portal_client,
}  # fmt: skip
ROLES: Final = {role.value: role.value for role in Role} | {zh: role.value for zh, role in _ROLES_ZH.items()}
LOGIN_KINDS: Final = {
    "法人登录": "legal_person", "法人": "legal_person", "legal_person": "legal_person",
    "个人登录": "personal", "个人": "personal", "personal": "personal",
}  # fmt: skip

COLUMNS: Final = (
    Column(
        "unit_uscc",
        "单位统一社会信用代码",
        "unit credit code",
        "code",
        "18位；无单位的人员（如专家、业务处室）留空",
        "18 characters; empty for people of no unit",
        parts=("unit", "person", "membership"),
    ),
    Column(
        "unit_name",
        "单位名称",
        "unit name",
        "text",
        "登记新单位或更改名称时填写",
        "for a new unit, or a new name",
        needed=True,
        parts=("unit",),
    ),
    Column(
        "short_names",
        "单位简称",
        "unit short names",
        "list",
        "多个用；分隔",
        "several: separated by ;",
        parts=("unit",),
    ),
    Column(
        "former_names",
        "单位曾用名",
        "unit former names",
        "list",
        "多个用；分隔",
        "several: separated by ;",
        parts=("unit",),
    ),
    Column(
        "type",
        "单位类型",
        "unit type",
        "code",
        "如 enterprise、university",
        "e.g. enterprise, university",
        parts=("unit",),
    ),
    Column(
        "legal_person",
        "独立法人",
        "legal person",
        "word",
        "是 或 否",
        "yes or no",
        words=FLAGS,
        parts=("unit",),
    ),
    Column(
        "reg_region",
        "注册地代码",
        "region code",
        "code",
        "6位行政区划代码",
        "six digits (GB/T 2260)",
        parts=("unit",),
    ),
    Column("jurisdiction", "属地", "jurisdiction", "code", "如 qujiang", "e.g. qujiang", parts=("unit",)),
    Column(
        "industry_class",
        "行业代码",
        "industry class",
        "code",
        "如 C2631",
        "e.g. C2631 (GB/T 4754)",
        parts=("unit",),
    ),
    Column("quota_token", "额度行", "quota row", "code", "如 city_level", "e.g. city_level", parts=("unit",)),
    Column(
        "recommending_unit_uscc",
        "推荐单位信用代码",
        "recommending unit credit code",
        "code",
        "18位",
        "18 characters",
        parts=("unit",),
    ),
    Column(
        "ref",
        "人员编号",
        "person ref",
        "code",
        "本市内不重复，以后按此编号识别同一人",
        "unique in the city; the person is known by it",
        needed=True,
        parts=("person", "membership"),
    ),
    Column(
        "name",
        "姓名",
        "name",
        "text",
        "登记新人员或更改姓名时填写",
        "for a new person, or a new name",
        needed=True,
        parts=("person",),
    ),
    Column(
        "resident_id",
        "身份证号",
        "resident id",
        "code",
        "18位，设为文本格式",
        "18 characters, as text",
        parts=("person",),
    ),
    Column(
        "phone",
        "电话",
        "phone",
        "code",
        "手机，或带区号的固定电话，设为文本格式",
        "mobile, or fixed line with area code, as text",
        parts=("person",),
    ),
    Column(
        "role",
        "角色",
        "role",
        "word",
        "如 申报人、推荐单位、评审专家",
        "e.g. applicant, recommender, expert",
        needed=True,
        words=ROLES,
        parts=("membership",),
    ),
    Column(
        "issuer",
        "身份提供方",
        "issuer",
        "text",
        "身份认证系统地址，https://…",
        "of the login, https://…",
        needed=True,
        parts=("membership",),
    ),
    Column(
        "subject",
        "登录账号",
        "login",
        "text",
        "身份认证系统给出的标识",
        "the subject at the issuer",
        needed=True,
        parts=("membership",),
    ),
    Column(
        "login_kind",
        "登录方式",
        "login kind",
        "word",
        "法人登录 或 个人登录",
        "legal_person or personal",
        words=LOGIN_KINDS,
        parts=("membership",),
    ),
    Column(
        "valid_from",
        "开始日期",
        "from",
        "begin",
        "如 2020-01-01；留空为立即",
        "e.g. 2020-01-01; empty: at once",
        parts=("membership",),
    ),
    Column(
        "valid_to",
        "终止日期",
        "to",
        "end",
        "如 2020-12-31（含当日）；留空为长期",
        "e.g. 2020-12-31, that day included; empty: without end",
        parts=("membership",),
    ),
)
BY_FIELD: Final = {column.field: column for column in COLUMNS}
