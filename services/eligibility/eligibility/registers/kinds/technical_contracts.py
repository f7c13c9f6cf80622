"""Technical contracts (技术合同) in the national registration system, as the city knows them."""

from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import Field

from common.tabular import Column
from eligibility.fields import ShortText, normal
from eligibility.registers.kinds.base import Dated, Entry, Kind, Question, holding, unit_key, wanted_unit
from eligibility.registers.kinds.columns import parties

NAME = "technical_contracts"


class Contract(Entry):
    """A registered contract; amounts in whole yuan."""

    registration_no: ShortText
    title: ShortText | None = None
    party_usccs: list[ShortText] = Field(default_factory=list, description="contracting units")
    total_amount: int | None = Field(default=None, ge=0, strict=True)
    transaction_amount: int | None = Field(default=None, ge=0, strict=True)


def _key(number: str) -> str:
    return f"contract:{normal(number).upper()}"


def _wanted(question: Question) -> Iterable[str]:
    number = question.subjects.contract_number
    return [_key(number)] if number else []


def derive(question: Question, entries: Sequence[Dated[Contract]]) -> dict[str, Any]:
    """`contract.registration_no`: the number named, as registered; `none` where the whole list is here and
    the number is not on it.

    A number that is registered for other parties than the applying unit answers nothing: a person must look.
    """
    wanted = set(_wanted(question))
    if not wanted:
        return {}
    found = holding(question, entries, lambda contract: _key(contract.registration_no) in wanted)
    if not found:
        return {"contract.registration_no": "none"} if NAME in question.whole else {}
    latest = found[-1].data
    own = wanted_unit(question)
    if latest.party_usccs and own and own[0] not in map(unit_key, latest.party_usccs):
        return {}
    return {"contract.registration_no": latest.registration_no}


KIND = Kind(
    name=NAME,
    title=("技术合同", "technical contracts"),
    schema=Contract,
    facts=frozenset({"contract.registration_no"}),
    keys=lambda contract: [_key(contract.registration_no)],
    wanted=_wanted,
    derive=derive,
    identity=lambda contract: _key(contract.registration_no),
    columns=(
        Column("registration_no", "登记编号", "registration number", "code", "文本", "text", needed=True),
        Column("title", "合同名称", "title", "text", "文字", "text"),
        parties("party_usccs", "合同各方信用代码", "parties"),
        Column("total_amount", "合同总金额", "total amount", "int", "整数，元", "whole yuan"),
        Column("transaction_amount", "技术交易额", "transaction amount", "int", "整数，元", "whole yuan"),
    ),
)
