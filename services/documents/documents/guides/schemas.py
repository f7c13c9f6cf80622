"""Shapes of guide staging."""

from typing import Annotated

from pydantic import BaseModel, Field


class GuideIn(BaseModel):
    """A pack as it was published."""

    city: Annotated[str, Field(pattern=r"^\d{6}$")]
    text: Annotated[str, Field(min_length=1, description="YAML of the pack")]


class GuideOut(BaseModel):
    guide: str
    version: str
