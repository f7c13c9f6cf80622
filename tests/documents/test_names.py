"""Names are found as eligibility compares them, and shown in their original context."""

import pytest

from documents.formats.limits import Piece
from documents.names import needles, snippets
from guide.functions import normalise


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("本项目由衢州星河公司承担", "衢州星河公司"),
        ("负责人 欧 阳\n明\u3000哲 教授", "欧阳明哲"),
        ("contact: ＡＢＣ Tech", "abc tech"),
        ("ABC TECH", "ａｂｃ ｔｅｃｈ"),
        ("①号项目，㈱星河", "(株)星河"),
        ("e\u0301lan vital", "Élan"),
        ("长" * 395 + "欧阳明哲" + "长" * 900, "欧阳明哲"),
    ],
)
def test_a_name_is_found_and_shown(text: str, name: str) -> None:
    found = snippets([Piece("page 1", text)], needles([name]))
    assert len(found) == 1
    assert found[0].startswith("page 1: …")
    assert normalise(name) in normalise(found[0])
    assert len(found[0]) < 70


@pytest.mark.parametrize("text", ["", "欧阳明", "欧阳␟明哲", "一份干净的报告"])
def test_near_misses_are_clean(text: str) -> None:
    assert snippets([Piece("page 1", text)], needles(["欧阳明哲", "明 "])) == []


def test_every_place_and_no_repeats() -> None:
    pieces = [Piece("page 1", "王伟，王伟"), Piece("page 2", "王伟")]
    assert snippets(pieces, needles(["王伟", "王 伟"])) == [
        "page 1: …王伟，王伟…",
        "page 2: …王伟…",
    ]
    many = [Piece(f"page {number}", "王伟") for number in range(80)]
    assert len(snippets(many, needles(["王伟"]))) == 50


def test_context_is_cut_from_the_original() -> None:
    text = "甲乙丙丁戊己庚辛壬癸子丑寅卯" + "欧 阳 明 哲" + "甲乙丙丁戊己庚辛壬癸子丑寅卯"
    assert snippets([Piece("p", text)], needles(["欧阳明哲"])) == [
        "p: …丙丁戊己庚辛壬癸子丑寅卯欧 阳 明 哲甲乙丙丁戊己庚辛壬癸子丑…"
    ]
