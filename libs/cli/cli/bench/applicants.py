"""Applicants with complete drafts: one is made through the public doors, the others are copies of its rows.

Units, persons and memberships come by the import; what is copied below the doors (drafts, files with objects
of their own, texts) is what submitting only reads.
"""

import asyncio
import shutil
import time
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import httpx

from cli import operations
from cli.demo import applying, cast
from cli.demo.graphql import Person
from cli.demo.season.names import uscc
from cli.house import CITY, ISSUER
from cli.local import House
from common.clock import parse_instant
from common.ids import new_id

CATEGORY = "qz20-rd"
DRAFTED_AT = parse_instant("2020-06-20T09:00:00+08:00")
_MEMBERS = 2
_AT_ONCE = 400
_READING_S = 30
_PLAY = {
    "category": CATEGORY,
    "title": "含氟聚合物连续化制备关键技术研究",
    "topic": "qz20-t-1-1-fluorine",
    "rd_total": 900_000,
    "members": [],
}


@dataclass(frozen=True, slots=True)
class Applicant:
    """Somebody with a complete draft; `token` is an access token, `revision` the draft's."""

    subject: str
    token: str
    application_id: UUID
    revision: int


async def prepare(house: House, number: int) -> list[Applicant]:
    """So many applicants, each of a unit of their own, with a draft that lacks nothing.

    Raises:
        Refusal: intake refuses the import.
    """
    house.set_clock(DRAFTED_AT)
    units = [_unit(index) for index in range(number + 1)]
    _import(house, units)
    first = await asyncio.to_thread(_draft, house, units[1])
    db = await asyncpg.connect(house.admin_dsn)
    try:
        await _texts_read(db, first)
        ids = [first, *(new_id() for _ in range(number - 1))]
        await _copy_drafts(db, first, ids)
        await _copy_files(house, db, first, ids[1:])
        revision = await db.fetchval("SELECT revision FROM intake.applications WHERE id = $1", first)
        # a restored or grown database would have been analysed by now; fresh rows make the planner guess
        await db.execute("ANALYZE")
    finally:
        await db.close()
    return [
        Applicant(subject, house.user_token(subject), one, revision)
        for subject, one in zip(map(_subject, range(1, number + 1)), ids, strict=True)
    ]


def _subject(index: int) -> str:
    return f"rush-{index:04d}"


def _unit(index: int) -> dict[str, Any]:
    """Number 0 is the department that recommends all others."""
    department = index == 0
    return {
        "uscc": uscc("11" if department else "91", "330803", f"MARU{index:04d}"),
        "name": "衢江区科技主管部门（压测）" if department else f"衢江压测{index:04d}号新材料有限公司",
        "short_names": ["衢江科技部门"] if department else [f"压测{index:04d}号"],
        "former_names": [],
        "type": "st_department" if department else "enterprise",
        "legal_person": True,
        "reg_region": "330803",
        "jurisdiction": "qujiang",
        "industry_class": None if department else "C2651",
        "city": CITY,
        "quota_token": "qujiang" if department else None,
        "recommending_unit_uscc": None if department else uscc("11", "330803", "MARU0000"),
        "profile": {}
        if department
        else {"applicant.rd_spend_2019": 2_500_000, "applicant.in_enclave": False},
    }


def _import(house: House, units: list[dict[str, Any]]) -> None:
    for start in range(0, len(units), _AT_ONCE):
        part = units[start : start + _AT_ONCE]
        people, memberships = [], []
        for index, unit in enumerate(part, start):
            if index == 0:
                continue
            subject = _subject(index)
            for member in range(_MEMBERS + 1):
                ref = f"{subject}-{member}" if member else subject
                name = f"压测{'甲乙丙'[member]}{index:04d}"
                people.append({"ref": ref, "name": name, "city": CITY, "unit_uscc": unit["uscc"]})
            memberships.append(
                {
                    "issuer": ISSUER,
                    "subject": subject,
                    "person_ref": subject,
                    "role": "applicant",
                    "city": CITY,
                    "unit_uscc": unit["uscc"],
                    "login_kind": "personal",
                }
            )
        content = {"units": part, "people": people, "memberships": memberships}
        operations.import_memberships(house.intake_url, house.keys, content)


def _draft(house: House, unit: dict[str, Any]) -> UUID:
    """The first applicant's draft with all papers, through the gateway."""
    with httpx.Client(base_url=house.gateway_url, timeout=30, trust_env=False) as http:
        person = Person(http, house.user_token(_subject(1)))
        viewer = person.ask("{ viewer { memberships { unit { id } } } }")["viewer"]
        unit_id = viewer["memberships"][0]["unit"]["id"]
        draft = applying.draft(person, cast.read(), _PLAY, unit_id)
        paying = {**unit, "rd": unit["profile"]["applicant.rd_spend_2019"]}
        applying.attach(person, draft["id"], {**_PLAY, "leader": "压测甲0001"}, paying)
    return UUID(applying.raw_id(draft["id"]))


async def _texts_read(db: "asyncpg.Connection[Any]", application_id: UUID) -> None:
    """Wait until the job has read the papers.

    Raises:
        TimeoutError: it has not within 30 s.
    """
    waiting = (
        "SELECT count(*) FROM documents.file_texts t JOIN documents.files f ON f.id = t.file_id "
        "WHERE f.application_id = $1 AND t.state <> 'done'"
    )
    deadline = time.monotonic() + _READING_S
    while await db.fetchval(waiting, application_id):
        if time.monotonic() > deadline:
            raise TimeoutError("the papers were not read")
        await asyncio.sleep(0.05)


async def _copy_drafts(db: "asyncpg.Connection[Any]", first: UUID, ids: list[UUID]) -> None:
    """A draft for each unit, like the first; leader and team are the unit's own people."""
    await db.execute(
        """
        INSERT INTO intake.applications
        SELECT (jsonb_populate_record(a, jsonb_build_object(
            'id', new.id, 'unit_id', p.unit_id, 'leader_id', p.id, 'created_by', p.id,
            'title', a.title || new.n,
            'form', a.form || jsonb_build_object('project.identity', a.title || new.n)
        ))).*
        FROM intake.applications a, unnest($2::uuid[]) WITH ORDINALITY AS new(id, n)
        JOIN intake.people p ON p.ref = 'rush-' || lpad(new.n::text, 4, '0')
        WHERE a.id = $1 AND new.id <> $1
        """,
        first,
        ids,
    )
    members = await db.fetch(
        """
        SELECT a.id, p.id AS person, right(p.ref, 1)::int AS position
        FROM intake.applications a JOIN intake.people p ON p.unit_id = a.unit_id AND p.id <> a.leader_id
        WHERE a.id = ANY($1)
        """,
        ids,
    )
    rows = [(new_id(), CITY, row["id"], row["person"], "main", row["position"]) for row in members]
    await db.copy_records_to_table(
        "application_members",
        schema_name="intake",
        records=rows,
        columns=["id", "city", "application_id", "person_id", "role", "position"],
    )


async def _copy_files(house: House, db: "asyncpg.Connection[Any]", first: UUID, ids: list[UUID]) -> None:
    """Each applicant's own objects, their rows and their texts."""
    files = await db.fetch("SELECT id, object_key FROM documents.files WHERE application_id = $1", first)
    for file in files:
        copies = [(new_id(), application) for application in ids]
        keys = [f"{file['object_key']}-{copy}" for copy, _ in copies]
        for key in keys:
            shutil.copyfile(house.run.files / file["object_key"], house.run.files / key)
        await db.execute(
            """
            INSERT INTO documents.files
            SELECT (jsonb_populate_record(f, jsonb_build_object(
                'id', new.id, 'application_id', new.application, 'object_key', new.key))).*
            FROM documents.files f, unnest($2::uuid[], $3::uuid[], $4::text[]) AS new(id, application, key)
            WHERE f.id = $1
            """,
            file["id"],
            [copy for copy, _ in copies],
            [application for _, application in copies],
            keys,
        )
        await db.execute(
            """
            INSERT INTO documents.file_texts
            SELECT (jsonb_populate_record(t, jsonb_build_object('file_id', new.id))).*
            FROM documents.file_texts t, unnest($2::uuid[]) AS new(id) WHERE t.file_id = $1
            """,
            file["id"],
            [copy for copy, _ in copies],
        )
