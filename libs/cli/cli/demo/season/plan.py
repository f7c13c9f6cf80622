"""What is planted: how many applications of which kind, from where, and how each kind must end.

The rules are those of the notice (docs/domain.md); a case that fails states all of them. `end` is None where
the application is clean: then places, ranking and caps decide.
"""

from dataclasses import dataclass, field
from typing import Any

SEED = 330800
MAJOR, RD, PATENT = "qz20-major", "qz20-rd", "qz20-patent"
# ends, as the tables say them
NEVER = "never filed"
AT_SUBMISSION = "refused at submission"
AT_INITIAL = "rejected at initial review"
RETURNED = "returned at initial review"
AT_RECOMMENDATION = "refused at recommendation"
TAKEN_BACK = "recommendation taken back"
WITHDRAWN = "withdrawn by the applicant"
AT_FORMAL = "failed the formal review"
NOT_SELECTED = "not selected"
OBJECTION = "objection upheld"
AT_APPROVAL = "refused at approval"
APPROVED = "approved"

# when people come: in June, in the last minutes, at the very instant of the close, after it
EARLY, RUSH, CLOSE, LATE_MS, LATE_MIN = "early", "rush", "at the close", "1 ms late", "minutes late"
LATE = ("QZ-WIN-01", "QZ-4-8a")


@dataclass(frozen=True, slots=True)
class Case:
    """One kind of application.

    Attributes:
        home: the row of the quota table (or the organiser) that the unit belongs to.
        end, rules: where it must end and by which rules; None: clean.
        wave: when it is filed; None: every third early, the others in the rush.
        unit: what differs in the unit's entry; profile: in what it states of itself (None: leaves it out).
        form, patent: what differs in the form and in the register of patents.
        register: what else the registers hold: blacklist, blacklist_later, unaccepted, lead:n, member:n.
        leak: where a name stands in blind files (text_unit, text_leader, text_short, header, author, file).
        without: materials that are not uploaded.
        login: kind of the applicant's login.
        step: what the people of the recommending unit or the applicant do differently.
        judged: what reviewers decide otherwise than usual: facts, or outcomes by rule.
        twin: applications with the same word and unit are one project filed twice.
    """

    key: str
    n: int
    category: str
    home: str
    end: str | None = None
    rules: tuple[str, ...] = ()
    wave: str | None = None
    unit: dict[str, Any] = field(default_factory=dict)
    profile: dict[str, Any] = field(default_factory=dict)
    form: dict[str, Any] = field(default_factory=dict)
    patent: dict[str, Any] = field(default_factory=dict)
    register: str | None = None
    leak: str | None = None
    without: tuple[str, ...] = ()
    login: str = "personal"
    step: str | None = None
    judged: dict[str, Any] = field(default_factory=dict)
    twin: str | None = None


_OUTSIDE = {"reg_region": "330100", "jurisdiction": "outside"}

CASES: tuple[Case, ...] = (
    # clean ones, by row; 市本级 and four rows have more than they can send
    Case("clean", 6, RD, "city_level"),
    Case("clean", 5, RD, "kecheng"),
    Case("clean", 4, RD, "qujiang"),
    Case("clean", 8, RD, "longyou"),
    Case("clean", 4, RD, "jiangshan"),
    Case("clean", 3, RD, "changshan"),
    Case("clean", 6, RD, "kaihua"),
    Case("clean", 3, RD, "quzhou_university"),
    Case("clean", 3, RD, "quzhou_polytechnic"),
    Case("clean", 5, RD, "southeast_digital_institute"),
    Case("clean", 4, RD, "academy_agri_sciences"),
    Case("clean", 6, RD, "health_system"),
    Case("clean", 3, RD, "other_public_institutions"),
    Case("clean", 1, RD, "green_cluster"),
    Case("clean", 1, RD, "smart_new_city"),
    Case("clean", 3, MAJOR, "city_level"),
    Case("clean", 3, MAJOR, "kecheng"),
    Case("clean", 3, MAJOR, "qujiang"),
    Case("clean, on the row of 市本级", 1, MAJOR, "quzhou_university"),
    Case("clean", 9, PATENT, "city_level"),
    # on the right side of a boundary
    Case("budget of exactly 3,000,000", 1, MAJOR, "city_level", form={"budget.rd_total": 3_000_000}),
    Case("leader of one project", 1, RD, "city_level", register="lead:1"),
    Case("member of two projects", 1, RD, "city_level", register="member:2"),
    Case("patent of exactly five years", 1, PATENT, "city_level", wave=RUSH,
         patent={"filing_date": "2005-06-28"}),
    Case("university with an unaccepted project", 1, RD, "quzhou_polytechnic", register="unaccepted"),
    Case("came before the opening, then in time", 1, RD, "city_level", wave=EARLY, step="too early"),
    Case("at 17:00:00.000", 2, RD, "city_level", wave=CLOSE),
    Case("returned, mended, filed again", 1, RD, "changshan", wave=EARLY, step="mended"),
    Case("co-owned patent, decided", 1, PATENT, "city_level", patent={"co_owner": True}),
    Case("name in properties, harmless", 2, RD, "city_level", leak="author"),
    # never filed, late
    Case("never filed", 1, RD, "other_public_institutions", NEVER, step="never"),
    Case("late by 1 ms", 1, RD, "city_level", AT_SUBMISSION, LATE, wave=LATE_MS),
    Case("late by 1 ms", 1, RD, "jiangshan", AT_SUBMISSION, LATE, wave=LATE_MS),
    Case("late by 1 ms", 1, PATENT, "city_level", AT_SUBMISSION, LATE, wave=LATE_MS),
    Case("late by minutes", 1, RD, "city_level", AT_SUBMISSION, LATE, wave=LATE_MIN),
    Case("late by minutes", 1, RD, "changshan", AT_SUBMISSION, LATE, wave=LATE_MIN),
    Case("late by minutes", 1, MAJOR, "city_level", AT_SUBMISSION, LATE, wave=LATE_MIN),
    # who may not apply
    Case("blacklisted", 1, RD, "kecheng", AT_SUBMISSION, ("QZ-SUB-04",), register="blacklist"),
    Case("blacklisted", 1, MAJOR, "city_level", AT_SUBMISSION, ("QZ-SUB-04",), register="blacklist"),
    Case("county firm", 1, PATENT, "longyou", AT_SUBMISSION, ("QZ-SUB-08",)),
    Case("county firm", 1, PATENT, "kaihua", AT_SUBMISSION, ("QZ-SUB-08",)),
    Case("district firm", 1, PATENT, "kecheng", AT_SUBMISSION, ("QZ-SUB-08",)),
    Case("trading firm", 1, PATENT, "city_level", AT_SUBMISSION, ("QZ-SUB-08",),
         unit={"industry_class": "F5191"}),
    Case("county firm", 1, MAJOR, "jiangshan", AT_SUBMISSION, ("QZ-SUB-05",)),
    Case("registered outside", 1, RD, "city_level", AT_SUBMISSION, ("QZ-SUB-01", "QZ-SUB-06"), unit=_OUTSIDE),
    Case("enclave firm registered outside", 1, RD, "city_level", AT_SUBMISSION,
         ("QZ-SUB-01", "QZ-SUB-06", "QZ-SUB-07"), unit=_OUTSIDE, profile={"applicant.in_enclave": True}),
    Case("government office", 1, RD, "city_level", AT_SUBMISSION, ("QZ-SUB-03", "QZ-SUB-06"),
         unit={"type": "other_department"}),
    Case("login as legal person", 1, RD, "city_level", AT_SUBMISSION, ("QZ-CH-02",), login="legal_person"),
    Case("profile incomplete", 1, RD, "city_level", AT_SUBMISSION, ("QZ-CH-03", "QZ-4-1"),
         profile={"applicant.rd_spend_2019": None}),
    Case("unaccepted subsidised project", 2, RD, "city_level", AT_SUBMISSION, ("QZ-4-4c",),
         register="unaccepted"),
    # what is missing
    Case("no patent certificate", 1, PATENT, "city_level", AT_SUBMISSION,
         ("QZ-4-3e", "QZ-4-3g", "QZ-PAT-01", "QZ-PAT-04"), without=("QZ-D06",)),
    Case("no letter of commitment", 1, RD, "qujiang", AT_SUBMISSION, ("QZ-4-6b",), without=("QZ-D05",)),
    Case("no proof of R&D spend", 1, RD, "other_public_institutions", AT_SUBMISSION, ("QZ-4-1",),
         without=("QZ-D07",)),
    # initial review, recommendation
    Case("rejected", 1, RD, "quzhou_polytechnic", AT_INITIAL, wave=EARLY, step="rejected"),
    Case("returned for good", 1, RD, "academy_agri_sciences", RETURNED, wave=EARLY, step="returned"),
    Case("withdrawn after recommendation", 1, RD, "kecheng", WITHDRAWN, wave=EARLY, step="withdrawn"),
    # formal review
    Case("budget 1 yuan short", 2, MAJOR, "city_level", AT_FORMAL, ("QZ-4-2",),
         form={"budget.rd_total": 2_999_999}),
    Case("leader of two projects", 2, RD, "city_level", AT_FORMAL, ("QZ-4-4a",), register="lead:2"),
    Case("leader of two projects", 1, RD, "jiangshan", AT_FORMAL, ("QZ-4-4a",), register="lead:2"),
    Case("member of three projects", 1, RD, "city_level", AT_FORMAL, ("QZ-4-4b",), register="member:3"),
    Case("member of three projects", 1, RD, "changshan", AT_FORMAL, ("QZ-4-4b",), register="member:3"),
    Case("unit's name in the report", 1, RD, "city_level", AT_FORMAL, ("QZ-4-7",), leak="text_unit"),
    Case("leader's name in the report", 1, MAJOR, "city_level", AT_FORMAL, ("QZ-4-7",), leak="text_leader"),
    Case("short name in the budget", 1, RD, "city_level", AT_FORMAL, ("QZ-4-7",), leak="text_short"),
    Case("name in a page header", 1, RD, "qujiang", AT_FORMAL, ("QZ-4-7",), leak="header"),
    Case("name in properties, telling", 1, RD, "city_level", AT_FORMAL, ("QZ-4-7",), leak="author",
         judged={"anonymity.reviewer_ok": False}),
    Case("name in a file's name, telling", 1, RD, "city_level", AT_FORMAL, ("QZ-4-7",), leak="file",
         judged={"anonymity.reviewer_ok": False}),
    Case("no R&D spend", 1, RD, "city_level", AT_FORMAL, ("QZ-4-1",), profile={"applicant.rd_spend_2019": 0}),
    Case("no R&D spend", 1, RD, "other_public_institutions", AT_FORMAL, ("QZ-4-1",),
         profile={"applicant.rd_spend_2019": 0}),
    Case("commitment not signed by the unit", 1, RD, "quzhou_university", AT_FORMAL, ("QZ-4-6b",),
         step="unsigned"),
    Case("topic outside the guide", 1, RD, "city_level", AT_FORMAL, ("QZ-DIR-01",),
         form={"project.topic": "other"}),
    Case("topic does not fit", 1, RD, "city_level", AT_FORMAL, ("QZ-DIR-01",),
         judged={"project.topic_fit": False}),
    Case("recommended after the close", 2, RD, "city_level", AT_FORMAL, ("QZ-WIN-02",), wave=CLOSE,
         judged={"QZ-WIN-02": "fail"}),
    Case("patent a day short of five years", 1, PATENT, "city_level", AT_FORMAL, ("QZ-PAT-03",), wave=RUSH,
         patent={"filing_date": "2005-06-27"}),
    Case("patent listed before", 1, PATENT, "city_level", AT_FORMAL, ("QZ-4-3g",),
         patent={"prior_listings": 1}),
    Case("somebody else's patent", 1, PATENT, "city_level", AT_FORMAL, ("QZ-PAT-04",),
         patent={"other": True}),
    Case("period of a year and a day", 1, PATENT, "city_level", AT_FORMAL, ("QZ-4-3c",),
         form={"project.end": "2021-09-02"}),
    Case("sales 1 yuan short", 1, PATENT, "city_level", AT_FORMAL, ("QZ-4-3d",),
         form={"target.sales_income": 4_999_999}),
    # one project in two categories: both stand still until the bureau has spoken
    Case("filed twice", 1, RD, "city_level", AT_FORMAL, ("QZ-4-5a",), twin="a"),
    Case("filed twice", 1, MAJOR, "city_level", AT_FORMAL, ("QZ-4-5a",), twin="a"),
    Case("filed twice, this one withdrawn", 1, RD, "city_level", WITHDRAWN, twin="b", step="withdrawn"),
    Case("filed twice, this one kept", 1, MAJOR, "city_level", twin="b"),
    # after the formal review
    Case("blacklisted during the notice", 1, RD, "city_level", AT_APPROVAL, ("QZ-SUB-04",), wave=EARLY,
         register="blacklist_later"),
)  # fmt: skip

# places of 附件2 and caps of 一(一), as the notice has them; the run compares the services with these
LIMITS = {
    f"{MAJOR}/city_level": 10, f"{MAJOR}/kecheng": 2, f"{MAJOR}/qujiang": 2, f"{PATENT}/city_level": 16,
    f"{RD}/city_level": 30,
    **{f"{RD}/{row}": 5 for row in (
        "kecheng", "qujiang", "longyou", "jiangshan", "changshan", "kaihua", "quzhou_university",
        "quzhou_polytechnic", "southeast_digital_institute", "academy_agri_sciences", "health_system",
        "other_public_institutions")},
}  # fmt: skip
CAPS = {"tackling": 50, "patent": 10}
OBJECTIONS_UPHELD, OBJECTIONS_REJECTED = 3, 3
# a row whose recommender takes one back before the close and sends another instead
CHANGES_ITS_MIND = f"{RD}/longyou"


def row_of(category: str, home: str) -> str:
    """The row on which a unit draws: its own, else that of 市本级."""
    own = f"{category}/{home}"
    return own if own in LIMITS else f"{category}/city_level"


def cap_of(category: str) -> str:
    """The cap that a category counts under (trap 12: both tackling categories share one)."""
    return "patent" if category == PATENT else "tackling"
