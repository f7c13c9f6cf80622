"""The job that an upload asks for, with real commits and a real worker."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from common.db import ALL_CITIES, Database, cities
from common.jobs import JobContext, Jobs, Worker
from documents import store
from documents.base import Base
from documents.files import service as files
from documents.files.models import StoredFile
from documents.texts import service as texts
from documents.texts.models import FileText
from documents.texts.states import TextState, advance
from documents.work import extract_text, jobs


@pytest.fixture
async def committed(
    opened: Callable[[Database], Awaitable[Any]], engine: Callable[[str], AsyncEngine]
) -> Any:
    """The service on a database that keeps what is committed."""
    return await opened(Database(engine("documents"), Base.metadata))


@pytest.fixture
async def handled(committed: Any) -> AsyncIterator[asyncio.Queue[str]]:
    """A running worker; gives the file ids whose job has ended."""
    ended, watched = asyncio.Queue[str](), Jobs()

    @watched.handler(texts.EXTRACT_JOB)
    async def handle(context: JobContext, payload: dict[str, Any]) -> None:
        await jobs.handlers[texts.EXTRACT_JOB](context, payload)
        ended.put_nowait(payload["file_id"])

    running = Worker(committed.settings, watched, committed.db, committed.app.state.client)
    running.start()
    yield ended
    await running.stop()


async def _row(service: Any, file_id: str) -> FileText:
    async with service.db.read(ALL_CITIES) as session:
        found = await session.execute(select(FileText).where(FileText.file_id == UUID(file_id)))
        row: FileText = found.scalar_one()
        return row


async def test_an_upload_is_read_by_the_job(
    committed: Any, handled: asyncio.Queue[str], make: SimpleNamespace
) -> None:
    uploads = [
        (make.pdf("星河公司", author="欧阳明哲"), "a.pdf"),
        (make.docx("正文", header="页眉\u200b文字", creator="欧阳明哲"), "b.docx"),
        (make.xlsx("表格", creator="欧阳明哲"), "c.xlsx"),
    ]
    for (content, name), word in zip(uploads, ("星河公司", "页眉文字", "表格"), strict=True):
        answer = await committed.put(content, name)
        file_id = answer.json()["id"]
        async with asyncio.timeout(30):
            while await handled.get() != file_id:
                continue
        row = await _row(committed, file_id)
        assert (row.state, row.fault, row.attempts) == ("done", None, 1)
        assert any(word in piece.text for piece in row.text_pieces())
        assert any("欧阳明哲" in piece.text for piece in row.property_pieces())


async def test_what_cannot_be_read_says_so(
    committed: Any, make: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    file_id = (await committed.put(make.docx("长" * 100), "a.docx")).json()["id"]
    committed.settings = committed.settings.model_copy(update={"text_max_chars": 10})
    await _run(committed, file_id)
    row = await _row(committed, file_id)
    assert (row.state, row.fault, row.texts) == ("unreadable", "too_complex", [])


async def _run(service: Any, file_id: str) -> None:
    context = JobContext(service.db, service.app.state.client, service.settings, 1)
    await extract_text(context, {"file_id": file_id, "city": "330800"})


async def test_nothing_of_a_file_is_logged(
    committed: Any, make: SimpleNamespace, capfd: pytest.CaptureFixture[str]
) -> None:
    sound = await committed.put(make.docx("欧阳明哲", creator="欧阳明哲"), "欧阳明哲.docx")
    await _run(committed, sound.json()["id"])
    await committed.put(b"%PDF-1.7 \xe6\xac\xa7\xe9\x98\xb3", "欧阳.pdf")
    out, err = capfd.readouterr()
    assert "text.finished" in out + err
    assert "欧阳" not in out + err


async def test_a_second_run_changes_nothing(committed: Any, make: SimpleNamespace) -> None:
    file_id = (await committed.put(make.pdf())).json()["id"]
    await _run(committed, file_id)
    first = await _row(committed, file_id)
    await _run(committed, file_id)
    again = await _row(committed, file_id)
    assert (
        (again.attempts, again.finished_at) == (first.attempts, first.finished_at) == (1, first.finished_at)
    )


async def test_a_file_that_keeps_crashing_is_given_up(committed: Any, make: SimpleNamespace) -> None:
    file_id = (await committed.put(make.pdf())).json()["id"]
    async with committed.db.write(cities("330800")) as session:
        await session.execute(
            update(FileText).where(FileText.file_id == UUID(file_id)).values(attempts=5)
        )  # five starts that never came to an end
    await _run(committed, file_id)
    assert (await _row(committed, file_id)).state == "unreadable"


async def test_a_store_that_is_away_is_not_the_files_fault(committed: Any, make: SimpleNamespace) -> None:
    file_id = (await committed.put(make.pdf())).json()["id"]
    [path] = committed.stored()
    away = path.rename(path.with_name("away"))
    with pytest.raises(store.StoreUnavailable):
        await _run(committed, file_id)
    row = await _row(committed, file_id)
    assert (row.state, row.attempts) == ("pending", 0)
    away.rename(path)
    await _run(committed, file_id)
    assert (await _row(committed, file_id)).state == "done"


async def test_a_refused_upload_asks_for_nothing(
    committed: Any, make: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def failing(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(texts, "request", failing)
    answer = await committed.put(make.pdf())
    assert answer.status_code == 500
    async with committed.db.read(ALL_CITIES) as session:
        rows = await session.execute(
            select(StoredFile).where(StoredFile.application_id == committed.application_id)
        )
        assert rows.scalars().all() == []
    assert len(committed.stored()) == 1  # the commit might have gone through: left for the sweep
    old = committed.settings.model_copy(update={"orphans_after_s": 0.000001})
    assert await files.sweep_orphans(committed.db, old) == 1


def test_states_have_no_way_back() -> None:
    assert advance("pending", TextState.done) == "done"
    with pytest.raises(ValueError, match="does not become"):
        advance("done", TextState.pending)
