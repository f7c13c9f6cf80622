"""What may we apply for: the question, and the answer best first."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from eligibility.fields import AsOf, Body, City, Instant, ShortText
from eligibility.judging.schemas import ClauseOut, Eligible, FindingOut
from eligibility.registers.kinds.base import Subjects
from guide import Lang

Reach = Literal["application", "applicant", "nobody"]


class AnnouncedIn(Body):
    """When a bureau opens and closes a call; it counts where the guide itself is silent.

    A call that stands here is shut until somebody names its opening, and open where nobody names its close.
    """

    guide: ShortText
    open_at: Instant | None = None
    close_at: Instant | None = None


class MatchesIn(Body):
    """A unit's (and a leader's) facts, nested by their dotted names or dotted.

    `as_of`: by default now; the application is judged as if it were sent then. `guides`, `cities`: only
    these, else all that are published. `open_only` leaves out calls whose window is not open at `as_of`, by
    their guide or as `announced`. With `use_registers` (intake only) the registers of the caller's cities are
    asked about `subjects`.
    """

    facts: dict[str, Any] = Field(default_factory=dict)
    as_of: AsOf | None = None
    lang: Lang = Lang.zh
    guides: Annotated[list[ShortText], Field(max_length=100, default_factory=list)]
    cities: Annotated[list[City], Field(max_length=100, default_factory=list)]
    announced: Annotated[list[AnnouncedIn], Field(max_length=1000, default_factory=list)]
    open_only: bool = True
    limit: Annotated[int, Field(ge=1, le=500)] = 100
    use_registers: bool = False
    subjects: Subjects | None = None


class WindowOut(BaseModel):
    """When the call receives.

    `not_stated`: the guide does not name both ends, and what its bureau has announced is not known here;
    `not_announced`: neither has named the opening, and the call is shut.
    """

    state: Literal["not_announced", "not_open_yet", "open", "closed", "not_stated"]
    open_at: datetime | None
    close_at: datetime | None


class FundingOut(BaseModel):
    """One row of what is granted, in whole yuan; null: not stated."""

    tier: str | None
    min: int | None
    max: int | None


class YearsOut(BaseModel):
    """Implementing years, or the longest period in months."""

    first: int | None
    last: int | None
    max_months: int | None


class FailureOut(BaseModel):
    """A rule that refuses. `reach`: who could change that (what the application states, the applicant itself,
    nobody); `shortfall`: which share of what is asked for is lacking, in hundredths, 100 where that is no
    matter of degree."""

    finding: FindingOut
    reach: Reach
    shortfall: int


class MissingOut(BaseModel):
    """Facts that open rules lack: about the applicant, to be stated when applying, and known to others only.
    The first two are asked for in `questions`."""

    applicant: list[str]
    application: list[str]
    others: list[str]


class SignalOut(BaseModel):
    """A rule in one line."""

    rule: str
    title: str
    clause: ClauseOut


class MatchOut(BaseModel):
    """One category. `open_rules`: due and not decided yet; `for_person`: those that a person decides."""

    rank: int
    guide: str
    pack_version: str
    city: str
    category: str
    name: str
    eligible: Eligible
    why: str
    failures: list[FailureOut]
    out_of_reach: bool
    open_rules: list[str]
    missing: MissingOut
    for_person: list[SignalOut]
    priorities: list[SignalOut]
    window: WindowOut
    funding: list[FundingOut] | None
    funding_mode: str | None
    years: YearsOut | None
    cap: int | None
    office: str | None


class ChoiceOut(BaseModel):
    """A word that may be sent, and how it is shown."""

    token: str
    label: str


class QuestionOut(BaseModel):
    """A missing fact as a form would ask for it. `about`: the applicant, or the application; `decides`: in
    how many of the categories shown it is missing. `keys`: types of the keys, where the value is a list of
    records."""

    fact: str
    about: Literal["applicant", "application"]
    label: str
    type: str
    unit: str | None
    owner: str
    choices: list[ChoiceOut] | None
    keys: dict[str, str] | None
    decides: int


class IgnoredOut(BaseModel):
    """A fact that was sent and says nothing there: the guide does not know it, or not this value of it."""

    fact: str
    guides: list[str]


class MatchesOut(BaseModel):
    """`total` counts what was judged; `items` are the best of them. Questions come most useful first."""

    as_of: datetime
    total: int
    items: list[MatchOut]
    questions: list[QuestionOut]
    ignored: list[IgnoredOut]
