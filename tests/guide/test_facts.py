"""Facts as they are sent: names, types, tokens, shapes, owners."""

from datetime import UTC, datetime
from typing import Any

import pytest

from guide import (
    EvaluationRefused,
    Pack,
    Request,
    answer,
    check_facts,
    check_request,
    evaluate,
    facts_catalogue,
    flatten,
    nest,
)

FILE = {"sha256": "a" * 64, "at": "2020-06-01T08:00:00+08:00", "name": "x.pdf"}


@pytest.mark.parametrize(
    ("facts", "pointer"),
    [
        ({"applicant.colour": 1}, "/applicant/colour"),
        ({"moon": 1}, "/moon"),
        ({"applicant": 1}, "/applicant"),
        ({"applicant.type": "市级"}, "/applicant/type"),
        ({"applicant.type": ["enterprise"]}, "/applicant/type"),
        ({"applicant.legal_person": "是"}, "/applicant/legal_person"),
        ({"applicant.legal_person": 1}, "/applicant/legal_person"),
        ({"person.lead_count": -1}, "/person/lead_count"),
        ({"person.lead_count": True}, "/person/lead_count"),
        ({"person.lead_count": "1"}, "/person/lead_count"),
        ({"budget.rd_total": 3000000.0}, "/budget/rd_total"),
        ({"budget.rd_total": 10**16}, "/budget/rd_total"),
        ({"project.start": "2020-02-30"}, "/project/start"),
        ({"project.start": "20200201"}, "/project/start"),
        ({"submission.received_at": "2020-06-28T17:00:00"}, "/submission/received_at"),
        ({"submission.received_at": "2020-06-28"}, "/submission/received_at"),
        ({"submission.received_at": "9999-12-31T23:59:59-14:00"}, "/submission/received_at"),
        ({"submission.received_at": "0001-01-01T00:00:00+14:00"}, "/submission/received_at"),
        ({"submission.received_at": "2201-01-01T00:00:00Z"}, "/submission/received_at"),
        ({"submission.received_at": "٢٠٢٠-06-28T17:00:00Z"}, "/submission/received_at"),
        ({"project.start": "1899-12-31"}, "/project/start"),
        ({"project.start": "9999-12-31"}, "/project/start"),
        ({"project.start": "2020-W01-1"}, "/project/start"),
        ({"patent.number": "ZL\ud800"}, "/patent/number"),
        ({"applicant.names": ["青石", "\x00"]}, "/applicant/names/1"),
        ({"applicant.reg_region": "柯城"}, "/applicant/reg_region"),
        ({"applicant.industry_class": "2631"}, "/applicant/industry_class"),
        ({"project.topic": "qz20-t-9-9-moon"}, "/project/topic"),
        ({"patent.cert": "cert.pdf"}, "/patent/cert"),
        ({"patent.cert": FILE | {"sha256": "a"}}, "/patent/cert/sha256"),
        ({"patent.cert": FILE | {"at": "today"}}, "/patent/cert/at"),
        ({"patent.cert": FILE | {"size": 3}}, "/patent/cert/size"),
        ({"applicant.names": "青石"}, "/applicant/names"),
        ({"applicant.names": ["青石", 3]}, "/applicant/names/1"),
        ({"patent.owners": [{"name": "青石"}]}, "/patent/owners/0/id"),
        ({"patent.owners": ["applicant"]}, "/patent/owners/0"),
        ({"patent.owners": [{"id": "u", "type": "company"}]}, "/patent/owners/0/type"),
        ({"applicant.other_applications": [{"colour": "a"}]}, "/applicant/other_applications/0/colour"),
        ({"quota.row": "qz20-major/moon"}, "/quota/row"),
        ({"quota.row": "qz20-major/qujiang", "quota.limit": 3}, "/quota/limit"),
        ({"call.close_at": "2020-06-28T17:00:00+08:00"}, "/call/close_at"),
        ({"category.id": "qz20-rd"}, "/category/id"),
        ({"call.age_as_of": "2020-01-01"}, "/call/age_as_of"),
        ({"hnte.status": "有效"}, "/hnte/status"),
        ({"hnte.valid_until": "soon"}, "/hnte/valid_until"),
        ({"hnte.colour": "red"}, "/hnte/colour"),
        ({"talent.class": 10}, "/talent/class"),
        ({"talent.service_share": 33}, "/talent/service_share"),
        ({"lab.area_m2": "3e2"}, "/lab/area_m2"),
        ({"result.sources": ["patent", "patent"]}, "/result/sources"),
        ({"result.sources": ["patent", "luck"]}, "/result/sources/1"),
        ({"county.indicators": {"luck": "1"}}, "/county/indicators/luck"),
        ({"county.indicators": {"environment": 1}}, "/county/indicators/environment"),
        ({"lead.org": {"type": "enterprise"}}, "/lead/org/id"),
        ({"lead.org": {"id": "u", "colour": "red"}}, "/lead/org/colour"),
        ({"partners": [{"region": "HK"}, {"region": "CN"}]}, "/partners/1/region"),
        ({"partners": [{"agreement": "a.pdf"}]}, "/partners/0/agreement"),
        ({"partners": [{"colour": "red"}]}, "/partners/0/colour"),
        ({"partners.count": 2}, "/partners"),
        ({"applicant.rd_bodies": [{"id": "x"}]}, "/applicant/rd_bodies/0"),
        ({"payment.plan": [{"due": "2020-01-01", "amount": -1}]}, "/payment/plan/0/amount"),
    ],
)  # fmt: skip
def test_refused(qz: Pack, facts: dict[str, Any], pointer: str) -> None:
    assert [one.pointer for one in check_facts(qz, "qz20-rd", nest(facts))] == [pointer]
    assert check_facts(qz, "qz20-rd", nest(facts), "/facts")[0].pointer == f"/facts{pointer}"


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"applicant.type": None, "project.identity": "", "patent.owners": None},
        {"applicant": None},
        {"submission.received_at": "2020-06-28T09:00:00.000001Z"},
        {"patent.owners": [], "quota.row": "none", "person.lead_count": 0},
        {"quota.row": "qz20-major/qujiang", "quota.limit": 2},
        {"project.topic": "other", "applicant.reg_region": "HK"},
        {"patent.cert": {"sha256": "a" * 64, "at": "2020-06-01T08:00:00Z"}},
        {"hnte.status": "valid", "hnte.valid_until": "none", "result.new_drug_cert": "none"},
        {"talent.service_share": "33.33", "lab.area_m2": "300.00", "talent.class": 9},
        {"lead.org": {"id": "none"}, "contract.parties": [{"id": "applicant", "region": "330802"}]},
        {"partners": [{"id": "u", "region": "zhangjiang", "agreement": FILE, "capability_ok": None}]},
        {"county.indicators": {"environment": "1.5"}, "result.sources": ["patent"], "project.field": "rose"},
        {"applicant.rd_bodies": ["a", "b"], "lab.staff": [{"person": "p", "birth_date": "1980-02-29"}]},
        {"submission.received_at": "1900-01-01T00:00:00+14:00", "project.start": "2200-12-31"},
    ],
)
def test_accepted(qz: Pack, facts: dict[str, Any]) -> None:
    assert check_facts(qz, "qz20-rd", nest(facts)) == []


def test_facts_of_other_guides_change_nothing(qz: Pack) -> None:
    how: dict[str, Any] = {"category": "qz20-rd", "as_of": "2020-06-01T09:00:00+08:00"}
    more = {"hnte": {"status": "valid"}, "contract": {"file": FILE}, "partners": [{"region": "HK"}]}
    assert check_facts(qz, "qz20-rd", more) == []
    assert evaluate(qz, facts=more, **how).as_dict() == evaluate(qz, facts={}, **how).as_dict()


def test_a_fact_sent_twice_is_named_at_both_places(qz: Pack) -> None:
    twice = {"applicant.type": "enterprise", "applicant": {"type": "university"}, "patent.number": "1"}
    problems = check_facts(qz, "qz20-rd", twice, "/facts")
    assert [one.pointer for one in problems] == ["/facts/applicant.type", "/facts/applicant/type"]
    assert all("/facts/applicant.type, /facts/applicant/type" in one.reason for one in problems)
    assert check_facts(qz, "qz20-rd", {"hnte.status": None, "hnte": {"status": "valid"}})
    assert check_facts(qz, "qz20-rd", {"partners.count": 1})[0].reason.endswith("derived and cannot be sent")
    limit = {"quota.row": "qz20-major/qujiang", "quota.limit": 3}
    assert [one.pointer for one in check_facts(qz, "qz20-rd", limit)] == ["/quota.limit"]


def test_facts_are_an_object_of_a_leaf(qz: Pack) -> None:
    assert check_facts(qz, "qz20-rd", [])[0].pointer == ""
    with pytest.raises(KeyError):
        check_facts(qz, "qz20-t-1-1-fluorine", {})


def test_nest_and_flatten(qz: Pack) -> None:
    flat = {"patent.cert": FILE, "patent.number": "1", "applicant.names": ["a"], "quota.row": None}
    assert flatten(nest(flat), qz.facts) == flat
    assert nest({"a.b": 1, "a.c.d": 2}) == {"a": {"b": 1, "c": {"d": 2}}}
    with pytest.raises(ValueError, match="part of the name"):
        nest({"a": 1, "a.b": 2})
    with pytest.raises(ValueError, match="prefix"):
        nest({"a.b": 2, "a": 1})


def test_catalogue(qz: Pack) -> None:
    rows = {row["name"]: row for row in facts_catalogue(qz)}
    assert rows["budget.rd_total"] == {
        "name": "budget.rd_total",
        "type": "money",
        "unit": "yuan",
        "owner": "app",
        "allowed": None,
        "label_zh": "研发投入预算",
        "label_en": "budgeted R&D investment",
        "rules": ["QZ-4-2"],
    }
    assert "enterprise" in rows["applicant.type"]["allowed"]
    assert len(rows["project.topic"]["allowed"]) == 25
    assert len(rows["quota.row"]["allowed"]) == 18
    assert rows["patent.cert"]["rules"] == ["QZ-4-3e", "QZ-PAT-01", "QZ-PAT-04"]
    assert all(row["rules"] or row["owner"] == "call" for row in rows.values())


def request(**more: Any) -> Request:
    body = {"guide": "qz-2020", "category": "qz20-rd", "as_of": "2020-06-01T09:00:00+08:00", "facts": {}}
    return Request.model_validate(body | more)


@pytest.mark.parametrize(
    ("more", "pointer"),
    [
        ({"guide": "gl-2019"}, "/guide"),
        ({"category": "gl19-06-incubator"}, "/category"),
        ({"category": "qz20-t-1-1-fluorine"}, "/category"),
        ({"facts": {"applicant": {"type": "moon"}}}, "/facts/applicant/type"),
        ({"interpretations": {"qz.moon": True}}, "/interpretations/qz.moon"),
        ({"interpretations": {"qz.close_inclusive": "true"}}, "/interpretations/qz.close_inclusive"),
        ({"interpretations": {"qz.patent_as_of": "soon"}}, "/interpretations/qz.patent_as_of"),
        ({"interpretations": {"qz.recommendation_close": "2020-06-30"}},
         "/interpretations/qz.recommendation_close"),
        ({"unavailable": ["blacklist.*", "moon.*"]}, "/unavailable/1"),
        ({"unavailable": ["patent.colour"]}, "/unavailable/0"),
        ({"unavailable": ["patent.owners[].id", "patent.owners[].colour"]}, "/unavailable/1"),
        ({"interpretations": {"qz.patent_as_of": "9999-12-31"}}, "/interpretations/qz.patent_as_of"),
        ({"interpretations": {"qz.patent_as_of": "2020-W01-1"}}, "/interpretations/qz.patent_as_of"),
    ],
)  # fmt: skip
def test_wrong_questions(qz: Pack, more: dict[str, Any], pointer: str) -> None:
    assert [one.pointer for one in check_request(qz, request(**more))] == [pointer]
    with pytest.raises(EvaluationRefused):
        answer(qz, request(**more))


def test_interpretations_of_other_guides_and_nulls_are_passed_over(qz: Pack) -> None:
    given = {
        "gl.own_funds_ratio": "own_to_grant",
        "qz.close_inclusive": None,
        "qz.patent_as_of": "2020-06-28",
    }
    away = ["patent.owners[].id", "partners[].region", "partners.*", "hnte.*", "lead.org"]
    assert check_request(qz, request(interpretations=given, unavailable=away)) == []


def test_a_request_has_an_offset_and_no_other_keys() -> None:
    with pytest.raises(ValueError, match="offset"):
        request(as_of="2020-06-01T09:00:00")
    with pytest.raises(ValueError, match="Extra inputs"):
        request(colour=1)
    with pytest.raises(ValueError, match="1900"):
        request(as_of="9999-12-31T23:59:59-14:00")


def test_evaluate_refuses_what_is_no_leaf(qz: Pack) -> None:
    with pytest.raises(EvaluationRefused, match="no selectable category"):
        evaluate(qz, category="qz20", as_of="2020-06-01T09:00:00+08:00", facts={})


@pytest.mark.parametrize("as_of", ["9999-12-31T23:59:59Z", "soon", datetime.max.replace(tzinfo=UTC)])
def test_evaluate_refuses_an_instant_beyond_the_calendar(qz: Pack, as_of: Any) -> None:
    with pytest.raises(EvaluationRefused) as caught:
        evaluate(qz, category="qz20-rd", as_of=as_of, facts={})
    assert [one.pointer for one in caught.value.problems] == ["/as_of"]
