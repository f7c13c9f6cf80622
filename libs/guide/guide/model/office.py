"""Quota rows, materials, forms, generated papers, obligations, the life of an application."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, StrictInt

from guide.model.base import Bilingual, Count, Expression, FactName, Flag, Id, Prose, Section, Token
from guide.words import Effect, Owner, Stage


class QuotaRowSpec(Section):
    token: Token
    unit_zh: Prose
    unit_en: Prose
    limit: StrictInt = Field(ge=1)


class QuotaBlock(Section):
    """Places of one category; `total` is what the guide prints above the rows."""

    category: Id
    total: Count
    clause: Id
    rows: tuple[QuotaRowSpec, ...] = Field(min_length=1)


class QuotaMapping(Section):
    """A unit or jurisdiction without a row of its own draws on another row of the same block."""

    token: Token
    row: Token
    categories: tuple[Id, ...] = Field(min_length=1)
    interpretation: Id | None = None


class Material(Section):
    """A document that is handed in. `fact` is the file fact that it gives.

    `when`: A application, R recommendation, C contract, P execution or acceptance. `force`: required by the
    guide, or implied by a condition that cannot be shown otherwise. `min_count`: files the checklist asks for
    while `condition` (null = always) holds.
    """

    id: Id
    categories: tuple[Id, ...] = Field(min_length=1)
    fact: FactName | None
    gives: tuple[FactName, ...] = ()
    name_zh: Prose
    name_en: Prose
    supplier: Literal["applicant", "recommender", "organiser", "system"]
    bundle: Literal["blind", "identity", "office"]
    when: Literal["A", "R", "C", "P"]
    force: Literal["req", "impl"]
    min_count: Count
    condition: Expression | None
    form: Literal["file", "online", "paper"]
    multiple: Flag
    formats: tuple[Token, ...] | None
    max_bytes: Count | None
    clause: Id


class FormFieldSpec(Section):
    fact: FactName
    required: Flag
    condition: Expression | None = None
    label_zh: Prose | None = None
    label_en: Prose | None = None
    help: Bilingual | None = None


class FormGroupSpec(Section):
    id: Token
    categories: tuple[Id, ...] = Field(min_length=1)
    label_zh: Prose
    label_en: Prose
    fields: tuple[FormFieldSpec, ...] = Field(min_length=1)


class Column(Section):
    id: Token
    zh: Prose
    en: Prose


class Paper(Section):
    """A document that the system makes."""

    id: Id
    title_zh: Prose
    title_en: Prose
    header: tuple[Column, ...] = ()
    columns: tuple[Column, ...] | None
    copies: StrictInt | None
    rules: tuple[Bilingual, ...] = ()
    clause: Id | None


class Obligation(Section):
    """What stands after approval; `due` as the guide says it, null where it is silent."""

    rule: Id
    text: Bilingual
    due: Bilingual | None


class StageRow(Section):
    """What one stage does with findings that are due and enter the verdict.

    `refuse_effects`: a hard fail with such an effect refuses. `refuse_missing_of`: an unknown that lacks a
    fact of these owners refuses. `hold_undecided`: unknown, manual and soft findings hold the decision.
    """

    refuse_effects: tuple[Effect, ...]
    refuse_missing_of: tuple[Owner, ...] = ()
    hold_undecided: Flag = False


_REFUSING = (Effect.blocks_submission, Effect.deemed_given_up)
_ALL = (*_REFUSING, Effect.fails_formal_review, Effect.document_consistency)
_SUPPLIED_BY_APPLICANT = (Owner.app, Owner.att, Owner.org, Owner.person)


def default_stage_table() -> dict[Stage, StageRow]:
    decided = StageRow(refuse_effects=_ALL, hold_undecided=True)
    return {
        Stage.submission: StageRow(refuse_effects=_REFUSING, refuse_missing_of=_SUPPLIED_BY_APPLICANT),
        Stage.recommendation: StageRow(refuse_effects=_REFUSING),
        Stage.formal_review: decided,
        Stage.approval: decided,
        Stage.acceptance: decided,
    }


class Step(Section):
    """A step of the life; `categories`: of these only, where not all of them have it."""

    id: Token
    used: Flag
    clause: Id | None = None
    categories: tuple[Id, ...] = ()


class LifeCycle(Section):
    """Steps of the life used by the call; notice period in days, null where the guide is silent."""

    steps: tuple[Step, ...] = Field(min_length=1)
    notice_days: StrictInt | None
    recommendation_close: Prose | None = None
    stage_table: dict[Stage, StageRow] = Field(default_factory=default_stage_table)

    def used_by(self, category: str) -> frozenset[str]:
        """Ids of the steps that applications of a selectable category go through."""
        return frozenset(
            one.id for one in self.steps if one.used and (not one.categories or category in one.categories)
        )
