"""Resident ids and phones: checked, sealed in the row, masked in answers, whole by one recorded door."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from tests.intake.conftest import As, make_app
from tests.intake.factories import CITY, OTHER_CITY, Cast, make_actor
from tests.intake.owners import Owners
from tests.intake.people.administration import (
    OTHER_ID,
    PHONE,
    RESIDENT_ID,
    administrator,
    match,
    person,
    trail,
)

from cli.demo.season.names import resident_id
from common.actor import Actor
from common.db import ALL_CITIES, Database
from common.roles import Role
from common.sealed import new_key
from common.testing import http
from intake.people.identifiers import checked_phone, checked_resident_id, masked
from intake.people.models import Person
from intake.people.schemas import NewPerson

KNOWN = {"name": "甲某", "city": CITY, "ref": "p-1", "resident_id": RESIDENT_ID, "phone": PHONE}


@pytest.mark.parametrize("number", range(1, 40))
def test_a_valid_resident_id(number: int) -> None:
    assert checked_resident_id(f" {resident_id(number)} ".lower()) == resident_id(number)


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        RESIDENT_ID[:17],
        RESIDENT_ID + "0",
        RESIDENT_ID[:17] + ("0" if RESIDENT_ID[17] != "0" else "1"),
        RESIDENT_ID[:5] + "1" + RESIDENT_ID[6:],
        "990000" + "19990230" + "0010",
        "0" * 18,
        "99000019900101٠010",
    ],
)
def test_what_is_no_resident_id(wrong: str) -> None:
    with pytest.raises(ValueError, match="resident id") as refused:
        checked_resident_id(wrong)
    assert not wrong or wrong not in str(refused.value)


def test_full_width_digits_are_digits() -> None:
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in RESIDENT_ID)
    assert checked_resident_id(wide) == RESIDENT_ID


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("142 0000 0001", "14200000001"),
        ("+86-14200000001", "14200000001"),
        ("0570-3080000", "05703080000"),
    ],
)
def test_phones(given: str, kept: str) -> None:
    assert checked_phone(given) == kept


@pytest.mark.parametrize("wrong", ["12345678901", "1420000000", "3080000", "call me"])
def test_what_is_no_phone(wrong: str) -> None:
    with pytest.raises(ValueError, match="phone"):
        checked_phone(wrong)


def test_the_mask() -> None:
    assert (masked("110101199003071234"), masked("13812345678")) == ("110***********1234", "138****5678")


def test_no_repr_shows_one() -> None:
    shown = repr(NewPerson.model_validate(KNOWN))
    assert RESIDENT_ID not in shown
    assert PHONE not in shown


async def add(acting: As, actor: Actor, **changes: Any) -> Any:
    async with acting(actor) as client:
        return await client.post("/v1/people", json={**KNOWN, **changes})


async def test_they_are_sealed_in_the_row_and_masked_in_the_answer(acting: As, db: Database) -> None:
    head = await administrator(db)
    answer = await add(acting, head)
    assert answer.status_code == 201, answer.text
    row = answer.json()
    assert (row["resident_id_masked"], row["phone_masked"]) == (masked(RESIDENT_ID), masked(PHONE))
    assert RESIDENT_ID not in answer.text
    assert PHONE not in answer.text
    async with db.read(ALL_CITIES) as session:
        stored = (await session.execute(text("SELECT people.*::text FROM people"))).scalars().all()
        sealed = (
            await session.execute(
                text(
                    "SELECT resident_id_sealed, resident_id_index, phone_sealed FROM people WHERE ref = 'p-1'"
                )
            )
        ).one()
    assert all(sealed)
    for secret in (RESIDENT_ID, PHONE):
        assert not any(secret in one for one in stored)
        assert not any(secret.encode() in bytes(one) for one in sealed)
    assert RESIDENT_ID not in str(await trail(db))


async def test_who_sees_masked_ones_and_who_sees_none(acting: As, cast: Cast, db: Database) -> None:
    head = await administrator(db)
    made = (await add(acting, head, unit_id=str(cast.unit.id))).json()
    async with db.write(ALL_CITIES) as session:
        auditor = await make_actor(session, Role.auditor)
        reviewer = await make_actor(session, Role.formal_reviewer)
    for actor, seen in (
        (head, masked(PHONE)),
        (cast.officer, masked(PHONE)),
        (reviewer, masked(PHONE)),
        (auditor, None),
        (cast.applicant, None),
        (cast.recommender, None),
    ):
        async with acting(actor) as client:
            row = await person(client, made["id"])
        assert (row["phone_masked"], row["name"]) == (seen, "甲某")
        assert (row["ref"] is not None) is (actor is head)


async def test_whole_ones_leave_by_one_door_which_is_recorded(acting: As, cast: Cast, db: Database) -> None:
    head, foreign = await administrator(db), await administrator(db, OTHER_CITY)
    made = (await add(acting, head)).json()
    path = f"/v1/people/{made['id']}/identifiers"
    for actor, status in ((cast.officer, 404), (foreign, 404), (cast.applicant, 404)):
        async with acting(actor) as client:
            assert (await client.post(path)).status_code == status
    async with acting(head) as client:
        answer = await client.post(path, headers={"Idempotency-Key": "never kept"})
    assert answer.json() == {"resident_id": RESIDENT_ID, "phone": PHONE}
    last = (await trail(db))[-1]
    assert (last["action"], last["object_id"], last["actor"]) == (
        "person.identifiers_revealed",
        made["id"],
        head.subject,
    )
    async with db.read(ALL_CITIES) as session:
        assert (await session.execute(text("SELECT count(*) FROM idempotency_keys"))).scalar_one() == 0


async def test_people_see_their_own_whole(acting: As, cast: Cast, db: Database) -> None:
    head, own = await administrator(db), cast.applicant.person_id
    async with acting(head) as client:
        changes = {"resident_id": OTHER_ID, "phone": PHONE}
        row = await person(client, own)
        assert (await client.patch(f"/v1/people/{own}", json=changes, headers=match(row))).status_code == 200
    async with acting(cast.applicant) as client:
        row = await person(client, own)
        assert row["resident_id_masked"] == masked(OTHER_ID)
        assert [one["action"] for one in row["allowed_actions"]] == ["reveal_identifiers"]
        assert (await client.post(f"/v1/people/{own}/identifiers")).json()["resident_id"] == OTHER_ID


async def test_a_resident_id_stands_once_in_a_city(acting: As, db: Database) -> None:
    head, foreign = await administrator(db), await administrator(db, OTHER_CITY)
    assert (await add(acting, head)).status_code == 201
    twin = await add(acting, head, ref="p-2", phone=None)
    assert (twin.status_code, twin.json()["code"]) == (409, "intake.resident_id_taken")
    other = (await add(acting, head, ref="p-2", resident_id=None)).json()
    async with acting(head) as client:
        taken = await client.patch(
            f"/v1/people/{other['id']}", json={"resident_id": RESIDENT_ID}, headers=match(other)
        )
        assert (taken.status_code, RESIDENT_ID in taken.text) == (409, False)
    assert (await add(acting, foreign, city=OTHER_CITY)).status_code == 201


async def test_somebody_is_found_by_resident_id_by_an_administrator_in_a_city(
    acting: As, cast: Cast, db: Database
) -> None:
    head, foreign = await administrator(db), await administrator(db, OTHER_CITY)
    made = (await add(acting, head)).json()
    asked = {"city": CITY, "resident_id": RESIDENT_ID}
    async with acting(head) as client:
        found = (await client.post("/v1/people/search", json=asked)).json()["items"]
        assert [one["id"] for one in found] == [made["id"]]
        asked_other = {**asked, "resident_id": OTHER_ID}
        assert (await client.post("/v1/people/search", json=asked_other)).json()["items"] == []
        assert (await client.post("/v1/people/search", json={"resident_id": RESIDENT_ID})).status_code == 403
    for actor in (cast.officer, foreign):
        async with acting(actor) as client:
            assert (await client.post("/v1/people/search", json=asked)).status_code == 403


@pytest.mark.parametrize(
    ("field", "value"),
    [("resident_id", RESIDENT_ID[:17] + "?"), ("phone", "99900000001"), ("phone", 1234567)],
)
async def test_a_refusal_does_not_repeat_what_was_sent(
    acting: As, db: Database, field: str, value: Any
) -> None:
    answer = await add(acting, await administrator(db), **{field: value})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == f"/{field}"
    assert str(value) not in answer.text


async def test_a_new_first_key_seals_everything_anew(
    acting: As, cast: Cast, db: Database, owners: Owners
) -> None:
    head = await administrator(db)
    old, new = new_key(), new_key()
    async with http(make_app(db, owners, personal_keys=[old]), head) as client:
        made = (await client.post("/v1/people", json=KNOWN)).json()
    both = make_app(db, owners, personal_keys=[new, old])
    async with http(both, head) as client:
        assert (await person(client, made["id"]))["phone_masked"] == masked(PHONE)
        twin = await client.post("/v1/people", json={**KNOWN, "ref": "p-2"})
        assert twin.status_code == 409  # found under the older key
        assert (await client.post("/v1/people/reseal")).status_code == 403
    async with http(both, caller="operator", cities=()) as client:
        assert (await client.post("/v1/people/reseal")).json() == {"resealed": 1, "left": 0}
        assert (await client.post("/v1/people/reseal")).json() == {"resealed": 0, "left": 0}
    async with http(make_app(db, owners, personal_keys=[new]), head) as client:
        found = (await client.post(f"/v1/people/{made['id']}/identifiers")).json()
        assert found == {"resident_id": RESIDENT_ID, "phone": PHONE}
        assert (await client.post("/v1/people", json={**KNOWN, "ref": "p-2"})).status_code == 409


async def test_without_keys_nothing_is_stored(db: Database, owners: Owners) -> None:
    head = await administrator(db)
    async with http(make_app(db, owners, personal_keys=None), head) as client:
        refused = await client.post("/v1/people", json=KNOWN)
        assert (refused.status_code, refused.json()["code"]) == (503, "intake.personal_keys_missing")
        plain = {"name": "乙某", "city": CITY}
        assert (await client.post("/v1/people", json=plain)).status_code == 201


async def test_a_sealed_value_does_not_open_in_another_row(acting: As, db: Database) -> None:
    head = await administrator(db)
    first = (await add(acting, head)).json()
    second = (await add(acting, head, ref="p-2", resident_id=OTHER_ID, phone="14200000002")).json()
    async with db.write(ALL_CITIES) as session:
        donor = await session.get_one(Person, UUID(first["id"]))
        taker = await session.get_one(Person, UUID(second["id"]))
        taker.phone_sealed = donor.phone_sealed
    async with acting(head) as client:
        answer = await client.post(f"/v1/people/{second['id']}/identifiers")
        assert (answer.status_code, answer.json()["code"]) == (503, "intake.identifier_unreadable")
        assert PHONE not in answer.text
        assert (await person(client, second["id"]))["phone_masked"] is None
        assert (await person(client, first["id"]))["phone_masked"] == masked(PHONE)
