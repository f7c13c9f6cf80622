"""Every fact that a rule reads and that intake must supply has a way in, in each category of each pack."""

import pytest
from tests.intake.steps.test_paths import CATEGORIES, pack

from intake.applications.parties import SUPPLIED
from intake.guides import packs

# those of registers, files, reviewers, papers, places and the pack have their own ways, and their own tests
OWNERS = {"app", "org", "person", "apps", "post", "clock", "platform"}
KNOWN = {
    "applicant.guidance_track_applications": "applications.facts",
    "applicant.names": "applications.facts",
    "applicant.other_applications": "applications.facts",
    "applicant.profile_complete": "applications.facts",
    "recommendation.received_at": "recommendations.service",
    "selection.approved_count": "awards.service",
    "session.login_kind": "applications.facts",
    "submission.received_at": "applications.facts",
    "team.names": "applications.facts",
}
REGISTERED = {
    "applicant.has_gx_keylab",
    "platform.head",
    "platform.level",
    "platform.recognition_level",
    "platform.type",
}
"""Owned by platforms; the register of platforms states them."""
LATER = {
    "contract_doc.paper_copies",
    "fraud.finding",
    "payment.plan",
    "programme.sales_income_sum",
    "result.industrialised_on",
    "result.model_ok",
    "result.route_ok",
    "result.sales_income",
    "result.volume_production",
}
"""Of the life after approval, which has no commands yet; what decides on them is due at acceptance or never
refuses."""
ELSEWHERE = {
    ("gl-2019", "project.eco_industry"): {"gl19-16-sdg-zone"},
    ("gl-2019", "project.tier"): {"gl19-15-3-medical", "gl19-16-sdg-zone"},
    ("hy-2021", "project.province100_ref"): {"hy21-major"},
}
"""Read by a rule of many categories in its guard or tier for these alone, whose forms ask for it."""


def asked(guide: str, category: str) -> set[str]:
    """What form, profile and papers of a category ask for."""
    found = pack(guide)
    groups = (*found.form_for(category).groups, *found.profile_for(category).groups)
    papers = found.materials_for(category)
    fields = {field.fact for group in groups for field in group.fields}
    return fields | {name for paper in papers for name in (paper.fact, *paper.gives) if name}


@pytest.mark.parametrize(("guide", "category"), CATEGORIES)
def test_every_fact_has_a_way_in(guide: str, category: str) -> None:
    found = pack(guide)
    read = {name for rule in found.rules_for(category) for name in found.rule_facts[rule.id]}
    ours = {name for name in read if found.facts[name].owner in OWNERS}
    ways = asked(guide, category) | SUPPLIED | KNOWN.keys() | REGISTERED | LATER
    elsewhere = {
        name for (of, name), at in ELSEWHERE.items() if of == guide and category not in at and name in ours
    }
    assert ours - ways - elsewhere == set()


@pytest.mark.parametrize(("guide", "category"), CATEGORIES)
def test_a_form_takes_what_it_asks_for(guide: str, category: str) -> None:
    found = pack(guide)
    fields = {field.fact for group in found.form_for(category).groups for field in group.fields}
    assert {name for name in fields if not packs.stated_on_form(found, category, name)} == set()
    assert fields & SUPPLIED == set()


def test_what_is_excused_is_read_somewhere() -> None:
    read: set[str] = set()
    for guide, category in CATEGORIES:
        found = pack(guide)
        read |= {name for rule in found.rules_for(category) for name in found.rule_facts[rule.id]}
    assert {*KNOWN, *REGISTERED, *LATER} <= read
    for (guide, name), categories in ELSEWHERE.items():
        assert all(name in asked(guide, one) for one in categories)


def test_persons_and_platforms_only_where_the_form_asks() -> None:
    hengyang = pack("hy-2021")
    assert packs.stated_on_form(hengyang, "hy21-platform-keylab", "director.birth_date")
    assert not packs.stated_on_form(hengyang, "hy21-basic", "director.birth_date")
    assert not packs.stated_on_form(hengyang, "hy21-basic", "platform.level")


def test_a_blind_form_names_nobody() -> None:
    form = {
        "lab.area_m2": "1200",
        "director.birth_date": "1975-01-01",
        "lab.staff": [{"person": "p1", "birth_date": "1980-01-01"}],
        "partners": [{"id": "91430400TEST000001"}],
        "platform.id": "lab-1",
        "no.such_fact": 1,
    }
    assert packs.blind(pack("hy-2021"), form) == {"lab.area_m2": "1200"}
