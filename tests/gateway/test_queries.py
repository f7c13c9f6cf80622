"""Queries: what each screen reads, as somebody who may see it."""

from typing import Any

from tests.gateway.conftest import Gateway
from tests.gateway.owners import (
    GUIDE,
    MAJOR,
    Owners,
    allowed,
    application,
    assessment,
    by_ids,
    file,
    finding,
    known,
    pack_version,
    person,
    pool,
    unit,
)

from common.ids import new_id
from gateway.nouns.base import global_id, write_cursor


async def test_the_call_and_its_guide_without_a_token(gateway: Gateway, owners: Owners) -> None:
    data = await gateway.data(
        """query($id: ID!) { call(id: $id) { key state closeAt
             categories { key selectable name { zh en } clause { section lines } }
             category(id: "qz20-major") {
               form { groups { label { zh } fields { fact type required label { zh en } } } }
               materials { key bundle required name { zh } clause { document } } }
             topics { key name { zh en } domain } clauses { key text { zh en } }
             version { version noticeDays } } }""",
        id=GUIDE,
    )
    call = data["call"]
    assert [one["key"] for one in call["categories"]] == ["qz20-major", "qz20-rd", "qz20-patent"]
    assert len(call["topics"]) == 24
    assert call["version"]["version"] == pack_version()
    assert any(group["fields"] for group in call["category"]["form"]["groups"])
    assert {one["bundle"] for one in call["category"]["materials"]} <= {"blind", "identity", "office"}
    assert owners.intake.actors[-1].anonymous


async def test_the_pack_is_read_once(gateway: Gateway, owners: Owners) -> None:
    for _ in range(3):
        await gateway.data('{ eligibilityFacts(guide: "qz-2020") { name label { zh } rules } }')
    assert owners.intake.calls[f"GET /v1/guides/{GUIDE}/versions/{pack_version()}"] == 1


async def test_server_time_follows_the_business_clock(gateway: Gateway, business_clock: Any) -> None:
    business_clock.at("2020-06-28T17:00:00.001+08:00")
    data = await gateway.data("{ serverTime { business system } }")
    assert data["serverTime"]["business"] == "2020-06-28T09:00:00.001000+00:00"
    assert data["serverTime"]["system"] > "2026"


async def test_an_application_with_all_that_hangs_on_it(gateway: Gateway, owners: Owners) -> None:
    owners.people["wang"] = known("applicant")
    key, unit_id, leader = str(new_id()), str(new_id()), str(new_id())
    taken = str(new_id())
    owners.units[unit_id] = unit(unit_id)
    owners.persons[leader] = person(leader, unit_id=unit_id)
    owners.applications[key] = application(
        key,
        unit_id=unit_id,
        leader_id=leader,
        members=[{"person_id": leader, "role": "leader"}],
        form={"budget.rd_total": 3000000},
        assessments={"submission": taken},
        failure={"code": "intake.refused", "rules": ["QZ-3-1"], "reason": None},
        allowed_actions=[allowed("submit"), allowed("recommend", "not_in_state")],
    )
    owners.eligibility.on(
        "POST", "/v1/assessments/by-application/batch", lambda *_: {"items": [assessment(taken, key)]}
    )
    owners.eligibility.on("POST", "/v1/assessments/batch", by_ids({taken: assessment(taken, key)}))
    owners.documents.on(
        "POST",
        "/v1/files/by-application/batch",
        lambda *_: {"items": [{"application_id": key, "files": [file(str(new_id()), key)]}]},
    )
    owners.quota.on("POST", "/v1/pools/batch", by_ids({f"{GUIDE}/{MAJOR}/qujiang": pool()}, "keys", "key"))
    data = await gateway.data(
        """query($id: ID!) { application(id: $id) {
             id title state revision call { key } guideVersion { version } category { key name { zh } }
             unit { name quotaToken } leader { name unit { name } } members { role person { name } }
             formAnswers { fact value unit label { zh } } form failure { code rules }
             allowedActions { action allowed reason explanation { zh } }
             documents { material bundle version sha256 }
             assessments { eligible stage decision { decision rules }
               findings { rule outcome remedy gap { fact value unit } clause { section lines text { zh } } } }
             assessment(stage: submission) { eligible }
             quotaRow { left unit { zh } } } }""",
        "wang",
        id=global_id("Application", key),
    )
    found = data["application"]
    assert found["unit"] == {"name": "样例单位", "quotaToken": "qujiang"}
    assert found["members"] == [{"role": "leader", "person": {"name": "甲"}}]
    assert found["formAnswers"][0]["value"] == 3000000
    assert found["formAnswers"][0]["label"]["zh"] != "budget.rd_total"
    assert found["allowedActions"][1] == {
        "action": "recommend",
        "allowed": False,
        "reason": "not_in_state",
        "explanation": {"zh": "原因"},
    }
    judged = found["assessments"][0]
    assert judged["decision"] == {"decision": "refuse", "rules": ["QZ-3-1"]}
    assert judged["findings"][0]["gap"] == {"fact": "budget.rd_total", "value": 1, "unit": "yuan"}
    assert found["assessment"] == {"eligible": "not_eligible"}
    assert found["quotaRow"] == {"left": 1, "unit": {"zh": "衢江区"}}
    node = await gateway.data(
        "query($id: ID!) { node(id: $id) { __typename id ... on Application { title } } }",
        "wang",
        id=found["id"],
    )
    assert node["node"] == {"__typename": "Application", "id": found["id"], "title": "样例项目"}


async def test_what_is_not_there_is_null(gateway: Gateway) -> None:
    missing = str(new_id())
    data = await gateway.data(
        """query($bare: ID!, $global: ID!) { application(id: $bare) { id } node(id: $global) { id }
             call(id: "no-such-call") { key } unit(id: $bare) { id } person(id: $bare) { id } }""",
        "stranger",
        bare=missing,
        **{"global": global_id("Unit", missing)},
    )
    assert data == dict.fromkeys(("application", "node", "call", "unit", "person"))


async def test_an_id_of_another_type_is_bad_input(gateway: Gateway) -> None:
    for wrong in (global_id("Unit", new_id()), "no uuid", ""):
        answer = await gateway.ask("query($id: ID!) { application(id: $id) { id } }", id=wrong)
        assert answer["data"] == {"application": None}
        assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    answer = await gateway.ask("query($id: ID!) { node(id: $id) { id } }", id="abc")
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


PAGE = """query($first: Int!, $after: String) { applications(first: $first, after: $after) {
            nodes { title } pageInfo { hasNextPage hasPreviousPage endCursor }
            edges { cursor node { title } } } }"""


async def test_pages_join_without_gap_or_repetition(gateway: Gateway, owners: Owners) -> None:
    for index in range(7):
        key = str(new_id())
        owners.applications[key] = application(key, title=f"项目{index}")
    titles: list[str] = []
    after = None
    while True:
        page = (await gateway.data(PAGE, "x", first=3, after=after))["applications"]
        titles += [node["title"] for node in page["nodes"]]
        assert page["pageInfo"]["hasPreviousPage"] is (after is not None)
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert titles == [f"项目{index}" for index in range(7)]


async def test_a_cursor_in_mid_page_survives_rows_put_in_front(gateway: Gateway, owners: Owners) -> None:
    keys = [str(new_id()) for _ in range(4)]
    for index, key in enumerate(keys):
        owners.applications[key] = application(key, title=str(index))
    page = (await gateway.data(PAGE, "x", first=4))["applications"]
    middle = page["edges"][1]["cursor"]
    fresh = str(new_id())
    rest = dict(owners.applications)
    owners.applications.clear()
    owners.applications.update({fresh: application(fresh, title="new"), **rest})
    page = (await gateway.data(PAGE, "x", first=2, after=middle))["applications"]
    assert [node["title"] for node in page["nodes"]] == ["2", "3"]


async def test_bad_cursors_and_sizes(gateway: Gateway) -> None:
    for first, after in ((0, None), (101, None), (-1, None), (5, "???"), (5, "e30")):
        answer = await gateway.ask(PAGE, "x", first=first, after=after)
        assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT", (first, after)


async def test_a_cursor_before_the_beginning_is_none(gateway: Gateway) -> None:
    query = "query($c: String) { calls(after: $c) { nodes { key } } }"
    answer = await gateway.ask(query, "x", c=write_cursor({"at": -5}))
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_facts_nested_without_end_are_the_callers_fault(gateway: Gateway) -> None:
    facts: Any = []
    for _ in range(300):
        facts = [facts]
    query = """query($f: JSON!) { precheckFacts(input: {guide: "qz-2020", category: "x", facts: $f})
      { eligible } }"""
    answer = await gateway.ask(query, "x", f=facts)
    assert answer["errors"][0]["extensions"]["code"] == "common.unstorable"


async def test_lists_at_hand_go_both_ways(gateway: Gateway, owners: Owners) -> None:
    for year in (2021, 2022):
        owners.calls[f"qz-{year}"] = owners.calls[GUIDE] | {"id": f"qz-{year}", "year": year}
    query = """query($l: Int, $b: String) { calls(last: $l, before: $b) {
                 nodes { year } pageInfo { startCursor } } }"""
    last = (await gateway.data(query, l=1))["calls"]
    assert [node["year"] for node in last["nodes"]] == [2022]
    before = (await gateway.data(query, l=1, b=last["pageInfo"]["startCursor"]))["calls"]
    assert [node["year"] for node in before["nodes"]] == [2021]


async def test_the_filter_is_passed_on(gateway: Gateway, owners: Owners) -> None:
    unit_id = str(new_id())
    await gateway.data(
        """query($unit: ID!) { applications(filter: {states: [draft, returned], unitId: $unit, text: "氟"}) {
             nodes { id } } }""",
        "x",
        unit=global_id("Unit", unit_id),
    )
    route, body = owners.intake.bodies[-1]
    assert route == "POST /v1/applications/search"
    assert body == {"states": ["draft", "returned"], "unit_id": unit_id, "text": "氟", "first": 20}


async def test_the_inbox_shows_open_steps_of_the_callers_roles(gateway: Gateway, owners: Owners) -> None:
    owners.people["officer"] = known("officer")
    waiting, refused, foreign = (str(new_id()) for _ in range(3))
    owners.applications[waiting] = application(
        waiting, state="recommended", allowed_actions=[allowed("accept"), allowed("withdraw")]
    )
    owners.applications[refused] = application(
        refused, state="accepted", allowed_actions=[allowed("formal_review", "not_your_unit")]
    )
    owners.applications[foreign] = application(foreign, state="draft", allowed_actions=[allowed("submit")])
    data = await gateway.data("{ inbox { role action application { id } } }", "officer")
    assert data["inbox"] == [
        {"role": "officer", "action": "accept", "application": {"id": global_id("Application", waiting)}}
    ]
    assert (await gateway.data("{ inbox { action } }"))["inbox"] == []


async def test_an_experts_inbox_holds_the_reviews_to_do(gateway: Gateway, owners: Owners) -> None:
    owners.people["expert"] = known("expert")
    key, open_id = str(new_id()), str(new_id())
    owners.applications[key] = application(key, state="expert_review")
    row = {
        "id": open_id,
        "application_id": key,
        "expert_id": None,
        "state": "assigned",
        "score": None,
        "comment": None,
        "conflict_reason": None,
        "assigned_at": "2020-07-01T00:00:00Z",
        "scored_at": None,
    }
    owners.intake.on("POST", "/v1/assignments/search", lambda *_: {"items": [row, row | {"state": "scored"}]})
    data = await gateway.data("{ inbox { role assignment { state } application { title } } }", "expert")
    assert data["inbox"] == [
        {"role": "expert", "assignment": {"state": "assigned"}, "application": {"title": "样例项目"}}
    ]


async def test_prechecks_by_facts_and_of_an_application(
    gateway: Gateway, owners: Owners, business_clock: Any
) -> None:
    business_clock.at("2020-06-01T09:00:00+08:00")
    answer = {
        "eligible": "pending",
        "findings": [finding(outcome="unknown", missing=["budget.rd_total"], gap=None)],
        "pack_version": pack_version(),
        "decision": {"decision": "refuse", "rules": [], "missing": ["budget.rd_total"], "freeze": []},
    }
    owners.eligibility.on("POST", "/v1/prechecks", lambda *_: answer)
    data = await gateway.data(
        """query($f: JSON!) { precheckFacts(input: {guide: "qz-2020", category: "qz20-rd", facts: $f}) {
             eligible decision { missing } findings { outcome missing } checklist { material } } }""",
        f={"applicant": {"type": "enterprise"}},
    )
    assert data["precheckFacts"]["findings"] == [{"outcome": "unknown", "missing": ["budget.rd_total"]}]
    _, sent = owners.eligibility.bodies[-1]
    assert sent["as_of"] == "2020-06-01T01:00:00+00:00"
    assert sent["stage"] == "submission"
    item = {
        "material": "QZ-D02",
        "name_zh": "方案",
        "name_en": "plan",
        "required": True,
        "bundle": "blind",
        "status": "missing",
        "files": [],
    }
    owners.intake.on("POST", "/v1/applications/([^/]+)/precheck", lambda *_: answer | {"checklist": [item]})
    data = await gateway.data(
        """query($id: ID!) { precheck(applicationId: $id, stage: recommendation) {
             checklist { status name { zh } } } }""",
        "x",
        id=str(new_id()),
    )
    assert data["precheck"]["checklist"] == [{"status": "missing", "name": {"zh": "方案"}}]
    assert owners.intake.bodies[-1][1] == {"stage": "recommendation"}


async def test_a_unit_without_a_row_of_its_own_draws_on_its_jurisdiction_s(
    gateway: Gateway, owners: Owners
) -> None:
    owners.people["wang"] = known("applicant")
    key, unit_id = str(new_id()), str(new_id())
    owners.units[unit_id] = unit(unit_id, quota_token=None, jurisdiction="qujiang")
    owners.applications[key] = application(key, unit_id=unit_id)
    owners.quota.on("POST", "/v1/pools/batch", by_ids({f"{GUIDE}/{MAJOR}/qujiang": pool()}, "keys", "key"))
    query = "query($id: ID!) { application(id: $id) { quotaRow { left } } }"
    data = await gateway.data(query, "wang", id=global_id("Application", key))
    assert data["application"]["quotaRow"] == {"left": 1}
