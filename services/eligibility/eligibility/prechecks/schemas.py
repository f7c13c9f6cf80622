"""A precheck: the vocabulary's request, and what intake may add for a draft."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from eligibility.judging.schemas import Eligible, FindingOut, StageDecisionOut
from eligibility.registers.kinds.base import Subjects
from guide import Request


class PrecheckIn(Request):
    """The vocabulary's request (section 1).

    `pack_version` asks a version other than the current one. With `use_registers` (intake only) the city's
    registers are asked about `subjects`; facts that registers own are then taken from nowhere else.
    """

    pack_version: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    use_registers: bool = False
    subjects: Subjects | None = None
    application_id: UUID | None = None


class PrecheckOut(BaseModel):
    """The answer; nothing of it is stored."""

    eligible: Eligible
    findings: list[FindingOut]
    pack_version: str
    decision: StageDecisionOut
