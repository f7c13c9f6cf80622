"""Two cities with the same data: whatever one does or holds, the other is answered as if it were alone."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from tests.strangers import schema
from tests.strangers.forgeries import now
from tests.strangers.routes import INSIDE
from tests.strangers.rules import ROUTES, ask, closest, rows_of, rule_of
from tests.strangers.test_rows import said
from tests.strangers.towns import DRAFT, REVIEWED, Town
from tests.strangers.world import World

from cli.demo import papers
from cli.demo.cast import applicant
from common.clock import clock
from common.ids import new_id
from common.roles import Role
from common.testing import tokens_of

pytestmark = pytest.mark.timeout(600)  # the first test of a run plays two cities

Asking = Callable[[], Awaitable[Any]]
# what one city holds moves the answers of another for all roles or for none; these two see most
MOST = frozenset({Role.officer, Role.applicant})
# reads, and questions that judge or count: what the other city holds could move their answers
READS = tuple(
    route
    for route in INSIDE
    if rule_of(route).people
    and rule_of(route).ticket is None
    and (route.method == "GET" or route.path.endswith(("/batch", "/search", "precheck")))
)
# what they give out is recorded: they come after whatever reads the records
RECORDED = tuple(route for route in READS if "/feeds/" in route.path)


def test_the_reads_are_found() -> None:
    assert len(READS) > 30


async def _with_and_without(world: World, asking: Asking) -> tuple[Any, Any]:
    """The same questions while both cities are there, and after the other has been taken out."""
    before = await asking()
    await world.again()
    await world.erase(world.there.city)
    return before, await asking()


async def test_nothing_that_a_city_reads_depends_on_the_other(world: World) -> None:
    """Not its lists, counts, pages, cursors, feed, signed manifest, audit trail, pools, or findings."""
    rows = await rows_of(world, world.here)

    async def read() -> dict[str, Any]:
        found = {}
        for route in sorted(READS, key=RECORDED.__contains__):
            rule = rule_of(route)
            if rule.sight == "everywhere":
                continue
            for role in sorted(rule.people & MOST) or sorted(rule.people):
                answer = await ask(world, route, rows, await closest(world, world.here, role, rule.number))
                found[f"{route} by {role.value}"] = said(answer, rows)
        return found

    both, alone = await _with_and_without(world, read)
    assert {name: (both[name], alone[name]) for name in both if both[name] != alone[name]} == {}
    assert sum(status == 200 for status, _, _ in both.values()) > len(READS)


@pytest.mark.parametrize("role", sorted(MOST))
async def test_nothing_that_the_gateway_tells_depends_on_the_other(world: World, role: Role) -> None:
    rows = await rows_of(world, world.here)
    login = (await closest(world, world.here, role)).subject or ""
    fields = [name for name, row in schema.QUERIES.items() if name not in ("node", "calls", "serverTime")]
    documents = [schema.document("query", schema.question(field, rows)) for field in fields]
    theirs = await world.every_id(world.there.city)

    async def read() -> Any:
        found = []
        for document in documents:
            answer = await world.graphql(login.partition("@")[0], document)
            errors = [(error["path"], error["extensions"]["code"]) for error in answer.get("errors", ())]
            found.append((answer["data"], sorted(errors, key=str)))
        return found

    both, alone = await _with_and_without(world, read)
    assert both == alone
    told = schema.uuids([data for data, _ in both])
    assert told & theirs == set()
    assert str(rows["application_id"]) in told


async def test_a_command_goes_as_if_the_city_were_alone(world: World) -> None:
    """In the other city the unit stands on the blacklist, and the very bytes are stored: the precheck, the
    submission and the upload of a draft do not notice."""
    town = world.here
    person = await world.login(town, applicant({"no": DRAFT}))
    content = papers.pdf("测试", ["同样的字节。"])

    async def act() -> list[tuple[int, Any]]:
        if await world.ids("eligibility.register_entries", world.there.city):
            await _crowd(world, content)
        draft = f"/v1/applications/{town.applications[DRAFT]}"
        with clock.frozen("2020-06-15T09:00:00+08:00"):
            found = [
                await world.call("intake", "POST", f"{draft}/precheck", person, json={}),
                await world.call("intake", "POST", f"{draft}/submit", person, json={"expected_revision": 2}),
                await _upload(world, town, content),
            ]
        return [(answer.status_code, _shape(answer.json())) for answer in found]

    both, alone = await _with_and_without(world, act)
    assert both == alone
    assert [status for status, _ in both] == [200, 200, 201]
    assert both[1][1]["attempt"]["state"] == "admitted"
    (listed,) = [one for one in both[0][1]["findings"] if one["rule"] == "QZ-SUB-04"]
    assert listed["outcome"] == "pass"


_FRESH = {"id", "attempt_id", "bundle_id", "manifest_sha256", "digest", "assessments", "trace_id"}


def _shape(content: Any) -> Any:
    """An answer without the ids and digests that are made anew each time."""
    if isinstance(content, dict):
        return {name: _shape(value) for name, value in content.items() if name not in _FRESH}
    return [_shape(one) for one in content] if isinstance(content, list) else content


async def _crowd(world: World, content: bytes) -> None:
    """Put what must not be noticed into the other city, and see there that it counts."""
    draft = world.there.applications[DRAFT]
    (row,) = await world.rows("intake.applications", id=draft)
    (unit,) = await world.rows("intake.units", id=row["unit_id"])
    officer = await world.login(world.there, "officer")
    entry = {"unit_uscc": unit["uscc"], "from": "2019-01-01T00:00:00+08:00", "list_id": "quzhou-credit"}
    path = "/v1/registers/credit_blacklist/entries"
    assert (await world.call("eligibility", "POST", path, officer, json=entry)).status_code == 201
    assert (await _upload(world, world.there, content)).status_code == 201
    person = await world.login(world.there, applicant({"no": DRAFT}))
    with clock.frozen("2020-06-15T09:00:00+08:00"):
        answer = await world.call("intake", "POST", f"/v1/applications/{draft}/precheck", person, json={})
    assert "QZ-SUB-04" in [one["rule"] for one in answer.json()["findings"] if one["outcome"] == "fail"]


async def _upload(world: World, town: Town, content: bytes) -> httpx.Response:
    person = await world.login(town, applicant({"no": DRAFT}))
    headers = {"upload-ticket": _ticket(town.city, town.applications[DRAFT])}
    return await world.call("documents", "POST", "/v1/files", person, headers=headers, content=content)


def _ticket(city: str, application_id: Any, **changes: Any) -> str:
    claims = {
        "aud": "documents",
        "iat": now(),
        "exp": now() + 60,
        "city": city,
        "by": "somebody",
        "file_id": str(new_id()),
        "application_id": str(application_id),
        "guide": "g",
        "version": "v",
        "category": "c",
        "material": "QZ-D02",
        "bundle": "blind",
        "filename": "a.pdf",
        "content_type": "application/pdf",
        "max_bytes": 1_000_000,
    }
    return tokens_of("intake").sign(claims | changes)


async def test_a_ticket_opens_no_other_city(world: World) -> None:
    """A download ticket of one city, carried by a person of the other; and the other city's file under a
    ticket of one's own."""
    ours, theirs = await rows_of(world, world.here), await rows_of(world, world.there)
    person = await world.login(world.here, "officer")
    path = f"/v1/files/{theirs['file_id']}"
    base = {
        "aud": "documents",
        "iat": now(),
        "exp": now() + 60,
        "by": "x",
        "purpose": "own",
        "file_id": str(theirs["file_id"]),
    }
    for city, status in ((theirs["city"], 403), (ours["city"], 404)):
        ticket = tokens_of("intake").sign(base | {"city": city})
        answer = await world.call("documents", "GET", path, person, params={"ticket": ticket})
        assert answer.status_code == status


async def test_a_cursor_of_one_city_leads_nowhere_in_the_other(world: World) -> None:
    theirs, ours = await world.login(world.there, "officer"), await world.login(world.here, "officer")
    search, body = "/v1/applications/search", {"first": 2}
    cursor = (await world.call("intake", "POST", search, theirs, json=body)).json()["next_cursor"]
    foreign = await world.every_id(world.there.city)
    page = await world.call("intake", "POST", search, ours, json={**body, "after": cursor})
    assert page.status_code == 200
    assert schema.uuids(page.json()["items"]) & foreign == set()
    changes = "/v1/feeds/approved-projects/changes"
    province, other = await world.login(world.there, "province"), await world.login(world.here, "province")
    cursor = (await world.call("intake", "GET", changes, province)).json()["next_cursor"]
    gone = await world.call("intake", "GET", changes, other, params={"cursor": cursor})
    assert (gone.status_code, gone.json()["code"]) == (410, "intake.feed_cursor_gone")
    assert world.there.city not in gone.text


@pytest.mark.parametrize("caller", ["operator", "intake"])
async def test_a_key_of_one_city_is_free_in_the_other(world: World, caller: str) -> None:
    """A service keeps several cities: an answer kept for one is told to no token of another."""
    path, headers = "/v1/registers/credit_blacklist/entries", {"idempotency-key": "the-same"}
    entry = {"unit_uscc": "91330881MADE001697", "list_id": "x", "from": "2020-03-01T00:00:00+08:00"}
    told = []
    for town in (world.there, world.here):
        answer = await world.call(
            "eligibility", "POST", path, caller=caller, cities=(town.city,), json=entry, headers=headers
        )
        assert answer.status_code == 201, answer.text
        assert "idempotent-replayed" not in answer.headers
        told.append(answer.json())
    assert [one["city"] for one in told] == [world.there.city, world.here.city]
    assert told[0]["id"] != told[1]["id"]


@pytest.mark.parametrize("register", ["credit_blacklist", "projects_in_progress", "patents"])
async def test_an_id_taken_in_one_city_is_free_in_the_other(world: World, register: str) -> None:
    route = ROUTES["eligibility", "POST", f"/v1/registers/{register}/entries"]
    theirs = await rows_of(world, world.there)
    officer = await world.login(world.here, "officer")
    body = {**rule_of(route).body, "id": str(theirs[register])}
    answer = await world.call("eligibility", "POST", route.path, officer, json=body)
    assert (answer.status_code, answer.json()["city"]) == (201, world.here.city)
    again = await world.call("eligibility", "POST", route.path, officer, json=body)
    assert again.status_code == 200


async def test_metrics_name_nothing_that_belongs_to_a_city(world: World) -> None:
    """They are for the operator of all cities. Of the gateway's, the one that the world reaches, not even a
    city's code; inside there are figures by city."""
    named, cities = set[str](), set[str]()
    for town in (world.here, world.there):
        named |= {town.guide, town.login("officer"), *await world.every_id(town.city)}
        cities.add(town.city)
    for service in world.apps:
        words = named | cities if service == "gateway" else named
        text = (await world.bare(service, "GET", "/metrics")).text
        assert "http_requests_total" in text
        assert {word for word in words if f'"{word}"' in text} == set()


async def test_a_login_is_resolved_to_its_own_city(world: World) -> None:
    for town, other in ((world.here, world.there), (world.there, world.here)):
        body = {"issuer": "https://dev-issuer.shenbao.invalid", "subject": town.login("officer")}
        found = await world.call("intake", "POST", "/v1/memberships/resolve", caller="gateway", json=body)
        assert found.json()["cities"] == [town.city]
        assert schema.uuids(found.json()) & await world.every_id(other.city) == set()


async def test_titles_of_the_other_city_are_found_by_no_search(world: World) -> None:
    """The titles are the same in both: each city finds its own, and as many as it has."""
    (row,) = await world.rows("intake.applications", id=world.here.applications[REVIEWED])
    for town in (world.here, world.there):
        officer = await world.login(town, "officer")
        body = {"text": row["title"]}
        found = (await world.call("intake", "POST", "/v1/applications/search", officer, json=body)).json()
        assert [one["id"] for one in found["items"]] == [str(town.applications[REVIEWED])]
