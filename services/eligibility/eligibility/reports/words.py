"""Labels of published words on a report, in Chinese and English."""

from typing import Final

from eligibility.registers.kinds import KINDS
from eligibility.reports.schemas import Named
from guide import Lang

Words = dict[str, tuple[str, str]]

STAGES: Final[Words] = {
    "submission": ("提交", "submission"),
    "recommendation": ("推荐", "recommendation"),
    "formal_review": ("形式审查", "formal review"),
    "approval": ("立项", "approval"),
    "acceptance": ("验收", "acceptance of results"),
}
VERDICTS: Final[Words] = {
    "eligible": ("符合申报条件", "eligible"),
    "not_eligible": ("不符合申报条件", "not eligible"),
    "pending": ("待定", "pending"),
}
DECISIONS: Final[Words] = {
    "admit": ("本环节予以通过", "this stage admits"),
    "admit_pending": ("本环节先予收取，待完成审查", "this stage admits; findings are still open"),
    "refuse": ("本环节不予通过", "this stage refuses"),
}
OUTCOMES: Final[Words] = {
    "pass": ("符合", "met"),
    "fail": ("不符合", "not met"),
    "unknown": ("待补充", "unknown"),
    "manual": ("待人工判断", "for a person to decide"),
    "not_applicable": ("不适用", "does not apply"),
}
EFFECTS: Final[Words] = {
    "blocks_submission": ("不符合则不能提交", "a fail blocks the submission"),
    "fails_formal_review": ("不符合则形式审查不通过", "a fail fails the formal review"),
    "deemed_given_up": ("不符合则视为放弃", "a fail counts as giving up"),
    "document_consistency": ("材料须一致", "documents must agree"),
    "priority": ("优先条件，不影响结论", "a preference; no part of the verdict"),
    "obligation": ("立项后的义务，不影响结论", "an obligation; no part of the verdict"),
    "selection_cap": ("立项数量上限，不影响结论", "a cap on approvals; no part of the verdict"),
    "routing": ("受理处室，不影响结论", "routing; no part of the verdict"),
}
STRENGTHS: Final[Words] = {
    "hard": ("硬性条件", "binding"),
    "soft": ("原则性条件", "in principle"),
    "ranking": ("择优条件", "ranking"),
}
GROUPS: Final[Words] = {
    "against": ("不符合的条件", "What stands against it"),
    "missing": ("缺少的内容", "What is missing"),
    "to_decide": ("待人工判断的事项", "What a person must decide"),
    "decided": ("已由人工判断的事项", "What a person has decided"),
    "later": ("后续环节才审查的事项", "What is looked at from a later stage on"),
    "passed": ("符合的条件", "What is met"),
    "beside": ("不影响结论的事项", "What does not weigh on the verdict"),
    "not_applicable": ("不适用的条件", "What does not apply"),
}
"""Groups of findings, in the order of the report."""

_SOURCES: Final[Words] = {
    "request": ("提问者填报", "as asked"),
    "pack": ("申报指南", "the guide"),
    "decision": ("人工判断", "a person's decision"),
    "unavailable": ("暂时无法核实", "cannot be checked now"),
    "form": ("申报表", "application form"),
    "application": ("申报表", "application form"),
    "organisation": ("单位信息", "the unit's profile"),
    "team": ("项目组", "project team"),
    "applications": ("本单位其他申报", "the unit's applications"),
    "documents": ("所附材料", "attached documents"),
    "quota": ("名额台账", "quota ledger"),
    "intake": ("受理记录", "records of the office"),
    "clock": ("系统时钟", "system clock"),
    "login": ("登录方式", "login"),
    "approval": ("立项决定", "the approval"),
}
_REGISTER: Final = "register:"
_REGISTERS: Final[Words] = {name: kind.title for name, kind in KINDS.items()}


def named(words: Words, code: str, lang: Lang) -> Named:
    """A published word with its label; without a label the word itself."""
    zh, en = words.get(code, (code, code))
    return Named(code=code, label=en if lang is Lang.en else zh)


def source(code: str, lang: Lang) -> str:
    """Where a fact comes from, in words."""
    register = code.removeprefix(_REGISTER)
    if register == code:
        return named(_SOURCES, code, lang).label
    label = named(_REGISTERS, register, lang).label
    return f"register: {label}" if lang is Lang.en else f"登记库：{label}"
