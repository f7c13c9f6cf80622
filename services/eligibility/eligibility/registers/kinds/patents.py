"""Patents by number: type, status, filing date, owners, and earlier listings found for the number."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any, Final, Literal

from pydantic import Field

from common.tabular import Column
from eligibility.fields import ShortText, normal
from eligibility.registers.kinds.base import Dated, Entry, Kind, Question, Unit
from eligibility.registers.kinds.columns import words

_OFFICE: Final = re.compile(r"^(ZL|CN)")


class PatentOwner(Entry):
    """A patentee; `id` is the unit's credit code (or another stable id, of a person for example)."""

    id: ShortText
    name: ShortText | None = None


class Patent(Entry):
    """One patent."""

    number: ShortText
    type: Literal["invention", "utility_model", "design"]
    status: Literal["pending", "granted", "expired", "invalidated"]
    filing_date: date
    owners: list[PatentOwner] = Field(min_length=1)
    prior_listings: int = Field(
        ge=0,
        le=10_000,
        strict=True,
        description="earlier listings in industrialisation projects, any level, any year, as searched",
    )


def _key(number: str) -> str:
    """`ZL 2004 1 0012345.6` and `200410012345.6` are one number."""
    return f"patent:{_OFFICE.sub('', normal(number).upper())}"


def _wanted(question: Question) -> list[str]:
    number = question.subjects.patent_number
    return [_key(number)] if number else []


def _owner(owner: PatentOwner, unit: Unit | None) -> dict[str, Any]:
    own = {normal(code).upper() for code in (unit.id, unit.uscc) if code} if unit else set()
    # "applicant" is the vocabulary's reserved id of the unit that files
    identifier = "applicant" if normal(owner.id).upper() in own else owner.id
    return {"id": identifier, "name": owner.name} if owner.name else {"id": identifier}


def derive(question: Question, entries: Sequence[Dated[Patent]]) -> dict[str, Any]:
    """Facts of the patent as registered at the instant; the latest entry speaks where there are several.

    A number that is not registered leaves **all** of them missing, the count of earlier listings too: that
    nobody has searched is not "never listed" (trap 17). 0 is a count only where an entry states it.
    """
    wanted = set(_wanted(question))
    found = [entry for entry in entries if entry.holds(question.as_of) and _key(entry.data.number) in wanted]
    if not found:
        return {}
    latest = max(found, key=lambda entry: entry.valid_from).data
    return {
        "patent.type": latest.type,
        "patent.status": latest.status,
        "patent.filing_date": latest.filing_date.isoformat(),
        "patent.owners": [_owner(owner, question.subjects.unit) for owner in latest.owners],
        "patent.prior_listing_count": max(entry.data.prior_listings for entry in found),
    }


KIND = Kind(
    name="patents",
    title=("专利", "patents"),
    schema=Patent,
    facts=frozenset(
        {
            "patent.type",
            "patent.status",
            "patent.filing_date",
            "patent.owners",
            "patent.prior_listing_count",
        }
    ),
    keys=lambda patent: [_key(patent.number)],
    wanted=_wanted,
    derive=derive,
    identity=lambda patent: _key(patent.number),
    columns=(
        Column(
            "number", "专利号", "number", "code", "如 ZL202010012345.6", "e.g. ZL202010012345.6", needed=True
        ),
        words("type", "专利类型", "type", "patent_type", needed=True),
        words("status", "专利状态", "status", "patent_status", needed=True),
        Column(
            "filing_date", "申请日", "filing date", "date", "如 2015-03-01", "e.g. 2015-03-01", needed=True
        ),
        Column(
            "owners",
            "专利权人信用代码",
            "owners",
            "list",
            "统一社会信用代码，多个用；分隔",
            "credit codes; several: separated by ;",
            needed=True,
        ),
        Column(
            "prior_listings",
            "已列入产业化项目次数",
            "prior listings",
            "int",
            "各级、历年合计，查无填0",
            "at any level in any year; 0 where none was found",
            needed=True,
        ),
    ),
    from_row=lambda row: {**row, "owners": [{"id": owner} for owner in row.get("owners", ())]},
)
