"""Files of people through the API: the same report in a dry run, all or nothing, and never twice."""

import csv
import io
from typing import Any

import httpx
import pytest
from tests.intake.conftest import As, make_app
from tests.intake.factories import CITY, ISSUER, OTHER_CITY, Cast, make_actor
from tests.intake.owners import Owners
from tests.intake.people.administration import (
    OTHER_ID,
    PHONE,
    RESIDENT_ID,
    actions,
    administrator,
    match,
    memberships,
)
from tests.intake.people.test_importing import counts

from common import sheets
from common.actor import Actor
from common.db import ALL_CITIES, Database
from common.roles import Role
from common.testing import http
from intake.people.columns import COLUMNS

FILE, UNIT = "/v1/memberships/import/file", "91330803MADE00121H"
LATER, LATEST = "2020-06-10T00:00:00+08:00", "2020-06-20T00:00:00+08:00"


def row(**cells: str) -> list[str]:
    return [cells.get(one.field, "") for one in COLUMNS]


def wang(**changes: str) -> list[str]:
    login = {"issuer": ISSUER, "subject": "wang", "role": "申报人"}
    unit = {"unit_uscc": UNIT, "unit_name": "试作氟材料厂"}
    person = {"ref": "p1", "name": "甲某", "resident_id": RESIDENT_ID, "phone": PHONE}
    return row(**{**login, **unit, **person, **changes})


LI = row(ref="p2", name="乙某", role="expert", issuer=ISSUER, subject="li")


def a_file(*rows: list[str]) -> bytes:
    return sheets.to_csv([[one.zh for one in COLUMNS], *rows])


@pytest.fixture
async def head(db: Database) -> Actor:
    return await administrator(db)


async def send(
    acting: As, actor: Actor, content: bytes, *, kind: str = "csv", **query: Any
) -> httpx.Response:
    async with acting(actor) as client:
        return await client.post(FILE, content=content, params={"kind": kind, "city": CITY, **query})


def report(created: int = 0, changed: int = 0, unchanged: int = 0) -> dict[str, int]:
    return {"created": created, "changed": changed, "unchanged": unchanged}


async def test_a_dry_run_tells_what_the_import_then_does(acting: As, head: Actor, db: Database) -> None:
    content, before = a_file(wang(), LI), await counts(db)
    dry = await send(acting, head, content, dry_run=True)
    assert dry.status_code == 200, dry.text
    assert await counts(db) == before
    real = await send(acting, head, content)
    expected = {"units": report(1), "people": report(2), "memberships": report(2)}
    assert dry.json()["report"] == real.json()["report"] == expected
    after, trail = await counts(db), await actions(db)
    again = await send(acting, head, content)
    assert again.json()["report"] == {
        "units": report(unchanged=1),
        "people": report(unchanged=2),
        "memberships": report(unchanged=2),
    }
    assert await counts(db) == after
    assert await actions(db) == [*trail, "people.imported"]
    assert sorted(trail) == sorted(
        ["unit.added", *["person.added"] * 2, *["membership.granted"] * 2, "people.imported"]
    )


async def test_what_a_cell_does_not_state_stays(acting: As, head: Actor) -> None:
    await send(acting, head, a_file(wang(quota_token="city_level", valid_to="2020-12-31")))
    changed = wang(phone="", resident_id="", unit_name="改名", valid_to="2021-12-31")
    for dry_run in (True, False):
        found = await send(acting, head, a_file(changed), dry_run=dry_run)
        assert found.json()["report"] == {
            "units": report(changed=1),
            "people": report(unchanged=1),
            "memberships": report(changed=1),
        }
    async with acting(head) as client:
        (unit,) = (await client.post("/v1/units/search", json={"text": UNIT})).json()["items"]
        assert (unit["name"], unit["quota_token"], unit["revision"]) == ("改名", "city_level", 2)
        (person,) = (await client.post("/v1/people/search", json={"text": "甲某"})).json()["items"]
        assert person["phone_masked"] is not None


async def test_a_refusal_names_row_and_column_in_both_languages(
    acting: As, cast: Cast, head: Actor, db: Database
) -> None:
    content, before = a_file(LI, wang(type="circus"), wang(ref="p3", subject="zhao")), await counts(db)
    dry = (await send(acting, head, content, dry_run=True)).json()
    real = await send(acting, head, content)
    assert real.status_code == 422
    assert dry["problems"] == real.json()["problems"]
    found = {one["pointer"]: one for one in dry["problems"]}
    assert found.keys() == {"/rows/3/type", "/rows/4/resident_id"}
    twin = found["/rows/4/resident_id"]
    assert (twin["row"], twin["column"], twin["code"]) == (4, "身份证号", "resident_id_twice")
    assert twin["reason"].isascii()
    assert not twin["reason_zh"].isascii()
    assert RESIDENT_ID not in real.text
    assert await counts(db) == before


async def test_a_resident_id_of_somebody_else(acting: As, head: Actor) -> None:
    await send(acting, head, a_file(wang()))
    found = await send(acting, head, a_file(wang(ref="p9", subject="zhao")), dry_run=True)
    assert [(one["pointer"], one["code"]) for one in found.json()["problems"]] == [
        ("/rows/2/resident_id", "resident_id_taken")
    ]
    corrected = await send(acting, head, a_file(wang(resident_id=OTHER_ID)))
    assert corrected.json()["report"]["people"] == report(changed=1)


async def test_a_file_does_not_bring_back_what_was_ended(
    acting: As, head: Actor, business_clock: Any
) -> None:
    content = a_file(LI)
    await send(acting, head, content)
    async with acting(head) as client:
        (held,) = await memberships(client, role="expert")
        await client.post(f"/v1/memberships/{held['id']}/end", json={}, headers=match(held))
    business_clock.at(LATER)
    again = await send(acting, head, content)
    assert again.json()["report"]["memberships"] == report(unchanged=1)
    longer = a_file(
        row(ref="p2", name="乙某", role="expert", issuer=ISSUER, subject="li", valid_to="2021-12-31")
    )
    refused = await send(acting, head, longer)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "membership_ended")
    assert refused.json()["errors"][0]["pointer"] == "/rows/2/valid_from"
    async with acting(head) as client:
        (held,) = await memberships(client, role="expert")
        assert held["state"] == "ended"
    anew = row(ref="p2", name="乙某", role="expert", issuer=ISSUER, subject="li", valid_from="2020-06-05")
    for dry_run in (True, False):
        found = await send(acting, head, a_file(anew), dry_run=dry_run)
        assert found.json()["report"]["memberships"] == report(changed=1)
    async with acting(head) as client:
        (held,) = await memberships(client, role="expert")
    assert (held["state"], len(held["former"])) == ("in_force", 1)
    assert (await send(acting, head, a_file(anew))).json()["report"]["memberships"] == report(unchanged=1)


async def test_a_file_does_not_take_the_last_administrator_away(acting: As, head: Actor) -> None:
    async with acting(head) as client:
        (own,) = await memberships(client, role="membership_administrator")
        row_of = {"ref": "head", "name": "管理员", "issuer": own["issuer"], "subject": own["subject"]}
        person = (await client.post("/v1/people/batch", json={"ids": [own["person_id"]]})).json()["items"][0]
        path = f"/v1/people/{person['id']}"
        await client.patch(path, json={"ref": "head"}, headers=match(person))
    ends = row(**row_of, role="成员管理员", valid_to="2020-06-30")
    refused = await send(acting, head, a_file(ends))
    assert [(one["pointer"], one["code"]) for one in refused.json()["errors"]] == [
        ("/rows/2/valid_to", "last_administrator")
    ]
    second = row(ref="h2", name="第二人", role="成员管理员", issuer=ISSUER, subject="second")
    both = await send(acting, head, a_file(ends, second))
    assert both.status_code == 200, both.text


async def test_a_workbook_is_read_the_same_way(acting: As, head: Actor) -> None:
    content = sheets.to_xlsx([("人员", [[one.zh for one in COLUMNS], wang(), LI])])
    answer = await send(acting, head, content, kind="xlsx")
    assert answer.json()["report"]["memberships"] == report(2), answer.text


async def test_limits_of_bytes_and_rows(db: Database, owners: Owners, head: Actor) -> None:
    app = make_app(db, owners, import_max_bytes=1000, import_max_rows=1)
    query = {"kind": "csv", "city": CITY}
    async with http(app, head) as client:
        for content in (b"x" * 1001, a_file(LI, LI, LI, LI)[:1000]):
            answer = await client.post(FILE, content=content, params=query)
            assert (answer.status_code, answer.json()["code"]) == (413, "common.too_large")


async def test_who_may_import_files(acting: As, cast: Cast, head: Actor, db: Database) -> None:
    async with db.write(ALL_CITIES) as session:
        manager = await make_actor(session, Role.department_manager, unit=cast.unit)
    for actor in (cast.officer, manager):
        assert (await send(acting, actor, a_file(LI))).status_code == 403
    assert (await send(acting, head, a_file(LI), city=OTHER_CITY, dry_run=True)).status_code == 404
    for query in ({"kind": "pdf"}, {"city": "衢州"}):
        assert (await send(acting, head, a_file(LI), **query)).status_code == 422
    nonsense = await send(acting, head, b"\x89PNG", kind="xlsx")
    assert (nonsense.status_code, nonsense.json()["code"]) == (422, "intake.file_unreadable")


async def test_templates(acting: As, head: Actor) -> None:
    async with acting(head) as client:
        found = await client.get("/v1/memberships/import/template.csv", params={"lang": "en"})
        (heads,) = csv.reader(io.StringIO(found.content.decode("utf-8-sig")))
        assert heads == [one.en for one in COLUMNS]
        book = await client.get("/v1/memberships/import/template.xlsx")
        assert book.content[:2] == b"PK"
        assert 'filename="people-zh.xlsx"' in book.headers["content-disposition"]
        assert (await client.get("/v1/memberships/import/template.pdf")).status_code == 404
