"""Running a file of golden cases: what is not met is said with its place, and what is no case is refused."""

from typing import Any

import pytest

from guide import CasesRefused, Golden, Pack, run_cases

SOUND = """\
- id: one
  title: a budget of 3,000,000 yuan
  category: qz20-major
  as_of: "2020-06-15T10:00:00+08:00"
  facts: {budget: {rd_total: 3000000}}
  expect:
    - {rule: QZ-4-2, outcome: pass, clause: {lines: "25"}}
  also: {eligible: pending, rules_absent: [QZ-SUB-08]}
"""


def run(pack: Pack, old: str = "", new: str = "") -> Golden:
    assert old in SOUND
    return run_cases(pack, SOUND.replace(old, new, 1))


def test_a_case_that_holds(qz: Pack) -> None:
    golden = run(qz)
    assert (golden.ran, golden.rules, golden.problems) == (1, {"QZ-4-2"}, ())


@pytest.mark.parametrize(
    ("old", "new", "place", "said"),
    [
        ("outcome: pass", "outcome: fail", (7, 31), "QZ-4-2 gives pass, not fail; clause qz20-notice/4-2"),
        ('lines: "25"', 'lines: "26"', (7, 53), "QZ-4-2 cites lines '25', not '26'"),
        ("rule: QZ-4-2", "rule: QZ-4-3a", (7, 14), "qz20-major has no rule 'QZ-4-3a'"),
        ("eligible: pending", "eligible: eligible", (8, 20), "the verdict is pending, not eligible; open"),
        ("eligible: pending", "eligible_not: pending", (8, 24), "the verdict is pending; open: QZ-SUB-01"),
        ("[QZ-SUB-08]", "[QZ-4-1, QZ-SUB-08]", (8, 44), "qz20-major has the rule 'QZ-4-1'"),
        ("rd_total: 3000000", "rd_total: much", (5, 30), "an integer in whole yuan"),
        ("qz20-major", "qz20-minor", (3, 13), "'qz20-minor' is no selectable category"),
        ("  title", "  guide: gl-2019\n  title", (2, 10), "'gl-2019' is not qz-2020"),
    ],
)  # fmt: skip
def test_what_is_not_met_has_its_place(
    qz: Pack, old: str, new: str, place: tuple[int, int], said: str
) -> None:
    (problem,) = run(qz, old, new).problems
    assert (problem.line, problem.column) == place
    assert problem.reason.startswith("one: ")
    assert said in problem.reason


def test_a_verdict_names_what_fails(qz: Pack) -> None:
    problems = run(qz, "rd_total: 3000000", "rd_total: 1").problems
    assert [one.pointer for one in problems] == ["/0/expect/0/outcome", "/0/also/eligible"]
    assert problems[1].reason == "one: the verdict is not_eligible, not pending; fail: QZ-4-2"


@pytest.mark.parametrize(
    ("text", "pointer", "place", "reason"),
    [
        ("- [1", "", (2, 1), "not YAML"),
        ("a: 1", "", (1, 1), "is a list"),
        ("- {kind: other}\n- {id: x}", "/1/title", (2, 3), "required"),
        (SOUND.replace("outcome: pass", "outcome: good"), "/0/expect/0/outcome", (7, 31), "Input should be"),
        (SOUND.replace("+08:00", ""), "/0/as_of", (4, 10), "an offset"),
        (SOUND + SOUND, "/1/id", (9, 7), "'one' stands twice"),
        (SOUND + "  wy: x\n", "/0/wy", (9, 7), "Extra inputs"),
    ],
)
def test_what_is_no_file_of_cases_is_refused(
    qz: Pack, text: str, pointer: str, place: tuple[int, int], reason: str
) -> None:
    with pytest.raises(CasesRefused) as caught:
        run_cases(qz, text)
    found: dict[str, Any] = {one.pointer: one for one in caught.value.problems}
    assert (found[pointer].line, found[pointer].column) == place
    assert reason in found[pointer].reason


def test_cases_for_readers_are_not_run(qz: Pack) -> None:
    golden = run_cases(qz, "- {id: words, title: said, kind: other, how: by hand}\n" + SOUND)
    assert golden.ran == 1
    (problem,) = run_cases(qz, "- {kind: other}\n" + SOUND.replace("pass", "fail")).problems
    assert (problem.pointer, problem.line) == ("/1/expect/0/outcome", 8)
