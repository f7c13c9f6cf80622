"""Evaluations of small technology firms (科技型中小企业评价): one a year, each with a number."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from pydantic import Field

from common.tabular import Column
from eligibility.fields import ShortText
from eligibility.registers.kinds.base import Dated, Entry, Kind, Question, unit_key, wanted_unit
from eligibility.registers.kinds.columns import UNIT

NAME = "sme_evaluations"


class Evaluation(Entry):
    """A unit's evaluation of a year; `from` of the entry is when it was entered in the national database."""

    unit_uscc: ShortText
    year: int = Field(ge=2000, le=2100, strict=True)
    number: ShortText
    evaluated_on: date


def derive(question: Question, entries: Sequence[Dated[Evaluation]]) -> dict[str, Any]:
    """`sme.evaluation_date`, `sme.evaluation_year`, `sme.number` of the latest evaluation up to the instant,
    lapsed or not: a guide asks for a certain year.

    No evaluation: `sme.evaluation_date` is `none`, and only where the whole list is here; a number and a year
    that do not exist stay missing.
    """
    wanted = set(wanted_unit(question))
    begun = [
        one for one in entries if one.has_begun(question.as_of) and unit_key(one.data.unit_uscc) in wanted
    ]
    if not begun:
        return {"sme.evaluation_date": "none"} if wanted and NAME in question.whole else {}
    latest = max(begun, key=lambda one: (one.data.evaluated_on, one.valid_from)).data
    return {
        "sme.evaluation_date": latest.evaluated_on.isoformat(),
        "sme.evaluation_year": latest.year,
        "sme.number": latest.number,
    }


KIND = Kind(
    name=NAME,
    title=("科技型中小企业评价", "small technology firms"),
    schema=Evaluation,
    facts=frozenset({"sme.evaluation_date", "sme.evaluation_year", "sme.number"}),
    keys=lambda one: [unit_key(one.unit_uscc)],
    wanted=wanted_unit,
    derive=derive,
    identity=lambda one: f"{unit_key(one.unit_uscc)}|{one.year}",
    columns=(
        UNIT,
        Column("year", "评价年度", "year", "int", "如 2019", "e.g. 2019", needed=True),
        Column("number", "入库登记编号", "number", "code", "文本", "text", needed=True),
        Column(
            "evaluated_on",
            "评价日期",
            "evaluated on",
            "date",
            "如 2019-05-20",
            "e.g. 2019-05-20",
            needed=True,
        ),
    ),
)
