"""Descriptions in both languages, as every type, field and argument of the schema carries them."""

from collections.abc import Callable
from typing import Any

import strawberry


def d(zh: str, en: str) -> str:
    """One description: Chinese first, English after it."""
    return f"{zh} | {en}"


def resolved(zh: str, en: str) -> Callable[[Callable[..., Any]], Any]:
    """Decorator: a field answered by the function."""

    def decorate(resolver: Callable[..., Any]) -> Any:
        return strawberry.field(resolver=resolver, description=d(zh, en))

    return decorate


def command(zh: str, en: str) -> Callable[[Callable[..., Any]], Any]:
    """Decorator: a mutation carried out by the function."""

    def decorate(resolver: Callable[..., Any]) -> Any:
        return strawberry.mutation(resolver=resolver, description=d(zh, en))

    return decorate
