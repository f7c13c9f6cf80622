"""Facts that registers derive: as of the instant, by person id, without the application at hand."""

from typing import Any
from uuid import UUID

import pytest

from common.clock import parse_instant
from eligibility.registers.kinds import credit_blacklist, patents, projects_in_progress
from eligibility.registers.kinds.base import Dated, Question, Subjects

AS_OF = parse_instant("2020-06-15T10:00:00+08:00")
USCC = "91330800TEST000017"
APPLICATION = UUID(int=1)

Entry = tuple[dict[str, Any], str, str | None]


def asked(**subjects: Any) -> Question:
    return Question(Subjects.model_validate(subjects), APPLICATION, AS_OF)


def dated(schema: Any, data: dict[str, Any], begins: str, ends: str | None = None) -> Dated[Any]:
    return Dated(schema.model_validate(data), parse_instant(begins), parse_instant(ends) if ends else None)


def project(begins: str = "2019-01-01T00:00:00+08:00", ends: str | None = None, **changes: Any) -> Dated[Any]:
    data = {
        "unit_uscc": USCC,
        "title": "含氟聚合物中试",
        "level": "city",
        "subsidised": True,
        "track": "competitive",
        "leader_ids": [],
        "member_ids": [],
        "status": "in_progress",
        **changes,
    }
    return dated(projects_in_progress.Project, data, begins, ends)


UNIT = {"uscc": USCC}
LEADER = [{"id": "a", "role": "leader"}]


class TestBlacklist:
    def listed(self, *entries: Dated[Any], **subjects: Any) -> Any:
        return credit_blacklist.derive(asked(**(subjects or {"unit": UNIT})), entries)

    def entry(self, begins: str, ends: str | None = None, uscc: str = USCC) -> Dated[Any]:
        data = {"unit_uscc": uscc, "list_id": "city-credit"}
        return dated(credit_blacklist.BlacklistEntry, data, begins, ends)

    def test_empty_register_answers_not_listed(self) -> None:
        answer = self.listed()
        assert answer == {"blacklist.listed": False, "blacklist.checked_at": AS_OF.isoformat()}

    @pytest.mark.parametrize(
        ("begins", "ends", "expected"),
        [
            ("2020-06-15T10:00:00+08:00", None, True),
            ("2020-06-15T10:00:00.000001+08:00", None, False),
            ("2020-01-01T00:00:00+08:00", "2020-06-15T10:00:00.000001+08:00", True),
            ("2020-01-01T00:00:00+08:00", "2020-06-15T10:00:00+08:00", False),
            ("2020-01-01T00:00:00+08:00", "2020-01-01T00:00:00+08:00", False),
        ],
    )
    def test_counts_as_of_the_instant(self, begins: str, ends: str | None, expected: bool) -> None:
        assert self.listed(self.entry(begins, ends))["blacklist.listed"] is expected

    def test_code_is_compared_without_spaces_case_and_width(self) -> None:
        written = "９１３３０８００ test 000017"
        assert self.listed(self.entry("2020-01-01T00:00:00Z", uscc=written))["blacklist.listed"] is True

    def test_unit_without_a_code_cannot_be_looked_up(self) -> None:
        assert self.listed(self.entry("2020-01-01T00:00:00Z"), unit={"id": "u1"}) == {}


class TestProjects:
    def facts(self, *entries: Dated[Any], **subjects: Any) -> dict[str, Any]:
        return projects_in_progress.derive(asked(**subjects), entries)

    def test_empty_register_answers_zero(self) -> None:
        facts = self.facts(unit=UNIT, people=LEADER, project_identity="含氟聚合物")
        assert facts == {
            "person.lead_count": 0,
            "person.member_count": 0,
            "applicant.unaccepted_subsidised_count": 0,
            "project.prior_establishment_count": 0,
        }

    def test_nobody_named_nobody_counted(self) -> None:
        assert self.facts(project(leader_ids=["a"])) == {}
        assert "person.lead_count" not in self.facts(people=[{"id": "a", "role": "main"}])

    def test_several_leaders_give_the_largest_count(self) -> None:
        entries = [
            project(title="甲", leader_ids=["a"]),
            project(title="乙", leader_ids=["b"]),
            project(title="丙", leader_ids=["b", "c"]),
        ]
        people = [{"id": "a", "role": "leader"}, {"id": "b", "role": "leader"}]
        assert self.facts(*entries, people=people)["person.lead_count"] == 2

    def test_members_are_counted_over_leaders_and_members(self) -> None:
        entries = [project(title=title, member_ids=["a", "m"]) for title in ("甲", "乙")]
        entries.append(project(title="丙", member_ids=["a"]))
        people = [*LEADER, {"id": "m", "role": "main"}]
        assert self.facts(*entries, people=people)["person.member_count"] == 3

    def test_leading_is_not_also_taking_part(self) -> None:
        entry = project(leader_ids=["a"], member_ids=["a"])
        assert self.facts(entry, people=LEADER) == {"person.lead_count": 1, "person.member_count": 0}

    @pytest.mark.parametrize(
        "changes",
        [
            {"level": "county"},
            {"level": "none"},
            {"status": "completed"},
            {"status": "accepted"},
            {"begins": "2020-06-15T10:00:00.000001+08:00"},
            {"ends": "2020-06-15T10:00:00+08:00"},
            {"application_id": str(APPLICATION)},
            {"leader_ids": ["namesake"]},
        ],
    )
    def test_what_is_no_project_in_progress_of_the_leader(self, changes: dict[str, Any]) -> None:
        entry = project(**{"leader_ids": ["a"], **changes})
        assert self.facts(entry, people=LEADER)["person.lead_count"] == 0

    @pytest.mark.parametrize("level", ["city", "provincial", "ministry", "national"])
    def test_level_of_the_city_or_above_counts(self, level: str) -> None:
        entry = project(level=level, leader_ids=["a"])
        assert self.facts(entry, people=LEADER)["person.lead_count"] == 1

    def test_one_project_from_two_sources_counts_once(self) -> None:
        entries = [
            project(identity="含氟聚合物 中试", leader_ids=["a"]),
            project(identity="含氟聚合物中试", title="另一写法", leader_ids=["a"]),
        ]
        assert self.facts(*entries, people=LEADER)["person.lead_count"] == 1

    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({}, 1),
            ({"status": "completed"}, 1),
            ({"planned_end": "2019-12-31"}, 1),
            ({"level": "national"}, 1),
            ({"status": "accepted"}, 0),
            ({"status": "terminated"}, 0),
            ({"subsidised": False}, 0),
            ({"track": "guidance"}, 0),
            ({"level": "county"}, 0),
            ({"unit_uscc": "91330800TEST000099"}, 0),
            ({"application_id": str(APPLICATION)}, 0),
        ],
    )
    def test_unaccepted_subsidised_projects_of_the_unit(self, changes: dict[str, Any], expected: int) -> None:
        facts = self.facts(project(**changes), unit=UNIT)
        assert facts["applicant.unaccepted_subsidised_count"] == expected

    def test_earlier_establishments_count_though_ended_and_of_another_unit(self) -> None:
        entry = project(
            "2012-01-01T00:00:00Z",
            "2014-01-01T00:00:00Z",
            identity="含氟 聚合物（中试）",
            level="county",
            status="accepted",
            unit_uscc="91330800TEST000099",
        )
        facts = self.facts(entry, project_identity="含氟聚合物(中试)")
        assert facts == {"project.prior_establishment_count": 1}

    def test_void_and_future_establishments_do_not_count(self) -> None:
        entries = [
            project("2012-01-01T00:00:00Z", "2012-01-01T00:00:00Z", identity="x"),
            project("2021-01-01T00:00:00Z", identity="x"),
        ]
        assert self.facts(*entries, project_identity="x")["project.prior_establishment_count"] == 0


class TestPatents:
    def patent(self, begins: str = "2010-05-05T00:00:00Z", ends: str | None = None, **changes: Any) -> Any:
        data = {
            "number": "ZL 2004 1 0012345.6",
            "type": "invention",
            "status": "granted",
            "filing_date": "2004-01-01",
            "owners": [{"id": USCC, "name": "衢州试例材料有限公司"}],
            "prior_listings": 0,
            **changes,
        }
        return dated(patents.Patent, data, begins, ends)

    def facts(self, *entries: Any, number: str | None = "200410012345.6", **subjects: Any) -> dict[str, Any]:
        return patents.derive(asked(unit=UNIT, patent_number=number, **subjects), entries)

    def test_found_by_number_however_written(self) -> None:
        assert self.facts(self.patent()) == {
            "patent.type": "invention",
            "patent.status": "granted",
            "patent.filing_date": "2004-01-01",
            "patent.owners": [{"id": "applicant", "name": "衢州试例材料有限公司"}],
            "patent.prior_listing_count": 0,
        }

    def test_not_found_leaves_all_missing_and_never_says_zero(self) -> None:
        assert self.facts() == {}
        assert self.facts(self.patent(), number=None) == {}
        assert self.facts(self.patent(), number="201010012345.6") == {}

    def test_the_latest_entry_speaks_and_listings_never_shrink(self) -> None:
        old = self.patent("2010-01-01T00:00:00Z", prior_listings=1)
        new = self.patent("2019-01-01T00:00:00Z", status="expired")
        late = self.patent("2020-07-01T00:00:00Z", status="invalidated", prior_listings=5)
        facts = self.facts(new, old, late)
        assert (facts["patent.status"], facts["patent.prior_listing_count"]) == ("expired", 1)

    def test_other_owners_keep_their_ids(self) -> None:
        owners = [{"id": USCC}, {"id": "91330800TEST000099", "name": "另一单位"}]
        assert self.facts(self.patent(owners=owners))["patent.owners"] == [
            {"id": "applicant"},
            {"id": "91330800TEST000099", "name": "另一单位"},
        ]
