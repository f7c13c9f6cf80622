"""What a draft pack would change: the question, and the lines of the answer."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, RootModel, model_validator
from pydantic_core import PydanticCustomError

from eligibility.fields import Body, ShortText
from eligibility.guides.schemas import Version
from eligibility.judging.schemas import Eligible, GapOut, Outcome

Decision = Literal["admit", "admit_pending", "refuse"]
StageWord = Literal["submission", "recommendation", "formal_review", "approval", "acceptance"]


class ImpactIn(Body):
    """A draft: the text of a pack, or a version that is staged here.

    `of`: whose stored assessments are replayed, by default those of the draft's own guide. Of each
    application the newest assessment counts (the newest at `stage`, where one is named), unless `every` is
    set.
    """

    text: Annotated[str, Field(min_length=1)] | None = None
    guide: ShortText | None = None
    version: Version | None = None
    of: ShortText | None = None
    stage: StageWord | None = None
    category: ShortText | None = None
    every: bool = False
    lang: Literal["zh", "en"] = "zh"

    @model_validator(mode="after")
    def _one_draft(self) -> Self:
        staged = self.guide is not None and self.version is not None
        if (self.text is not None) == staged or (self.guide is None) != (self.version is None):
            raise PydanticCustomError("draft", "either text, or guide with version, is expected")
        return self


class StartLine(BaseModel):
    """First: the draft, whose assessments are replayed, and how many."""

    type: Literal["start"] = "start"
    guide: str
    pack_version: str
    of: str
    city: str
    total: int


class ProgressLine(BaseModel):
    """After each page."""

    type: Literal["progress"] = "progress"
    done: int
    total: int
    changed: int


class PlaceOut(BaseModel):
    """Where the draft says it; its text stands in the summary."""

    id: str
    document: str
    section: str
    lines: str


class RuleChange(BaseModel):
    """A rule with another outcome: null before where it is new, after where it is gone."""

    rule: str
    before: Outcome | None
    after: Outcome | None
    clause: PlaceOut | None
    remedy: str | None
    gap: GapOut | None


class VerdictChange(BaseModel):
    before: Eligible
    after: Eligible


class DecisionChange(BaseModel):
    before: Decision
    after: Decision


class ChangedLine(BaseModel):
    """An assessment whose verdict, or what its stage makes of it, would be another one."""

    type: Literal["changed"] = "changed"
    assessment_id: str
    application_id: str
    category: str
    stage: StageWord
    eligible: VerdictChange
    decision: DecisionChange
    rules: list[RuleChange]


class NotJudgedLine(BaseModel):
    """An assessment that the draft cannot judge. `category_gone`: it has no such category; `facts_refused`:
    these facts have values that it does not take."""

    type: Literal["not_judged"] = "not_judged"
    assessment_id: str
    application_id: str
    category: str
    reason: Literal["category_gone", "facts_refused"]
    facts: list[str]


class CategoryCount(BaseModel):
    category: str
    replayed: int
    changed: int
    not_judged: int


class VerdictCount(BaseModel):
    """How many went from one verdict to another, or stayed."""

    before: Eligible
    after: Eligible
    count: int


class DecisionCount(BaseModel):
    before: Decision
    after: Decision
    count: int


class RuleCount(BaseModel):
    """How often a rule's outcome went from one to another, changed verdict or not."""

    rule: str
    before: Outcome | None
    after: Outcome | None
    count: int


class ClauseText(PlaceOut):
    text_zh: str
    text_en: str


class RuleClause(BaseModel):
    """The clause of a rule that changed somewhere, as the draft has it."""

    rule: str
    title: str
    clause: ClauseText


class FactCount(BaseModel):
    """A fact that rules of the draft ask for and nobody gave: how many assessments are open by it that were
    not before."""

    fact: str
    label: str
    count: int


class SummaryLine(BaseModel):
    """Last, once everything was replayed; an answer without it is not complete. `changed` counts lines of
    that type, `touched` assessments in which only outcomes of single rules are others."""

    type: Literal["summary"] = "summary"
    replayed: int
    changed: int
    touched: int
    not_judged: int
    verdicts: list[VerdictCount]
    decisions: list[DecisionCount]
    categories: list[CategoryCount]
    rules: list[RuleCount]
    clauses: list[RuleClause]
    missing: list[FactCount]


class FailedLine(BaseModel):
    """Instead of the summary: judging broke off after so many; ask again."""

    type: Literal["failed"] = "failed"
    done: int


class Line(RootModel[StartLine | ChangedLine | NotJudgedLine | ProgressLine | SummaryLine | FailedLine]):
    """One line of the answer."""
