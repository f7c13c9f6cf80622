"""What the gateway shows of every type, field and command to people who are not meant by it."""

import json
from typing import Any

import pytest
from graphql import GraphQLInterfaceType
from tests.strangers import schema
from tests.strangers.rules import CLOSEST, Rows, never, rows_of
from tests.strangers.schema import MUTATIONS, NODES, QUERIES, listed
from tests.strangers.towns import APPROVED, Town
from tests.strangers.world import World

from common.roles import Role

pytestmark = pytest.mark.timeout(600)  # the first test of a run plays two cities

REFUSALS = {"common.forbidden", "common.not_found", "common.unauthenticated", "not_your_city"}
VISITOR, NOBODY = "visitor", "nobody"
OTHERS_OF_UNITS = (f"applicant-{APPROVED}", "recommender-qujiang-bureau", "expert-3")
Asker = tuple[str, str | None]
WITHOUT_ROLE: list[Asker] = [(VISITOR, None), (NOBODY, "nobody")]
ASKED = [name for name in QUERIES if name != "node"]  # node is asked by type
PRIVATE = [name for name in ASKED if QUERIES[name]["sight"] == "private"]


def test_every_field_has_a_row_and_every_row_a_field() -> None:
    found = {(kind.name, name) for kind in schema.composites() for name in kind.fields}
    rows = {(kind, name) for kind in schema.TABLE for name in listed(kind)}
    assert sorted(found - rows) == []
    assert sorted(rows - found) == []


def test_every_type_with_an_id_says_who_sees_it() -> None:
    nodes = {kind.name for kind in schema.composites() if "Node" in [one.name for one in kind.interfaces]}
    assert nodes == set(NODES)


def foreigners(town: Town, people: list[str]) -> list[Asker]:
    """Of the other city: the roles that would be shown it at home, and some that would not."""
    roles = {Role(one) for one in people} | {Role.applicant, Role.officer, Role.expert}
    return [(f"{one.value} of another city", town.login(CLOSEST[one])) for one in sorted(roles)]


def uninvolved(town: Town, people: list[str]) -> list[Asker]:
    """Of the same city: roles that are not named, and people of other units, with their own roles."""
    named = {Role(one) for one in people}
    found: list[Asker] = [
        (role.value, town.login(name)) for role, name in CLOSEST.items() if role not in named
    ]
    found += [(f"{name}, another's", town.login(name)) for name in OTHERS_OF_UNITS]
    return found


def closest(town: Town, people: list[str]) -> list[Asker]:
    return [(one, town.login(CLOSEST[Role(one)])) for one in people]


async def private_ids(world: World, rows: Rows) -> set[str]:
    """Ids of the town that are on no notice and no public list."""
    city = rows["city"]
    public = {str(rows["notice_id"]), str(rows["objected_id"]), str(rows["approved_id"])}
    public |= {str(one) for one in await world.ids("quota.pools", city)}
    return await world.every_id(city) - public


def nothing(value: Any) -> bool:
    """Null, or a list of nothing."""
    if isinstance(value, dict) and set(value) <= {"__typename", "edges", "nodes", "pageInfo"}:
        return not value.get("edges") and not value.get("nodes")
    return value is None or value == []


@pytest.mark.parametrize("kind", [name for name, row in NODES.items() if row["sight"] != "public"])
async def test_a_private_object_is_as_one_that_never_was(world: World, kind: str) -> None:
    row, rows = NODES[kind], await rows_of(world, world.here)
    askers = [*foreigners(world.there, row["people"]), *uninvolved(world.here, row["people"]), *WITHOUT_ROLE]
    documents = [schema.document("query", schema.node(kind, one)) for one in (rows, never(rows))]
    shown = {}
    for name, login in askers:
        there, gone = [await world.graphql(login, one) for one in documents]
        for answer in (there, gone):
            for error in answer.get("errors", ()):
                error["extensions"].pop("traceId")
        if there != gone or not nothing(_told(there, "node")):
            shown[name] = there
    assert shown == {}


@pytest.mark.parametrize("kind", list(NODES))
async def test_who_is_named_sees_the_object(world: World, kind: str) -> None:
    row, rows = NODES[kind], await rows_of(world, world.here)
    askers = (
        [(VISITOR, None), (NOBODY, "nobody")]
        if row["sight"] == "public"
        else closest(world.here, row["people"])
    )
    missing = {}
    for name, login in askers:
        answer = await world.graphql(
            login, schema.document("query", schema.node(kind, _with_version(rows, kind)))
        )
        if not _told(answer, "node"):
            missing[name] = answer
    assert missing == {}


def _with_version(rows: Rows, kind: str) -> Rows:
    words = {"GuideVersion": rows["version"], "Topic": "qz20-t-6-4-forest"}
    return rows | {"category": words.get(kind, rows["category"])}


@pytest.mark.parametrize("field", ASKED)
async def test_a_query_shows_strangers_nothing_private(world: World, field: str) -> None:
    """The largest question that the field allows, from everybody who is not meant."""
    row, rows = QUERIES[field], await rows_of(world, world.here)
    ours = await world.every_id(world.here.city)
    around = await world.around(rows["application_id"]) | {str(rows["unit_id"]), str(rows["person_id"])}
    private = await private_ids(world, rows)
    document = schema.document("query", schema.question(field, rows))
    shown: dict[str, Any] = {}
    askers = [(*one, ours) for one in foreigners(world.there, row.get("people", []))]
    askers += [(*one, around) for one in uninvolved(world.here, row.get("people", []))]
    askers += [(VISITOR, None, private), (NOBODY, "nobody", private)]
    for name, login, hidden in askers:
        answer = await world.graphql(login, document)
        if found := schema.uuids(answer.get("data")) & hidden:
            shown[name] = (found, answer)
        if field in PRIVATE and name in (VISITOR, NOBODY) and not nothing(_told(answer, field)):
            shown[f"{name} is told something"] = answer
    assert shown == {}


def _told(answer: dict[str, Any], field: str) -> Any:
    return (answer.get("data") or {}).get(field)


@pytest.mark.parametrize("field", PRIVATE)
async def test_who_is_named_is_answered(world: World, field: str) -> None:
    rows = await rows_of(world, world.here)
    empty = {}
    for name, login in closest(world.here, QUERIES[field]["people"]):
        answer = await world.graphql(login, schema.document("query", schema.question(field, rows)))
        if nothing(_told(answer, field)):
            empty[name] = answer
    assert empty == {}


def test_every_field_is_asked_for_somewhere() -> None:
    """By the largest questions above; fields of payloads are asked for by the commands below."""
    rows: Rows = dict.fromkeys((*schema.KEYS.values(), "category", "version", "city"), "x")
    parts = [schema.question(field, rows) for field in ASKED] + [schema.node(kind, rows) for kind in NODES]
    asked = schema.fields_of(schema.document("query", *(f"p{i}: {part}" for i, part in enumerate(parts))))
    asked |= schema.fields_of(schema.document("mutation", *(schema.command(one, rows) for one in MUTATIONS)))
    every = {(kind.name, name) for kind in schema.composites() for name in kind.fields}
    interfaces = {kind.name for kind in schema.composites() if isinstance(kind, GraphQLInterfaceType)}
    left = {one for one in every - asked if one[0] not in interfaces}
    assert sorted(left - {("Query", "node")}) == []


async def test_an_expert_is_shown_nothing_that_names_the_applicant(world: World) -> None:
    """Fields kept from who reviews blind are empty, and no name stands anywhere else in the answer."""
    rows = await rows_of(world, world.here)
    document = schema.document("query", schema.node("Application", rows), *_inboxes(rows))
    answer = await world.graphql(world.here.login("expert-1"), document)
    application = answer["data"]["node"]
    assert application["title"] == rows["title"]
    assert {name for name in NODES["Application"]["openly"] if not nothing(application[name])} == set()
    (unit,) = await world.rows("intake.units", id=rows["unit_id"])
    people = await world.rows("intake.people", unit_id=rows["unit_id"])
    names = {unit["name"], unit["uscc"], *unit["short_names"], *(one["name"] for one in people)}
    told = json.dumps(answer, ensure_ascii=False)
    assert {name for name in names if name in told} == set()
    officers = json.dumps(await world.graphql(world.here.login("officer"), document), ensure_ascii=False)
    assert unit["name"] in officers


def _inboxes(rows: Rows) -> list[str]:
    return [schema.question(field, rows) for field in ("inbox", "myAssignments", "applications")]


@pytest.mark.parametrize(
    ("kind", "field"), [(kind, field) for kind in NODES for field in NODES[kind].get("roles", ())]
)
async def test_a_field_for_some_roles_is_kept_from_the_others(world: World, kind: str, field: str) -> None:
    row, rows = NODES[kind], await rows_of(world, world.here)
    people = row["roles"][field]
    document = schema.document("query", schema.node(kind, rows))
    told = {}
    askers = [one for one in uninvolved(world.here, people) if "another's" not in one[0]]
    for name, login in [*askers, *WITHOUT_ROLE]:
        answer = await world.graphql(login, document)
        if not nothing((_told(answer, "node") or {}).get(field)):
            told[name] = answer
    for name, login in closest(world.here, people):
        answer = await world.graphql(login, document)
        if nothing(_told(answer, "node")[field]):
            told[f"{name} is not"] = answer
    assert told == {}


@pytest.mark.parametrize("field", list(MUTATIONS))
async def test_a_command_of_a_stranger_is_refused(world: World, field: str) -> None:
    row, rows = MUTATIONS[field], await rows_of(world, world.here)
    document = schema.document("mutation", schema.command(field, rows))
    askers = [] if row.get("own") else foreigners(world.there, row["people"])
    askers += [] if row.get("whoever") else [*uninvolved(world.here, row["people"]), (NOBODY, "nobody")]
    done = {}
    for name, login in [*askers, (VISITOR, None)]:
        answer = await world.graphql(login, document)
        if not (found := codes(answer, field)) <= REFUSALS or not found:
            done[name] = (found, answer)
    assert done == {}


@pytest.mark.parametrize("field", list(MUTATIONS))
async def test_a_command_of_who_is_named_is_not_refused_for_want_of_a_right(world: World, field: str) -> None:
    row, rows = MUTATIONS[field], await rows_of(world, world.here)
    document = schema.document("mutation", schema.command(field, rows))
    stopped = {}
    for name, login in closest(world.here, row["people"]):
        answer = await world.graphql(login, document)
        if codes(answer, field) & REFUSALS:
            stopped[name] = answer
    assert stopped == {}


def codes(answer: dict[str, Any], field: str) -> set[str]:
    """The codes of what a command was refused for; none where something was done."""
    whole = [error for error in answer.get("errors", ()) if error["path"] == [field]]
    found = {error["extensions"]["code"] for error in whole}
    return found | {error["code"] for error in (_told(answer, field) or {}).get("errors", ())}
