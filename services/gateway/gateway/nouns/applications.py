"""Applications (申报项目): the record and everything that hangs on it."""

import strawberry
from strawberry import field

from gateway.graph.context import PRECHECK_S, Context, Info
from gateway.graph.loaders import Row
from gateway.nouns.application_parts import AllowedAction, FormAnswer, Member, actions_of, answers_of
from gateway.nouns.assessments import Assessment, assessment_of
from gateway.nouns.audit import AuditTrail, trail
from gateway.nouns.base import Instant, Json, Node, global_id
from gateway.nouns.calls import Call, GuideVersion, load_call, version_of
from gateway.nouns.documents import (
    ChecklistItem,
    Document,
    SealedBundle,
    bundle_of,
    checklist_of,
    document_of,
)
from gateway.nouns.failures import Failure, failure_of
from gateway.nouns.guides import CategoryNoun, OfficeNoun, find_category, office_of
from gateway.nouns.notices import Notice, notice_of
from gateway.nouns.people import Person, Unit, load_person, load_unit
from gateway.nouns.quota import QuotaRow, quota_row_of
from gateway.nouns.reviews import (
    Assignment,
    Attempt,
    Award,
    Recommendation,
    assignment_of,
    attempt_of,
    award_of,
    recommendation_of,
)
from gateway.nouns.words import ApplicationState, LifeStep, MemberRole, StageArgument
from gateway.wording import d, resolved
from guide import Pack


@strawberry.type(description=d("申报项目", "An application: one project in one category of one call."))
class Application(Node):
    row: strawberry.Private[Row]
    key: strawberry.Private[str]
    guide: str = field(description=d("申报通知编号", "Id of the guide."))
    category_key: str = field(description=d("类别编号", "Id of the category."))
    city: str = field(description=d("所属市", "City."))
    title: str = field(description=d("项目名称", "Title."))
    state: ApplicationState = field(description=d("状态", "State."))
    revision: int = field(description=d("版本", "Revision, for expectedRevision."))
    steps: list[LifeStep] = field(
        description=d("本类别设有的环节，按顺序", "Steps that its category goes through, in order.")
    )
    pending: bool = field(description=d("已收到但审查未完成", "Admitted; its assessment is to be completed."))
    attempt_open: bool = field(description=d("提交正在处理", "A submission is being decided."))
    created_at: Instant = field(description=d("创建时间", "When it was made."))
    updated_at: Instant = field(description=d("最后修改", "When it was last changed."))
    received_at: Instant | None = field(description=d("收到时间", "When the submission was received."))
    form: Json = field(description=d("表单内容，按事实名", "Form answers by fact name."))
    failure: Failure | None = field(description=d("未通过原因", "Why it went no further."))
    allowed_actions: list[AllowedAction] = field(
        description=d("当前用户可进行的操作及不可进行的原因", "What the caller can do, or why not.")
    )

    @resolved("申报通知", "The call.")
    async def call(self, info: Info) -> Call | None:
        return await load_call(info.context, self.guide)

    async def _pack(self, info: Info) -> Pack | None:
        return await pack_of(info.context, self.row)

    @resolved("所依据的指南版本", "The guide's version that applies to it.")
    async def guide_version(self, info: Info) -> GuideVersion | None:
        pack = await self._pack(info)
        return version_of(pack) if pack is not None else None

    @resolved("类别", "Category.")
    async def category(self, info: Info) -> CategoryNoun | None:
        pack = await self._pack(info)
        return find_category(pack, self.category_key) if pack is not None else None

    @resolved("表单内容，含显示名称", "Form answers with their labels.")
    async def form_answers(self, info: Info) -> list[FormAnswer] | None:
        return answers_of(await self._pack(info), self.row["form"])

    @resolved("受理处室", "Office that handles it.")
    async def office(self, info: Info) -> OfficeNoun | None:
        return office_of(await self._pack(info), self.row.get("office")) if self.row.get("office") else None

    @resolved("申报单位", "Applicant unit.")
    async def unit(self, info: Info) -> Unit | None:
        return await load_unit(info.context, self.row.get("unit_id"))

    @resolved("推荐单位", "Recommending unit.")
    async def recommending_unit(self, info: Info) -> Unit | None:
        return await load_unit(info.context, self.row.get("recommending_unit_id"))

    @resolved("项目负责人", "Project leader.")
    async def leader(self, info: Info) -> Person | None:
        return await load_person(info.context, self.row.get("leader_id"))

    @resolved("项目组成员", "Members of the team.")
    def members(self) -> list[Member]:
        return [
            Member(person_id=str(one["person_id"]), role=MemberRole(one["role"]))
            for one in self.row.get("members") or []
        ]

    @resolved("最近一次提交", "The attempt to submit that counts.")
    async def attempt(self, info: Info) -> Attempt | None:
        key = self.row.get("attempt_id")
        row = await info.context.loaders.attempts.load(key) if key else None
        return attempt_of(row["attempt"], row["receipt"]) if row is not None else None

    @resolved("已上传的材料", "Documents.")
    async def documents(self, info: Info) -> list[Document] | None:
        groups = await info.context.loaders.files_of.load(self.key)
        rows = [row for group in groups for row in group["files"]]
        blind = await blind_files(info.context, self.row)
        return [document_of(row) for row in rows if blind is None or str(row["id"]) in blind]

    @resolved("材料清单（现在的情况）", "Checklist as it stands now.")
    async def checklist(self, info: Info) -> list[ChecklistItem] | None:
        path = f"/v1/applications/{self.key}/precheck"
        answer = await info.context.ask("intake", "POST", path, json={}, timeout=PRECHECK_S)
        return checklist_of(answer.get("checklist"))

    @resolved("提交时封存的材料", "Documents as they were sealed at submission.")
    async def sealed_bundle(self, info: Info) -> SealedBundle | None:
        key = self.row.get("bundle_id")
        row = await info.context.loaders.bundles.load(key) if key else None
        return bundle_of(row, blind=is_blind(self.row)) if row is not None else None

    @resolved("各环节的资格审查，新的在后", "Assessments, newest last.")
    async def assessments(self, info: Info) -> list[Assessment] | None:
        if is_blind(self.row):
            return []
        return [assessment_of(row) for row in await info.context.loaders.assessments_of.load(self.key)]

    @resolved("某环节所依据的资格审查", "The assessment that a stage relied on.")
    async def assessment(self, info: Info, stage: StageArgument) -> Assessment | None:
        key = (self.row.get("assessments") or {}).get(stage.value) if not is_blind(self.row) else None
        row = await info.context.loaders.assessments.load(key) if key else None
        return assessment_of(row) if row is not None else None

    @resolved("推荐", "Recommendation.")
    async def recommendation(self, info: Info) -> Recommendation | None:
        key = self.row.get("recommendation_id")
        row = await info.context.loaders.recommendations.load(key) if key else None
        return recommendation_of(row) if row is not None else None

    @resolved("其推荐额度行", "Quota row that it draws on.")
    async def quota_row(self, info: Info) -> QuotaRow | None:
        unit = await load_unit(info.context, self.row.get("unit_id"))
        pack = await self._pack(info)
        row_id = _row_id(pack, self.category_key, unit) if pack is not None and unit is not None else None
        row = await info.context.loaders.pools.load(f"{self.guide}/{row_id}") if row_id else None
        return quota_row_of(row) if row is not None else None

    @resolved("专家评审任务", "Reviews given to experts.")
    async def assignments(self, info: Info) -> list[Assignment] | None:
        return [assignment_of(row) for row in await info.context.loaders.assignments_of.load(self.key)]

    @resolved("公示", "Public notice that names it.")
    async def notice(self, info: Info) -> Notice | None:
        rows = await info.context.loaders.notices_of_guide.load(self.guide)
        naming = [row for row in rows if self.key in map(str, row["application_ids"])]
        return notice_of(naming[-1]) if naming else None

    @resolved("立项结果", "Award.")
    async def award(self, info: Info) -> Award | None:
        rows = await info.context.loaders.awards_of.load(self.key)
        return award_of(rows[-1]) if rows else None

    @resolved("全程审计记录", "Audit trail of all services.")
    async def audit_trail(self, info: Info) -> AuditTrail | None:
        return await trail(info.context, self.key)


def application_of(row: Row) -> Application:
    """Of intake's application."""
    received = row.get("received_at")
    return Application(
        id=global_id("Application", row["id"]),
        row=row,
        key=str(row["id"]),
        guide=row["guide"],
        category_key=row["category"],
        city=row["city"],
        title=row["title"],
        state=ApplicationState(row["state"]),
        revision=row["revision"],
        steps=[LifeStep(one) for one in row["steps"]],
        pending=bool(row.get("pending")),
        attempt_open=bool(row.get("attempt_open")),
        created_at=Instant(row["created_at"]),
        updated_at=Instant(row["updated_at"]),
        received_at=Instant(received) if received else None,
        form=Json(row.get("form") or {}),
        failure=failure_of(row.get("failure")),
        allowed_actions=actions_of(row.get("allowed_actions") or []),
    )


def is_blind(row: Row) -> bool:
    """Does the caller see the application without unit and team (as an expert)? Then nothing that names them
    may be shown, whatever else the caller is."""
    return row.get("unit_id") is None


async def blind_files(context: Context, row: Row) -> set[str] | None:
    """Ids of the files that a caller who reviews blind may know of; None for who sees all of them."""
    if not is_blind(row):
        return None
    key = row.get("bundle_id")
    bundle = await context.loaders.bundles.load(key) if key else None
    files = bundle["files"] if bundle is not None else []
    return {str(one["file_id"]) for one in files if one["bundle"] == "blind"}


async def load_application(context: Context, key: str) -> Application | None:
    """An application by id, in this request's batch; None where missing or invisible."""
    row = await context.loaders.applications.load(key)
    return application_of(row) if row is not None else None


async def pack_of(context: Context, row: Row) -> Pack | None:
    """The pack that an application stands under: the pinned version, before that the current one."""
    if row.get("pack_version"):
        return await context.packs.version(context, row["guide"], row["pack_version"])
    return await context.packs.current(context, row["guide"])


def _row_id(pack: Pack, category: str, unit: Unit) -> str | None:
    """The quota row on which a unit draws: by its own token, else by who administers it."""
    for token in (unit.quota_token, unit.jurisdiction):
        row = pack.quota_row(category, token) if token else None
        if row is not None:
            return row
    return None
