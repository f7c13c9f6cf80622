"""What an applicant can do about a finding: which facts are still to be stated, which can be changed."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from fractions import Fraction
from typing import Any, Final

from guide.finding import Finding
from guide.pack import Pack
from guide.words import Owner

OF_APPLICANT: Final = frozenset({Owner.org, Owner.person, Owner.platform, Owner.reg})
"""Facts about the unit, its people and platforms: they are there before anything is applied for."""
OF_APPLICATION: Final = frozenset({Owner.app, Owner.att, Owner.clock})
"""Facts that the form, the files and the sending of it will state."""

FIXED: Final = frozenset(
    {
        "applicant.affiliation",
        "applicant.fits_sme_scale",
        "applicant.in_enclave",
        "applicant.industry_class",
        "applicant.jurisdiction",
        "applicant.legal_person",
        "applicant.names",
        "applicant.rd_spend_2019",
        "applicant.reg_region",
        "applicant.reg_zone",
        "applicant.revenue_2021",
        "applicant.type",
        "commissioner.dispatch_unit",
        "commissioner.person",
        "county.indicators",
        "director.birth_date",
        "director.title_level",
        "expert.nationality",
        "hnte.valid_until",
        "institution.operating_region",
        "institution.reg_region",
        "lead.type",
        "patent.filing_date",
        "patent.owners",
        "patent.prior_listing_count",
        "patent.status",
        "patent.type",
        "platform.level",
        "platform.recognition_level",
        "platform.type",
        "signed_list.entry",
        "sme.evaluation_date",
        "sme.evaluation_year",
        "subsidy.art13_14_claims",
        "talent.class",
        "talent.introduced_on",
    }
)
"""What a unit, a person or a patent is, and figures of years that are over: nobody changes them to apply."""


class Reach(StrEnum):
    """Who could turn a fail into a pass before the call closes."""

    application = "application"  # stated when applying: another budget, another field
    applicant = "applicant"  # the unit itself: a figure to be raised, a certificate to be had
    nobody = "nobody"  # what the unit is, time that has passed, places, somebody else's decision


def reach_of(pack: Pack, finding: Finding) -> Reach:
    """The nearest way to a pass of a failed finding, by the fact that falls short, else by those it asks."""
    gap = finding.gap
    names = (gap["fact"],) if gap is not None else tuple(fact.name for fact in finding.facts_used)
    facts = [pack.facts[name.partition("[]")[0]] for name in names if name.partition("[]")[0] in pack.facts]
    if any(fact.owner in OF_APPLICATION - {Owner.clock} for fact in facts):
        return Reach.application
    if any(fact.owner in OF_APPLICANT and fact.name not in FIXED for fact in facts):
        return Reach.applicant
    return Reach.nobody


def shortfall(finding: Finding) -> Fraction:
    """How much of what is asked is lacking, from 0 to 1; 1 where that is no matter of degree."""
    gap = finding.gap
    if gap is None or gap["unit"] == "milliseconds":
        return Fraction(1)
    name = gap["fact"]
    lacking = _number(gap["value"])
    there = next((_number(fact.value) for fact in finding.facts_used if fact.name == name), None)
    if lacking is None or there is None or lacking == 0:
        return Fraction(1)
    lacking, there = abs(lacking), abs(there)
    return lacking / (lacking + there)


def _number(value: Any) -> Fraction | None:
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    try:
        return Fraction(value)
    except ValueError:
        return None


def facts_missing(findings: Iterable[Finding]) -> tuple[str, ...]:
    """Facts that open findings lack, each once; of a key that records lack, the list."""
    return tuple(dict.fromkeys(name.partition("[]")[0] for one in findings for name in one.missing))
