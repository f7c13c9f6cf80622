"""The bureau's side of the story: registers, acceptance, reviews, notice, objections, approval."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cli.demo.applying import FINDINGS, raw_id
from cli.demo.graphql import Person, Refused

_APPLICATION = "application { id state }"
# what a reviewer answers where the guide leaves the judgement to a person
_JUDGEMENTS: Mapping[str, bool] = {
    "project.topic_fit": True,
    "patent.core_link_ok": True,
    "patent.dispute_found": False,
    "anonymity.reviewer_ok": True,
}


def fill_registers(
    officer: Person,
    blacklisted: dict[str, Any],
    busy: tuple[str, dict[str, Any]],
    patents: list[dict[str, Any]],
) -> None:
    """Enter what the registers know: a blacklisted unit, two projects of one leader, the patents.

    Args:
        busy: global id of the leader and the unit of the two projects in progress.
        patents: `{number, filing_date, owner}` with the owner's unit.
    """
    listed = {
        "unit_uscc": blacklisted["uscc"],
        "list_id": "quzhou-credit",
        "reason": "演示：失信记录",
        "from": "2020-03-01T00:00:00+08:00",
    }
    officer.do("addRegisterEntry", "entry", register="credit_blacklist", entry=listed)
    leader, unit = busy
    for number, title in enumerate(("油茶低产林改造关键技术", "茶皂素绿色提取中试"), start=1):
        project = {
            "unit_uscc": unit["uscc"],
            "title": title,
            "identity": f"{title}-{number}",
            "level": "city",
            "subsidised": False,
            "track": "guidance",
            "leader_ids": [raw_id(leader)],
            "member_ids": [],
            "status": "in_progress",
            "from": "2019-01-01T00:00:00+08:00",
        }
        officer.do("addRegisterEntry", "entry", register="projects_in_progress", entry=project)
    for patent in patents:
        entry = {
            "number": patent["number"],
            "type": "invention",
            "status": "granted",
            "filing_date": patent["filing_date"],
            "owners": [{"id": patent["owner"]["uscc"], "name": patent["owner"]["name"]}],
            "prior_listings": 0,
            "from": f"{patent['filing_date']}T00:00:00+08:00",
        }
        officer.do("addRegisterEntry", "entry", register="patents", entry=entry)


def accept(officer: Person, application_id: str) -> None:
    """受理: the sealed form and the electronic documents are complete."""
    officer.do("acceptApplication", _APPLICATION, applicationId=application_id, sealed=True)


def judge(reviewer: Person, application_id: str) -> int:
    """Decide what the last assessment left to a person; how many findings that were."""
    query = f"query($id: ID!) {{ application(id: $id) {{ assessments {{ stage {FINDINGS} }} }} }}"
    taken = reviewer.ask(query, id=application_id)["application"]["assessments"]
    open_findings = [
        finding
        for finding in taken[-1]["findings"]
        if finding["outcome"] == "manual"
        and finding["strength"] != "ranking"
        and finding["due"] == "submission"
    ]
    for finding in open_findings:
        facts = {name: _JUDGEMENTS[name] for name in finding["missing"] if name in _JUDGEMENTS}
        answer: dict[str, Any] = {"facts": facts} if facts else {"outcome": "pass"}
        reviewer.do(
            "decideFinding",
            "rule",
            applicationId=application_id,
            rule=finding["rule"],
            reason="经核对申报材料，符合指南要求。",
            evidence=["形式审查会议记录"],
            **answer,
        )
    return len(open_findings)


def formal_review(reviewer: Person, application_id: str) -> dict[str, Any]:
    """形式审查: pass where nothing stands against it, otherwise fail; the payload with its findings."""
    fields = f"{_APPLICATION} {FINDINGS}"
    try:
        return reviewer.do("formalReview", fields, applicationId=application_id, decision="pass")
    except Refused as refused:
        if "intake.findings_undecided" not in refused.codes:
            raise
    return reviewer.do(
        "formalReview", fields, applicationId=application_id, decision="fail", reason="不符合指南所列条件。"
    )


def score(experts: Mapping[str, Person], assigned: list[dict[str, Any]], marks: Mapping[str, int]) -> None:
    """Each assigned expert scores; `marks` by expert."""
    for assignment in assigned:
        name = assignment["by"]
        experts[name].do(
            "scoreApplication",
            "assignment { state score }",
            assignmentId=assignment["id"],
            score=marks[name],
            comment="技术路线清楚，指标可考核。",
        )


def assign(officer: Person, application_id: str, experts: Mapping[str, str]) -> list[dict[str, Any]]:
    """Assign experts; `[{id, by}]`. `experts`: name -> global person id."""
    names = {identity: name for name, identity in experts.items()}
    made = officer.do(
        "assignExperts",
        "assignments { id state expert { id } }",
        applicationId=application_id,
        expertIds=list(experts.values()),
    )["assignments"]
    return [
        {"id": one["id"], "by": names[one["expert"]["id"]]}
        for one in made
        if one["state"] == "assigned" and one["expert"]["id"] in names
    ]


def publish_notice(
    officer: Person, guide: str, application_ids: list[str], starts: datetime, ends: datetime
) -> str:
    """公示; the notice's global id."""
    notice = officer.do(
        "publishNotice",
        "notice { id state }",
        guide=guide,
        applicationIds=application_ids,
        startsAt=starts.isoformat(),
        endsAt=ends.isoformat(),
        whereZh="市科技主管部门综合咨询处（演示）",
    )["notice"]
    return str(notice["id"])


def object_to(citizen: Person, notice_id: str, application_id: str, text: str) -> str:
    """File an objection; its global id."""
    filed = citizen.do(
        "fileObjection", "objection { id state }", noticeId=notice_id, applicationId=application_id, text=text
    )
    return str(filed["objection"]["id"])


def decide_objection(officer: Person, objection_id: str, decision: str, reason: str) -> None:
    """Uphold or reject an objection."""
    officer.do(
        "decideObjection", "objection { state }", objectionId=objection_id, decision=decision, reason=reason
    )


def pull(province: Person) -> list[dict[str, Any]]:
    """The items of the feed, as the provincial client follows it to its end."""
    items: list[dict[str, Any]] = []
    cursor = None
    while True:
        answer = province.get(
            "/v1/feeds/approved-projects/changes", limit=3, **({"cursor": cursor} if cursor else {})
        ).json()
        items += answer["items"]
        cursor = answer["next_cursor"]
        if not answer["has_more"]:
            return items
