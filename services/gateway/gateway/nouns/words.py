"""Enums of the schema. Their values are the published words, never renamed."""

from enum import Enum
from typing import Annotated, Any

import strawberry

from gateway.wording import d


def v(value: str, zh: str, en: str) -> Any:
    """One value with its meaning."""
    return strawberry.enum_value(value, name=value, description=d(zh, en))


@strawberry.enum(description=d("申报通知的状态", "State of a call."))
class CallState(Enum):
    published = v("published", "已发布，未开始", "published, not open yet")
    open = v("open", "受理中", "open")
    closed = v("closed", "已截止", "closed")


@strawberry.enum(description=d("申报起止时间由谁规定", "Who says when a call opens and closes."))
class WindowSource(Enum):
    stated = v("stated", "申报指南", "its guide")
    announced = v("announced", "科技局公布（指南未规定）", "the bureau, as its guide is silent")
    not_stated = v("not_stated", "尚未公布", "nobody yet; the call is shut")


@strawberry.enum(description=d("公布的内容", "What an announcement of a call is about."))
class AnnouncementKind(Enum):
    open = v("open", "开始", "when it opens")
    close = v("close", "截止", "when it closes")


@strawberry.enum(description=d("申报流程中可设可不设的环节", "Steps that a call may use or leave out."))
class LifeStep(Enum):
    submission = v("submission", "申报", "submission")
    initial_review = v("initial_review", "初审", "initial review")
    recommendation = v("recommendation", "推荐", "recommendation")
    expert_review = v("expert_review", "专家评审", "expert review")
    public_notice = v("public_notice", "公示", "public notice")
    direct_grant = v("direct_grant", "直接立项", "direct grant")


@strawberry.enum(description=d("申报项目的状态", "State of an application."))
class ApplicationState(Enum):
    draft = v("draft", "草稿", "draft")
    submitted = v("submitted", "已提交", "submitted")
    initial_review_passed = v("initial_review_passed", "初审通过", "initial review passed")
    returned = v("returned", "退回修改", "returned")
    recommended = v("recommended", "已推荐", "recommended")
    accepted = v("accepted", "已受理，形式审查中", "accepted, in formal review")
    expert_review = v("expert_review", "专家评审", "in expert review")
    failed_formal = v("failed_formal", "形式审查未通过", "failed formal review")
    not_selected = v("not_selected", "未入选", "not selected")
    proposed = v("proposed", "拟立项", "proposed")
    public_notice = v("public_notice", "公示中", "in public notice")
    objection_handling = v("objection_handling", "异议处理中", "an objection is being handled")
    rejected = v("rejected", "不予推荐或立项", "rejected")
    approved = v("approved", "已立项", "approved")
    withdrawn = v("withdrawn", "已撤回", "withdrawn")
    deemed_given_up = v("deemed_given_up", "视为主动放弃", "deemed given up")
    frozen = v("frozen", "重复申报，待处理", "frozen: the same project twice")
    contract_pending = v("contract_pending", "待签合同书", "contract pending")
    in_progress = v("in_progress", "在研", "in progress")
    acceptance = v("acceptance", "验收中", "in acceptance")
    closed = v("closed", "已结题", "closed")
    failed_acceptance = v("failed_acceptance", "验收未通过", "failed acceptance")
    terminated = v("terminated", "已终止", "terminated")
    sanctioned = v("sanctioned", "已处理（失信）", "sanctioned")


@strawberry.enum(description=d("提交受理情况", "State of an attempt to submit."))
class AttemptState(Enum):
    open = v("open", "处理中", "being processed")
    admitted = v("admitted", "已收到", "admitted")
    admitted_pending = v("admitted_pending", "已收到，审核待完成", "admitted, assessment to be completed")
    refused = v("refused", "未予收取", "refused")


@strawberry.enum(description=d("审核环节", "Stage at which eligibility is judged."))
class Stage(Enum):
    submission = v("submission", "提交", "submission")
    recommendation = v("recommendation", "推荐", "recommendation")
    formal_review = v("formal_review", "形式审查", "formal review")
    approval = v("approval", "立项", "approval")
    acceptance = v("acceptance", "验收", "acceptance of results")


StageArgument = Annotated[Stage, strawberry.argument(description=d("环节", "Stage."))]
OptionalStage = Annotated[Stage | None, strawberry.argument(description=d("环节", "Stage."))]


@strawberry.enum(description=d("总体结论", "Verdict over all findings."))
class Verdict(Enum):
    eligible = v("eligible", "符合", "eligible")
    not_eligible = v("not_eligible", "不符合", "not eligible")
    pending = v("pending", "待定", "pending")


@strawberry.enum(description=d("某环节的处理", "What a stage does."))
class StageOutcome(Enum):
    admit = v("admit", "收取", "admits")
    admit_pending = v("admit_pending", "收取，待完成审查", "admits; to be completed")
    refuse = v("refuse", "不予收取", "refuses")


@strawberry.enum(description=d("单条结论", "What one rule says."))
class Outcome(Enum):
    passed = v("pass", "符合", "holds")
    fail = v("fail", "不符合", "does not hold")
    unknown = v("unknown", "缺少事实，须补充", "a fact is missing")
    manual = v("manual", "须人工判断", "a person must judge")
    not_applicable = v("not_applicable", "不适用", "does not apply")


@strawberry.enum(description=d("不符合时的后果", "What a fail does."))
class Effect(Enum):
    blocks_submission = v("blocks_submission", "不能提交", "blocks submission")
    fails_formal_review = v("fails_formal_review", "形式审查不通过", "fails formal review")
    deemed_given_up = v("deemed_given_up", "视为主动放弃", "deemed given up")
    priority = v("priority", "优先条件", "priority")
    obligation = v("obligation", "立项后的义务", "obligation after approval")
    selection_cap = v("selection_cap", "立项数量限制", "cap on selection")
    document_consistency = v("document_consistency", "材料一致性", "consistency of documents")
    routing = v("routing", "受理处室", "routing")


@strawberry.enum(description=d("约束力", "How binding a rule is."))
class Strength(Enum):
    hard = v("hard", "必须", "must hold")
    soft = v("soft", "原则上", "in principle; a person decides")
    ranking = v("ranking", "仅用于排序", "ranks only")


@strawberry.enum(description=d("角色", "Role that a membership gives."))
class RoleWord(Enum):
    applicant = v("applicant", "申报人", "applicant")
    department_manager = v("department_manager", "归口部门管理员", "department manager")
    recommender = v("recommender", "推荐单位", "recommender")
    project_leader = v("project_leader", "项目负责人", "project leader")
    officer = v("officer", "业务处室", "officer")
    formal_reviewer = v("formal_reviewer", "形式审查人员", "formal reviewer")
    expert = v("expert", "评审专家", "expert")
    bureau_head = v("bureau_head", "局领导", "bureau head")
    finance = v("finance", "财务", "finance")
    auditor = v("auditor", "审计", "auditor")
    guide_administrator = v("guide_administrator", "指南管理员", "guide administrator")
    membership_administrator = v("membership_administrator", "成员管理员", "membership administrator")
    provincial_client = v("provincial_client", "省级平台", "provincial platform")
    portal_client = v("portal_client", "门户网站", "city portal")


@strawberry.enum(description=d("登录方式", "Kind of login."))
class LoginKind(Enum):
    legal_person = v("legal_person", "法人登录", "as a legal person")
    personal = v("personal", "个人登录", "as a person")


@strawberry.enum(description=d("在项目中的身份", "A person's part in a project."))
class MemberRole(Enum):
    leader = v("leader", "项目负责人", "leader")
    main = v("main", "主要参加人员", "main member")
    other = v("other", "其他人员", "other member")


@strawberry.enum(description=d("材料包", "Bundle that a document belongs to."))
class Bundle(Enum):
    blind = v("blind", "盲评包", "blind: what experts see")
    identity = v("identity", "身份包", "identity: names the unit and people")
    office = v("office", "内部材料", "office: for the bureau")


@strawberry.enum(description=d("材料清单状态", "State of a checklist item."))
class ChecklistStatus(Enum):
    present = v("present", "已上传", "present")
    missing = v("missing", "缺少", "missing")
    not_required = v("not_required", "无须提供", "not required")
