"""The root of all queries."""

from typing import Annotated, Any

import strawberry
from strawberry import field

from common.client import RemoteProblem
from common.clock import clock
from gateway.graph.context import Info
from gateway.graph.loaders import Row
from gateway.nouns import guide_changes, matches, nodes, pages, prechecks
from gateway.nouns.applications import Application, application_of, load_application
from gateway.nouns.base import (
    After,
    Before,
    Connection,
    First,
    IdArgument,
    Last,
    Node,
    key_of,
    page_size,
    uuid_of,
)
from gateway.nouns.calls import Call, call_of, load_call
from gateway.nouns.decisions import ObjectionState
from gateway.nouns.facts import Fact, fact_of
from gateway.nouns.inbox import Task, tasks
from gateway.nouns.notices import Notice, Objection, notice_of, objection_of
from gateway.nouns.people import Person, Unit, load_person, load_unit
from gateway.nouns.quota import QuotaRow, rows_of
from gateway.nouns.reviews import Assignment, assignment_of
from gateway.nouns.subscribers import Subscriber, subscriber_of
from gateway.nouns.viewer import ServerTime, Viewer, server_time, viewer_of
from gateway.nouns.words import ApplicationState, OptionalStage
from gateway.people_queries import PeopleQueries
from gateway.wording import d, resolved

GuideArgument = Annotated[
    str, strawberry.argument(description=d("申报通知编号，如 qz-2020", "Id of the guide, as qz-2020."))
]
CategoryArgument = Annotated[
    str | None, strawberry.argument(description=d("类别编号", "Id of the category."))
]


@strawberry.input(description=d("申报项目的筛选条件", "Which applications."))
class ApplicationFilter:
    guide: str | None = field(default=None, description=d("申报通知编号", "Id of the guide."))
    category: str | None = field(default=None, description=d("类别编号", "Id of the category."))
    states: list[ApplicationState] | None = field(
        default=None, description=d("状态之一", "In one of these states.")
    )
    unit_id: strawberry.ID | None = field(default=None, description=d("申报单位", "Of this unit."))
    recommending_unit_id: strawberry.ID | None = field(
        default=None, description=d("推荐单位", "Of this recommending unit.")
    )
    office: str | None = field(default=None, description=d("受理处室编号", "Handled by this office."))
    text: str | None = field(default=None, description=d("项目名称包含", "Title contains this."))


FilterArgument = Annotated[
    ApplicationFilter | None, strawberry.argument(description=d("筛选条件", "Which ones."))
]


def _search(chosen: ApplicationFilter | None) -> dict[str, Any]:
    if chosen is None:
        return {}
    body = {
        "guide": chosen.guide,
        "category": chosen.category,
        "states": [state.value for state in chosen.states] if chosen.states is not None else None,
        "unit_id": uuid_of(chosen.unit_id, "Unit") if chosen.unit_id else None,
        "recommending_unit_id": (
            uuid_of(chosen.recommending_unit_id, "Unit") if chosen.recommending_unit_id else None
        ),
        "office": chosen.office,
        "text": chosen.text,
    }
    return {name: value for name, value in body.items() if value is not None}


@strawberry.type(description=d("查询", "Queries."))
class Query(PeopleQueries):
    @resolved("按全局编号取任一对象", "Any object by its global id.")
    async def node(self, info: Info, id: IdArgument) -> Node | None:
        try:
            return await nodes.find(info.context, id)
        except RemoteProblem as problem:
            if problem.remote_status == 404:
                return None
            raise

    @resolved("当前用户", "Whoever sends the request.")
    async def viewer(self, info: Info) -> Viewer | None:
        return viewer_of(await info.context.person())

    @resolved("服务器时间", "The server's clocks.")
    def server_time(self) -> ServerTime:
        return server_time()

    @resolved("申报通知列表", "All calls.")
    async def calls(
        self, info: Info, first: First = 20, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Call] | None:
        rows = (await info.context.ask("intake", "GET", "/v1/calls"))["items"]
        return pages.local([call_of(row) for row in rows], first, after, last, before)

    @resolved("一份申报通知；编号如 qz-2020 亦可", "One call; its id as qz-2020 will do.")
    async def call(self, info: Info, id: IdArgument) -> Call | None:
        return await load_call(info.context, key_of(id, "Call"))

    @resolved("单位", "A unit.")
    async def unit(self, info: Info, id: IdArgument) -> Unit | None:
        return await load_unit(info.context, uuid_of(id, "Unit"))

    @resolved("人员", "A person.")
    async def person(self, info: Info, id: IdArgument) -> Person | None:
        return await load_person(info.context, uuid_of(id, "Person"))

    @resolved("申报项目", "An application.")
    async def application(self, info: Info, id: IdArgument) -> Application | None:
        return await load_application(info.context, uuid_of(id, "Application"))

    @resolved("可见的申报项目", "Applications that the caller may see.")
    async def applications(
        self, info: Info, filter: FilterArgument = None, first: First = 20, after: After = None
    ) -> Connection[Application] | None:
        wanted = _search(filter)

        async def read(size: int, cursor: str | None) -> Row:
            body = {**wanted, "first": size} | ({"after": cursor} if cursor else {})
            answer: Row = await info.context.ask("intake", "POST", "/v1/applications/search", json=body)
            return answer

        return await pages.remote(read, application_of, first, after)

    @resolved("待办事项", "Tasks that wait for the caller.")
    async def inbox(self, info: Info, first: First = 50) -> list[Task] | None:
        return await tasks(info.context, first)

    @resolved("分配给当前专家的评审任务", "Reviews given to the calling expert.")
    async def my_assignments(self, info: Info) -> list[Assignment] | None:
        answer = await info.context.ask("intake", "POST", "/v1/assignments/search", json={"mine": True})
        return [assignment_of(row) for row in answer["items"]]

    @resolved("推荐额度", "Quota rows of a guide or of one category.")
    async def quota_rows(
        self, info: Info, guide: GuideArgument, category: CategoryArgument = None
    ) -> list[QuotaRow] | None:
        return await rows_of(info.context, guide, category)

    @resolved("公示", "Public notices of a guide.")
    async def notices(self, info: Info, guide: GuideArgument) -> list[Notice] | None:
        rows = await info.context.loaders.notices_of_guide.load(guide)
        return [notice_of(row) for row in rows]

    @resolved("指南两个版本的对比；缺省为现行版本与最新版本", "What a version of a guide changes of another.")
    async def guide_diff(
        self,
        info: Info,
        guide: GuideArgument,
        before: Annotated[
            str | None,
            strawberry.argument(
                name="from", description=d("原版本", "Version compared from; null: in force.")
            ),
        ] = None,
        after: Annotated[
            str | None,
            strawberry.argument(name="to", description=d("新版本", "Version compared to; null: the newest.")),
        ] = None,
    ) -> guide_changes.GuideDiff | None:
        return await guide_changes.compared(info.context, guide, before, after)

    @resolved("异议", "Objections to a notice.")
    async def objections(
        self,
        info: Info,
        notice_id: IdArgument,
        state: Annotated[
            ObjectionState | None, strawberry.argument(description=d("状态", "Only in this state."))
        ] = None,
    ) -> list[Objection] | None:
        body: dict[str, Any] = {"notice_ids": [uuid_of(notice_id, "Notice")]}
        answer = await info.context.ask("intake", "POST", "/v1/objections/search", json=body)
        found = [objection_of(row) for row in answer["items"]]
        return [one for one in found if state is None or one.state == state]

    @resolved("省级数据订阅方", "Subscribers of the provincial feed.")
    async def subscribers(self, info: Info) -> list[Subscriber] | None:
        answer = await info.context.ask("intake", "GET", "/v1/subscribers")
        return [subscriber_of(row) for row in answer["items"]]

    @resolved("对申报项目预审（不留存）", "What the rules say of an application now.")
    async def precheck(
        self, info: Info, application_id: IdArgument, stage: OptionalStage = None
    ) -> prechecks.Precheck | None:
        key = uuid_of(application_id, "Application")
        return await prechecks.of_application(info.context, key, stage)

    @resolved("按事实预审（不留存）", "What the rules say of these facts.")
    async def precheck_facts(
        self,
        info: Info,
        input: Annotated[prechecks.PrecheckFactsInput, strawberry.argument(description=d("事实", "Facts."))],
    ) -> prechecks.Precheck | None:
        return await prechecks.by_facts(info.context, input, clock.business().isoformat())

    @resolved("单位可申报的类别，最合适的在前（不留存）", "What a unit may apply for, best first.")
    async def matches(
        self,
        info: Info,
        input: Annotated[
            matches.MatchesInput, strawberry.argument(description=d("为谁查询", "For whom, among what."))
        ],
        first: First = 50,
    ) -> matches.Matches | None:
        return await matches.of_unit(info.context, input, page_size(first))

    @resolved("资格审查的事实目录", "Catalogue of the facts that a guide's rules read.")
    async def eligibility_facts(self, info: Info, guide: GuideArgument) -> list[Fact] | None:
        pack = await info.context.packs.current(info.context, guide)
        return [fact_of(one) for one in pack.facts.values()] if pack is not None else None
