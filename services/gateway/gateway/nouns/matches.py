"""What a unit may apply for: categories of all calls, judged and ranked; nothing is stored."""

from enum import Enum
from typing import Any

import strawberry
from strawberry import field

from gateway.graph.context import PRECHECK_S, Context
from gateway.graph.loaders import Row
from gateway.nouns.assessments import Finding, finding_of
from gateway.nouns.base import Instant, Json, global_id, uuid_of
from gateway.nouns.guides import FundingTier
from gateway.nouns.texts import Clause, clause_of_finding
from gateway.nouns.words import Verdict, v
from gateway.wording import d


@strawberry.enum(description=d("谁能改变这一不符", "Who could change what fails."))
class Reach(Enum):
    application = v("application", "申报时可另行填报", "what the application states")
    applicant = v("applicant", "申报主体自身可以改进", "the applicant itself")
    nobody = v("nobody", "无法自行改变", "nobody on the applicant's side")


@strawberry.enum(description=d("受理时间的状态", "When a call receives."))
class MatchWindowState(Enum):
    not_announced = v("not_announced", "尚未公布", "nobody has said when it opens; it is shut")
    not_open_yet = v("not_open_yet", "尚未开始", "not open yet")
    open = v("open", "受理中", "open")
    closed = v("closed", "已截止", "closed")
    not_stated = v("not_stated", "指南未说明，公布情况未知", "the guide is silent, the bureau not asked")


@strawberry.enum(description=d("缺少的信息属于谁", "What a missing fact is about."))
class QuestionAbout(Enum):
    applicant = v("applicant", "申报主体", "the applicant")
    application = v("application", "申报时填报", "the application")


@strawberry.type(description=d("不符合的条款", "A rule that refuses."))
class MatchFailure:
    finding: Finding = field(description=d("结论", "The finding, with clause and remedy."))
    reach: Reach = field(description=d("谁能改变", "Who could change that."))
    shortfall: int = field(
        description=d(
            "差距占要求的百分比，100 表示不以程度论", "Percent of what is asked for that is lacking."
        )
    )


@strawberry.type(description=d("规则一条", "A rule in one line."))
class MatchSignal:
    rule: str = field(description=d("规则编号", "Id of the rule."))
    title: str = field(description=d("内容", "What it says."))
    clause: Clause = field(description=d("依据", "Clause."))


@strawberry.type(description=d("受理时间", "When the call receives."))
class MatchWindow:
    state: MatchWindowState = field(description=d("状态", "State."))
    open_at: Instant | None = field(description=d("开始时间；空值表示未说明", "Opens; null: not stated."))
    close_at: Instant | None = field(description=d("截止时间；空值表示未说明", "Closes; null: not stated."))


@strawberry.type(description=d("可申报的一类", "One category, judged on what is known."))
class Match:
    rank: int = field(description=d("名次", "Its place, 1 is best."))
    guide: str = field(description=d("申报通知编号", "Id of the guide."))
    city: str = field(description=d("所属市 (GB/T 2260)", "City (GB/T 2260)."))
    call_id: strawberry.ID = field(description=d("申报通知的全局编号", "Global id of the call."))
    category_key: str = field(description=d("类别编号", "Id of the category inside the guide."))
    name: str = field(description=d("类别名称", "Its name."))
    eligible: Verdict = field(description=d("结论", "Verdict."))
    why: str = field(description=d("名次的理由", "Why it stands there."))
    failures: list[MatchFailure] = field(
        description=d("不符合的条款，易改变的在前", "Rules that refuse, nearest first.")
    )
    out_of_reach: bool = field(
        description=d("含有无法自行改变的不符", "Something refuses that the applicant cannot change.")
    )
    open_rules: list[str] = field(description=d("尚不能确定的规则", "Rules not decided yet."))
    missing_about_applicant: list[str] = field(
        description=d("缺少的申报主体信息", "Missing facts about the applicant.")
    )
    missing_in_application: list[str] = field(
        description=d("申报时须填报的信息", "Facts to be stated when applying.")
    )
    missing_elsewhere: list[str] = field(
        description=d("须由其他方面提供的信息", "Facts that others will supply.")
    )
    for_person: list[MatchSignal] = field(description=d("须由人工判断", "What a person decides."))
    priorities: list[MatchSignal] = field(description=d("符合的优先条件", "Grounds of priority that hold."))
    window: MatchWindow = field(description=d("受理时间", "When the call receives."))
    funding: list[FundingTier] | None = field(description=d("资助额度", "Funding; null: not stated."))
    funding_mode: str | None = field(description=d("资助方式", "Mode of funding; null: not stated."))
    cap: int | None = field(description=d("立项数量上限", "Most projects approved; null: not stated."))
    office: str | None = field(
        description=d("受理处室；空值表示未说明或视情况而定", "Office; null: not stated, or it depends.")
    )


@strawberry.type(description=d("选项", "A word that may be sent, and how it is shown."))
class QuestionChoice:
    token: str = field(description=d("提交的词", "The word that is sent."))
    label: str = field(description=d("显示名称", "What is shown."))


@strawberry.type(description=d("须补充的信息", "A missing fact as a form would ask for it."))
class MatchQuestion:
    fact: str = field(description=d("事实名", "Dotted name."))
    about: QuestionAbout = field(description=d("属于谁", "What it is about."))
    label: str = field(description=d("显示名称", "What is shown."))
    type: str = field(description=d("类型", "Type."))
    unit: str | None = field(description=d("单位", "Unit of measure."))
    owner: str = field(description=d("由谁提供", "Who keeps it."))
    choices: list[QuestionChoice] | None = field(description=d("可选值", "Words to choose from."))
    decides: int = field(description=d("在多少类别中缺少", "In how many of the categories it is missing."))


@strawberry.type(description=d("未采用的事实", "A fact that says nothing to some guides."))
class IgnoredFact:
    fact: str = field(description=d("事实名", "Dotted name."))
    guides: list[str] = field(description=d("不采用它的申报通知", "Ids of those guides."))


@strawberry.type(description=d("可申报的类别，最合适的在前", "What may be applied for, best first."))
class Matches:
    as_of: Instant = field(description=d("基准时间", "As of when."))
    total: int = field(description=d("共评判多少类别", "How many categories were judged."))
    items: list[Match] = field(description=d("类别", "The best of them."))
    questions: list[MatchQuestion] = field(
        description=d("须补充的信息，最有用的在前", "What to ask for, most useful first.")
    )
    ignored: list[IgnoredFact] = field(description=d("未采用的事实", "Facts that say nothing somewhere."))


@strawberry.input(description=d("查询可申报类别的条件", "For whom, and among what."))
class MatchesInput:
    unit_id: strawberry.ID = field(description=d("申报单位", "The unit."))
    leader_id: strawberry.ID | None = field(default=None, description=d("项目负责人", "Who would lead."))
    facts: Json | None = field(
        default=None, description=d("另行假定的事实，按点分名称", "Further facts to try out.")
    )
    guides: list[str] | None = field(default=None, description=d("仅这些申报通知", "Only these guides."))
    cities: list[str] | None = field(default=None, description=d("仅这些市", "Only these cities."))
    open_only: bool = field(default=True, description=d("仅受理中的", "Only calls that are open."))


async def of_unit(context: Context, asked: MatchesInput, first: int) -> Matches:
    """Asks intake, which states what it knows of unit and leader."""
    body: dict[str, Any] = {"limit": first, "open_only": asked.open_only}
    if asked.leader_id is not None:
        body["leader_id"] = uuid_of(asked.leader_id, "Person")
    for name in ("facts", "guides", "cities"):
        given = getattr(asked, name)
        if given is not None:
            body[name] = given
    path = f"/v1/units/{uuid_of(asked.unit_id, 'Unit')}/matches"
    return matches_of(await context.ask("intake", "POST", path, json=body, timeout=PRECHECK_S))


def matches_of(row: Row) -> Matches:
    """Of eligibility's answer."""
    return Matches(
        as_of=Instant(row["as_of"]),
        total=row["total"],
        items=[_match(one) for one in row["items"]],
        questions=[_question(one) for one in row["questions"]],
        ignored=[IgnoredFact(fact=one["fact"], guides=one["guides"]) for one in row["ignored"]],
    )


def _match(row: Row) -> Match:
    missing, window = row["missing"], row["window"]
    return Match(
        rank=row["rank"],
        guide=row["guide"],
        city=row["city"],
        call_id=global_id("Call", row["guide"]),
        category_key=row["category"],
        name=row["name"],
        eligible=Verdict(row["eligible"]),
        why=row["why"],
        failures=[
            MatchFailure(
                finding=finding_of(one["finding"]), reach=Reach(one["reach"]), shortfall=one["shortfall"]
            )
            for one in row["failures"]
        ],
        out_of_reach=row["out_of_reach"],
        open_rules=row["open_rules"],
        missing_about_applicant=missing["applicant"],
        missing_in_application=missing["application"],
        missing_elsewhere=missing["others"],
        for_person=[_signal(one) for one in row["for_person"]],
        priorities=[_signal(one) for one in row["priorities"]],
        window=MatchWindow(
            state=MatchWindowState(window["state"]),
            open_at=_instant(window["open_at"]),
            close_at=_instant(window["close_at"]),
        ),
        funding=_funding(row["funding"]),
        funding_mode=row["funding_mode"],
        cap=row["cap"],
        office=row["office"],
    )


def _instant(value: str | None) -> Instant | None:
    return None if value is None else Instant(value)


def _funding(rows: list[Row] | None) -> list[FundingTier] | None:
    if rows is None:
        return None
    return [FundingTier(tier=one["tier"], least=one["min"], most=one["max"]) for one in rows]


def _signal(row: Row) -> MatchSignal:
    return MatchSignal(rule=row["rule"], title=row["title"], clause=clause_of_finding(row["clause"]))


def _question(row: Row) -> MatchQuestion:
    choices = row["choices"]
    return MatchQuestion(
        fact=row["fact"],
        about=QuestionAbout(row["about"]),
        label=row["label"],
        type=row["type"],
        unit=row["unit"],
        owner=row["owner"],
        choices=[QuestionChoice(**one) for one in choices] if choices is not None else None,
        decides=row["decides"],
    )
