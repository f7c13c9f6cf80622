"""A pack as a folder: its files are one text, and what is wrong is said with the file that it lies in."""

import re

import pytest
from tests.guide.conftest import GUIDES, every_pack

from guide import Joined, PackRefused, Problem, joined, load_pack

SECTION = re.compile(r"^(?=[a-z_]+:)", re.M)


def taken_apart(text: str) -> dict[str, bytes]:
    """A file for each section, named so that their order is that of the text."""
    parts = SECTION.split(text)
    return {f"{number:02}.yaml": part.encode() for number, part in enumerate(parts)}


def problems(text: Joined) -> list[str]:
    with pytest.raises(PackRefused) as caught:
        load_pack(text.text)
    return [problem.in_file(name) for name, problem in map(text.placed, caught.value.problems)]


@every_pack
def test_a_folder_is_the_same_pack_as_one_file(name: str) -> None:
    text = (GUIDES / f"{name}.yaml").read_text()
    files = taken_apart(text)
    assert len(files) > 12
    together = joined(dict(reversed(files.items())))
    assert together.text == text
    assert load_pack(together.text).version == load_pack(text).version


def test_a_problem_has_its_place_in_its_file(qz_text: str) -> None:
    files = taken_apart(qz_text.replace("require: budget.rd_total >= 3", "require: budget.total >= 3"))
    (rules,) = (name for name, part in files.items() if part.startswith(b"rules:"))
    lines = files[rules].decode().splitlines()
    line = next(number for number, text in enumerate(lines, 1) if "budget.total >= 3" in text)
    (said,) = problems(joined(files))
    assert said.startswith(f"{rules}:{line}:14: /rules/")


def test_a_section_stands_in_one_file(qz_text: str) -> None:
    files = taken_apart(qz_text) | {"99.yaml": b"# more\nrules: []\n"}
    (said,) = problems(joined(files))
    assert said == "99.yaml:2:1: /rules: the key 'rules' stands twice"


def test_a_file_need_not_end_its_last_line_and_may_be_empty() -> None:
    text = joined(
        {"b.yaml": b"two: 2", "a.yaml": b"\xef\xbb\xbfone: 1", "c.yaml": b"", "d.yaml": b"four: 4\n"}
    )
    assert text.text == "one: 1\ntwo: 2\nfour: 4\n"
    assert text.placed(Problem("/four", "x", 3, 1)) == ("d.yaml", Problem("/four", "x", 1, 1))
    assert text.placed(Problem("", "x")) == ("a.yaml", Problem("", "x"))


def test_what_is_no_folder_of_texts_is_refused() -> None:
    with pytest.raises(PackRefused, match="no YAML file"):
        joined({})
    with pytest.raises(PackRefused, match=r"b\.yaml is not UTF-8"):
        joined({"a.yaml": b"a: 1", "b.yaml": b"\xff"})
