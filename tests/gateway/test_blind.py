"""Who sees an application blind, or not at all, is shown nothing of other services that names it."""

from dataclasses import dataclass

import pytest
from tests.gateway.conftest import Gateway
from tests.gateway.owners import Owners, application, assessment, by_ids, file, finding, known

from common.ids import new_id
from gateway.nouns.base import global_id

NAMED = finding(
    facts_used=[{"name": "team.names", "value": ["章文博"], "source": "team", "at": None}],
    message="出现了章文博",
)
QUERY = """query($id: ID!) { application(id: $id) {
  documents { name } assessments { findings { message factsUsed { value } } }
  assessment(stage: submission) { eligible } sealedBundle { files { name } } } }"""


@dataclass(frozen=True)
class Case:
    """An application; its files are blind, identity, later."""

    key: str
    assessment: str
    files: tuple[str, ...]


@pytest.fixture
def case(owners: Owners) -> Case:
    """An application with a blind and an identity file, sealed, and an assessment that quotes a name.

    The other services answer with everything, as they do to somebody who is also an applicant in this city.
    """
    owners.people["somebody"] = known("expert")
    key, taken, bundle = str(new_id()), str(new_id()), str(new_id())
    blind, identity, later = (str(new_id()) for _ in range(3))
    rows = {
        blind: file(blind, key),
        identity: file(identity, key) | {"bundle": "identity", "name": "章文博.pdf"},
        later: file(later, key) | {"name": "later.pdf"},
    }
    row = assessment(taken, key, findings=[NAMED])
    owners.applications[key] = application(
        key, state="expert_review", bundle_id=bundle, assessments={"submission": taken}
    )
    sealed = [rows[one] | {"file_id": one} for one in (blind, identity)]
    bundles = {
        bundle: {
            "id": bundle,
            "manifest_sha256": "0" * 64,
            "as_of": "2020-06-01T01:00:00Z",
            "files": sealed,
        }
    }
    owners.eligibility.on("POST", "/v1/assessments/batch", by_ids({taken: row}))
    owners.eligibility.on("POST", "/v1/assessments/by-application/batch", lambda *_: {"items": [row]})
    owners.documents.on("POST", "/v1/files/batch", by_ids(rows))
    owners.documents.on("POST", "/v1/bundles/batch", by_ids(bundles))
    owners.documents.on(
        "POST",
        "/v1/files/by-application/batch",
        lambda *_: {"items": [{"application_id": key, "files": list(rows.values())}]},
    )
    return Case(key, taken, (blind, identity, later))


async def nodes(gateway: Gateway, case: Case) -> list[str | None]:
    """The types that `node` shows for the assessment and the files."""
    ids = [("Assessment", case.assessment), *(("Document", one) for one in case.files)]
    return [await node(gateway, kind, key) for kind, key in ids]


async def node(gateway: Gateway, kind: str, key: str) -> str | None:
    query = "query($id: ID!) { node(id: $id) { __typename } }"
    found = (await gateway.data(query, "somebody", id=global_id(kind, key)))["node"]
    return found["__typename"] if found else None


async def test_an_expert_is_shown_no_names(gateway: Gateway, case: Case) -> None:
    found = (await gateway.data(QUERY, "somebody", id=case.key))["application"]
    assert found == {
        "documents": [{"name": "plan.pdf"}],
        "assessments": [],
        "assessment": None,
        "sealedBundle": {"files": [{"name": "plan.pdf"}]},
    }
    assert await nodes(gateway, case) == [None, "Document", None, None]


async def test_an_id_alone_opens_nothing(gateway: Gateway, owners: Owners, case: Case) -> None:
    del owners.applications[case.key]
    assert await nodes(gateway, case) == [None, None, None, None]


async def test_the_unit_and_the_bureau_see_all_of_it(gateway: Gateway, owners: Owners, case: Case) -> None:
    owners.applications[case.key]["unit_id"] = str(new_id())
    found = (await gateway.data(QUERY, "somebody", id=case.key))["application"]
    assert len(found["documents"]) == 3
    assert found["assessments"][0]["findings"][0]["factsUsed"] == [{"value": ["章文博"]}]
    assert await nodes(gateway, case) == ["Assessment", "Document", "Document", "Document"]
