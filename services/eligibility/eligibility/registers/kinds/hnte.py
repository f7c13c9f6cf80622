"""High-tech enterprises (高新技术企业): certificates; `from`/`to` of an entry are the certificate's own."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from common.tabular import Column
from eligibility.fields import ShortText, normal
from eligibility.registers.kinds.base import Dated, Entry, Kind, Question, unit_key, wanted_unit
from eligibility.registers.kinds.columns import UNIT

NAME = "hnte"
_ZONE: Final = ZoneInfo("Asia/Shanghai")


class Certificate(Entry):
    """A unit's certificate."""

    unit_uscc: ShortText
    certificate_no: ShortText


def _until(entry: Dated[Certificate]) -> dict[str, Any]:
    """The last day, in China, on which it is valid; the entry's end is exclusive."""
    if entry.valid_to is None:
        return {}
    last = (entry.valid_to - timedelta(microseconds=1)).astimezone(_ZONE).date()
    return {"hnte.valid_until": last.isoformat()}


def derive(question: Question, entries: Sequence[Dated[Certificate]]) -> dict[str, Any]:
    """`hnte.status` and `hnte.valid_until`.

    A certificate that holds: valid; only earlier ones: expired; none at all: `none`, and only where the whole
    list is here. A certificate without an end has no `hnte.valid_until`.
    """
    wanted = set(wanted_unit(question))
    begun = [
        one for one in entries if one.has_begun(question.as_of) and unit_key(one.data.unit_uscc) in wanted
    ]
    if not begun:
        return {"hnte.status": "none"} if wanted and NAME in question.whole else {}
    # the latest by its end; one without an end outlasts all
    latest = max(begun, key=lambda one: (one.valid_to is None, one.valid_to or one.valid_from))
    return {"hnte.status": "valid" if latest.holds(question.as_of) else "expired", **_until(latest)}


KIND = Kind(
    name=NAME,
    title=("高新技术企业", "high-tech enterprises"),
    schema=Certificate,
    facts=frozenset({"hnte.status", "hnte.valid_until"}),
    keys=lambda one: [unit_key(one.unit_uscc)],
    wanted=wanted_unit,
    derive=derive,
    identity=lambda one: f"{unit_key(one.unit_uscc)}|{normal(one.certificate_no).upper()}",
    columns=(
        UNIT,
        Column(
            "certificate_no",
            "证书编号",
            "certificate",
            "code",
            "如 GR201945000001",
            "e.g. GR201945000001",
            needed=True,
        ),
    ),
)
