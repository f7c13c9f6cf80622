"""Reading files in over HTTP, asking what was known when, and looking a unit up."""

import hashlib
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from common.clock import parse_instant
from common.db import Database, cities
from common.roles import Role
from common.tables import AUDIT
from common.testing import actor, http
from eligibility.base import Base

HEAD = "单位统一社会信用代码,证书编号,生效日期,失效日期"
FIRST, SECOND, THIRD = (f"91330800TEST0000{number}" for number in ("17", "25", "33"))
CERTIFICATES = (f"{FIRST},GR1,2018-01-01,2020-12-31", f"{SECOND},GR2,2019-01-01,2021-12-31")
URL = "/v1/registers/hnte"
ASKED = {"kind": "csv", "city": "330800", "source": "科技部火炬中心", "name": "hnte.csv"}
NOON = "2020-06-15T12:00:00+08:00"


@pytest.fixture
async def officer(app: FastAPI, business_clock: Any) -> Any:
    business_clock.at(NOON)
    async with http(app, actor(Role.officer, subject="officer-1")) as client:
        yield client


def table(*rows: str, head: str = HEAD) -> bytes:
    return "\r\n".join((head, *rows)).encode()


async def put(client: Any, content: bytes, register: str = "hnte", **changes: Any) -> Any:
    return await client.post(f"/v1/registers/{register}/import", params={**ASKED, **changes}, content=content)


async def entries(client: Any, **params: Any) -> list[dict[str, Any]]:
    answer = await client.get(f"{URL}/entries", params=params)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def looked_up(client: Any, uscc: str, as_of: str = NOON, **more: Any) -> dict[str, Any]:
    body = {"subjects": {"unit": {"uscc": uscc}}, "as_of": as_of, **more}
    answer = await client.post("/v1/registers/lookup", json=body)
    assert answer.status_code == 200, answer.text
    return {one["name"]: one for one in answer.json()["items"]}


async def audited(db: Database, action: str) -> list[Any]:
    rows = Base.metadata.tables[AUDIT]
    async with db.read(cities("330800")) as session:
        found = await session.execute(select(rows).where(rows.c.action == action))
    return list(found.mappings().all())


async def test_a_file_becomes_entries_with_their_provenance(officer: Any, db: Database) -> None:
    content = table(*CERTIFICATES)
    answer = await put(officer, content)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["counts"] == {"added": 2, "corrected": 0, "ended": 0, "unchanged": 0}
    assert (body["sha256"], body["file_name"]) == (hashlib.sha256(content).hexdigest(), "hnte.csv")
    assert [(one["row"], one["action"]) for one in body["rows"]] == [(2, "added"), (3, "added")]
    made = await entries(officer)
    assert {(one["unit_uscc"], one["from"], one["to"]) for one in made} == {
        (FIRST, "2017-12-31T16:00:00Z", "2020-12-31T16:00:00Z"),
        (SECOND, "2018-12-31T16:00:00Z", "2021-12-31T16:00:00Z"),
    }
    assert {(one["source"], one["import_id"], one["recorded_by"]) for one in made} == {
        ("科技部火炬中心", body["import_id"], "officer-1")
    }
    (row,) = await audited(db, "register.imported")
    assert (str(row["object_id"]), row["data"]["added"]) == (body["import_id"], 2)
    assert FIRST not in str(row["data"])


async def test_the_same_file_again_changes_nothing(officer: Any, db: Database) -> None:
    first = (await put(officer, table(*CERTIFICATES))).json()
    second = (await put(officer, table(*CERTIFICATES))).json()
    assert second["import_id"] == first["import_id"]
    assert second["counts"] == {"added": 0, "corrected": 0, "ended": 0, "unchanged": 2}
    assert [one["revision"] for one in await entries(officer)] == [1, 1]
    assert len(await audited(db, "register.imported")) == 1


async def test_a_dry_run_tells_the_same_and_writes_nothing(officer: Any, db: Database) -> None:
    dry = (await put(officer, table(*CERTIFICATES), dry_run=True)).json()
    assert (dry["counts"]["added"], dry["import_id"], dry["dry_run"]) == (2, None, True)
    assert await entries(officer) == []
    assert await audited(db, "register.imported") == []
    assert (await put(officer, table(*CERTIFICATES))).json()["counts"] == dry["counts"]


async def test_all_or_nothing_and_every_bad_row_by_name(officer: Any) -> None:
    content = table(CERTIFICATES[0], f",GR2,2019-01-01,\r\n{THIRD},=1+1,昨天,")
    expected = [(3, "unit_uscc", "missing"), (4, "certificate_no", "formula"), (4, "valid_from", "invalid")]
    refused = await put(officer, content)
    assert (refused.status_code, refused.json()["code"]) == (422, "eligibility.import_refused")
    dry = (await put(officer, content, dry_run=True)).json()
    for problems in (refused.json()["problems"], dry["problems"]):
        told = [(one["row"], one["pointer"].rpartition("/")[2], one["code"]) for one in problems]
        assert told == expected
        assert (problems[0]["column"], bool(problems[0]["reason_zh"])) == ("单位统一社会信用代码", True)
    assert dry["counts"] == {"added": 0, "corrected": 0, "ended": 0, "unchanged": 0}
    assert await entries(officer) == []


async def test_corrections_keep_what_was_said_before(officer: Any, business_clock: Any) -> None:
    await put(officer, table(*CERTIFICATES))
    business_clock.at("2020-07-01T12:00:00+08:00")
    changed = (await put(officer, table(f"{FIRST},GR1,2018-01-01,2020-06-30", CERTIFICATES[1]))).json()
    assert changed["counts"] == {"added": 0, "corrected": 1, "ended": 0, "unchanged": 1}
    (row,) = changed["rows"]
    history = (await officer.get(f"{URL}/entries/{row['entry_id']}/history")).json()["items"]
    assert [(one["revision"], one["to"]) for one in history] == [
        (1, "2020-12-31T16:00:00Z"),
        (2, "2020-06-30T16:00:00Z"),
    ]
    assert history[1]["import_id"] == changed["import_id"] != history[0]["import_id"]
    then = await looked_up(officer, FIRST, "2020-07-15T00:00:00+08:00", known_at=NOON)
    now = await looked_up(officer, FIRST, "2020-07-15T00:00:00+08:00")
    assert (then["hnte.status"]["value"], now["hnte.status"]["value"]) == ("valid", "expired")


async def test_a_whole_list_ends_others_of_its_source_only(officer: Any) -> None:
    await put(officer, table(*CERTIFICATES))
    await put(officer, table(f"{THIRD},GR3,2019-01-01,"), source="市科技局")
    whole = (await put(officer, table(CERTIFICATES[0]), complete="2020-06-01")).json()
    assert whole["counts"] == {"added": 0, "corrected": 0, "ended": 1, "unchanged": 1}
    assert (whole["rows"][0]["row"], whole["rows"][0]["to"]) == (None, "2020-05-31T16:00:00Z")
    holding = {one["unit_uscc"] for one in await entries(officer, as_of="2020-06-01T00:00:00+08:00")}
    before = {one["unit_uscc"] for one in await entries(officer, as_of="2020-05-31T23:59:59+08:00")}
    assert (holding, before) == ({FIRST, THIRD}, {FIRST, SECOND, THIRD})


async def test_only_a_whole_list_says_no(officer: Any) -> None:
    await put(officer, table(CERTIFICATES[0]))
    assert "hnte.status" not in await looked_up(officer, THIRD)
    await put(officer, table(CERTIFICATES[0]), complete="2020-06-01")
    assert "hnte.status" not in await looked_up(officer, THIRD)
    await put(officer, table(CERTIFICATES[0]), complete="2020-06-01", whole_until="2020-12-31")
    found = await looked_up(officer, THIRD)
    assert (found["hnte.status"]["value"], found["hnte.status"]["entries"]) == ("none", [])
    assert "hnte.status" not in await looked_up(officer, THIRD, "2020-05-31T00:00:00+08:00")
    assert "hnte.status" in await looked_up(officer, THIRD, "2020-12-31T23:59:59+08:00")
    assert "hnte.status" not in await looked_up(officer, THIRD, "2021-01-01T00:00:00+08:00")


async def test_a_whole_register_lasts_until_the_sources_next_list(officer: Any, business_clock: Any) -> None:
    await put(officer, table(CERTIFICATES[0]), complete="2020-06-01", whole_until="2020-12-31")
    await put(officer, table(CERTIFICATES[1]), complete="2020-06-10", source="市科技局")
    assert (await looked_up(officer, THIRD))["hnte.status"]["value"] == "none"
    business_clock.at("2020-06-16T12:00:00+08:00")
    await put(officer, table(CERTIFICATES[0]), complete="2020-06-05")
    assert "hnte.status" not in await looked_up(officer, THIRD)
    assert (await looked_up(officer, THIRD, known_at=NOON))["hnte.status"]["value"] == "none"


async def test_a_late_retry_does_not_bring_back_what_ended(officer: Any) -> None:
    first = (await put(officer, table(*CERTIFICATES), complete="2020-06-01")).json()
    second = (await put(officer, table(CERTIFICATES[0]), complete="2020-06-10")).json()
    assert second["counts"]["ended"] == 1
    before = await entries(officer)
    for dry_run in (True, False):
        again = (await put(officer, table(*CERTIFICATES), complete="2020-06-01", dry_run=dry_run)).json()
        assert (again["import_id"], again["rows"]) == (first["import_id"], [])
    assert await entries(officer) == before


async def test_an_older_whole_list_comes_too_late(officer: Any) -> None:
    await put(officer, table(*CERTIFICATES), complete="2020-06-10")
    before = await entries(officer)
    late = await put(officer, table(CERTIFICATES[0]), complete="2020-06-01")
    assert (late.status_code, late.json()["errors"][0]["code"]) == (422, "superseded")
    assert await entries(officer) == before
    same_day = await put(officer, table(CERTIFICATES[0]), complete="2020-06-10")
    other = await put(officer, table(CERTIFICATES[0]), complete="2020-06-01", source="市科技局")
    assert (same_day.status_code, other.status_code) == (200, 200)


async def test_a_whole_list_without_rows_ends_nothing(officer: Any) -> None:
    await put(officer, table(*CERTIFICATES))
    empty = await put(officer, table(), complete="2020-06-10")
    assert (empty.status_code, empty.json()["errors"][0]["code"]) == (422, "empty")
    assert {one["to"] for one in await entries(officer)} == {"2020-12-31T16:00:00Z", "2021-12-31T16:00:00Z"}


async def test_problems_are_shown_up_to_a_bound_and_counted(officer: Any) -> None:
    bad = table(*[f",GR{number},2019-01-01," for number in range(201)])
    dry = (await put(officer, bad, dry_run=True)).json()
    assert (len(dry["problems"]), dry["found"]) == (200, 201)


@pytest.mark.parametrize("end", ["9999-12-31", "长期"])
async def test_what_never_ends_is_valid(officer: Any, end: str) -> None:
    answer = await put(officer, table(f"{FIRST},GR1,2018-01-01,{end}"))
    assert answer.json()["rows"][0]["to"] is None
    found = await looked_up(officer, FIRST)
    assert (found["hnte.status"]["value"], "hnte.valid_until" in found) == ("valid", False)


@pytest.mark.parametrize(
    "changes",
    [
        {"as_of": "2300-01-01T00:00:00Z"},
        {"as_of": "1899-01-01T00:00:00Z"},
        {"known_at": "9999-12-31T23:59:59Z"},
        {"stated": {"horoscope.sign": "x"}},
        {"stated": {"applicant.qualifications": [{"kind": ["hnte"], "proof": "x"}]}},
        {"stated": {"applicant.qualifications": 1}},
        {"stated": {"beneficiary.villages": [{"id": 7}]}},
    ],
)
async def test_bad_lookups(officer: Any, changes: dict[str, Any]) -> None:
    body = {"subjects": {"unit": {"uscc": FIRST}}, "as_of": NOON, **changes}
    answer = await officer.post("/v1/registers/lookup", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "common.invalid")


async def test_a_late_registration_holds_then_and_was_not_known_then(
    officer: Any, business_clock: Any
) -> None:
    business_clock.at("2020-08-01T09:00:00+08:00")
    await put(officer, table(f"{FIRST},GR1,2019-01-01,"))
    at = {"as_of": "2019-06-01T00:00:00+08:00"}
    assert [one["unit_uscc"] for one in await entries(officer, **at)] == [FIRST]
    assert await entries(officer, **at, known_at="2020-08-01T08:59:59.999999+08:00") == []
    assert len(await entries(officer, **at, known_at="2020-08-01T09:00:00+08:00")) == 1
    assert (await looked_up(officer, FIRST, at["as_of"]))["hnte.status"]["value"] == "valid"
    assert "hnte.status" not in await looked_up(officer, FIRST, at["as_of"], known_at=NOON)


async def test_a_lookup_shows_the_entries_behind_each_fact(officer: Any) -> None:
    made = (await put(officer, table(*CERTIFICATES))).json()
    found = await looked_up(officer, FIRST)
    (seen,) = found["hnte.status"]["entries"]
    assert (found["hnte.status"]["register"], seen["source"], seen["import_id"], seen["revision"]) == (
        "hnte",
        "科技部火炬中心",
        made["import_id"],
        1,
    )
    assert seen["data"] == {"unit_uscc": FIRST, "certificate_no": "GR1"}
    assert found["blacklist.listed"]["value"] is False


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("00025", [SECOND]),
        ("gr1", [FIRST]),
        ("火炬", [FIRST, SECOND]),
        ("%", []),
        ("_", []),
        ("unit_uscc", []),
    ],
)
async def test_entries_are_found_by_text(officer: Any, text: str, found: list[str]) -> None:
    await put(officer, table(*CERTIFICATES))
    assert sorted(one["unit_uscc"] for one in await entries(officer, q=text)) == found


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"kind": "pdf"}, 422, "common.invalid"),
        ({"city": "衢州"}, 422, "common.invalid"),
        ({"source": " "}, 422, "common.invalid"),
        ({"source": "Intake"}, 422, "common.invalid"),
        ({"complete": "2020-06-16"}, 422, "common.invalid"),
        ({"complete": "soon"}, 422, "common.invalid"),
        ({"complete": "0001-01-01"}, 422, "common.invalid"),
        ({"whole_until": "2020-12-31"}, 422, "common.invalid"),
        ({"complete": "2020-06-01", "whole_until": "2020-05-31"}, 422, "common.invalid"),
        ({"complete": "2020-06-01", "whole_until": "9999-12-31"}, 422, "common.invalid"),
        ({"city": "430400"}, 403, "common.forbidden"),
        ({"register": "horoscopes"}, 404, "eligibility.register_unknown"),
    ],
)
async def test_bad_questions(officer: Any, changes: dict[str, Any], status: int, code: str) -> None:
    answer = await put(officer, table(*CERTIFICATES), **changes)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize(
    "params", [{"as_of": "2020-06-01"}, {"known_at": "now"}, {"q": "x" * 101}, {"q": " "}, {"limit": 0}]
)
async def test_bad_reads(officer: Any, params: dict[str, Any]) -> None:
    assert (await officer.get(f"{URL}/entries", params=params)).status_code == 422


async def test_a_giant_file_is_not_read_to_its_end(bare_app: FastAPI, officer: Any) -> None:
    bare_app.state.settings = bare_app.state.settings.model_copy(update={"import_max_bytes": 100})
    answer = await put(officer, table(*CERTIFICATES * 10))
    assert (answer.status_code, answer.json()["limit"]) == (413, 100)
    assert await entries(officer) == []


@pytest.mark.parametrize("role", [Role.applicant, Role.auditor, Role.recommender, Role.bureau_head])
async def test_only_keepers_read_files_in(app: FastAPI, role: Role) -> None:
    async with http(app, actor(role)) as client:
        assert (await put(client, table(*CERTIFICATES))).status_code == 403


async def test_applicants_look_nobody_up(app: FastAPI) -> None:
    async with http(app, actor(Role.applicant)) as client:
        body = {"subjects": {"unit": {"uscc": FIRST}}, "as_of": NOON}
        assert (await client.post("/v1/registers/lookup", json=body)).status_code == 403


async def test_two_cities_never_see_each_other(app: FastAPI, officer: Any) -> None:
    mine = (await put(officer, table(*CERTIFICATES), complete="2020-06-01", whole_until="2020-12-31")).json()
    async with http(app, actor(Role.officer, city="430400")) as stranger:
        assert await entries(stranger) == []
        assert "hnte.status" not in await looked_up(stranger, FIRST)
        assert "hnte.status" not in await looked_up(stranger, THIRD)
        theirs = (await put(stranger, table(*CERTIFICATES), city="430400")).json()
        assert theirs["counts"]["added"] == 2
        assert theirs["import_id"] != mine["import_id"]
        other = {"subjects": {"unit": {"uscc": FIRST}}, "as_of": NOON, "city": "330800"}
        assert (await stranger.post("/v1/registers/lookup", json=other)).status_code == 403
        ended = await put(stranger, table(f"{THIRD},GR3,2019-01-01,"), city="430400", complete="2020-06-10")
        assert ended.json()["counts"]["ended"] == 2
    assert {one["to"] for one in await entries(officer)} == {"2020-12-31T16:00:00Z", "2021-12-31T16:00:00Z"}


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
async def test_anyone_may_take_a_template(app: FastAPI, kind: str) -> None:
    async with http(app, actor(Role.applicant)) as client:
        answer = await client.get(f"{URL}/template", params={"kind": kind, "lang": "en"})
        assert answer.status_code == 200
        assert f'filename="hnte-en.{kind}"' in answer.headers["content-disposition"]
        assert (await client.get("/v1/registers/horoscopes/template")).status_code == 404


async def test_a_file_may_be_longer_than_other_bodies(bare_app: FastAPI, officer: Any) -> None:
    beyond = ",".join(" " * 100_000 for _ in range(bare_app.state.settings.max_body_bytes // 100_000 + 1))
    answer = await put(officer, table(f"{CERTIFICATES[0]},{beyond}"))
    assert (answer.status_code, answer.json()["counts"]["added"]) == (200, 1)


async def test_an_id_of_another_register_is_unknown(officer: Any) -> None:
    made = (await put(officer, table(CERTIFICATES[0]))).json()
    (one,) = await entries(officer)
    assert UUID(one["id"])
    assert made["rows"][0]["entry_id"] in (None, one["id"])
    assert (await officer.get(f"/v1/registers/patents/entries/{one['id']}/history")).status_code == 404


async def test_stored_assessments_stay_as_they_were_judged(intake: Any, officer: Any, question: Any) -> None:
    asked = question({"blacklist.listed": True})
    first = await intake.post("/v1/assessments", json=asked)
    assert first.status_code == 201, first.text
    head = "单位统一社会信用代码,名单编号,生效日期"
    listed = table("91330800TEST000017,city-credit,2020-01-01", head=head)
    assert (await put(officer, listed, "credit_blacklist")).json()["counts"]["added"] == 1
    again = await intake.post("/v1/assessments", json=asked)
    assert again.json() == first.json()
    later = await intake.post("/v1/assessments", json=question())
    outcomes = {one["rule"]: one["outcome"] for one in later.json()["findings"]}
    before = {one["rule"]: one["outcome"] for one in first.json()["findings"]}
    assert (before["QZ-SUB-04"], outcomes["QZ-SUB-04"]) == ("pass", "fail")
    assert parse_instant(asked["as_of"])
