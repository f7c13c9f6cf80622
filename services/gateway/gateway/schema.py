"""The schema as a whole, and its printed form (`schema.graphql`)."""

from functools import cache

import strawberry
from strawberry.schema.config import StrawberryConfig

from gateway.commands.root import Mutation
from gateway.graph.guard import Rules, Schema, guard
from gateway.graph.limits import Limits
from gateway.nouns.base import SCALARS
from gateway.nouns.calls import GuideVersion
from gateway.nouns.notices import Proposal
from gateway.nouns.prechecks import Precheck
from gateway.queries import Query
from gateway.settings import Settings

__all__ = ["build", "print_sdl"]

_MORE: list[type] = [GuideVersion, Proposal, Precheck]


def build(settings: Settings) -> Schema:
    """The schema, guarded by the limits of these settings."""
    rules = Rules(
        limits=Limits(depth=settings.max_depth, aliases=settings.max_aliases, cost=settings.max_cost),
        max_tokens=settings.max_tokens,
        introspection=settings.shows_introspection,
    )
    return _guarded(rules)


@cache
def _guarded(rules: Rules) -> Schema:
    # making it takes a quarter of a second, and it holds nothing but documents and what validation said
    return Schema(
        query=Query,
        mutation=Mutation,
        types=_MORE,
        extensions=[guard(rules)],
        config=StrawberryConfig(scalar_map=SCALARS, disable_field_suggestions=not rules.introspection),
    )


def print_sdl() -> str:
    """The schema in SDL, as `schema.graphql` holds it."""
    schema = strawberry.Schema(
        query=Query, mutation=Mutation, types=_MORE, config=StrawberryConfig(scalar_map=SCALARS)
    )
    return schema.as_str() + "\n"
