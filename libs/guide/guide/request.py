"""A precheck as it is posted."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from guide.errors import EvaluationRefused, Problem
from guide.evaluate import evaluate
from guide.facts import check_facts, check_unavailable
from guide.finding import Evaluation
from guide.model.base import InstantText, parse_instant
from guide.pack import Pack
from guide.readings import chosen_readings
from guide.words import Lang, Stage


class Request(BaseModel):
    """The body of a precheck. `as_of` is RFC 3339 with an offset; facts are nested by their dotted names."""

    model_config = ConfigDict(extra="forbid")

    guide: str
    category: str
    stage: Stage = Stage.submission
    as_of: InstantText
    facts: dict[str, Any]
    interpretations: dict[str, Any] | None = None
    unavailable: list[str] = Field(default_factory=list)
    lang: Lang = Lang.zh

    @property
    def instant(self) -> datetime:
        return parse_instant(self.as_of)


def check_request(pack: Pack, request: Request) -> list[Problem]:
    """Everything that makes a request no question to this pack, with pointers into the body."""
    if request.guide != pack.id:
        return [Problem("/guide", f"{request.guide!r} is not {pack.id}")]
    if not pack.is_leaf(request.category):
        return [Problem("/category", f"{request.category!r} is no selectable category of {pack.id}")]
    problems = check_facts(pack, request.category, request.facts, "/facts")
    problems += chosen_readings(pack, request.interpretations or {})[1]
    return problems + check_unavailable(pack, request.unavailable)


def answer(pack: Pack, request: Request) -> Evaluation:
    """The evaluation of a request; raises EvaluationRefused with everything that is wrong with it."""
    problems = check_request(pack, request)
    if problems:
        raise EvaluationRefused(problems)
    return evaluate(
        pack,
        category=request.category,
        stage=request.stage,
        as_of=request.instant,
        facts=request.facts,
        interpretations=request.interpretations,
        unavailable=request.unavailable,
        lang=request.lang,
    )
