"""Assessments and findings: what each rule said, by which clause, on which facts."""

from typing import Any

import strawberry
from strawberry import field

from gateway.graph.loaders import Row
from gateway.nouns.base import Instant, Json, Node, global_id, word
from gateway.nouns.texts import Clause, clause_of_finding
from gateway.nouns.words import Effect, Outcome, Stage, StageOutcome, Strength, Verdict
from gateway.wording import d


@strawberry.type(description=d("所用事实", "A fact that a finding used."))
class FactUsed:
    name: str = field(description=d("名称", "Dotted name."))
    value: Json | None = field(description=d("值", "Value."))
    source: str | None = field(description=d("来源", "Source."))
    at: Instant | None = field(description=d("截至时间", "As of when."))


@strawberry.type(description=d("对结论的人工判断", "A person's recorded decision on a finding."))
class RecordedDecision:
    outcome: Outcome | None = field(description=d("判断", "What was decided."))
    facts: Json | None = field(description=d("认定的事实", "Facts as found, by name."))
    reason: str = field(description=d("理由", "Reason."))
    evidence: list[str] = field(description=d("佐证", "Evidence."))
    by: str = field(description=d("判断人", "By whom."))
    at: Instant = field(description=d("时间", "When."))


@strawberry.type(description=d("与满足条件的差距", "The distance to a pass."))
class Gap:
    fact: str = field(description=d("事实名", "The fact that falls short."))
    value: Json = field(
        description=d("差多少：整数，或十进制小数文本", "By how much: an integer or decimal text.")
    )
    unit: str = field(description=d("单位", "Unit of measure."))


@strawberry.type(description=d("解释口径", "An interpretation that an outcome turned on."))
class Interpretation:
    key: str = field(description=d("编号", "Id inside the guide."))
    value: str | None = field(
        description=d("采用的口径；空值表示未确认", "The reading used; null: not confirmed.")
    )
    confirmed: bool = field(description=d("已确认", "Confirmed."))
    readings: Json = field(description=d("各口径下的结论", "The outcome under each reading."))


def _interpretation(row: Row | None) -> Interpretation | None:
    if row is None:
        return None
    return Interpretation(
        key=row["id"],
        value=row.get("value"),
        confirmed=bool(row.get("confirmed")),
        readings=Json(row.get("readings") or {}),
    )


@strawberry.type(description=d("单条规则的结论", "What one rule says about one application."))
class Finding:
    rule: str = field(description=d("规则编号", "Id of the rule."))
    outcome: Outcome = field(description=d("结论", "Outcome."))
    effect: Effect = field(description=d("不符合时的后果", "What a fail does."))
    strength: Strength = field(description=d("约束力", "How binding."))
    due: Stage = field(description=d("自此环节起计入", "Stage from which it counts."))
    part_of: str | None = field(description=d("所属规则", "Rule that it is part of."))
    clause: Clause = field(description=d("依据的条款", "Clause."))
    message: str = field(description=d("说明", "In words."))
    remedy: str | None = field(
        description=d("如何满足（含差距）", "What would turn it into a pass, with distance.")
    )
    gap: Gap | None = field(description=d("差距", "The distance, as data."))
    facts_used: list[FactUsed] = field(description=d("所用事实", "Facts used."))
    missing: list[str] = field(description=d("缺少的事实", "Facts that are missing."))
    interpretation: Interpretation | None = field(
        description=d("涉及的解释口径", "The reading that it turned on.")
    )
    decision: RecordedDecision | None = field(description=d("人工判断", "A person's decision, if recorded."))


def finding_of(row: Row) -> Finding:
    """Of an eligibility finding."""
    return Finding(
        rule=row["rule"],
        outcome=Outcome(row["outcome"]),
        effect=Effect(row["effect"]),
        strength=Strength(row["strength"]),
        due=Stage(row["due"]),
        part_of=row.get("part_of"),
        clause=clause_of_finding(row["clause"]),
        message=row["message"],
        remedy=row.get("remedy"),
        gap=Gap(**row["gap"]) if row.get("gap") else None,
        facts_used=[_fact(one) for one in row.get("facts_used") or []],
        missing=row.get("missing") or [],
        interpretation=_interpretation(row.get("interpretation")),
        decision=_decision(row.get("decision")),
    )


def _json(value: Any) -> Json | None:
    return None if value is None else Json(value)


def _fact(row: Row) -> FactUsed:
    at = row.get("at")
    return FactUsed(
        name=row["name"],
        value=_json(row.get("value")),
        source=row.get("source"),
        at=Instant(at) if at else None,
    )


def _decision(row: Row | None) -> RecordedDecision | None:
    if row is None:
        return None
    return RecordedDecision(
        outcome=word(Outcome, row.get("outcome")),
        facts=_json(row.get("facts")),
        reason=row["reason"],
        evidence=row.get("evidence") or [],
        by=row["by"],
        at=Instant(row["at"]),
    )


@strawberry.type(description=d("某环节的处理", "What a stage does with the findings."))
class StageDecision:
    decision: StageOutcome = field(description=d("处理", "What is done."))
    rules: list[str] = field(description=d("起决定作用的规则", "Ids of the deciding rules."))
    missing: list[str] = field(description=d("缺少的事实", "Facts that are missing."))
    freeze: list[str] = field(
        description=d("触发冻结的规则", "Ids of rules by which equal projects wait for the bureau.")
    )


def stage_decision_of(row: Row | None) -> StageDecision | None:
    """Of the `decision` beside an assessment."""
    if row is None:
        return None
    return StageDecision(
        decision=StageOutcome(row["decision"]),
        rules=row.get("rules") or [],
        missing=row.get("missing") or [],
        freeze=row.get("freeze") or [],
    )


@strawberry.interface(description=d("资格审查的结论", "A judgement of eligibility."))
class Judgement:
    eligible: Verdict = field(description=d("总体结论", "Verdict."))
    findings: list[Finding] = field(
        description=d("各条结论，按指南顺序", "Findings in the order of the guide.")
    )
    pack_version: str = field(description=d("所依据的指南版本", "Version of the guide."))
    decision: StageDecision | None = field(description=d("本环节的处理", "What the stage does with it."))


@strawberry.type(description=d("重新审查", "Why an assessment was taken outside of a step."))
class Again:
    reason: str = field(description=d("理由", "Reason."))
    by: str = field(description=d("提出人", "Who asked for it."))


@strawberry.type(description=d("已记录的资格审查", "An assessment that is on record."))
class Assessment(Node, Judgement):
    application_id: strawberry.Private[str]
    stage: Stage = field(description=d("环节", "Stage."))
    as_of: Instant = field(description=d("审查基准时间", "As of when."))
    created_at: Instant = field(description=d("审查时间", "When it was taken."))
    unavailable: list[str] = field(description=d("未能取得的事实", "Facts whose owner was away."))
    again: Again | None = field(
        description=d("重新审查的理由", "Why and for whom it was taken, where no step asked for it.")
    )
    report_path: str = field(
        description=d(
            "审查报告的路径（JSON；加 ?format=html 为可打印页面，lang=zh 或 en）",
            "Path of the report at this gateway: JSON, with ?format=html a page to print; lang=zh or en.",
        )
    )


def assessment_of(row: Row) -> Assessment:
    """Of eligibility's assessment."""
    return Assessment(
        id=global_id("Assessment", row["id"]),
        application_id=str(row["application_id"]),
        eligible=Verdict(row["eligible"]),
        findings=[finding_of(one) for one in row["findings"]],
        pack_version=row["pack_version"],
        decision=stage_decision_of(row.get("decision")),
        stage=Stage(row["stage"]),
        as_of=Instant(row["as_of"]),
        created_at=Instant(row["created_at"]),
        unavailable=row.get("unavailable") or [],
        again=Again(**row["again"]) if row.get("again") else None,
        report_path=f"/v1/reports/assessments/{row['id']}",
    )
