"""Prechecks: what the rules would say now; nothing is stored."""

from typing import Any

import strawberry
from strawberry import field

from gateway.graph.context import PRECHECK_S, Context
from gateway.graph.loaders import Row
from gateway.nouns.assessments import Judgement, finding_of, stage_decision_of
from gateway.nouns.base import Instant, Json
from gateway.nouns.documents import ChecklistItem, checklist_of
from gateway.nouns.words import Stage, Verdict
from gateway.wording import d


@strawberry.type(description=d("预审结果（不留存）", "The answer to a precheck; nothing is stored."))
class Precheck(Judgement):
    checklist: list[ChecklistItem] | None = field(
        description=d("材料清单（仅对申报项目）", "Checklist; for an application only.")
    )


def precheck_of(row: Row) -> Precheck:
    """Of the answer of intake or eligibility."""
    return Precheck(
        eligible=Verdict(row["eligible"]),
        findings=[finding_of(one) for one in row["findings"]],
        pack_version=row["pack_version"],
        decision=stage_decision_of(row.get("decision")),
        checklist=checklist_of(row.get("checklist")),
    )


@strawberry.input(description=d("按事实预审", "A precheck by facts."))
class PrecheckFactsInput:
    guide: str = field(description=d("申报通知编号", "Id of the guide."))
    category: str = field(description=d("类别编号", "Id of the category."))
    stage: Stage = field(default=Stage.submission, description=d("环节", "Stage."))
    as_of: Instant | None = field(
        default=None, description=d("基准时间，默认当前业务时间", "As of; by default the business time.")
    )
    facts: Json = field(description=d("事实，按点分名称嵌套", "Facts, nested by their dotted names."))
    interpretations: Json | None = field(
        default=None, description=d("已确认的解释口径", "Confirmed interpretations.")
    )
    unavailable: list[str] | None = field(
        default=None, description=d("无法取得的事实", "Facts whose owner did not answer.")
    )


async def by_facts(context: Context, asked: PrecheckFactsInput, now: str) -> Precheck:
    """Asks eligibility."""
    body: dict[str, Any] = {
        "guide": asked.guide,
        "category": asked.category,
        "stage": asked.stage.value,
        "as_of": asked.as_of or now,
        "facts": asked.facts,
        "lang": context.lang,
    }
    if asked.interpretations is not None:
        body["interpretations"] = asked.interpretations
    if asked.unavailable is not None:
        body["unavailable"] = asked.unavailable
    return precheck_of(
        await context.ask("eligibility", "POST", "/v1/prechecks", json=body, timeout=PRECHECK_S)
    )


async def of_application(context: Context, application_id: str, stage: Stage | None) -> Precheck:
    """Asks intake, which gathers the facts."""
    body = {"stage": stage.value} if stage is not None else {}
    path = f"/v1/applications/{application_id}/precheck"
    return precheck_of(await context.ask("intake", "POST", path, json=body, timeout=PRECHECK_S))
