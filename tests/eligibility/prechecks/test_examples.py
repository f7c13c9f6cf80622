"""The golden cases of every guide, posted as a front end would: the packs judge the same over HTTP."""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from guide import Pack

ROOT = Path(__file__).parents[3]
GUIDES = sorted((ROOT / "deploy" / "guides").glob("*.yaml"))
KEYS = ("guide", "category", "stage", "as_of", "facts", "interpretations", "unavailable", "lang")
# the worked examples that come with the domain; the others are the project's own
WORKED = {
    "gl-2019": "T69 T72a T72b T72c T75 T78a T78b T81 T84 T87 T90a T90b T111a T111b T114a T114b T114c T117a "
    "T117b",
    "hy-2021": "T03 T06 T09 T12 T15 T18 T21a T21b T24 T27a T30",
    "lz-2022": "T93 T96 T99 T102a T102b T105 T120",
    "qz-2020": "T33 T36a T36b T39a T39b T39c T42 T45 T48 T51 T54a T54b T57 T60a T60b T63 T108",
}

Json = dict[str, Any]
Finding = Callable[[Json, str], Json]
Publish = Callable[[str], Awaitable[Pack]]


def text_of(file: Path) -> str:
    return file.read_text(encoding="utf-8")


def cases_of(guide: str) -> list[Json]:
    files = sorted((ROOT / "tests" / "guide" / "cases").glob(f"{guide}*.json"))
    return [case for file in files for case in json.loads(text_of(file))]


def request(case: Json) -> Json:
    """The body to post; what is to be refused is posted as it stands."""
    if case.get("kind") == "error":
        return dict(case["request"])
    return {key: case[key] for key in KEYS if key in case}


def deviations(case: Json, answer: httpx.Response) -> list[str]:
    """What an answer says that the case does not expect."""
    if case.get("kind") == "error":
        kind = answer.headers["content-type"]
        right = answer.status_code in case["expect_status_in"] and kind == "application/problem+json"
        return [] if right else [f"{answer.status_code} {kind}"]
    if answer.status_code != 200:
        return [answer.text]
    body, also = answer.json(), case.get("also", {})
    found = {one["rule"]: one for one in body["findings"]}
    wrong = [
        f"{expected['rule']}: {found.get(expected['rule'], {}).get('outcome')}"
        for expected in case.get("expect", [])
        if found.get(expected["rule"], {}).get("outcome")
        not in expected.get("outcome_in", [expected.get("outcome")])
    ]
    wrong += [
        f"{expected['rule']} cites {name} {found[expected['rule']]['clause'][name]}"
        for expected in case.get("expect", [])
        for name, value in expected.get("clause", {}).items()
        if found[expected["rule"]]["clause"][name] != value
    ]
    verdict = body["eligible"]
    if verdict == also.get("eligible_not") or verdict != also.get("eligible", verdict):
        wrong.append(verdict)
    return wrong + [f"{rule} is there" for rule in also.get("rules_absent", []) if rule in found]


@pytest.mark.parametrize("file", GUIDES, ids=lambda file: file.stem)
async def test_every_case_over_http(intake: httpx.AsyncClient, publish: Publish, file: Path) -> None:
    await publish(text_of(file))
    cases = [case for case in cases_of(file.stem) if case.get("kind") != "other"]
    assert {case["id"] for case in cases} >= set(WORKED[file.stem].split())
    wrong = {}
    for case in cases:
        found = deviations(case, await intake.post("/v1/prechecks", json=request(case)))
        if found:
            wrong[case["id"]] = found
    assert wrong == {}


def refused(guide: str, category: str, as_of: str, facts: Json, *statuses: int, **more: Any) -> Json:
    asked = {"guide": guide, "category": category, "as_of": as_of, "facts": facts, **more}
    return {"kind": "error", "request": asked, "expect_status_in": statuses or (404, 422)}


GL = ("gl-2019", "gl19-01-ict-core", "2019-05-20T10:00:00+08:00")
HY = ("hy-2021", "hy21-iur-key", "2021-06-30T09:00:00+08:00")
LZ = ("lz-2022", "lz22-lanbai", "2022-05-20T10:00:00+08:00")
QZ = ("qz-2020", "qz20-rd", "2020-06-15T10:00:00+08:00")
LEVEL = {"applicant": {"qualifications": [{"kind": "above_scale_industrial", "level": "市级"}]}}


@pytest.mark.parametrize(
    "case",
    [
        refused("qz-2020", LZ[1], QZ[2], {}),
        refused("qz-2020", "qz20", QZ[2], {}),
        refused("qz-2021", QZ[1], QZ[2], {}),
        refused(*GL, {"applicant": {"type": "enterprise"}, "lead": {"type": "university"}}, 422),
        refused(*HY, {"lead": {"type": "enterprise", "org": {"id": "org:u", "type": "university"}}}, 422),
        refused(*LZ, LEVEL, 422),
        refused(*LZ, {"budget": {"total_investment": "8000000"}}, 422),
        refused(*GL, {"budget": {"requested_grant": 1_000_000.5}}, 422),
        refused(*HY, {"call": {"year": 2021}}, 422),
        refused(*QZ, {"partners": {"count": 2}}, 422),
        refused(*QZ, {"patent": {"filing_date": "2016-02-30"}}, 422),
        refused(*QZ, {}, 422, interpretations={"qz.two_districts": "moon"}),
        refused(*QZ, {}, 422, unavailable=["moon.*"]),
        refused("qz-2020", QZ[1], "2020-06-15T10:00:00", {}, 422),
    ],
)
async def test_what_is_no_question_gets_no_verdict(
    intake: httpx.AsyncClient, publish: Publish, case: Json
) -> None:
    (file,) = [one for one in GUIDES if one.stem == case["request"]["guide"]] or [GUIDES[-1]]
    await publish(text_of(file))
    assert deviations(case, await intake.post("/v1/prechecks", json=request(case))) == []


async def test_the_cap_on_approvals_leaves_the_verdict_alone(
    intake: httpx.AsyncClient, finding: Finding
) -> None:
    """T66: the 51st approval fails the selection cap, and eligibility stays as it was."""
    (case,) = [case for case in cases_of("qz-2020") if case["id"] == "T66"]
    asked = {
        "guide": case["guide"],
        "category": case["category"],
        "stage": "approval",
        "as_of": "2020-08-01T09:00:00+08:00",
        "interpretations": {"qz.cap_50_scope": "major_and_rd"},
    }
    verdicts = {}
    for count in (50, 51):
        facts = {"selection": {"approved_count": count}}
        body = (await intake.post("/v1/prechecks", json={**asked, "facts": facts})).json()
        verdicts[count] = (finding(body, "QZ-CAP-01")["outcome"], body["eligible"])
        assert finding(body, "QZ-CAP-01")["effect"] == "selection_cap"
    assert [outcome for outcome, _ in verdicts.values()] == ["pass", "fail"]
    assert verdicts[50][1] == verdicts[51][1]
