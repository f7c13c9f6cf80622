"""Categories (a tree whose leaves are applied for), topics, and who handles them."""

from __future__ import annotations

from pydantic import Field, StrictInt

from guide.model.base import Bilingual, Expression, Flag, Id, Prose, Section, Token


class FieldList(Section):
    """Technical fields of a category; `open` where the guide says 等."""

    open: Flag
    tokens: tuple[Token, ...] = Field(min_length=1)


class FundingTier(Section):
    tier: Token | None
    min: StrictInt | None
    max: StrictInt | None


class Years(Section):
    """Implementing years, or the longest implementing period in months."""

    first: StrictInt | None = None
    last: StrictInt | None = None
    max_months: StrictInt | None = None


class Category(Section):
    """A node of the tree. Null = the guide does not say."""

    id: Id
    parent: Id | None
    selectable: Flag
    name_zh: Prose
    name_en: Prose
    aliases: tuple[Prose, ...] = ()
    clause: Id
    clauses: dict[Token, Id] = Field(
        default_factory=dict,
        description="its clauses by the names under which rules of many categories cite them",
    )
    scope: Bilingual | None
    who: Bilingual | None
    fields: FieldList | None
    years: Years | None
    cap: StrictInt | None
    cap_group: Token | None = None
    funding: tuple[FundingTier, ...] | None
    funding_mode: Token | None
    priority: Bilingual | None
    manual_route: Flag = False


class Topic(Section):
    """A topic of the field guide; `domain` routes it, `domain_note` says how sure that is."""

    id: Token
    group_zh: Prose
    group_en: Prose
    name_zh: Prose
    name_en: Prose
    clause: Id
    domain: Token
    domain_note: Bilingual | None = None


class Office(Section):
    """An office of the bureau; `handles` in its own words."""

    id: Token
    name_zh: Prose
    name_en: Prose
    handles: Bilingual
    clause: Id


class Route(Section):
    """Applications of these categories go to the office if `when` (a bool expression) holds; first match."""

    categories: tuple[Id, ...] = Field(min_length=1)
    when: Expression | None
    office: Token


class Routing(Section):
    offices: tuple[Office, ...] = ()
    enquiries: Token | None = None
    routes: tuple[Route, ...] = ()
