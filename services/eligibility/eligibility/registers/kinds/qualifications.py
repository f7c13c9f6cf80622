"""Qualifications of enterprises (企业资质): specialised and innovative, above scale, high-tech and the like.

No publisher lists all kinds, so an absent entry never says "no"; what a paper states then stands.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from eligibility.fields import ShortText
from eligibility.registers.kinds.base import Dated, Entry, Kind, Question, unit_key, wanted_unit
from eligibility.registers.kinds.columns import UNIT, words
from eligibility.registers.kinds.tokens import Level, QualificationKind

FACT = "applicant.qualifications"


class Qualification(Entry):
    """A unit's qualification of one kind."""

    unit_uscc: ShortText
    kind: QualificationKind
    level: Level


def derive(question: Question, entries: Sequence[Dated[Qualification]]) -> dict[str, Any]:
    """`applicant.qualifications`: those that hold, with the proofs that papers give for the same kind.

    A kind of which the register has ever had an entry is the register's alone: an ended one is gone whatever
    a paper says. Kinds it knows nothing of stand as a paper states them.
    """
    wanted = set(wanted_unit(question))
    known = [
        one for one in entries if one.has_begun(question.as_of) and unit_key(one.data.unit_uscc) in wanted
    ]
    if not known:
        return {}
    stated = [one for one in question.stated.get(FACT) or () if isinstance(one, Mapping)]
    proofs = {one.get("kind"): one["proof"] for one in stated if one.get("proof")}
    standing = {one.data.kind: one.data.level for one in known if one.holds(question.as_of)}
    listed: list[dict[str, Any]] = [
        {"kind": kind, "level": level} | ({"proof": proofs[kind]} if kind in proofs else {})
        for kind, level in standing.items()
    ]
    ours = {one.data.kind for one in known}
    return {FACT: listed + [dict(one) for one in stated if one.get("kind") not in ours]}


KIND = Kind(
    name="qualifications",
    title=("企业资质", "qualifications of enterprises"),
    schema=Qualification,
    facts=frozenset({FACT}),
    keys=lambda one: [unit_key(one.unit_uscc)],
    wanted=wanted_unit,
    derive=derive,
    identity=lambda one: f"{unit_key(one.unit_uscc)}|{one.kind}",
    columns=(
        UNIT,
        words("kind", "资质种类", "kind", "qualification_kind", needed=True),
        words("level", "资质级别", "level", "level", needed=True),
    ),
)
