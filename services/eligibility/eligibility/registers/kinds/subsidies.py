"""Claims of the subsidy after a technology transaction (技术交易后补助, Arts. 13 and 14), of either side."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Literal

from pydantic import Field

from common.tabular import Column
from eligibility.fields import ShortText, normal
from eligibility.registers.kinds.base import Dated, Entry, Kind, Question, unit_key, wanted_unit
from eligibility.registers.kinds.columns import parties

NAME = "subsidies"


class Claim(Entry):
    """A claim for one transaction; `party_usccs` are its two sides, the claimant among them."""

    claimant_uscc: ShortText
    party_usccs: list[ShortText] = Field(default_factory=list)
    contract_number: ShortText | None = None
    article: Literal["13", "14"]
    claimed_on: date
    amount: int | None = Field(default=None, ge=0, strict=True)


def _contract(number: str) -> str:
    return f"contract:{normal(number).upper()}"


def _keys(claim: Claim) -> list[str]:
    sides = {unit_key(code) for code in (claim.claimant_uscc, *claim.party_usccs)}
    return [*sorted(sides), *([_contract(claim.contract_number)] if claim.contract_number else [])]


def _wanted(question: Question) -> Iterable[str]:
    number = question.subjects.contract_number
    return [*wanted_unit(question), *([_contract(number)] if number else [])]


def derive(question: Question, entries: Sequence[Dated[Claim]]) -> dict[str, Any]:
    """`subsidy.art13_14_claims`: claims of either side for the transaction at hand, up to the instant.

    The transaction is known by its contract number. Without one: 0 where neither side ever claimed anything
    and the whole list is here; where the unit's side has claimed, nobody knows for which transaction.
    """
    number = question.subjects.contract_number
    begun = [one.data for one in entries if one.has_begun(question.as_of)]
    whole = NAME in question.whole
    if number:
        # a claim that names no contract may be for this one
        unclear = any(not claim.contract_number for claim in begun)
        claims = sum(_contract(claim.contract_number or "") == _contract(number) for claim in begun)
        return {"subsidy.art13_14_claims": claims} if claims or (whole and not unclear) else {}
    if wanted_unit(question) and whole and not begun:
        return {"subsidy.art13_14_claims": 0}
    return {}


KIND = Kind(
    name=NAME,
    title=("技术交易后补助", "subsidies after transactions"),
    schema=Claim,
    facts=frozenset({"subsidy.art13_14_claims"}),
    keys=_keys,
    wanted=_wanted,
    derive=derive,
    identity=lambda one: "|".join(
        (
            normal(one.claimant_uscc).upper(),
            one.contract_number or "",
            one.article,
            one.claimed_on.isoformat(),
        )
    ),
    columns=(
        Column("claimant_uscc", "申领单位信用代码", "claimant", "code", "18位", "18 characters", needed=True),
        parties("party_usccs", "交易双方信用代码", "parties"),
        Column("contract_number", "技术合同登记编号", "contract number", "code", "文本", "text"),
        Column(
            "article",
            "条款",
            "article",
            "word",
            "13 或 14",
            "13 or 14",
            needed=True,
            words={"13": "13", "14": "14"},
        ),
        Column(
            "claimed_on", "申领日期", "claimed on", "date", "如 2019-03-01", "e.g. 2019-03-01", needed=True
        ),
        Column("amount", "补助金额", "amount", "int", "整数，元", "whole yuan"),
    ),
)
