"""SIGTERM while requests and jobs are under way: they are finished or go back, with real processes."""

import signal
import subprocess
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.partial.conftest import DRAINING, FAULTS_FOLDER
from tests.partial.test_commands import RECEIVED, Case, live_holds, rows

from cli.demo import applying
from cli.demo.story import Story
from cli.local import House

Until = Callable[[Callable[[], Any]], Any]
WAIT_S = 60
_WAITING = "SELECT id FROM intake_jobs.pgqueuer WHERE entrypoint = 'intake.confirm_hold'"


class Held:
    """A fault point at which the next process that comes by is held."""

    def __init__(self, folder: Path, point: str) -> None:
        self._folder, self._point = folder, point
        (folder / point).touch()

    def process(self) -> bool:
        """Whether one is held."""
        return any(self._folder.glob(f"{self._point}@*"))

    def release(self) -> None:
        for file in self._folder.glob(f"{self._point}*"):
            file.unlink()


@pytest.fixture
def hold(house: House) -> Any:
    """`hold("intake.submit.opened")`; let go at the end."""
    made: list[Held] = []

    def at(point: str) -> Held:
        made.append(Held(house.run.path / FAULTS_FOLDER, point))
        return made[-1]

    yield at
    for one in made:
        one.release()


def told_to_leave(house: House, service: str) -> subprocess.Popen[bytes]:
    child = house.fleet.children[service]
    child.send_signal(signal.SIGTERM)
    return child


def answers(house: House, service: str, path: str) -> httpx.Response | None:
    """None: the port is closed."""
    try:
        return httpx.get(f"{house.where.url(service)}{path}", trust_env=False, timeout=10)
    except httpx.TransportError:
        return None


def back(house: House, service: str) -> None:
    """Take away what is left of a service, and start it again."""
    house.fleet.stop_service(service)
    house.fleet.start_service(service)
    house.fleet.wait_ready()


def test_a_service_that_leaves_is_not_ready_and_serves_until_its_port_closes(
    house: House, until: Until
) -> None:
    child = told_to_leave(house, DRAINING)

    def draining() -> Any:
        found = answers(house, DRAINING, "/readyz")
        return found if found is not None and found.status_code == 503 else None

    ready = until(draining)
    assert ready.json()["checks"] | {"worker": True} == {"database": True, "worker": True, "stays": False}
    assert ready.headers["connection"] == "close"
    alive = answers(house, DRAINING, "/healthz")
    assert alive is not None
    assert alive.status_code == 200
    assert child.wait(WAIT_S) == 0
    back(house, DRAINING)


def test_a_second_signal_does_not_wait(house: House, until: Until) -> None:
    child = told_to_leave(house, DRAINING)
    until(lambda: (found := answers(house, DRAINING, "/readyz")) is None or found.status_code == 503)
    child.send_signal(signal.SIGTERM)
    assert child.wait(WAIT_S) == 0
    back(house, DRAINING)


def test_a_running_request_is_answered(
    story: Story, house: House, hold: Callable[[str], Held], until: Until
) -> None:
    case = Case(story, "10")
    held = hold("intake.submit.opened")
    with ThreadPoolExecutor(1) as pool:
        submitting: Future[Any] = pool.submit(applying.submit, case.applicant, case.application)
        until(held.process)
        child = told_to_leave(house, "intake")
        until(lambda: answers(house, "intake", "/readyz") is None)
        assert not submitting.done()
        assert child.poll() is None
        held.release()
        payload = submitting.result(WAIT_S)
    assert payload["attempt"]["state"] in RECEIVED
    assert child.wait(WAIT_S) == 0
    back(house, "intake")
    assert until(case.settled)["state"] == "submitted"
    query = "SELECT id FROM attempts WHERE application_id = $1::uuid"
    assert len(rows(house, "intake", query, applying.raw_id(case.id))) == 1
    until(case.tidy)


@pytest.mark.parametrize("cut_off", [False, True], ids=["finishes", "goes back"])
def test_a_running_job(
    story: Story, house: House, hold: Callable[[str], Held], until: Until, cut_off: bool
) -> None:
    case = Case(story, "11")
    applying.submit(case.applicant, case.application)
    until(case.settled)
    story.clock("06-20T10:00:00")
    held = hold("intake.confirm_hold.taken")
    applying.recommend(case.recommender, case.id)
    until(held.process)
    child = told_to_leave(house, "intake")
    until(lambda: answers(house, "intake", "/readyz") is None)
    assert child.poll() is None
    assert [one["state"] for one in live_holds(house, case.id)] == ["held"]
    if cut_off:
        child.kill()
    held.release()
    assert child.wait(WAIT_S) == (-signal.SIGKILL if cut_off else 0)
    if not cut_off:
        assert [one["state"] for one in live_holds(house, case.id)] == ["confirmed"]
        assert rows(house, "intake", _WAITING) == []
    back(house, "intake")
    until(lambda: [one["state"] for one in live_holds(house, case.id)] == ["confirmed"])
    until(lambda: rows(house, "intake", _WAITING) == [])
    query = """SELECT e.kind FROM ledger_entries e JOIN holds h ON h.subject = e.subject
        WHERE h.application_id = $1::uuid ORDER BY e.seq"""
    effects = [row["kind"] for row in rows(house, "quota", query, applying.raw_id(case.id))]
    assert effects == ["held", "confirmed"]
    until(case.tidy)
