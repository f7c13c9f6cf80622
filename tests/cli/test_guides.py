"""`shenbao guide`, and the lesson of docs/guides.md done as it is written there."""

import json
import re
from pathlib import Path

import jsonschema
import pytest

from cli.main import main
from cli.project import root
from guide import load_pack
from guide.yaml_reader import read_yaml

PAGE = (root() / "docs/guides.md").read_text(encoding="utf-8")
FILES = {name: text for text, name in re.findall(r"^```yaml\n(# (\S+\.yaml)\n.*?)^```", PAGE, re.M | re.S)}
LINES = re.findall(r"^shenbao (guide .*)$", PAGE, re.M)

Printed = pytest.CaptureFixture[str]


@pytest.fixture
def lesson(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the files of the lesson, in which the commands are given."""
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "mc-2031.yaml"


def changed(pack: Path, old: str, new: str, name: str = "changed.yaml") -> Path:
    text = pack.read_text(encoding="utf-8")
    assert old in text
    made = pack.with_name(name)
    made.write_text(text.replace(old, new), encoding="utf-8")
    return made


def test_the_lesson_has_a_pack_and_its_cases() -> None:
    assert set(FILES) == {"mc-2031.yaml", "mc-2031.cases.yaml"}
    assert {line.split()[1] for line in LINES} == {"validate", "test", "review", "diff", "publish"}


def test_the_commands_of_the_lesson(lesson: Path, capsys: Printed) -> None:
    changed(lesson, "500000", "400000", "last.yaml")
    for line in LINES:
        if "publish" not in line:
            assert main(line.split()) == 0, line
    out = capsys.readouterr().out.splitlines()
    version = load_pack(FILES["mc-2031.yaml"]).version[:12]
    assert out[0] == f"mc-2031.yaml is sound: mc-2031 {version}, categories: 1, rules: 6, clauses: 7"
    assert out[1:3] == [
        "mc-2031: cases: 5, expectations not met: 0",
        "mc-2031.html: clauses: 7, rules: 6, cases: 5, expectations not met: 0",
    ]
    assert out[3] == "mc31/1  一, lines 2"
    assert out[4:] == [
        "  ~ rules MC-2  研发投入预算不低于50万元",
        "      - require: budget.rd_total >= 400000",
        "      + require: budget.rd_total >= 500000",
        '      - remedies: [{"when": null, "zh": "预算还差 {gap}", "en": "the budget falls short by {gap}", '
        '"gap": {"fact": "budget.rd_total", "value": "400000 - budget.rd_total", "unit": "yuan"}}]',
        '      + remedies: [{"when": null, "zh": "预算还差 {gap}", "en": "the budget falls short by {gap}", '
        '"gap": {"fact": "budget.rd_total", "value": "500000 - budget.rd_total", "unit": "yuan"}}]',
        "",
    ]


def test_every_problem_of_a_pack_with_its_place(lesson: Path, capsys: Printed) -> None:
    broken = changed(lesson, "require: budget.rd_total", "require: budget.total")
    broken = changed(broken, "total: 5", "total: 6")
    assert main(["guide", "validate", str(broken)]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    lines = broken.read_text(encoding="utf-8").splitlines()
    places = re.findall(rf"^{re.escape(str(broken))}:(\d+):(\d+): (\S+): (.*)$", shown.err, re.M)
    assert len(places) == len(shown.err.splitlines()) == 2
    found = [(lines[int(line) - 1][int(column) - 1 :], pointer) for line, column, pointer, _ in places]
    assert found == [
        ("budget.total >= 500000", "/rules/1/require"),
        ("category: mc31-applied", "/quota_blocks/0"),
    ]
    assert places[1][3] == "the rows sum to 5, the block says 6"


def test_a_pack_may_be_a_folder(lesson: Path, capsys: Printed) -> None:
    head, rules = re.split(r"^(?=rules:)", lesson.read_text(encoding="utf-8"), maxsplit=1, flags=re.M)
    folder = lesson.with_name("mc")
    folder.mkdir()
    (folder / "1-call.yaml").write_text(head, encoding="utf-8")
    (folder / "2-rules.yaml").write_text(rules, encoding="utf-8")
    version = load_pack(lesson.read_bytes()).version[:12]
    assert main(["guide", "validate", "mc"]) == 0
    assert capsys.readouterr().out.startswith(f"mc is sound: mc-2031 {version}, ")
    assert main(["guide", "diff", "mc-2031.yaml", "mc"]) == 0
    assert capsys.readouterr().out == "both mean the same\n"
    lesson.with_name("mc-2031.cases.yaml").rename(lesson.with_name("mc.cases.yaml"))
    assert main(["guide", "test", "mc"]) == 0
    assert "expectations not met: 0" in capsys.readouterr().out
    broken = rules.replace("require: budget.rd_total", "require: budget.total")
    (folder / "2-rules.yaml").write_text(broken, encoding="utf-8")
    assert main(["guide", "validate", "mc"]) == 1
    line = broken[: broken.index("budget.total")].count("\n") + 1
    assert f"mc/2-rules.yaml:{line}:14: /rules/1/require: " in capsys.readouterr().err


def test_cases_that_are_not_met(lesson: Path, capsys: Printed) -> None:
    stricter = changed(lesson, ">= 500000", ">= 600000")
    cases = lesson.with_name("mc-2031.cases.yaml")
    assert main(["guide", "test", str(stricter), str(cases)]) == 1
    shown = capsys.readouterr()
    assert shown.out == "mc-2031: cases: 5, expectations not met: 2\n"
    first, second = shown.err.splitlines()
    assert re.fullmatch(
        rf"{re.escape(str(cases))}:8:29: /0/expect/0/outcome: "
        r"budget/at: MC-2 gives fail, not pass; clause mc31/1 \(一\): .*",
        first,
    )
    assert second.endswith("sound: the verdict is not_eligible, not eligible; fail: MC-2")


def test_rules_without_a_case_are_named(lesson: Path, capsys: Printed) -> None:
    cases = lesson.with_name("mc-2031.cases.json")
    case = {"id": "one", "title": "x", "category": "mc31-applied", "as_of": "2031-03-20T10:00:00+08:00"}
    cases.write_text(json.dumps([{**case, "expect": [{"rule": "MC-1", "outcome": "unknown"}]}]))
    assert main(["guide", "test", str(lesson), str(cases)]) == 0
    assert capsys.readouterr().out.endswith("rules without a case: MC-2, MC-3, MC-4, MC-5, MC-6\n")
    lesson.with_name("mc-2031.cases.yaml").unlink()
    assert main(["guide", "test", str(lesson)]) == 0  # the other name beside the pack
    assert capsys.readouterr().out.startswith("mc-2031: cases: 1, ")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["validate", "none.yaml"], r"none\.yaml cannot be read: No such file"),
        (["test", "mc-2031.yaml", "none.yaml"], r"none\.yaml cannot be read: No such file"),
        (["test", "mc-2031.yaml", "mc-2031.yaml"], r"mc-2031\.yaml:1:1: a file of cases is a list"),
        (["test", "last.yaml"], r"No cases: neither last\.cases\.yaml nor last\.cases\.json is there"),
        (["diff", "mc-2031.yaml", "mc-2031.cases.yaml"], r"mc-2031\.cases\.yaml:2:1: Input should be"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    lesson: Path, capsys: Printed, words: list[str], said: str
) -> None:
    changed(lesson, "budget", "budget", "last.yaml")
    assert main(["guide", *words]) == 1
    assert re.match(said, capsys.readouterr().err)


def test_a_diff_for_programs(lesson: Path, capsys: Printed) -> None:
    stricter = changed(lesson, "lead_count <= 1", "lead_count == 0")
    assert main(["guide", "diff", str(lesson), str(stricter), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    (clause,) = told["clauses"]
    assert clause["clause"]["id"] == "mc31/2"
    assert clause["changes"][0]["after"] == {"require": "person.lead_count == 0"}
    assert told["version"] == [load_pack(one.read_bytes()).version for one in (lesson, stricter)]


def test_a_page_for_the_officer(lesson: Path, capsys: Printed) -> None:
    page = lesson.with_name("page.html")
    cases = lesson.with_name("mc-2031.cases.yaml")
    assert main(["guide", "review", str(lesson), "--lang", "en", "-o", str(page)]) == 0
    shown = page.read_text(encoding="utf-8")
    assert '<html lang="en">' in shown
    assert "budgeted R&amp;D investment ≥ 500,000 yuan" in shown
    assert load_pack(lesson.read_bytes()).version in shown
    stricter = changed(lesson, ">= 500000", ">= 600000")
    assert main(["guide", "review", str(stricter), "--cases", str(cases), "-o", str(page)]) == 0
    assert capsys.readouterr().out.endswith("rules: 6, cases: 5, expectations not met: 2\n")
    assert "MC-2 gives fail, not pass" in page.read_text(encoding="utf-8")
    cases.unlink()
    assert main(["guide", "review", str(lesson), "-o", str(page)]) == 0  # a pack may have no cases yet
    assert capsys.readouterr().out.endswith("clauses: 7, rules: 6\n")
    assert main(["guide", "review", str(lesson), "--cases", str(lesson), "-o", str(page)]) == 1
    assert capsys.readouterr().err.startswith(f"{lesson}:1:1: a file of cases is a list")
    assert main(["guide", "review", str(lesson), "-o", str(lesson.parent)]) == 1
    assert "cannot be written: Is a directory" in capsys.readouterr().err


def test_what_means_the_same(lesson: Path, capsys: Printed) -> None:
    assert main(["guide", "diff", str(lesson), str(changed(lesson, "# mc-2031.yaml", "# again"))]) == 0
    assert capsys.readouterr().out == "both mean the same\n"


def test_the_schema_for_editors(capsys: Printed) -> None:
    assert main(["guide", "schema"]) == 0
    schema = json.loads(capsys.readouterr().out)
    jsonschema.Draft202012Validator(schema).validate(read_yaml(FILES["mc-2031.yaml"])[0])
    assert schema["properties"]["rules"]
