"""Services restored from different moments: what differs is named, and mended where it can be proved."""

import asyncio
import os
from collections.abc import Callable
from typing import Any

import asyncpg
import pytest
from tests.restore.conftest import GETS, GIVES, RECOMMENDED, SUBMITTED, WITHDRAWN, Days

from cli.demo.applying import raw_id
from cli.main import main

Reconciled = Callable[..., tuple[int, set[tuple[str, str, str]]]]
MEND, LEFT = "can be mended", "left to a person"
long = pytest.mark.skipif(os.environ.get("SHENBAO_RESTORE") != "full", reason="SHENBAO_RESTORE=full runs it")


def fetched(dsn: str, query: str) -> list[Any]:
    async def run() -> list[Any]:
        connection = await asyncpg.connect(dsn)
        try:
            return [row[0] for row in await connection.fetch(query)]
        finally:
            await connection.close()

    return asyncio.run(run())


def test_yesterdays_quota_under_todays_intake(days: Days, reconciled: Reconciled) -> None:
    before = days.used()
    days.back(days.yesterday, "quota")
    lost, stale = days.recommendations[RECOMMENDED], days.recommendations[WITHDRAWN]
    about = f"quota: qz-2020 {days.version[:12]}"
    code, found = reconciled()
    assert (code, found) == (
        1,
        {
            ("not_staged", about, MEND),
            ("limit_differs", GIVES, LEFT),
            ("limit_differs", GETS, LEFT),
            ("place_lost", lost, MEND),
            ("place_not_due", stale, MEND),
        },
    )
    code, mended = reconciled("--mend")
    assert (code, mended) == (0, {(what, about, "mended") for what, about, _ in found})
    assert reconciled() == (0, set())
    assert days.used() == before
    dsn = days.house.dsns["quota"]
    said = "SELECT reason FROM ledger_entries WHERE subject = '{}' ORDER BY seq DESC LIMIT 1"
    assert fetched(dsn, said.format(stale)) == ["reconciled: void"]
    taken = "SELECT reason FROM ledger_entries WHERE subject = '{}' AND kind = 'held'"
    assert fetched(dsn, taken.format(lost)) == ["reconciled"]
    audit = "SELECT actor FROM audit_entries WHERE action LIKE '%place_retaken' AND object_id = '{}'"
    assert fetched(days.house.dsns["intake"], audit.format(lost)) == ["service:operator"]


@long
def test_yesterdays_intake_under_todays_quota(days: Days, reconciled: Reconciled) -> None:
    """What intake has forgotten cannot be given back to it: a lost submission is left to a person."""
    attempts = "SELECT id::text FROM attempts"
    today = set(fetched(days.house.dsns["intake"], attempts))
    try:
        days.back(days.yesterday, "intake")
        (forgotten,) = today - set(fetched(days.house.dsns["intake"], attempts))
        code, found = reconciled("--no-content")
        expected = {
            ("limit_differs", GIVES, LEFT),
            ("limit_differs", GETS, LEFT),
            ("not_active", f"eligibility: qz-2020 {_current(days)[:12]}", MEND),
            ("not_active", f"quota: qz-2020 {_current(days)[:12]}", MEND),
            ("recommendation_unknown", days.recommendations[RECOMMENDED], MEND),
            ("place_given_back", days.recommendations[WITHDRAWN], LEFT),
            ("attempt_unknown", forgotten, LEFT),
        }
        assert (code, found) == (1, expected)
        code, mended = reconciled("--no-content", "--mend")
        assert code == 1
        still = {one for one in mended if one[2] != "mended"}
        assert still == {
            ("place_given_back", days.recommendations[WITHDRAWN], LEFT),
            ("attempt_unknown", forgotten, LEFT),
        }
        assert reconciled("--no-content") == (1, still)
    finally:
        days.back(days.today, "intake", "quota", "eligibility")
    assert reconciled("--no-content") == (0, set())


def _current(days: Days) -> str:
    (version,) = fetched(days.house.dsns["intake"], "SELECT current_version FROM guides")
    return str(version)


@long
def test_yesterdays_eligibility(days: Days, reconciled: Reconciled) -> None:
    """Assessments are never taken again behind anybody's back: what is missing is named."""
    relied = """
        SELECT DISTINCT assessment_id::text FROM (
            SELECT assessment_id FROM attempts UNION SELECT assessment_id FROM awards
            UNION SELECT assessment_id FROM recommendations WHERE findings IS NOT NULL
            UNION SELECT value::uuid FROM applications, jsonb_each_text(assessments)
        ) AS every WHERE assessment_id IS NOT NULL"""
    try:
        days.back(days.yesterday, "eligibility")
        known = set(fetched(days.house.dsns["eligibility"], "SELECT id::text FROM assessments"))
        missing = set(fetched(days.house.dsns["intake"], relied)) - known
        assert len(missing) >= 4  # a submission, a recommendation, a formal review, an approval
        code, found = reconciled("--no-content", "--mend")
        about = f"eligibility: qz-2020 {days.version[:12]}"
        assert found == {("not_staged", about, "mended")} | {
            ("assessment_missing", one, LEFT) for one in missing
        }
        assert code == 1
    finally:
        days.back(days.today, "eligibility")


@long
def test_yesterdays_documents_and_the_files_of_today(days: Days, reconciled: Reconciled) -> None:
    """Rows are lost, bytes are not: nothing deletes them, and the bundle that is missing is named."""
    application = days.story.applications[SUBMITTED]
    files = "SELECT id::text FROM files"
    dsn = days.house.dsns["documents"]
    today = set(fetched(dsn, files))
    try:
        days.back(days.yesterday, "documents")
        forgotten = today - set(fetched(dsn, files))
        attempt = "SELECT id::text FROM attempts WHERE application_id = '{}'"
        (bundle,) = fetched(days.house.dsns["intake"], attempt.format(raw_id(application["id"])))
        code, found = reconciled("--no-content", "--mend")
        about = f"documents: qz-2020 {days.version[:12]}"
        assert code == 1
        assert found == {("not_staged", about, "mended"), ("bundle_missing", bundle, LEFT)} | {
            ("file_unknown", one, LEFT) for one in forgotten
        }
        assert forgotten
    finally:
        days.back(days.today, "documents")
    assert reconciled("--no-content") == (0, set())


def test_a_file_that_is_gone_and_one_with_another_byte(days: Days, reconciled: Reconciled) -> None:
    query = "SELECT id::text || ' ' || object_key FROM files ORDER BY id LIMIT 2"
    (gone, gone_key), (altered, altered_key) = (
        one.split(" ") for one in fetched(days.house.dsns["documents"], query)
    )
    store = days.house.run.files
    (store / gone_key).unlink()
    content = bytearray((store / altered_key).read_bytes())
    content[len(content) // 2] ^= 1
    (store / altered_key).write_bytes(content)
    expected = {("object_missing", gone, LEFT), ("object_altered", altered, LEFT)}
    assert reconciled("--mend") == (1, expected)
    assert reconciled("--no-content") == (1, {("object_missing", gone, LEFT)})
    assert main(["restore", "--from", str(days.today), "--files"]) == 0
    assert reconciled() == (0, set())


def test_a_service_that_does_not_answer_leaves_the_rest_unknown(
    days: Days, capsys: pytest.CaptureFixture[str]
) -> None:
    with days.stopped("quota"):
        assert main(["reconcile", "--again-after", "0"]) == 2
    assert "Nothing is known: quota does not answer" in capsys.readouterr().err
