"""Bodies and answers about guide packs."""

from typing import Annotated, Any

from pydantic import BaseModel, Field

from eligibility.fields import Body, City

Version = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="SHA-256 of the pack's content")]


class StageIn(Body):
    """A pack to keep: its YAML text as published."""

    city: City
    text: Annotated[str, Field(min_length=1)]


class ActivateIn(Body):
    """The version that prechecks without a version use from now on."""

    version: Version


class StagedOut(BaseModel):
    """A version that is there."""

    guide: str
    version: str


class FactOut(BaseModel):
    """One fact of the pack; `rules` are the rules that read it."""

    name: str
    type: str
    unit: str | None
    owner: str
    allowed: list[Any] | None
    label_zh: str
    label_en: str
    rules: list[str]


class FactsOut(BaseModel):
    """The facts catalogue of a guide's current version."""

    items: list[FactOut]
