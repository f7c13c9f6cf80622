"""What a rush came to, as a page of markdown; and whether it held."""

import platform
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from statistics import median, quantiles

from cli.bench.client import Answer
from cli.bench.rush import CLOSE, Rush
from common.clock import parse_instant

_LAST = (1, 10)


def page(rush: Rush, rates: dict[str, list[float]], *, single: bool) -> str:
    """All tables.

    Args:
        rates: name -> submissions or transactions a second, one figure for each round; none: not installed.
    """
    found = rush.findings
    took = sorted(answer["took"] * 1000 for answer in rush.answers)
    cuts = quantiles(took, n=100)
    rows = [
        ("applicants, of them sent before the close", f"{len(rush.answers)}, {_before(rush)}"),
        *(
            (f"offered in the last {seconds} s, a second", f"{_offered(rush, seconds):.0f}")
            for seconds in _LAST
        ),
        ("answered in the busiest second", str(_busiest(rush.answers))),
        (
            "answer p50 / p95 / p99 / last",
            f"{cuts[49]:.0f} / {cuts[94]:.0f} / {cuts[98]:.0f} / {took[-1]:.0f} ms",
        ),
        ("gave up waiting after a minute, and asked again", str(found.unanswered)),
        ("decided in the answer / by the job afterwards", f"{found.decided} / {found.left}"),
        ("last decision after the close", f"{rush.settled:.1f} s"),
        ("decided a second, from the last ten seconds on", f"{_pace(rush):.1f}"),
        ("arrival counted after it was sent, p50 / last", _lags(found.lags)),
        ("admitted / refused", f"{found.admitted} / {found.refused}"),
        ("sent before the close, taken up after it", str(found.missed)),
        ("**in time refused**", str(len(found.in_time_refused))),
        ("**late admitted**", str(len(found.late_admitted))),
        ("receipts checked, **untrue**", f"{found.receipts}, {len(found.untrue)}"),
        *(
            (f"memory of {name}, before / after", f"{a:.0f} / {b:.0f} MB")
            for name, (a, b) in rush.memory.items()
        ),
    ]
    form = "one process" if single else "five processes"
    lines = [
        f"# The rush: {len(rush.answers)} applicants, {form}",
        "",
        f"{platform.python_implementation()} {platform.python_version()}, {platform.machine()}, "
        "the client in a process of its own on the same machine.",
        "",
        *_table(("what", "figure"), rows),
        "",
        "For scale, on the same cluster (median of three rounds; pgbench = 1):",
        "",
        *_table(("what", "a second", "ratio"), _ratios(rates)),
        "",
        *(f"- BROKEN {line}" for line in found.broken[:20]),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _ratios(rates: dict[str, list[float]]) -> list[tuple[str, ...]]:
    base = next(iter(rates.values()))
    return [
        (name, f"{median(found):.0f}", f"{median(found) / median(base):.3f}" if base else "")
        if found
        else (name, "not installed", "")
        for name, found in rates.items()
    ]


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    lines = [head, tuple("---" for _ in head), *rows]
    return [f"| {' | '.join(line)} |" for line in lines]


def _before(rush: Rush) -> int:
    return sum(parse_instant(one["sent"]) <= CLOSE for one in rush.answers)


def _offered(rush: Rush, seconds: int) -> float:
    since = CLOSE - timedelta(seconds=seconds)
    return sum(since <= parse_instant(one["sent"]) <= CLOSE for one in rush.answers) / seconds


def _busiest(answers: list[Answer]) -> int:
    return max(Counter(int(parse_instant(one["answered"]).timestamp()) for one in answers).values())


def _pace(rush: Rush) -> float:
    """Decisions a second from ten seconds before the close to the last one."""
    since = CLOSE - timedelta(seconds=10)
    after = [at for at in rush.findings.decisions if at >= since]
    return len(after) / (max(after) - since).total_seconds() if after else 0.0


def _lags(lags: list[float]) -> str:
    ordered = sorted(lags)
    return f"{median(ordered) * 1000:.0f} / {ordered[-1] * 1000:.0f} ms" if ordered else ""
