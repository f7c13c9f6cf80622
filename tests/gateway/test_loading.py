"""No request per row: calls are counted for a page of twenty applications."""

from typing import Any

from tests.gateway.conftest import Gateway, Make
from tests.gateway.owners import (
    CITY,
    GUIDE,
    MAJOR,
    Owners,
    application,
    assessment,
    by_ids,
    file,
    known,
    person,
    pool,
    unit,
)

from common.ids import new_id

WIDE = """{ applications(first: 20) { nodes { id title state
  call { key } category { key } guideVersion { version }
  unit { name recommendingUnit { name } } leader { name unit { name } } members { person { name } }
  recommendingUnit { name } formAnswers { fact }
  documents { name } assessments { eligible } assessment(stage: submission) { eligible }
  recommendation { state } quotaRow { left } assignments { state } notice { state } award { number }
  attempt { state } } } }"""


def furnish(owners: Owners, count: int) -> None:
    """So many applications, each with everything of its own."""
    pools, assessments, files = {}, {}, []
    recommender = str(new_id())
    owners.units[recommender] = unit(recommender)
    for index in range(count):
        key, unit_id, leader, taken, recommended = (str(new_id()) for _ in range(5))
        token = "qujiang" if index % 2 else "kecheng"
        owners.units[unit_id] = unit(unit_id, quota_token=token, recommending_unit_id=recommender)
        owners.persons[leader] = person(leader, name=f"人员{index}", unit_id=unit_id)
        owners.applications[key] = application(
            key,
            unit_id=unit_id,
            leader_id=leader,
            members=[{"person_id": leader, "role": "leader"}],
            recommending_unit_id=recommender,
            recommendation_id=recommended,
            attempt_id=str(new_id()),
            assessments={"submission": taken},
            form={"budget.rd_total": 3000000},
        )
        assessments[taken] = assessment(taken, key)
        files.append({"application_id": key, "files": [file(str(new_id()), key)]})
        pools[f"{GUIDE}/{MAJOR}/{token}"] = pool(token)
    nothing: Any = {"items": []}
    owners.eligibility.on("POST", "/v1/assessments/batch", by_ids(assessments))
    owners.eligibility.on(
        "POST", "/v1/assessments/by-application/batch", lambda *_: {"items": list(assessments.values())}
    )
    owners.documents.on("POST", "/v1/files/by-application/batch", lambda *_: {"items": files})
    owners.quota.on("POST", "/v1/pools/batch", by_ids(pools, "keys", "key"))
    owners.quota.on("GET", "/v1/pools", lambda *_: {"items": list(pools.values()), "next_cursor": None})
    for path in (
        "/v1/recommendations/batch",
        "/v1/assignments/search",
        "/v1/attempts/batch",
        "/v1/awards/by-application/batch",
    ):
        owners.intake.on("POST", path, lambda *_: nothing)
    owners.intake.on("GET", "/v1/notices", lambda *_: nothing)


async def test_twenty_applications_cost_no_more_calls_than_one(make: Make, owners: Owners) -> None:
    counts = []
    for size in (1, 20):
        owners.applications.clear()
        furnish(owners, size)
        owners.people["officer"] = known("officer")
        gateway: Gateway = await make()
        data = await gateway.data(WIDE, "officer")
        assert len(data["applications"]["nodes"]) == size
        assert all(node["quotaRow"]["left"] == 1 for node in data["applications"]["nodes"])
        counts.append(owners.counted())
    assert counts[0] == counts[1]
    # one read of each kind and level; units stand on two: the applicants', then those that recommend
    assert counts[1].pop("intake POST /v1/units/batch") <= 2
    assert set(counts[1].values()) == {1}


async def test_rows_already_read_are_not_read_again(gateway: Gateway, owners: Owners) -> None:
    key = str(new_id())
    owners.units[key] = unit(key)
    await gateway.data("query($i: ID!) { a: unit(id: $i) { id } b: unit(id: $i) { name } }", "x", i=key)
    assert owners.counted()["intake POST /v1/units/batch"] == 1


async def test_quota_rows_of_all_categories_in_one_call(gateway: Gateway, owners: Owners) -> None:
    furnish(owners, 2)
    data = await gateway.data(
        '{ call(id: "qz-2020") { quotaRows { key } categories { key quotaRows { key } } } }'
    )
    assert len(data["call"]["quotaRows"]) == 2
    assert [len(one["quotaRows"]) for one in data["call"]["categories"]] == [2, 0, 0]
    assert owners.counted()["quota GET /v1/pools"] == 1


async def test_every_service_is_shown_the_same_actor(gateway: Gateway, owners: Owners) -> None:
    furnish(owners, 2)
    owners.people["officer"] = known("officer")
    await gateway.data(WIDE, "officer")
    for owner in (owners.eligibility, owners.quota, owners.documents):
        assert {(actor.subject, actor.cities) for actor in owner.actors} == {
            ("officer@issuer.test", frozenset({CITY}))
        }


async def test_one_trace_id_goes_to_every_service(gateway: Gateway, owners: Owners) -> None:
    furnish(owners, 1)
    trace = "0af7651916cd43dd8448eb211c80319c"
    await gateway.http.post(
        "/graphql", json={"query": WIDE}, headers={"traceparent": f"00-{trace}-b7ad6b7169203331-01"}
    )
    sent = {headers["traceparent"].split("-")[1] for owner in owners.all() for headers in owner.headers}
    assert sent == {trace}
