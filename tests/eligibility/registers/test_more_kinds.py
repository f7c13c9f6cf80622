"""Facts of the registers that cities keep: at the boundaries of a period, and what an absent entry means."""

from typing import Any
from uuid import UUID

import pytest

from common.clock import parse_instant
from eligibility.registers.kinds import KINDS
from eligibility.registers.kinds.base import Dated, Question, Subjects
from guide.dictionary import dictionary

AS_OF = parse_instant("2019-06-15T10:00:00+08:00")
JUST_AFTER = "2019-06-15T10:00:00.000001+08:00"
NOW = "2019-06-15T10:00:00+08:00"
OWN, OTHER = "91450300TEST000011", "91450300TEST000029"
UNIT = {"uscc": OWN, "region": "450312"}
TEAM = [{"id": "p1", "role": "leader"}, {"id": "p2", "role": "main"}]
VILLAGES = [{"id": "v1"}, {"id": "v2"}]

ENTRIES: dict[str, dict[str, Any]] = {
    "technical_contracts": {"registration_no": "2019450300001", "party_usccs": [OWN, OTHER]},
    "hnte": {"unit_uscc": OWN, "certificate_no": "GR201745000011"},
    "hnte_reserve": {"unit_uscc": OWN},
    "sme_evaluations": {
        "unit_uscc": OWN,
        "year": 2019,
        "number": "2019450312A0",
        "evaluated_on": "2019-04-01",
    },
    "platforms": {
        "platform_id": "gx-1",
        "name": "试例重点实验室",
        "type": "key_lab",
        "level": "provincial",
        "unit_uscc": OWN,
        "head_id": "p1",
    },
    "qualifications": {"unit_uscc": OWN, "kind": "hnte", "level": "national"},
    "talents": {"person_id": "p1", "talent_class": 3, "introduced_on": "2018-03-01"},
    "commissioners": {"person_id": "p2", "dispatch_unit_uscc": OWN, "village_ids": ["v1"]},
    "poor_villages": {"village_id": "v1", "name": "试例村", "county": "450324"},
    "signed_projects": {"number": "7", "title": "试例项目", "party_usccs": [OTHER, OWN]},
    "subsidies": {
        "claimant_uscc": OTHER,
        "party_usccs": [OWN, OTHER],
        "contract_number": "2019450300001",
        "article": "13",
        "claimed_on": "2019-05-01",
    },
    "county_indicators": {"county": "450312", "year": 2018, "indicators": {"rd_intensity": "2.31"}},
}
FOUND: dict[str, dict[str, Any]] = {
    "technical_contracts": {"contract.registration_no": "2019450300001"},
    "hnte": {"hnte.status": "valid"},
    "hnte_reserve": {"hnte.reserve_listed": True},
    "sme_evaluations": {
        "sme.evaluation_date": "2019-04-01",
        "sme.evaluation_year": 2019,
        "sme.number": "2019450312A0",
    },
    "platforms": {
        "platform.type": "key_lab",
        "platform.level": "provincial",
        "platform.head": "p1",
        "applicant.has_gx_keylab": True,
    },
    "qualifications": {"applicant.qualifications": [{"kind": "hnte", "level": "national"}]},
    "talents": {"talent.class": 3, "talent.introduced_on": "2018-03-01"},
    "commissioners": {"commissioner.person": "p2", "commissioner.dispatch_unit": {"id": "lead"}},
    "poor_villages": {
        "beneficiary.villages": [{"id": "v1", "county": "450324", "on_poor_list": True}, {"id": "v2"}]
    },
    "signed_projects": {"signed_list.entry": "7"},
    "subsidies": {"subsidy.art13_14_claims": 1},
    "county_indicators": {"county.indicators": {"rd_intensity": "2.31"}},
}
NOBODY_SEARCHED: dict[str, dict[str, Any]] = {"poor_villages": {"beneficiary.villages": VILLAGES}}
NOT_ON_THE_WHOLE_LIST: dict[str, dict[str, Any]] = {
    "technical_contracts": {"contract.registration_no": "none"},
    "hnte": {"hnte.status": "none"},
    "hnte_reserve": {"hnte.reserve_listed": False},
    "sme_evaluations": {"sme.evaluation_date": "none"},
    "platforms": {
        "platform.level": "none",
        "platform.recognition_level": "none",
        "applicant.has_gx_keylab": False,
    },
    "commissioners": {"commissioner.person": "none", "commissioner.dispatch_unit": {"id": "none"}},
    "poor_villages": {"beneficiary.villages": [{**one, "on_poor_list": False} for one in VILLAGES]},
    "signed_projects": {"signed_list.entry": "none"},
    "subsidies": {"subsidy.art13_14_claims": 0},
}
"""The others never say "no": nobody lists all qualifications, and there is no class or figure for nothing."""

# claims, certificates and evaluations of the past stay facts after their end
LASTING = {"hnte": {"hnte.status": "expired"}, "sme_evaluations": FOUND["sme_evaluations"]} | {
    "subsidies": FOUND["subsidies"],
    "qualifications": {"applicant.qualifications": []},
}
names = pytest.mark.parametrize("name", sorted(ENTRIES))


def asked(*, whole: str | None = None, stated: dict[str, Any] | None = None, **subjects: Any) -> Question:
    every = {
        "unit": UNIT,
        "people": TEAM,
        "contract_number": "2019450300001",
        "talent": "p1",
        "villages": ["v1", "v2"],
        "project_identity": "试例 项目",
        **subjects,
    }
    known = {"beneficiary.villages": VILLAGES} if stated is None else stated
    return Question(
        Subjects.model_validate(every), UUID(int=1), AS_OF, known, frozenset({whole} if whole else ())
    )


def entry(
    name: str, begins: str = "2019-01-01T00:00:00+08:00", ends: str | None = None, **changes: Any
) -> Any:
    data = KINDS[name].schema.model_validate({**ENTRIES[name], **changes})
    return Dated(data, parse_instant(begins), parse_instant(ends) if ends else None)


def said(name: str, *entries: Any, **question: Any) -> dict[str, Any]:
    """What the register says, given those of its entries that the question's keys find."""
    kind, one = KINDS[name], asked(**question)
    wanted = set(kind.wanted(one))
    return kind.derive(one, [found for found in entries if wanted & set(kind.keys(found.data))])


def test_every_kind_is_here() -> None:
    assert set(ENTRIES) | {"credit_blacklist", "projects_in_progress", "patents"} == set(KINDS)


@names
def test_found(name: str) -> None:
    assert said(name, entry(name)) == FOUND[name]


@names
@pytest.mark.parametrize(("begins", "counts"), [(NOW, True), (JUST_AFTER, False)])
def test_the_beginning_counts(name: str, begins: str, counts: bool) -> None:
    assert said(name, entry(name, begins)) == (FOUND[name] if counts else NOBODY_SEARCHED.get(name, {}))


@names
def test_it_holds_until_its_end(name: str) -> None:
    facts = said(name, entry(name, ends=JUST_AFTER))
    assert facts == FOUND[name] | ({"hnte.valid_until": "2019-06-15"} if name == "hnte" else {})


@names
def test_the_end_does_not_count(name: str) -> None:
    facts = said(name, entry(name, ends=NOW))
    until = {"hnte.valid_until": "2019-06-15"} if name == "hnte" else {}
    assert facts == LASTING.get(name, NOBODY_SEARCHED.get(name, {})) | until


@names
def test_a_void_entry_never_was(name: str) -> None:
    begun = "2019-01-01T00:00:00+08:00"
    assert said(name, entry(name, begun, begun)) == NOBODY_SEARCHED.get(name, {})


@names
def test_nobody_has_searched(name: str) -> None:
    assert said(name) == NOBODY_SEARCHED.get(name, {})


@names
def test_not_on_the_whole_list(name: str) -> None:
    assert said(name, whole=name) == NOT_ON_THE_WHOLE_LIST.get(name, {})


@names
def test_the_whole_list_of_another_register_says_nothing(name: str) -> None:
    assert said(name, whole="patents") == NOBODY_SEARCHED.get(name, {})


@names
def test_nobody_named_nobody_looked_up(name: str) -> None:
    nobody = Question(Subjects(), None, AS_OF, {}, frozenset({name}))
    assert list(KINDS[name].wanted(nobody)) == []
    assert KINDS[name].derive(nobody, []) == {}


@names
def test_answers_are_declared_and_in_the_dictionary(name: str) -> None:
    answered = {*FOUND[name], *NOT_ON_THE_WHOLE_LIST.get(name, {})}
    assert answered <= KINDS[name].facts <= dictionary().declarable.keys()


def test_a_contract_of_other_parties_is_for_a_person_to_look_at() -> None:
    assert said("technical_contracts", entry("technical_contracts", party_usccs=[OTHER])) == {}
    unnamed = said("technical_contracts", entry("technical_contracts", party_usccs=[]))
    assert unnamed == FOUND["technical_contracts"]


def test_the_certificate_that_lasts_longest_speaks() -> None:
    old = entry("hnte", "2014-10-01T00:00:00+08:00", "2017-10-01T00:00:00+08:00", certificate_no="GR1")
    new = entry("hnte", "2017-10-01T00:00:00+08:00", "2020-10-01T00:00:00+08:00")
    assert said("hnte", new, old) == {"hnte.status": "valid", "hnte.valid_until": "2020-09-30"}
    assert said("hnte", old, whole="hnte") == {"hnte.status": "expired", "hnte.valid_until": "2017-09-30"}


def test_the_latest_evaluation_speaks() -> None:
    earlier = entry("sme_evaluations", "2018-05-01T00:00:00+08:00", year=2018, evaluated_on="2018-05-01")
    assert said("sme_evaluations", entry("sme_evaluations"), earlier)["sme.evaluation_year"] == 2019


class TestPlatforms:
    def test_the_one_that_is_named_speaks_whoever_runs_it(self) -> None:
        theirs = entry("platforms", platform_id="x", unit_uscc=OTHER, level="national")
        facts = said("platforms", entry("platforms"), theirs, platform_id=" x ")
        assert (facts["platform.level"], facts["applicant.has_gx_keylab"]) == ("national", True)

    def test_several_of_the_unit_and_none_named_leave_it_open(self) -> None:
        second = entry("platforms", platform_id="y", type="incubator", level="city")
        facts = said("platforms", entry("platforms"), second)
        assert facts == {"platform.recognition_level": "city", "applicant.has_gx_keylab": True}

    def test_a_name_that_is_not_on_the_whole_list(self) -> None:
        facts = said("platforms", entry("platforms"), platform_id="made-up", whole="platforms")
        assert (facts["platform.level"], "platform.type" in facts) == ("none", False)

    def test_the_highest_level_of_the_carriers(self) -> None:
        carriers = [
            entry("platforms", platform_id=level, type="maker_space", level=level)
            for level in ("city", "national", "provincial")
        ]
        assert said("platforms", *carriers)["platform.recognition_level"] == "national"


class TestQualifications:
    FACT = "applicant.qualifications"

    def facts(self, *entries: Any, stated: list[dict[str, Any]]) -> Any:
        return said("qualifications", *entries, stated={self.FACT: stated}).get(self.FACT)

    def test_the_paper_proves_and_the_register_says_the_level(self) -> None:
        proof = {"sha256": "0" * 64}
        stated = [
            {"kind": "hnte", "level": "city", "proof": proof},
            {"kind": "provincial_innovative", "level": "provincial", "proof": proof},
        ]
        assert self.facts(entry("qualifications"), stated=stated) == [
            {"kind": "hnte", "level": "national", "proof": proof},
            stated[1],
        ]

    def test_an_ended_one_is_gone_whatever_a_paper_says(self) -> None:
        assert (
            self.facts(entry("qualifications", ends=NOW), stated=[{"kind": "hnte", "level": "national"}])
            == []
        )


class TestCommissioners:
    def test_one_of_the_team_goes_before_another_of_the_village(self) -> None:
        stranger = entry("commissioners", person_id="a", dispatch_unit_uscc=OWN)
        mine = entry("commissioners", dispatch_unit_uscc=OTHER, dispatch_unit_name="试例推广站")
        assert said("commissioners", stranger, mine) == {
            "commissioner.person": "p2",
            "commissioner.dispatch_unit": {"id": OTHER, "name": "试例推广站"},
        }

    def test_one_who_serves_other_villages_is_not_this_projects(self) -> None:
        elsewhere = entry("commissioners", village_ids=["v9"])
        assert said("commissioners", elsewhere) == {}
        assert said("commissioners", elsewhere, whole="commissioners")["commissioner.person"] == "none"

    def test_without_villages_the_team_is_asked(self) -> None:
        anywhere = entry("commissioners", village_ids=[])
        assert said("commissioners", anywhere) == FOUND["commissioners"]


@pytest.mark.parametrize("whole", [None, "poor_villages"])
def test_what_a_form_says_of_the_list_does_not_count(whole: str | None) -> None:
    claim = {"county": "450399", "on_poor_list": True}
    claimed = [{"id": "v2", **claim}, {"id": "v3", **claim}, {"id": "", **claim}, claim]
    facts = said(
        "poor_villages", entry("poor_villages"), stated={"beneficiary.villages": claimed}, whole=whole
    )
    off = {"on_poor_list": False} if whole else {}
    # v3 was not looked up: nobody can say that it is not on the list
    assert facts == {"beneficiary.villages": [{"id": "v2", **off}, {"id": "v3"}, {"id": ""}, {}]}


def test_a_signed_unit_with_another_title_is_for_a_person_to_look_at() -> None:
    other = entry("signed_projects", title="另一项目")
    assert said("signed_projects", other, whole="signed_projects") == {}


class TestSubsidies:
    def test_claims_of_both_sides_for_the_contract(self) -> None:
        second = entry("subsidies", claimant_uscc=OWN, article="14")
        assert said("subsidies", entry("subsidies"), second) == {"subsidy.art13_14_claims": 2}

    def test_without_a_contract_a_claim_cannot_be_placed(self) -> None:
        assert said("subsidies", entry("subsidies"), contract_number=None, whole="subsidies") == {}
        none = said("subsidies", contract_number=None, whole="subsidies")
        assert none == {"subsidy.art13_14_claims": 0}

    def test_a_claim_that_names_no_contract_may_be_for_this_one(self) -> None:
        unclear = entry("subsidies", contract_number=None)
        assert said("subsidies", unclear, whole="subsidies") == {}
