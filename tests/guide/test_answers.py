"""Verdict, stage table, provenance, decisions, and what a finding shows."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from guide import (
    Decision,
    Evaluation,
    EvaluationRefused,
    Pack,
    Provenance,
    Stage,
    decide,
    evaluate,
    flatten,
    load_pack,
    nest,
)

CASES = {c["id"]: c for c in json.loads((Path(__file__).parent / "cases" / "qz-2020.json").read_text())}
PACKS = Path(__file__).parents[2] / "deploy" / "guides"
ASKED = ("category", "stage", "as_of", "facts", "interpretations", "unavailable")
KEYS = {
    "rule", "outcome", "effect", "strength", "due", "part_of", "clause", "message", "remedy", "facts_used",
    "missing", "interpretation",
}  # fmt: skip


def assess(pack: Pack, stage: str, change: dict[str, Any] | None = None, **how: Any) -> Evaluation:
    """A sound applicant for a tackling project at a stage, with some facts changed."""
    case = CASES[f"whole/qz20-rd/{stage}"]
    facts = nest(flatten(case["facts"], pack.facts) | (change or {}))
    return evaluate(pack, category="qz20-rd", stage=stage, as_of=case["as_of"], facts=facts, **how)


def test_a_finding_as_json(qz: Pack) -> None:
    finding = assess(qz, "submission", {"person.lead_count": 3}).finding("QZ-4-4a").as_dict()
    assert set(finding) >= KEYS
    assert json.loads(json.dumps(finding)) == finding
    assert finding["clause"] == {
        "id": "qz20-notice/4-4",
        "document": "qz20-notice",
        "section": "四.4",
        "lines": "27",
        "text_zh": qz.clauses["qz20-notice/4-4"].text_zh,
        "text_en": qz.clauses["qz20-notice/4-4"].text_en,
    }
    assert finding["remedy"] == "负责人主持的在研项目超出 2 项，须先验收或调整负责人"
    assert finding["gap"] == {"fact": "person.lead_count", "value": 2, "unit": "projects"}
    assert finding["interpretation"]["id"] == "qz.count_includes_this_application"
    assert finding["interpretation"]["value"] == "false"


def test_lateness_to_the_millisecond(qz: Pack) -> None:
    late = assess(qz, "submission", {"submission.received_at": "2020-06-28T17:00:00.001+08:00"}, lang="en")
    assert late.finding("QZ-WIN-01").remedy == "late by 0.001 s"
    assert late.finding("QZ-WIN-01").effect == "deemed_given_up"
    day = assess(qz, "submission", {"submission.received_at": "2020-06-29T18:02:00+08:00"})
    assert day.finding("QZ-4-8a").remedy == "超过规定申报时间 1 天 1 小时 2 分"
    early = assess(qz, "submission", {"submission.received_at": "2020-05-17T23:59:59+08:00"})
    assert early.finding("QZ-WIN-01").effect == "blocks_submission"


def test_provenance_of_every_fact(qz: Pack) -> None:
    at = "2020-06-10T09:30:01+08:00"
    evaluation = assess(
        qz,
        "submission",
        {"blacklist.listed": True},
        provenance={"blacklist.listed": Provenance("register:credit_blacklist", at, 7)},
        unavailable=["patent.*"],
    )
    used = {fact.name: fact for fact in evaluation.finding("QZ-SUB-04").facts_used}
    assert used["blacklist.listed"].as_dict() == {
        "name": "blacklist.listed",
        "value": True,
        "source": "register:credit_blacklist",
        "at": at,
    }
    assert used["blacklist.checked_at"].source == "request"
    window = {fact.name: fact for fact in evaluation.finding("QZ-WIN-01").facts_used}
    assert (window["call.close_at"].source, window["call.close_at"].value) == (
        "pack",
        "2020-06-28T17:00:00+08:00",
    )


def test_what_the_pack_supplies_says_so(qz: Pack) -> None:
    used = {fact.name: fact for fact in assess(qz, "recommendation").finding("QZ-4-8b").facts_used}
    assert (used["quota.limit"].value, used["quota.limit"].source) == (5, "pack")
    assert used["quota.used"].source == "request"


def test_an_instant_without_offset_is_no_question(qz: Pack) -> None:
    naive = datetime.fromisoformat("2020-06-10T09:00:00")
    with pytest.raises(EvaluationRefused, match="offset"):
        evaluate(qz, category="qz20-rd", as_of=naive, facts={})


def test_not_due_does_not_weigh_but_a_fail_always_does(qz: Pack) -> None:
    assert assess(qz, "submission").eligible == "eligible"
    assert assess(qz, "submission").finding("QZ-INI-01").outcome == "manual"
    assert assess(qz, "submission", {"initial_review.decision": "rejected"}).eligible == "not_eligible"
    assert assess(qz, "recommendation", {"initial_review.decision": None}).eligible == "pending"


def decision(
    pack: Pack, stage: str, change: dict[str, Any] | None = None, **how: Any
) -> tuple[str, list[str]]:
    result = decide(pack, stage, assess(pack, stage, change, **how))
    return result.decision, result.rules


@pytest.mark.parametrize("stage", [stage for stage in Stage if stage is not Stage.acceptance])
def test_a_sound_applicant_is_admitted(qz: Pack, stage: Stage) -> None:
    assert decision(qz, stage) == ("admit", [])


LATE = {"submission.received_at": "2020-06-28T17:00:00.001+08:00"}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"blacklist.listed": True}, ("refuse", ["QZ-SUB-04"])),
        (LATE, ("refuse", ["QZ-WIN-01", "QZ-4-8a"])),
        ({"commitment.file": None}, ("refuse", ["QZ-4-6b"])),
        ({"project.topic": None}, ("refuse", ["QZ-DIR-01"])),
        ({"person.lead_count": 2}, ("admit", [])),
        ({"project.topic_fit": None}, ("admit", [])),
        ({"person.lead_count": None}, ("admit", [])),
        ({"initial_review.decision": "rejected"}, ("admit", [])),
        ({"quota.row": "none"}, ("admit", [])),
    ],
)
def test_submission(qz: Pack, change: dict[str, Any], expected: tuple[str, list[str]]) -> None:
    assert decision(qz, "submission", change) == expected


def test_what_is_missing_is_listed(qz: Pack) -> None:
    change = {"commitment.file": None, "commitment.unit_signed": None, "budget.rd_total": None}
    result = decide(qz, "submission", assess(qz, "submission", change))
    assert result.missing == ["commitment.file", "commitment.unit_signed"]


@pytest.mark.parametrize(
    ("villages", "refused"),
    [
        ([{"id": "v:1"}, {"id": "v:2"}], False),  # whether they are on the list is a register's to say
        (None, True),
    ],
)
def test_a_records_key_is_asked_of_who_owns_the_key(villages: Any, refused: bool) -> None:
    pack = load_pack((PACKS / "gl-2019.yaml").read_bytes())
    at, facts = "2019-06-20T10:00:00+08:00", {"beneficiary": {"villages": villages}}
    found = evaluate(pack, category="gl19-14-sts-poverty", as_of=at, facts=facts)
    assert found.finding("GL-14-6").outcome == "unknown"
    assert ("GL-14-6" in decide(pack, "submission", found).rules) is refused


def test_an_owner_that_is_away_admits_as_pending(qz: Pack) -> None:
    assert decision(qz, "submission", unavailable=["blacklist.*"]) == ("admit_pending", ["QZ-SUB-04"])
    assert decision(qz, "submission", unavailable=["commitment.file"])[0] == "admit_pending"
    both = decision(qz, "submission", {"commitment.truth_declared": None}, unavailable=["blacklist.*"])
    assert both == ("refuse", ["QZ-4-6a"])


def test_equal_projects_freeze_and_are_not_refused(qz: Pack) -> None:
    twice = {"applicant.other_applications": [{"id": "a", "identity": "青石耐磨密封件示范线"}]}
    result = decide(qz, "submission", assess(qz, "submission", twice))
    assert (result.decision, result.freeze) == ("admit", ["QZ-4-5a"])
    assert decision(qz, "formal_review", twice) == ("refuse", ["QZ-4-5a"])


def test_recommendation(qz: Pack) -> None:
    full = {"quota.used": 5}
    assert decision(qz, "recommendation", full) == ("refuse", ["QZ-4-8b"])
    assert decision(qz, "recommendation", {"initial_review.decision": "rejected"})[0] == "refuse"
    assert decision(qz, "recommendation", {"quota.used": None, "recommendation.form": None}) == ("admit", [])
    assert decision(qz, "recommendation", unavailable=["quota.*"])[0] == "admit_pending"


def test_formal_review_wants_everything_decided(qz: Pack) -> None:
    assert decision(qz, "formal_review", {"person.lead_count": 2}) == ("refuse", ["QZ-4-4a"])
    assert decision(qz, "formal_review", {"project.topic_fit": None}) == ("admit_pending", ["QZ-DIR-01"])
    assert decision(qz, "approval", {"person.member_count": None}) == ("admit_pending", ["QZ-4-4b"])
    cap = {"selection.approved_count": 51, "notice.open_objections": 3}
    assert decision(qz, "approval", cap) == ("admit", [])


def test_a_persons_decision_settles_a_manual_finding(qz: Pack) -> None:
    change = {"applicant.type": "public_institution", "applicant.in_enclave": None}
    word = Decision("QZ-SUB-03", "pass", "市属医院，按二.2申报", "p-9", "2020-07-01T09:00:00+08:00")
    assert assess(qz, "formal_review", change).eligible == "pending"
    decided = assess(qz, "formal_review", change, decisions=[word])
    assert decided.eligible == "eligible"
    assert decided.finding("QZ-SUB-03").as_dict()["decision"] == {
        "outcome": "pass",
        "reason": "市属医院，按二.2申报",
        "by": "p-9",
        "at": "2020-07-01T09:00:00+08:00",
    }
    no = Decision("QZ-SUB-03", "fail", "不在列举之内", "p-9", "2020-07-02T09:00:00+08:00")
    assert assess(qz, "formal_review", change, decisions=[word, no]).eligible == "not_eligible"


def test_a_decision_changes_nothing_but_manual(qz: Pack) -> None:
    word = Decision("QZ-4-4a", "pass", "—", "p-9", "2020-07-01T09:00:00+08:00")
    for count in (2, None):
        finding = assess(qz, "formal_review", {"person.lead_count": count}, decisions=[word]).finding(
            "QZ-4-4a"
        )
        assert (finding.outcome == "pass", finding.decision) == (False, None)


def test_rule_order_does_not_matter(qz: Pack, qz_data: dict[str, Any]) -> None:
    qz_data["rules"].reverse()
    turned = load_pack(json.dumps(qz_data, ensure_ascii=False))
    for case in CASES.values():
        if "kind" in case:
            continue
        how = {key: case[key] for key in ASKED if key in case}
        left, right = evaluate(qz, **how), evaluate(turned, **how)
        assert left.eligible == right.eligible
        assert [f.outcome for f in left.findings] == [f.outcome for f in reversed(right.findings)]
