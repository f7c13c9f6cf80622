"""What every peer does: read a question, answer it once, then time it as often as it is told.

A peer is a program. Its first line on stdin is JSON: `rules` (id -> condition in JSON-Logic; none for peers
that have their own) and `cases` (facts by dotted name). It answers with one line: for each case the outcomes
by rule. Each further line is a number of cases to check, one after the other; it answers with the seconds.
"""

import json
import sys
import time
from collections.abc import Callable
from typing import Any

Facts = dict[str, Any]
Check = Callable[[Facts], dict[str, Any]]


def serve(prepare: Callable[[dict[str, Any]], Check]) -> None:
    """Until stdin ends. `prepare` compiles the rules; the check it gives answers with outcomes by rule."""
    question = json.loads(sys.stdin.readline())
    check = prepare(question["rules"])
    cases = question["cases"]
    _say([check(case) for case in cases])
    for line in sys.stdin:
        number = int(line)
        many = (cases * (number // len(cases) + 1))[:number]
        began = time.perf_counter()
        for case in many:
            check(case)
        _say(time.perf_counter() - began)


def _say(answer: Any) -> None:
    sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
    sys.stdout.flush()
