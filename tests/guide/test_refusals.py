"""Every refusal of a pack, each with a broken pack of its own, and where the refusal points."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from guide import PackRefused, Problem, load_pack
from guide.yaml_reader import read_yaml

Data = dict[str, Any]


def refused(data: Any) -> list[Problem]:
    text = data if isinstance(data, str | bytes) else json.dumps(data, ensure_ascii=False)
    with pytest.raises(PackRefused) as caught:
        load_pack(text)
    return caught.value.problems


def declare(data: dict[str, Any], **said: Any) -> None:
    fact = {"name": "budget.rd_total", "type": "money", "owner": "app", "label_zh": "款", "label_en": "money"}
    data["facts"].append(fact | said)


def rule(data: Data, name: str) -> Data:
    found: Data = next(one for one in data["rules"] if one["id"] == name)
    return found


def at(data: Data, name: str) -> int:
    return next(index for index, one in enumerate(data["rules"]) if one["id"] == name)


Break = Callable[[Data], object]
WORDS = {"id": "colours", "tokens": [{"token": "red", "zh": "红", "en": "red"}]}

BROKEN: list[tuple[str, Break, str, str]] = [
    ("unknown key", lambda d: d.update(colour=1), "/colour", "Extra inputs"),
    ("missing section", lambda d: d.pop("routing"), "/routing", "Field required"),
    ("wrong type", lambda d: d["call"].update(year="2020"), "/call/year", "integer"),
    ("a float", lambda d: d["call"].update(year=2020.5), "/call/year", "quoted decimals"),
    ("instant without offset", lambda d: d["call"]["window"].update(close_at="2020-06-28T17:00:00"),
     "/call/window/close_at", "offset"),
    ("window closes before it opens", lambda d: d["call"]["window"].update(close_at="2020-05-01T00:00:00Z"),
     "/call/window", "before it opens"),
    ("unknown zone", lambda d: d["call"].update(zone="Asia/Quzhou"), "/call/zone", "time zone"),
    ("rule without clause", lambda d: rule(d, "QZ-4-2").pop("clause"), "/rules/{QZ-4-2}/clause", "required"),
    ("rule with a clause that is not there", lambda d: rule(d, "QZ-4-2").update(clause="qz20-notice/9"),
     "/rules/{QZ-4-2}/clause", "no clause"),
    ("a category's own clause that is not there",
     lambda d: d["categories"][0].update(clauses={"terms": "qz20-notice/9"}), "/categories/0/clauses/terms",
     "no clause"),
    ("a clause that one of the categories does not have",
     lambda d: rule(d, "QZ-4-2").update(clause_of="terms"), "/rules/{QZ-4-2}/clause_of", "has no clause"),
    ("a step for no category", lambda d: d["life_cycle"]["steps"][0].update(categories=["hy21-major"]),
     "/life_cycle/steps/0/categories/0", "no selectable category"),
    ("clause of no source", lambda d: d["clauses"][0].update(document="law"), "/clauses/0/document",
     "no source"),
    ("rule id twice", lambda d: d["rules"].append(rule(d, "QZ-4-2")), "/rules/46", "stands twice"),
    ("fact twice", lambda d: d["facts"].append(d["facts"][0]), "/facts/4", "stands twice"),
    ("enumeration twice", lambda d: d.update(enumerations=[WORDS, WORDS]), "/enumerations/1", "stands twice"),
    ("quota row twice", lambda d: d["quota_blocks"][0]["rows"][1].update(token="city_level"),
     "/quota_blocks/0/rows/1", "stands twice"),
    ("unknown fact in an expression", lambda d: rule(d, "QZ-4-2").update(require="budget.total >= 1"),
     "/rules/{QZ-4-2}/require", "unknown fact"),
    ("unknown fact in a construct", lambda d: rule(d, "QZ-4-3e").update(require={"present": "patent.paper"}),
     "/rules/{QZ-4-3e}/require/present", "unknown fact"),
    ("expression does not parse", lambda d: rule(d, "QZ-4-2").update(require="budget.rd_total >="),
     "/rules/{QZ-4-2}/require", "does not compile"),
    ("operands of different types", lambda d: rule(d, "QZ-4-2").update(require="budget.rd_total >= '3'"),
     "/rules/{QZ-4-2}/require", "does not compile"),
    ("expression is no yes or no", lambda d: rule(d, "QZ-4-2").update(require="budget.rd_total + 1"),
     "/rules/{QZ-4-2}/require", "gives INT, not BOOL"),
    ("distance is no integer", lambda d: rule(d, "QZ-4-2")["remedies"][0]["gap"].update(value="true"),
     "/rules/{QZ-4-2}/remedies/0/gap/value", "gives BOOL, not INT"),
    ("distance announced but not given", lambda d: rule(d, "QZ-4-2")["remedies"][0].pop("gap"),
     "/rules/{QZ-4-2}/remedies/0", "{gap}"),
    ("unknown construct", lambda d: rule(d, "QZ-4-2").update(require={"most": []}),
     "/rules/{QZ-4-2}/require", "does not match any"),
    ("deep inside a rule", lambda d: rule(d, "QZ-4-1")["require"]["all"].append({"present": 3}),
     "/rules/{QZ-4-1}/require/all/2/present", "string"),
    ("unknown interpretation",
     lambda d: rule(d, "QZ-4-8a")["require"]["readings"].update(interpretation="qz.nothing"),
     "/rules/{QZ-4-8a}/require/readings/interpretation", "no interpretation"),
    ("a reading without a case", lambda d: rule(d, "QZ-4-8a")["require"]["readings"]["cases"].pop("false"),
     "/rules/{QZ-4-8a}/require/readings/interpretation", "differ: false"),
    ("a case for no token",
     lambda d: rule(d, "QZ-SUB-03")["require"]["table"]["cases"].update(company="pass"),
     "/rules/{QZ-SUB-03}/require/table/cases/company", "no token"),
    ("rule for no category", lambda d: rule(d, "QZ-4-2").update(applies=["hy21-major"]),
     "/rules/{QZ-4-2}/applies/0", "no selectable category"),
    ("part of no rule", lambda d: rule(d, "QZ-4-2").update(part_of="QZ-9"), "/rules/{QZ-4-2}/part_of",
     "no rule"),
    ("quota rows do not sum", lambda d: d["quota_blocks"][1].update(total=91), "/quota_blocks/1",
     "sum to 90, the block says 91"),
    ("mapping to no row", lambda d: d["quota_mapping"][0].update(row="moon"),
     "/quota_mapping/0/categories/0", "no row"),
    ("category without a route", lambda d: d["routing"].update(routes=d["routing"]["routes"][1:]),
     "/categories/2", "no route"),
    ("route to no office", lambda d: d["routing"]["routes"][0].update(office="bureau"),
     "/routing/routes/0/office", "no office"),
    ("alias that points nowhere", lambda d: d["aliases"][0].update(means="moon"), "/aliases/0/means",
     "points nowhere"),
    ("enum without enumeration", lambda d: d["facts"][0].pop("enum"), "/facts/0", "enumeration"),
    ("a fact of no dictionary", lambda d: declare(d, name="project.colour"), "/facts/4/name",
     "not in the dictionary"),
    ("a fact of another type than the dictionary's", lambda d: declare(d, type="int"),
     "/facts/4/type", "is money in the dictionary"),
    ("a fact of another owner than the dictionary's", lambda d: declare(d, owner="org"),
     "/facts/4/owner", "owned by app"),
    ("an extension that is none", lambda d: declare(d, extension=True), "/facts/4/extension",
     "no extension"),
    ("an extension that is a group of facts", lambda d: declare(d, name="budget", extension=True),
     "/facts/4/name", "collides"),
    ("an extension below a fact", lambda d: declare(d, name="partners.colour", extension=True),
     "/facts/4/name", "collides"),
    ("an array of records under another type", lambda d: declare(d, name="partners"),
     "/facts/4/type", "is list<record> in the dictionary"),
    ("a fact that nothing supplies",
     lambda d: declare(d, name="call.moon", owner="call", extension=True), "/facts/4",
     "nothing here supplies it"),
    ("material with no such file", lambda d: d["materials"][4].update(fact="commitment.truth_declared"),
     "/materials/4/fact", "no file fact"),
    ("form field that is no fact", lambda d: d["forms"][0]["fields"][0].update(fact="project.colour"),
     "/forms/0/fields/0/fact", "unknown fact"),
    ("default that is no value", lambda d: d["interpretations"][0].update(default="maybe"),
     "/interpretations/0", "none of the values"),
    ("a child of a selectable category", lambda d: d["categories"][1].update(parent="qz20-major"),
     "/categories/0", "cannot be selected"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "spoil", "pointer", "reason"), BROKEN, ids=[one[0] for one in BROKEN])
def test_refused(qz_data: Data, what: str, spoil: Break, pointer: str, reason: str) -> None:
    where = pointer
    if "{" in pointer:
        name = pointer.split("{")[1].split("}")[0]
        where = pointer.replace("{" + name + "}", str(at(qz_data, name)))
    spoil(qz_data)
    problems = refused(qz_data)
    assert any(problem.pointer == where and reason in problem.reason for problem in problems), problems


@pytest.mark.parametrize(
    "section",
    ["sources", "clauses", "categories", "topics", "facts", "interpretations", "rules",
     "materials", "forms", "papers"],
)  # fmt: skip
def test_nothing_stands_twice(qz_data: Data, section: str) -> None:
    qz_data[section].append(qz_data[section][0])
    where = f"/{section}/{len(qz_data[section]) - 1}"
    assert any(one.pointer == where and "stands twice" in one.reason for one in refused(qz_data))


def test_all_problems_at_once(qz_data: Data) -> None:
    qz_data["quota_blocks"][0]["total"] = 15
    qz_data["aliases"][0]["means"] = "moon"
    rule(qz_data, "QZ-4-2")["require"] = "budget.total > 1"
    assert len(refused(qz_data)) == 3


def test_a_problem_names_its_line_and_column(qz_text: str) -> None:
    broken = qz_text.replace("require: budget.rd_total >= 3000000", "require: budget.total >= 3000000")
    before = broken[: broken.index("budget.total >=")]
    (problem,) = refused(broken)
    assert problem.line == before.count("\n") + 1
    assert problem.column == len(before) - before.rindex("\n") == len("    require: ") + 1
    assert str(problem).startswith(f"{problem.pointer} (line {problem.line}, column {problem.column}): ")
    assert problem.in_file("a.yaml").startswith(
        f"a.yaml:{problem.line}:14: {problem.pointer}: the expression"
    )


@pytest.mark.parametrize(
    ("text", "pointer", "place"),
    [
        ("a: 1\nb: {研发: 1, 投入: 2.5}", "/b/投入", (2, 16)),  # columns count characters, not bytes
        ("a: 1\n  b: 2", "", (2, 4)),
        ("a: 1\nb: 2\na: 3", "/a", (3, 1)),  # the second key
        ("a: 1\n---\nb: 2", "", (2, 1)),
        ("format: 1\nid: xx-2030\n", "/call", (1, 1)),  # what is missing: where it would stand
    ],
)
def test_places(text: str, pointer: str, place: tuple[int, int]) -> None:
    found = {problem.pointer: (problem.line, problem.column) for problem in refused(text)}
    assert found[pointer] == place


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a: 1\na: 2", "stands twice"),
        ("a: &x 1\nb: *x", "anchors"),
        ("a: !!python/object:os.system 1", "tag"),
        ("a: 1\n---\nb: 2", "more than one"),
        ("a: [1", "not YAML"),
        ("<<: {a: 1}", "plain word"),
        ("[" * 60 + "]" * 60, "deeper"),
        (b"\xff\xfe", "UTF-8"),
        ("x" * 2_000_001, "larger"),
        ("", "valid dictionary"),
    ],
)
def test_unsafe_text(text: str | bytes, reason: str) -> None:
    assert reason in refused(text)[0].reason


def test_dates_and_words_stay_text() -> None:
    data, places = read_yaml("day: 2020-06-28\ntime: 17:00\nanswer: no\nzero: 010\nnumber: 10\nnothing: ~")
    assert data == {
        "day": "2020-06-28", "time": "17:00", "answer": "no", "zero": "010", "number": 10, "nothing": None
    }  # fmt: skip
    assert places["/number"] == (5, 9)
