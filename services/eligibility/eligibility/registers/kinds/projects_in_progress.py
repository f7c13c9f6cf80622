"""Established projects (在研项目) of units and people, of all levels that the city knows of.

An entry says what a project's status was, and from when to when that held. `to` is **not** the planned end of
the project: an overdue project is still in progress and still not accepted until an entry says otherwise.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from common.tabular import FLAGS, Column
from eligibility.fields import ShortText, normal
from eligibility.registers.kinds.base import Dated, Entry, Kind, Question, unit_key
from eligibility.registers.kinds.columns import UNIT, words
from eligibility.registers.kinds.tokens import Level

CITY_OR_ABOVE = frozenset({"city", "provincial", "ministry", "national"})
NOT_ACCEPTED = frozenset({"in_progress", "completed"})


class Project(Entry):
    """One project and its status. People are intake's person ids: two people of one name are two people."""

    unit_uscc: ShortText
    title: ShortText
    identity: ShortText | None = Field(default=None, description="the project's own text, `project.identity`")
    level: Level
    subsidised: bool = Field(description="with fiscal subsidy (财政补助)")
    track: Literal["competitive", "guidance"] | None = None
    leader_ids: list[ShortText] = Field(default_factory=list)
    member_ids: list[ShortText] = Field(default_factory=list, description="main participants (主要参加人员)")
    status: Literal["in_progress", "completed", "accepted", "terminated"]
    planned_end: date | None = None
    application_id: UUID | None = Field(default=None, description="the application that it came from")


def _person(person_id: str) -> str:
    return f"person:{person_id}"


def _identity(text: str) -> str:
    return f"identity:{normal(text)}"


def _keys(project: Project) -> Iterable[str]:
    people = {*project.leader_ids, *project.member_ids}
    identity = [_identity(project.identity)] if project.identity else []
    return [unit_key(project.unit_uscc), *identity, *sorted(map(_person, people))]


def _wanted(question: Question) -> Iterable[str]:
    subjects = question.subjects
    found = [_person(person.id) for person in subjects.people]
    if subjects.unit and subjects.unit.uscc:
        found.append(unit_key(subjects.unit.uscc))
    if subjects.project_identity:
        found.append(_identity(subjects.project_identity))
    return found


def _same(project: Project) -> str:
    """One project entered twice (from two sources) counts once."""
    return normal(f"{project.unit_uscc}|{project.identity or project.title}")


def _count(projects: Iterable[Project], holds: Callable[[Project], bool]) -> int:
    return len({_same(project) for project in projects if holds(project)})


def _leads(person: str) -> Callable[[Project], bool]:
    return lambda project: person in project.leader_ids


def _takes_part(person: str) -> Callable[[Project], bool]:
    # leading a project is not also taking part in it
    return lambda project: person in project.member_ids and person not in project.leader_ids


def derive(question: Question, entries: Sequence[Dated[Project]]) -> dict[str, Any]:
    """Counts as of the instant, always without the present application.

    - `person.lead_count`: projects in progress, level ≥ city, led by a leader of this
      application; the largest.
    - `person.member_count`: the same as main participant, largest over leaders and members.
    - `applicant.unaccepted_subsidised_count`: the unit's projects of level ≥ city, subsidised, not of the
      guidance track, neither accepted nor terminated, overdue or not (trap 11).
    - `project.prior_establishment_count`: establishments of the same identity that ever began, of any unit,
      level and status (trap 17).

    Counts whose subject is not named are left out: nobody was looked up.
    """
    subjects = question.subjects
    others = [
        entry
        for entry in entries
        if entry.data.application_id is None or entry.data.application_id != question.application_id
    ]
    current = [entry.data for entry in others if entry.holds(question.as_of)]
    running = [
        project for project in current if project.status == "in_progress" and project.level in CITY_OR_ABOVE
    ]
    facts: dict[str, Any] = {}
    leaders = {person.id for person in subjects.people if person.role == "leader"}
    if leaders:
        facts["person.lead_count"] = max(_count(running, _leads(person)) for person in leaders)
    people = {person.id for person in subjects.people}
    if people:
        facts["person.member_count"] = max(_count(running, _takes_part(person)) for person in people)
    if subjects.unit and subjects.unit.uscc:
        own = unit_key(subjects.unit.uscc)
        facts["applicant.unaccepted_subsidised_count"] = _count(
            current, lambda project: unit_key(project.unit_uscc) == own and _binds_unit(project)
        )
    if subjects.project_identity:
        wanted = _identity(subjects.project_identity)
        begun = [entry.data for entry in others if entry.has_begun(question.as_of)]
        facts["project.prior_establishment_count"] = _count(
            begun, lambda project: bool(project.identity) and _identity(project.identity or "") == wanted
        )
    return facts


def _binds_unit(project: Project) -> bool:
    return (
        project.level in CITY_OR_ABOVE
        and project.subsidised
        and project.track != "guidance"
        and project.status in NOT_ACCEPTED
    )


KIND = Kind(
    name="projects_in_progress",
    title=("在研项目", "projects in progress"),
    schema=Project,
    facts=frozenset(
        {
            "person.lead_count",
            "person.member_count",
            "applicant.unaccepted_subsidised_count",
            "project.prior_establishment_count",
        }
    ),
    keys=_keys,
    wanted=_wanted,
    derive=derive,
    identity=_same,
    columns=(
        UNIT,
        Column("title", "项目名称", "title", "text", "文字", "text", needed=True),
        Column(
            "identity",
            "项目标识",
            "identity",
            "text",
            "与申报书一致的项目标识",
            "as an application names the project",
        ),
        words("level", "立项级别", "level", "level", needed=True),
        Column(
            "subsidised",
            "有财政补助",
            "subsidised",
            "word",
            "是 或 否",
            "yes or no",
            needed=True,
            words=FLAGS,
        ),
        Column(
            "track",
            "项目类别",
            "track",
            "word",
            "竞争性 或 指导性",
            "competitive or guidance",
            words={
                "竞争性": "competitive",
                "指导性": "guidance",
                "competitive": "competitive",
                "guidance": "guidance",
            },
        ),
        Column(
            "leader_ids",
            "负责人ID",
            "leader ids",
            "list",
            "系统内人员ID，多个用；分隔",
            "person ids; several: separated by ;",
        ),
        Column(
            "member_ids",
            "主要参加人员ID",
            "member ids",
            "list",
            "系统内人员ID，多个用；分隔",
            "person ids; several: separated by ;",
        ),
        words("status", "项目状态", "status", "project_status", needed=True),
        Column("planned_end", "计划完成日期", "planned end", "date", "如 2021-12-31", "e.g. 2021-12-31"),
    ),
)
