"""What one version of a guide changes of another, clause by clause; paths of the pages that show guides."""

import re
from enum import Enum
from typing import Any, Final
from urllib.parse import quote

import strawberry
from strawberry import field

from common.client import RemoteProblem
from gateway.graph.context import Context
from gateway.graph.loaders import Row
from gateway.nouns.texts import Text
from gateway.nouns.words import v
from gateway.wording import d

_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,79}")


@strawberry.enum(description=d("变化的种类", "Kind of a change."))
class GuideChangeKind(Enum):
    added = v("added", "新增", "added")
    removed = v("removed", "删除", "removed")
    changed = v("changed", "修改", "changed")


@strawberry.type(
    description=d("一个字段的变化；空值表示该版本未写", "A field; null: that side does not say it.")
)
class GuideFieldChange:
    name: str = field(description=d("字段", "Field of the pack."))
    label: Text = field(description=d("名称", "What it is called."))
    before: Text | None = field(description=d("原内容", "In the version compared from, in words."))
    after: Text | None = field(description=d("新内容", "In the version compared to, in words."))


@strawberry.type(description=d("规则、类别、材料等的一处变化", "A rule, category, material or other thing."))
class GuideThingChange:
    section: str = field(description=d("所属部分，如 rules", "Section of the pack, as rules."))
    section_label: Text = field(description=d("名称", "What the section is called."))
    key: str = field(description=d("编号", "Id inside the guide."))
    kind: GuideChangeKind = field(description=d("变化的种类", "Kind of the change."))
    title: Text | None = field(description=d("标题", "Title."))
    fields: list[GuideFieldChange] = field(description=d("变化的字段", "Fields that differ."))


@strawberry.type(
    description=d("一条条款下的变化；不依条款的变化编号为空", "Changes at a clause; no key: at none.")
)
class GuideClauseChange:
    key: str | None = field(description=d("条款编号", "Id of the clause."))
    section: str | None = field(description=d("章节", "Section."))
    lines: str | None = field(description=d("行号", "Lines."))
    before: Text | None = field(description=d("原释义", "Paraphrase before."))
    after: Text | None = field(description=d("新释义", "Paraphrase after."))
    changes: list[GuideThingChange] = field(description=d("变化", "Changes."))


@strawberry.type(description=d("两个指南版本的对比", "Two versions of a guide compared."))
class GuideDiff:
    guide: str = field(description=d("申报通知编号", "Id of the guide."))
    before: str = field(description=d("原版本", "Version compared from."))
    after: str = field(description=d("新版本", "Version compared to."))
    clauses: list[GuideClauseChange] = field(
        description=d(
            "有变化的条款，按指南顺序；含义相同则为空", "Clauses in the guide's order; none: same meaning."
        )
    )


def review_path(guide: str) -> str:
    """Path of the page of the version in force."""
    return f"/v1/guides/{quote(guide, safe='')}/review"


def version_path(guide: str, version: str) -> str:
    """Path of the page of one version."""
    return f"/v1/guides/{quote(guide, safe='')}/versions/{version}/review"


async def compared(context: Context, guide: str, before: str | None, after: str | None) -> GuideDiff | None:
    """Intake's comparison; None where there is no such guide or version for this caller.

    Raises:
        RemoteProblem: refused for another reason.
    """
    if not _ID.fullmatch(guide):
        return None
    named = {"format": "json", "from": before, "to": after}
    params = {name: value for name, value in named.items() if value is not None}
    try:
        return _diff_of(await context.ask("intake", "GET", f"/v1/guides/{guide}/diff", params=params))
    except RemoteProblem as problem:
        if problem.remote_status == 404:
            return None
        raise


def _diff_of(row: Row) -> GuideDiff:
    clauses = [_clause_of(one) for one in row["clauses"]]
    return GuideDiff(guide=row["guide"], before=row["before"], after=row["after"], clauses=clauses)


def _clause_of(row: Row) -> GuideClauseChange:
    return GuideClauseChange(
        key=row["id"],
        section=row["section"],
        lines=row["lines"],
        before=_text(row["before"]),
        after=_text(row["after"]),
        changes=[_thing_of(one) for one in row["changes"]],
    )


def _thing_of(row: Row) -> GuideThingChange:
    return GuideThingChange(
        section=row["section"],
        section_label=Text(**row["section_label"]),
        key=row["id"],
        kind=GuideChangeKind(row["kind"]),
        title=_text(row["title"]),
        fields=[_field_of(one) for one in row["fields"]],
    )


def _field_of(row: Row) -> GuideFieldChange:
    return GuideFieldChange(
        name=row["field"],
        label=Text(**row["label"]),
        before=_text(row["before"]),
        after=_text(row["after"]),
    )


def _text(row: dict[str, Any] | None) -> Text | None:
    return None if row is None else Text(**row)
