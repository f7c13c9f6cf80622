"""All five services in one process, sending traces: a submission is one trace and says nothing of anybody."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.collector import Collector, Received, running_collector
from tests.e2e.test_privacy import words

from cli import operations, project
from cli.demo import applying, cast
from cli.demo.story import Story, open_call
from cli.house import SERVICES
from cli.local import House, Plan, running_house
from cli.project import RunDir

PORTS = dict(zip(SERVICES, range(18100, 18105), strict=True))


@dataclass
class Traced:
    """A house that sends its traces, its story, and the trace ids of the gateway's answers."""

    house: House
    collector: Collector
    story: Story
    trace_ids: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def traced() -> Iterator[Traced]:
    folder = Path(tempfile.mkdtemp(prefix="shenbao-traces-"))
    folder.chmod(0o755)
    trace_ids: list[str] = []

    def note(answer: httpx.Response) -> None:
        trace_ids.append(answer.headers["trace-id"])

    try:
        with running_collector() as (collector, endpoint):
            wanted = {"OTLP_ENDPOINT": endpoint, "LOG_LEVEL": "debug", "LOG_FORMAT": "json"}
            settings = {f"{one.upper()}_{name}": value for one in SERVICES for name, value in wanted.items()}
            plan = Plan(lasting=False, single=True, wanted_ports=PORTS, settings=settings)
            with running_house(RunDir(folder).made(), plan, print) as house:
                operations.publish(
                    house.intake_url, house.keys, project.root() / "deploy/guides/qz-2020.yaml"
                )
                with httpx.Client(
                    base_url=house.gateway_url,
                    timeout=30,
                    trust_env=False,
                    limits=httpx.Limits(
                        keepalive_expiry=1
                    ),  # the server ends idle connections after five seconds
                    event_hooks={"response": [note]},
                ) as http:
                    story = Story(house, http)
                    open_call(story)
                    yield Traced(house, collector, story, trace_ids)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def submitted(traced: Traced) -> str:
    """The trace of a submission, once all of it has come: each service sends its part by itself."""
    traced.story.clock("06-15T09:00:00")
    application = traced.story.prepare("13")
    applying.submit(traced.story.person(cast.applicant(traced.story.plays["13"])), application)
    trace_id = traced.trace_ids[-1]

    def whole(collector: Collector) -> bool:
        spans = collector.of_trace(trace_id)
        whole = {span.parent_id for span in spans} <= {"", *(span.span_id for span in spans)}
        asked = {"POST /graphql", "POST /v1/bundles", "POST /v1/pools/batch", "POST /v1/assessments"}
        return whole and asked <= {span.name for span in spans}

    traced.collector.wait(whole)
    return trace_id


def callers(spans: list[Received]) -> set[tuple[str, str]]:
    """(calling service, called service) where a request of one is the child of a call of the other."""
    by_id = {span.span_id: span for span in spans}
    parents = [(by_id[span.parent_id], span) for span in spans if span.parent_id]
    return {(parent.service, span.service) for parent, span in parents if parent.service != span.service}


def test_a_submission_is_one_connected_trace(traced: Traced, submitted: str) -> None:
    spans = traced.collector.of_trace(submitted)
    assert {span.service for span in spans} >= {"gateway", "intake", "documents", "eligibility"}
    (root,) = (span for span in spans if not span.parent_id)
    assert (root.service, root.name) == ("gateway", "POST /graphql")
    assert {span.parent_id for span in spans} - {""} <= {span.span_id for span in spans}
    assert callers(spans) >= {("gateway", "intake"), ("intake", "documents"), ("intake", "eligibility")}
    routes = {span.attributes.get("http.route") for span in spans if span.service == "intake"}
    assert "/v1/applications/{application_id}/submit" in routes
    assert not any(span.failed for span in spans)


def test_each_service_of_the_process_has_its_own_name(traced: Traced, submitted: str) -> None:
    assert {span.service for span in traced.collector.spans} == set(SERVICES)


def test_the_log_has_the_same_trace_id(traced: Traced, submitted: str) -> None:
    (log,) = traced.house.run.logs.glob("*.log")
    lines = [line for line in log.read_text(encoding="utf-8").splitlines() if submitted in line]
    logged = [json.loads(line) for line in lines]
    assert {line["trace_id"] for line in logged} == {submitted}
    requests = {(line["service"], line["route"]) for line in logged if line["event"] == "http.request"}
    spans = traced.collector.of_trace(submitted)
    assert requests == {(span.service, span.attributes["http.route"]) for span in spans if span.kind == 2}


def test_no_span_says_anything_of_anybody(traced: Traced, submitted: str) -> None:
    who = traced.story.cast
    secrets = {*words(list(who.units.values())), *words(who.applications), *words(list(who.staff.values()))}
    assert len(secrets) > 50
    said = json.dumps(
        [[span.name, span.attributes, span.resource] for span in traced.collector.spans], ensure_ascii=False
    )
    assert [word for word in secrets if word in said] == []
    keys: set[str] = set().union(*(span.attributes for span in traced.collector.spans))
    assert keys <= {
        "http.request.method",
        "http.route",
        "http.response.status_code",
        "peer.service",
        "outcome",
        "job.attempt",
        "db.system.name",
        "db.wait_ms",
        "error.type",
    }


def test_metrics_of_the_running_process_say_nothing_of_anybody(traced: Traced, submitted: str) -> None:
    who, found = traced.story.cast, ""
    for service in SERVICES:
        answer = httpx.get(f"{traced.house.where.url(service)}/metrics", trust_env=False, timeout=10)
        assert f'service_info{{environment="development",service="{service}",version=' in answer.text
        found += answer.text
    secrets: set[Any] = {*words(list(who.units.values())), *words(who.applications)}
    assert [word for word in secrets if word in found] == []
    assert 'database_figures_read{service="intake"} 1.0' in found
    assert 'job_seconds_count{job="documents.extract_text",outcome="ok",service="documents"}' in found
