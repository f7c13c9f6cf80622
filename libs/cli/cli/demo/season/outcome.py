"""How far each application got, as the bureau's own list says, and how far it was meant to get."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from cli.demo.season import plan
from cli.demo.season.recommenders import too_many
from cli.demo.season.roster import GUIDE, Entry
from cli.demo.season.season import Season

_LIST = """query($f: ApplicationFilter, $after: String) { applications(filter: $f, first: 50, after: $after) {
    nodes { id title state failure { code rules } recommendation { state rowKey } }
    pageInfo { hasNextPage endCursor } } }"""
_BY_CODE = {
    "intake.assessment_refused": plan.AT_SUBMISSION,
    "intake.window_closed": plan.AT_SUBMISSION,
    "intake.window_not_open": plan.AT_SUBMISSION,
    "intake.initial_review_returned": plan.RETURNED,
    "intake.initial_review_rejected": plan.AT_INITIAL,
    "intake.recommendation_refused": plan.AT_RECOMMENDATION,
}
_BY_STATE = {
    "draft": plan.NEVER,
    "initial_review_passed": plan.TAKEN_BACK,
    "withdrawn": plan.WITHDRAWN,
    "failed_formal": plan.AT_FORMAL,
    "not_selected": plan.NOT_SELECTED,
    "rejected": plan.OBJECTION,
    "public_notice": plan.AT_APPROVAL,
    "approved": plan.APPROVED,
}
_DECIDED_BY_STATE = ("withdrawn", "failed_formal", "not_selected", "approved", "public_notice")
ORDER = (
    plan.NEVER, plan.AT_SUBMISSION, plan.AT_INITIAL, plan.RETURNED, plan.AT_RECOMMENDATION, plan.TAKEN_BACK,
    plan.WITHDRAWN, plan.AT_FORMAL, plan.NOT_SELECTED, plan.OBJECTION, plan.AT_APPROVAL, plan.APPROVED,
)  # fmt: skip
Outcome = tuple[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Found:
    """One line of the bureau's list: where the application ended, by which rules; its row if it holds one."""

    outcome: Outcome
    row: str | None


async def listed(season: Season) -> dict[str, Found]:
    """Application id -> what the bureau's list says of it."""
    officer, found, after = season.person("officer"), {}, None
    by_id = {entry.id: entry for entry in season.entries}
    while True:
        page = (await officer.ask(_LIST, f={"guide": GUIDE}, after=after))["applications"]
        for node in page["nodes"]:
            found[node["id"]] = _found(node, by_id.get(node["id"]))
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            return found


def _found(node: dict[str, Any], entry: Entry | None) -> Found:
    failure = node["failure"] or {"code": "", "rules": []}
    known = None if node["state"] in _DECIDED_BY_STATE else _BY_CODE.get(failure["code"])
    label = known or _BY_STATE.get(node["state"], node["state"])
    rules = tuple(failure["rules"])
    if entry is not None and label == plan.AT_APPROVAL:
        rules = entry.refused
    taken = node["recommendation"]
    row = taken["rowKey"] if taken and taken["state"] == "recommended" else None
    return Found((label, tuple(sorted(rules))), row)


def expected(season: Season) -> Counter[Outcome]:
    """What the notice demands: the planted ones each, the clean ones by places, caps and objections."""
    counts: Counter[Outcome] = Counter()
    for entry in season.entries:
        if entry.case.end is not None:
            counts[entry.case.end, tuple(sorted(entry.case.rules))] += 1
    clean = sum(entry.case.end is None for entry in season.entries)
    in_reach = Counter(
        plan.cap_of(entry.case.category)
        for entry in season.entries
        if entry.case.end in (None, plan.AT_APPROVAL)
    )
    no_place = too_many(season)
    taken_back = 1
    in_reach["tackling"] -= no_place + taken_back
    proposed = sum(min(count, plan.CAPS[cap]) for cap, count in in_reach.items())
    late_refusals = sum(entry.case.end == plan.AT_APPROVAL for entry in season.entries)
    counts[plan.AT_RECOMMENDATION, ("QZ-4-8b",)] += no_place
    counts[plan.TAKEN_BACK, ()] += taken_back
    counts[plan.OBJECTION, ()] += plan.OBJECTIONS_UPHELD
    counts[plan.NOT_SELECTED, ()] += clean + late_refusals - no_place - taken_back - proposed
    counts[plan.APPROVED, ()] += proposed - plan.OBJECTIONS_UPHELD - late_refusals
    return counts


def differing(season: Season, found: dict[str, Found]) -> list[str]:
    """Planted applications that did not end where they were meant to, each in one line."""
    lines = []
    for entry in season.entries:
        if entry.case.end is None:
            continue
        due = (entry.case.end, tuple(sorted(entry.case.rules)))
        was = found[entry.id].outcome if entry.id in found else ("missing", ())
        if was != due:
            lines.append(f"{entry.no} ({entry.case.key}): {words(was)}, expected {words(due)}")
    return lines


def words(outcome: Outcome) -> str:
    """An outcome in one line."""
    return f"{outcome[0]} {' '.join(outcome[1])}".strip()
