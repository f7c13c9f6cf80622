"""A made-up fifth city: `fifth` holds its pack and cases, and nothing else was written for it."""

from pathlib import Path

import jsonschema

from guide import Outcome, Stage, json_schema, load_pack, read_cases, run_cases
from guide.yaml_reader import read_yaml

FIFTH = Path(__file__).parent / "fifth"
TEXT = (FIFTH / "yj-2031.yaml").read_bytes()
CASES = (FIFTH / "yj-2031.cases.yaml").read_bytes()


def test_every_case_of_the_fifth_city() -> None:
    golden = run_cases(load_pack(TEXT), CASES)
    assert golden.problems == ()
    assert golden.rules == set(load_pack(TEXT).rules)


def test_each_of_its_rules_passes_and_does_not() -> None:
    reached: dict[str, set[Outcome]] = {}
    for case in read_cases(CASES)[0].values():
        for one in case.expect:
            reached.setdefault(one.rule, set()).add(one.outcome)
    assert {
        rule for rule, outcomes in reached.items() if not {Outcome.passed, Outcome.fail} <= outcomes
    } == set()


def test_its_forms_places_and_routes() -> None:
    pack = load_pack(TEXT)
    pilot = [field for group in pack.form_for("yj31-pilot").groups for field in group.fields]
    own = next(field for field in pilot if field.fact == "pilot.tonnes_a_day")
    assert (own.label_zh, own.type) == ("中试线日处理能力（吨）", "int")
    field = next(field for field in pilot if field.fact == "project.field")
    assert field.allowed == ("tidal_energy", "sea_water", "other")
    assert pack.quota_row("yj31-joint", "xiajia") == "yj31-joint/xiajia"
    assert pack.quota_row("yj31-pilot", "xiajia") is None
    office = pack.route("yj31-pilot", {})
    assert office is not None
    assert office.name_zh == "平台科"
    assert pack.life_cycle.stage_table[Stage.submission].refuse_effects


def test_the_published_schema_knows_it() -> None:
    jsonschema.Draft202012Validator(json_schema()).validate(read_yaml(TEXT)[0])
