"""A page of the gateway while one owner fails: the rest is answered, and the error says what is missing."""

from typing import Any

import httpx
import pytest
from tests.partial import proxy as faults
from tests.partial.proxy import Fault, Proxy
from tests.partial.test_commands import PAIRS, named

from cli.demo import applying, cast
from cli.demo.story import Story
from cli.local import House

NUMBER = "01"
PAGE = """query($id: ID!) { application(id: $id) {
    id title unit { name } documents { material } assessments { stage } quotaRow { key used } } }"""
OF = {"documents": "documents", "eligibility": "assessments", "quota": "quotaRow"}
CODES = {"common.owner_unavailable", "common.invalid", "common.internal"}
HARMLESS = (faults.knows_more, faults.errs_one_time_in_three)


@pytest.fixture(scope="module")
def well(story: Story, house: House) -> dict[str, Any]:
    """The page of a submitted application as its officer sees it, all being well."""
    story.clock("06-15T09:00:00")
    application = story.prepare(NUMBER)
    applying.submit(story.person(cast.applicant(story.plays[NUMBER])), application)
    answer = page(house, application["id"])
    assert "errors" not in answer
    found: dict[str, Any] = answer["data"]["application"]
    assert all(found[field] is not None for field in OF.values())
    return found


def page(house: House, application: str) -> dict[str, Any]:
    headers = {"authorization": f"Bearer {house.user_token('officer')}"}
    asked = {"query": PAGE, "variables": {"id": application}}
    answer = httpx.post(
        f"{house.gateway_url}/graphql", json=asked, headers=headers, timeout=30, trust_env=False
    )
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize(("owner", "fault"), PAIRS, ids=named)
def test_the_rest_is_answered(
    house: House, proxies: dict[str, Proxy], well: dict[str, Any], owner: str, fault: Fault
) -> None:
    with proxies[owner].doing(fault) as proxy:
        answer = page(house, well["id"])
        reached = bool(proxy.asked)
    found, field = answer["data"]["application"], OF[owner]
    assert {name: value for name, value in found.items() if name != field} == {
        name: value for name, value in well.items() if name != field
    }
    errors = answer.get("errors", [])
    assert {(*error["path"],) for error in errors} <= {("application", field)}
    assert {error["extensions"]["code"] for error in errors} <= CODES
    if fault in HARMLESS and reached:
        assert found == well
    elif fault not in HARMLESS and fault is not faults.knows_less:  # an older answer may be an empty one
        assert (found[field], len(errors)) == (None, 1)
