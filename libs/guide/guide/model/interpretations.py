"""Interpretations: parameters of the wording, with default, alternatives and whether a person confirmed."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, StrictBool, StrictStr, model_validator

from guide.model.base import Bilingual, Flag, Id, InstantText, Prose, Section


def reading_key(value: bool | str) -> str:
    """The text form of a reading's value: booleans as `true` / `false`."""
    return ("true" if value else "false") if isinstance(value, bool) else value


class ReadingValue(Section):
    value: StrictBool | StrictStr
    text: Bilingual

    @property
    def key(self) -> str:
        return reading_key(self.value)


class Confirmation(Section):
    """Who settled the reading, and when."""

    value: StrictBool | StrictStr
    by: Prose
    at: InstantText

    @property
    def key(self) -> str:
        return reading_key(self.value)


class Interpretation(Section):
    """`apply`: the default counts as settled. `manual`: while nobody confirmed, different outcomes of the
    readings make a rule manual. `open`: a date, an instant or a year may be sent beside the values."""

    id: Id
    question: Bilingual
    mode: Literal["apply", "manual"]
    values: tuple[ReadingValue, ...] = ()
    open: Literal["date", "instant", "year"] | None = None
    default: StrictBool | StrictStr | None
    confirmed: Confirmation | None = None
    clause: Id
    derived: Flag = Field(default=True, description="false where the guide itself states the parameter")

    @property
    def keys(self) -> frozenset[str]:
        return frozenset(value.key for value in self.values)

    @property
    def default_key(self) -> str | None:
        return None if self.default is None else reading_key(self.default)

    @model_validator(mode="after")
    def _consistent(self) -> Interpretation:
        if self.mode == "apply" and self.default is None:
            raise ValueError("mode apply needs a default")
        for name, value in (
            ("default", self.default_key),
            ("confirmed", self.confirmed and self.confirmed.key),
        ):
            if value is not None and value not in self.keys and self.open is None:
                raise ValueError(f"{name} {value!r} is none of the values")
        return self
