"""A service that is away: the rest answers, nothing received in time is lost, and all can be repeated."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from cli.demo import applying, cast
from cli.demo.graphql import Refused
from cli.demo.story import Story
from cli.local import House

Drafted = Callable[[str], dict[str, Any]]
Until = Callable[[Callable[[], Any]], Any]
_STATE = (
    "query($id: ID!) { application(id: $id) { state pending receivedAt assessments { stage eligible } } }"
)


@contextmanager
def _without(house: House, service: str) -> Iterator[None]:
    house.fleet.stop_service(service)
    try:
        yield
    finally:
        house.fleet.start_service(service)
        house.fleet.wait_ready()


@pytest.mark.parametrize(("number", "service"), [("10", "eligibility"), ("12", "documents")])
def test_a_submission_in_time_is_admitted_and_completes_itself(
    story: Story, house: House, drafted: Drafted, until: Until, number: str, service: str
) -> None:
    application = drafted(number)
    person = story.person(cast.applicant(story.plays[number]))
    with _without(house, service):
        payload = applying.submit(person, application)
        assert payload["attempt"]["state"] == "admitted_pending"
        assert payload["application"]["state"] == "submitted"
        received = payload["attempt"]["receivedAt"]
        again = applying.submit(person, application)
        assert again["attempt"]["receivedAt"] == received
    # long after the close: the instant of arrival counts
    story.clock("06-29T09:00:00")

    def settled() -> Any:
        found = person.ask(_STATE, id=application["id"])["application"]
        return None if found["pending"] else found

    found = until(settled)
    assert found["state"] == "submitted"
    assert found["receivedAt"] == received
    # what was known at first stays on record beside what was judged in the end
    assert {one["stage"] for one in found["assessments"]} == {"submission"}


def test_a_late_submission_is_refused_though_eligibility_is_away(
    story: Story, house: House, drafted: Drafted
) -> None:
    application = drafted("06")
    story.clock("06-28T17:00:00.001")
    with _without(house, "eligibility"):
        payload = applying.submit(story.person(cast.applicant(story.plays["06"])), application)
    assert payload["attempt"]["state"] == "refused"
    assert payload["application"]["state"] == "draft"


def test_the_gateway_answers_the_rest_with_a_typed_error(
    story: Story, house: House, drafted: Drafted
) -> None:
    application = drafted("09")
    query = """query($id: ID!) { application(id: $id) {
        title unit { name } documents { material } assessments { stage } } }"""
    headers = {"authorization": f"Bearer {house.user_token(cast.applicant(story.plays['09']))}"}
    with _without(house, "documents"):
        answer = httpx.post(
            f"{house.gateway_url}/graphql",
            json={"query": query, "variables": {"id": application["id"]}},
            headers=headers,
            timeout=30,
            trust_env=False,
        ).json()
    found = answer["data"]["application"]
    assert (found["title"], found["documents"]) == (story.plays["09"]["title"], None)
    assert found["unit"]["name"]
    assert found["assessments"] == []
    (error,) = answer["errors"]
    assert error["path"] == ["application", "documents"]
    assert error["extensions"]["code"] == "common.owner_unavailable"
    assert error["extensions"]["service"] == "documents"


def test_a_recommendation_without_quota_fails_cleanly_and_can_be_repeated(
    story: Story, house: House, drafted: Drafted, until: Until
) -> None:
    application, one = drafted("01"), story.plays["01"]
    applying.submit(story.person(cast.applicant(one)), application)
    recommender = story.person(cast.recommender(one["recommender"]))
    story.clock("06-20T10:00:00")
    with _without(house, "quota"), pytest.raises(Refused) as refused:
        applying.recommend(recommender, application["id"])
    assert refused.value.codes == {"common.owner_unavailable"}

    def recommended() -> Any:
        return recommender.do(
            "recommend", "recommendation { state rowKey }", applicationId=application["id"]
        )["recommendation"]

    assert recommended()["state"] == "recommended"
    query = 'query { quotaRows(guide: "qz-2020", category: "qz20-major") { key used } }'
    rows = {row["key"]: row["used"] for row in story.staff["officer"].ask(query)["quotaRows"]}
    assert rows["qz-2020/qz20-major/qujiang"] == 1


def test_one_trace_runs_through_the_services(story: Story, drafted: Drafted) -> None:
    application = drafted("11")
    applying.submit(story.person(cast.applicant(story.plays["11"])), application)
    query = """query($id: ID!) { application(id: $id) {
        auditTrail { entries { service action traceId } } } }"""
    entries = story.staff["officer"].ask(query, id=application["id"])["application"]["auditTrail"]["entries"]
    (submitted,) = [entry for entry in entries if entry["action"] == "application.submitted"]
    services = {entry["service"] for entry in entries if entry["traceId"] == submitted["traceId"]}
    assert {"intake", "eligibility", "documents"} <= services
