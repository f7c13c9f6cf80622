"""Innovation indicators of counties (县域创新指标), by county and year."""

from collections.abc import Sequence
from typing import Annotated, Any, Final, get_args

from pydantic import Field

from common.tabular import Column
from eligibility.registers.kinds.base import Dated, Entry, Kind, Question, holding
from eligibility.registers.kinds.tokens import CountyIndicator
from guide.dictionary import dictionary

_TOKENS: Final = get_args(CountyIndicator)
Decimal = Annotated[str, Field(pattern=r"^-?[0-9]{1,15}(\.[0-9]{1,6})?$")]


class Indicators(Entry):
    """A county's indicators of a year; values are decimals as strings."""

    county: str = Field(pattern=r"^[0-9]{6}$", description="GB/T 2260")
    year: int = Field(ge=2000, le=2100, strict=True)
    indicators: dict[CountyIndicator, Decimal] = Field(min_length=1)


def _wanted(question: Question) -> list[str]:
    unit = question.subjects.unit
    return [f"county:{unit.region}"] if unit and unit.region else []


def derive(question: Question, entries: Sequence[Dated[Indicators]]) -> dict[str, Any]:
    """`county.indicators` of the county in which the unit is registered, of the latest year that holds.

    Without an entry nothing is answered: a plan's own figures stand where the guide takes them from it.
    """
    wanted = set(_wanted(question))
    found = holding(question, entries, lambda one: f"county:{one.county}" in wanted)
    if not found:
        return {}
    latest = max(found, key=lambda one: (one.data.year, one.valid_from)).data
    return {"county.indicators": dict(latest.indicators)}


def _labels() -> dict[str, tuple[str, str]]:
    return dict(dictionary().enumerations["county_indicator"])


KIND = Kind(
    name="county_indicators",
    title=("县域创新指标", "county indicators"),
    schema=Indicators,
    facts=frozenset({"county.indicators"}),
    keys=lambda one: [f"county:{one.county}"],
    wanted=_wanted,
    derive=derive,
    identity=lambda one: f"{one.county}|{one.year}",
    columns=(
        Column(
            "county", "县代码", "county", "code", "6位行政区划代码", "six digits (GB/T 2260)", needed=True
        ),
        Column("year", "年度", "year", "int", "如 2020", "e.g. 2020", needed=True),
        *(Column(token, *_labels()[token], "decimal", "数值", "a number") for token in _TOKENS),
    ),
    from_row=lambda row: (
        {name: value for name, value in row.items() if name not in _TOKENS}
        | {"indicators": {token: row[token] for token in _TOKENS if token in row}}
    ),
)
