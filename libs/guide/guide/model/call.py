"""The call, its sources, its clauses."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator, model_validator

from guide.model.base import Bilingual, Count, Id, InstantText, Lines, Prose, Section, parse_instant


class Window(Section):
    """When applications are received; both ends as instants with offset."""

    open_at: InstantText | None
    close_at: InstantText | None
    clause: Id
    note: Bilingual | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Window:
        if self.open_at and self.close_at and parse_instant(self.open_at) >= parse_instant(self.close_at):
            raise ValueError("the window closes before it opens")
        return self


class Goal(Section):
    """A goal of the whole programme, not of one project."""

    text: Bilingual
    clause: Id


class Channel(Section):
    token: Id
    text: Bilingual
    clause: Id


class Call(Section):
    """One year's call of one city; `city` is the GB/T 2260 code."""

    title_zh: Prose
    title_en: Prose
    year: Count
    issuer: Prose
    issuer_en: Prose
    city: str = Field(pattern=r"^\d{6}$")
    city_zh: Prose
    city_en: Prose
    zone: str
    window: Window | None
    channels: tuple[Channel, ...] = ()
    addressees: Bilingual | None = None
    basis: tuple[Prose, ...] = ()
    goals: tuple[Goal, ...] = ()
    renamed_places: dict[str, str] = Field(
        default_factory=dict,
        description="codes of counties that were given another one, each with the code that stands for both",
    )

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ValueError, OSError, KeyError) as error:
            raise ValueError(f"unknown time zone {zone!r}") from error
        return zone

    @property
    def open_at(self) -> datetime | None:
        return parse_instant(self.window.open_at) if self.window and self.window.open_at else None

    @property
    def close_at(self) -> datetime | None:
        return parse_instant(self.window.close_at) if self.window and self.window.close_at else None

    @property
    def time_zone(self) -> ZoneInfo:
        return ZoneInfo(self.zone)


class Source(Section):
    """A document that clauses cite."""

    id: Id
    title_zh: Prose
    title_en: Prose
    number: Prose | None = None
    lines: Lines | None = None


class Clause(Section):
    """A place in a source and what it says, in our own words."""

    id: Id
    document: Id
    section: Prose
    lines: Lines
    text_zh: Prose
    text_en: Prose
