"""Enums of reviews, recommendations, notices and of what can be done."""

from enum import Enum

import strawberry

from gateway.nouns.words import v
from gateway.wording import d


@strawberry.enum(description=d("可对申报项目进行的操作", "What can be done to an application."))
class Action(Enum):
    edit = v("edit", "修改", "edit")
    submit = v("submit", "提交", "submit")
    withdraw = v("withdraw", "撤回", "withdraw")
    reopen = v("reopen", "重新开放提交", "reopen for submission")
    initial_review = v("initial_review", "初审", "initial review")
    recommend = v("recommend", "推荐", "recommend")
    withdraw_recommendation = v("withdraw_recommendation", "撤回推荐", "withdraw the recommendation")
    accept = v("accept", "受理", "accept")
    reassess = v("reassess", "重新审查", "assess once more")
    decide_finding = v("decide_finding", "对单条结论作出判断", "decide a finding")
    formal_review = v("formal_review", "形式审查", "formal review")
    assign = v("assign", "分配专家", "assign experts")
    propose = v("propose", "拟立项", "propose")
    not_select = v("not_select", "不予入选", "not select")
    publish_notice = v("publish_notice", "发布公示", "publish the notice")
    object = v("object", "提出异议", "object")
    decide_objection = v("decide_objection", "处理异议", "decide an objection")
    approve = v("approve", "立项", "approve")
    grant_directly = v("grant_directly", "直接立项", "grant directly")


@strawberry.enum(description=d("初审结论", "Decision of an initial review."))
class ReviewDecision(Enum):
    approved = v("approved", "同意", "approved")
    returned = v("returned", "退回", "returned")
    rejected = v("rejected", "不同意", "rejected")


@strawberry.enum(description=d("形式审查结论", "Decision of a formal review."))
class FormalDecision(Enum):
    passed = v("pass", "通过", "pass")
    fail = v("fail", "不通过", "fail")


@strawberry.enum(description=d("异议处理结论", "Decision on an objection."))
class ObjectionDecision(Enum):
    upheld = v("upheld", "成立", "upheld")
    rejected = v("rejected", "不成立", "rejected")


@strawberry.enum(description=d("推荐的状态", "State of a recommendation."))
class RecommendationState(Enum):
    opening = v("opening", "办理中", "being processed")
    recommended = v("recommended", "已推荐", "recommended")
    refused = v("refused", "未予推荐", "refused")
    void = v("void", "已失效", "void")
    withdrawn = v("withdrawn", "已撤回", "withdrawn")


@strawberry.enum(description=d("评审任务状态", "State of an expert's assignment."))
class AssignmentState(Enum):
    assigned = v("assigned", "待评审", "assigned")
    conflicted = v("conflicted", "已申明回避", "conflict of interest declared")
    scored = v("scored", "已评分", "scored")


@strawberry.enum(description=d("公示状态", "State of a notice."))
class NoticeState(Enum):
    scheduled = v("scheduled", "未开始", "not begun")
    open = v("open", "公示中", "open")
    ended = v("ended", "已结束", "ended")


@strawberry.enum(description=d("异议状态", "State of an objection."))
class ObjectionState(Enum):
    open = v("open", "待处理", "open")
    upheld = v("upheld", "成立", "upheld")
    rejected = v("rejected", "不成立", "rejected")


@strawberry.enum(description=d("额度流水类型", "Kind of a ledger entry."))
class LedgerKind(Enum):
    held = v("held", "占用", "held")
    confirmed = v("confirmed", "确认", "confirmed")
    void = v("void", "释放", "void")
    limit = v("limit", "额度调整", "limit changed")
