"""In which cities a request reads or writes."""

from collections.abc import Iterable
from typing import Final

from common.actor import Actor
from common.errors import FieldError, Unprocessable
from common.roles import Role

OVERSEERS: Final = (Role.officer, Role.bureau_head, Role.auditor)
"""Who reads ledgers: an entry tells which login of which unit took a place, when and why."""
READERS: Final = (*OVERSEERS, Role.recommender)


class CityNeeded(Unprocessable):
    code = "quota.city_needed"
    title_zh, title_en = "须指明城市", "The request must name its city"


def city_of(actor: Actor, named: str | None) -> str:
    """The one city that a service's command is about: named, or the only one of its token.

    Raises:
        CityNeeded: neither says which.
    """
    if named is not None:
        return named
    if len(actor.cities) != 1:
        raise CityNeeded(errors=[FieldError("/city", "missing", "the token does not name exactly one city")])
    return next(iter(actor.cities))


def reading_cities(actor: Actor, roles: Iterable[Role]) -> frozenset[str]:
    """The actor's cities in which one of these roles was given; all of them for a service."""
    return actor.cities_as(roles)
