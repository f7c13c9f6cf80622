"""The applicants' side: unit, draft, papers, all as the cast has them."""

from typing import Any

from cli.demo import applying, cast, papers
from cli.demo.applying import raw_id
from cli.demo.cities.ids import Ids, resolved
from cli.demo.graphql import Person
from cli.demo.story import Story
from guide import Pack


def prepare(story: Story, pack: Pack, number: str, before: Ids) -> tuple[dict[str, Any], Ids]:
    """State what is asked of the unit, draft the application and upload its papers.

    Args:
        before: ids of the applications drafted so far.

    Returns:
        The application as answered, and the ids that it brought with it.
    """
    play = story.plays[number]
    person, unit = story.person(cast.applicant(play)), story.cast.unit_of(play)
    viewer = person.ask("{ viewer { person { id } memberships { unit { id } } } }")["viewer"]
    unit_id = viewer["memberships"][0]["unit"]["id"]
    if unit.get("profile"):
        applying.state_profile(person, unit_id, unit["profile"])
    application, members = applying.begin(person, story.cast, play, unit_id)
    ids: Ids = {
        "@application": raw_id(application["id"]),
        "@unit": raw_id(unit_id),
        "@leader": raw_id(viewer["person"]["id"]),
        **{f"@member-{place}": raw_id(one) for place, one in enumerate(members, start=1)},
    }
    known = before | ids
    application = applying.fill(person, application, members, resolved(play["form"], known))
    about = (f"申报单位：{unit['name']}", f"项目名称：{play['title']}")
    for material, stated in play["papers"].items():
        hand_in(person, pack, application["id"], material, about, resolved(stated, known))
    return application, ids


def hand_in(
    person: Person,
    pack: Pack,
    application_id: str,
    material: str,
    about: tuple[str, ...],
    stated: dict[str, Any],
) -> None:
    """Make a paper of the guide's list and upload it; it says what the attributes state."""
    (wanted,) = [one for one in pack.document.materials if one.id == material]
    said = [f"{pack.facts[name].label_zh}：{value}" for name, value in stated.items() if value is not True]
    content = papers.pdf(wanted.name_zh, [*about, *said])
    name = f"{wanted.name_zh}.pdf"
    applying.send(person, application_id, material, name, papers.PDF, content, stated)
