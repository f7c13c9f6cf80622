"""What callers see of a pack where its file is laid out differently."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from guide.words import Owner


@dataclass(frozen=True, slots=True)
class Choice:
    token: str
    label_zh: str
    label_en: str


@dataclass(frozen=True, slots=True)
class FactDef:
    """A fact of the pack; `allowed` are the tokens of an enum, `rules` the ids of the rules that read it."""

    name: str
    type: str
    unit: str | None
    owner: Owner
    allowed: tuple[str, ...] | None
    choices: tuple[Choice, ...] | None
    label_zh: str
    label_en: str
    rules: tuple[str, ...]

    def label(self, lang: str) -> str:
        return self.label_en if lang == "en" else self.label_zh

    def as_dict(self) -> dict[str, Any]:
        """One row of the facts catalogue."""
        return {
            "name": self.name,
            "type": self.type,
            "unit": self.unit,
            "owner": str(self.owner),
            "allowed": list(self.allowed) if self.allowed is not None else None,
            "label_zh": self.label_zh,
            "label_en": self.label_en,
            "rules": list(self.rules),
        }


@dataclass(frozen=True, slots=True)
class QuotaRow:
    id: str
    token: str
    category: str
    unit_zh: str
    unit_en: str
    limit: int


@dataclass(frozen=True, slots=True)
class Block:
    """Quota rows of one category; `total` equals the sum of their limits."""

    category: str
    total: int
    rows: tuple[QuotaRow, ...]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class FormField:
    """`condition` is a bool expression: the field is asked for only while it holds; null = always."""

    fact: str
    label_zh: str
    label_en: str
    type: str
    unit: str | None
    required: bool
    allowed: tuple[str, ...] | None
    choices: tuple[Choice, ...] | None
    condition: str | None
    help_zh: str | None
    help_en: str | None


@dataclass(frozen=True, slots=True)
class FormGroup:
    id: str
    label_zh: str
    label_en: str
    fields: tuple[FormField, ...]


@dataclass(frozen=True, slots=True)
class Form:
    category: str
    groups: tuple[FormGroup, ...]
