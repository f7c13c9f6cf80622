"""The cities that `shenbao demo` plays, and the story that all but Quzhou share, told by their casts."""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from cli import project
from cli.errors import Refusal
from cli.local import House


@dataclass(frozen=True, slots=True)
class City:
    """A city of the demonstration.

    Attributes:
        code: GB/T 2260.
        guide: id of its pack, which is also the pack's file.
    """

    name: str
    code: str
    guide: str

    @property
    def pack(self) -> Path:
        return project.root() / f"deploy/guides/{self.guide}.yaml"

    @property
    def cast(self) -> str:
        return f"deploy/demo/{self.name}-{self.guide.partition('-')[2]}.yaml"


QUZHOU = City("quzhou", "330800", "qz-2020")
ELSEWHERE = (
    City("hengyang", "430400", "hy-2021"),
    City("guilin", "450300", "gl-2019"),
    City("lanzhou", "620100", "lz-2022"),
)
CITIES = (QUZHOU, *ELSEWHERE)


def find(word: str) -> City:
    """The city of a name or a code.

    Raises:
        Refusal: there is no story of it.
    """
    for city in CITIES:
        if word.lower() in (city.name, city.code):
            return city
    known = ", ".join(f"{city.name} ({city.code})" for city in CITIES)
    raise Refusal(f"There is no story of {word!r}. There are: {known}.")


def story(city: City, season: str) -> Callable[[House], int]:
    """What plays a city's call in a house; 0 when it came out as meant.

    Raises:
        Refusal: the full season is Quzhou's only.
    """
    if city is QUZHOU:
        module = {"short": "cli.demo.story", "full": "cli.demo.season.play"}[season]
        play: Callable[[House], int] = importlib.import_module(module).play
        return play
    if season == "full":
        raise Refusal(f"The full season is played in Quzhou only, not in {city.name}.")
    return partial(importlib.import_module("cli.demo.cities.play").play, city=city)
