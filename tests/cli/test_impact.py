"""`shenbao guide impact`: the answer as it comes, its table, and what is said when it does not come whole."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import orjson
import pytest

from cli import impact
from cli.errors import Refusal

START = {"type": "start", "total": 2}
PROGRESS = {"type": "progress", "done": 2, "total": 2, "changed": 1}
SUMMARY: dict[str, Any] = {
    "type": "summary",
    "replayed": 2,
    "changed": 1,
    "touched": 0,
    "not_judged": 0,
    "verdicts": [
        {"before": "eligible", "after": "eligible", "count": 1},
        {"before": "eligible", "after": "not_eligible", "count": 1},
    ],
    "rules": [
        {"rule": "QZ-4-2", "before": "pass", "after": "fail", "count": 1},
        {"rule": "QZ-9-9", "before": None, "after": "unknown", "count": 2},
        {"rule": "QZ-0-0", "before": "pass", "after": None, "count": 2},
    ],
    "clauses": [{"rule": "QZ-4-2", "title": "R&D", "clause": {"section": "四.2", "lines": "25"}}],
    "missing": [{"fact": "budget.own_funds", "label": "own funds", "count": 2}],
}


class Answers:
    """A server that answers every POST alike and keeps what it was sent."""

    def __init__(self) -> None:
        self.status, self.kind = 200, "application/x-ndjson"
        self.lines: list[Any] = [START, PROGRESS, SUMMARY]
        self.asked: list[tuple[str, dict[str, Any]]] = []


@pytest.fixture
def answers() -> Answers:
    return Answers()


@pytest.fixture
def url(answers: Answers) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            answers.asked.append((self.path, orjson.loads(body)))
            self.send_response(answers.status)
            self.send_header("content-type", answers.kind)
            self.end_headers()
            self.wfile.write(b"\n".join(orjson.dumps(line) for line in answers.lines))

        def log_message(self, format: str, *args: Any) -> None:
            """Tests print nothing of it."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_lines_as_they_come(url: str, answers: Answers) -> None:
    assert list(impact.lines(url, "token", {"text": "x"})) == [START, PROGRESS, SUMMARY]
    assert answers.asked == [("/v1/impact", {"text": "x"})]


def test_a_refusal_in_words(url: str, answers: Answers) -> None:
    answers.status, answers.kind = 422, "application/problem+json"
    problem = {"title": "The guide pack is refused", "code": "eligibility.pack_refused"}
    answers.lines = [problem | {"errors": [{"pointer": "/text#/rules/3", "detail": "no clause"}]}]
    with pytest.raises(Refusal, match=r"eligibility\.pack_refused\)\n  /text#/rules/3: no clause"):
        list(impact.lines(url, "token", {}))


def test_nobody_there(url: str) -> None:
    with pytest.raises(Refusal, match="does not answer"):
        list(impact.lines("http://127.0.0.1:9", "token", {}))


def test_the_table_says_how_many_and_by_which_rule() -> None:
    assert impact.table(SUMMARY) == [
        "replayed: 2, another verdict or step: 1, other outcomes only: 0, not judged: 0",
        "         1  eligible -> not_eligible",
        "by rule:",
        "         1  QZ-4-2: pass -> fail  四.2, lines 25",
        "         2  QZ-9-9: new -> unknown",
        "         2  QZ-0-0: pass -> gone",
        "asked for by the draft, stated by nobody:",
        "         2  budget.own_funds (own funds)",
    ]
