"""Files of entries: encodings, columns, every kind of bad row, and what a hostile file meets."""

import io
import zipfile
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from openpyxl import Workbook

from common import sheets, tabular
from common.clock import parse_instant
from common.errors import TooLarge
from eligibility.registers import files
from eligibility.registers.kinds import KINDS

HNTE = ("单位统一社会信用代码", "证书编号", "生效日期", "失效日期")
ROW = ("91450300TEST000011", "GR201745000011", "2017-10-01", "2020-09-30")
PLATFORM = {
    "platform_id": "gx-1",
    "name": "试例实验室",
    "type": "重点实验室",
    "level": "市级",
    "unit_uscc": "91450300TEST000011",
    "valid_from": "2019年1月1日",
}


def a_csv(rows: Sequence[Sequence[Any]], encoding: str = "utf-8") -> bytes:
    return "\r\n".join(",".join(str(cell) for cell in row) for row in rows).encode(encoding)


def an_xlsx(rows: Sequence[Sequence[Any]]) -> bytes:
    book = Workbook()
    sheet: Any = book.active
    for row in rows:
        sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read(register: str, content: bytes, form: str = "csv", max_rows: int = 100) -> files.Table:
    return files.read(KINDS[register], content, form, max_rows)


def rows_of(register: str, **cells: Any) -> list[list[Any]]:
    columns = {one.field: one.zh for one in files.columns(KINDS[register])}
    return [[columns[name] for name in cells], list(cells.values())]


def bad(register: str, **cells: Any) -> list[tuple[int | None, str, str]]:
    table = read(register, an_xlsx(rows_of(register, **cells)), "xlsx")
    assert table.statements == []
    return [(one.row, one.pointer.rpartition("/")[2], one.code) for one in table.problems]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "xlsx"])
def test_the_same_file_in_every_dress(encoding: str) -> None:
    form = "xlsx" if encoding == "xlsx" else "csv"
    content = an_xlsx([HNTE, ROW]) if form == "xlsx" else a_csv([HNTE, ROW], encoding)
    table = read("hnte", content, form)
    assert table.problems == []
    (one,) = table.statements
    assert one.data == {"unit_uscc": "91450300TEST000011", "certificate_no": "GR201745000011"}
    assert one.row == 2
    assert one.valid_from == parse_instant("2017-10-01T00:00:00+08:00")
    assert one.valid_to == parse_instant("2020-10-01T00:00:00+08:00")  # that day included


def test_words_in_chinese_and_tokens() -> None:
    (one,) = read("platforms", an_xlsx(rows_of("platforms", **PLATFORM)), "xlsx").statements
    assert (one.data["type"], one.data["level"], one.data["head_id"]) == ("key_lab", "city", None)
    tokens = rows_of("platforms", **{**PLATFORM, "type": "key_lab", "level": "city"})
    assert read("platforms", an_xlsx(tokens), "xlsx").statements[0].data == one.data


def test_nested_fields_are_made_from_flat_columns() -> None:
    patent = rows_of(
        "patents",
        number="ZL201510012345.6",
        type="发明",
        status="已授权有效",
        filing_date="2015/03/01",
        owners="91450300TEST000011；91450300TEST000029",
        prior_listings=0,
        valid_from="2017-01-01",
    )
    (one,) = read("patents", an_xlsx(patent), "xlsx").statements
    assert [owner["id"] for owner in one.data["owners"]] == ["91450300TEST000011", "91450300TEST000029"]
    figures = rows_of(
        "county_indicators",
        county="450312",
        year=2018,
        rd_intensity=2.31,
        hnte_count=40,
        valid_from="2019-01-01",
    )
    (other,) = read("county_indicators", an_xlsx(figures), "xlsx").statements
    assert other.data["indicators"] == {"rd_intensity": "2.31", "hnte_count": "40"}


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"name": ""}, ("name", "missing")),
        ({"valid_from": None}, ("valid_from", "missing")),
        ({"type": "黑科技"}, ("type", "invalid")),
        ({"level": 3.5}, ("level", "invalid")),
        ({"valid_from": "2019-02-30"}, ("valid_from", "invalid")),
        ({"valid_from": "昨天"}, ("valid_from", "invalid")),
        ({"valid_to": "2018-12-30"}, ("valid_to", "period")),
        ({"platform_id": "=1+1"}, ("platform_id", "formula")),
        ({"unit_uscc": 914503001234567890}, ("unit_uscc", "number_rounded")),
        ({"name": "长" * 300}, ("name", "invalid")),
    ],
)
def test_bad_cells_name_row_column_and_reason(changes: dict[str, Any], found: tuple[str, str]) -> None:
    assert bad("platforms", **PLATFORM | changes) == [(2, *found)]


@pytest.mark.parametrize("year", ["二零一九", 1999, "2019.5"])
def test_a_year_is_a_whole_number_of_our_time(year: Any) -> None:
    cells = {
        "unit_uscc": "91450300TEST000011",
        "year": year,
        "number": "n",
        "evaluated_on": "2019-04-01",
        "valid_from": "2019-04-01",
    }
    assert bad("sme_evaluations", **cells) == [(2, "year", "invalid")]


def test_every_bad_cell_of_a_row_is_told() -> None:
    assert bad("platforms", **PLATFORM | {"type": "?", "level": "?", "name": ""}) == [
        (2, "type", "invalid"),
        (2, "level", "invalid"),
        (2, "name", "missing"),
    ]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\x00\x01",
        "甲,乙\r\n1,2".encode(),
        a_csv([(*HNTE, "颜色"), (*ROW, "红")]),
        a_csv([(*HNTE, HNTE[0]), (*ROW, ROW[0])]),
        a_csv([HNTE[:2], ROW[:2]]),
        "单位统一社会信用代码,证书编号,生效日期\r\n\x00,b,c".encode(),
        HNTE[0].encode("utf-16"),
    ],
)
def test_what_is_no_table_of_this_register(content: bytes) -> None:
    with pytest.raises(files.FileUnreadable):
        read("hnte", content)


@pytest.mark.parametrize("content", [b"no zip", b"PK\x03\x04 broken"])
def test_what_is_no_workbook(content: bytes) -> None:
    with pytest.raises(files.FileUnreadable):
        read("hnte", content, "xlsx")


def with_sheet(content: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """The workbook with its first sheet's text changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            raw = old.read(part)
            new.writestr(part.filename, change(raw) if part.filename.endswith("sheet1.xml") else raw)
    return out.getvalue()


def merged(areas: Sequence[str]) -> Callable[[bytes], bytes]:
    cells = "".join(f'<mergeCell ref="{area}"/>' for area in areas)
    return lambda raw: raw.replace(b"</sheetData>", f"</sheetData><mergeCells>{cells}</mergeCells>".encode())


def test_merged_cells_say_what_the_first_one_says() -> None:
    head, row = list(HNTE), list(ROW)
    content = an_xlsx([head, row, ["", "GR2", *row[2:]], ["", "GR3", *row[2:]], [*row[:1], "GR4", *row[2:]]])
    table = read("hnte", with_sheet(content, merged(["A2:A4"])), "xlsx")
    assert [one.data["unit_uscc"] for one in table.statements] == [ROW[0]] * 4


def test_more_merged_areas_than_a_table_has() -> None:
    content = an_xlsx([HNTE, ROW])
    most = [f"G{row}:H{row}" for row in range(1, 5_001)]
    assert len(read("hnte", with_sheet(content, merged(most)), "xlsx").statements) == 1
    with pytest.raises(files.FileUnreadable, match="merged"):
        read("hnte", with_sheet(content, merged([*most, "G6000:H6000"])), "xlsx")


def test_unfinished_merged_cells_take_no_time() -> None:
    """Each of them was once looked through to the sheet's end: a million would take hours."""
    unfinished = b"<mergeCell " * 1_000_000
    content = with_sheet(an_xlsx([HNTE, ROW]), lambda raw: raw + unfinished)
    with pytest.raises(files.FileUnreadable):
        read("hnte", content, "xlsx")


def test_a_workbook_damaged_anywhere_is_unreadable_or_read() -> None:
    content = an_xlsx([HNTE, ROW])
    refused = 0
    for place in range(0, len(content), 11):
        spoilt = bytes([*content[:place], content[place] ^ 0xFF, *content[place + 1 :]])
        try:
            read("hnte", spoilt, "xlsx")
        except (files.FileUnreadable, TooLarge):
            refused += 1
    assert refused > 100


def test_a_bomb_is_not_unpacked() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b" " * (sheets.MAX_UNPACKED + 1))
    assert len(out.getvalue()) < sheets.MAX_UNPACKED // 500
    with pytest.raises(TooLarge):
        read("hnte", out.getvalue(), "xlsx")


def test_too_many_rows() -> None:
    rows = [(f"9145030000000{number:05}", "GR", "2019-01-01", "") for number in range(30)]
    assert len(read("hnte", a_csv([HNTE, *rows]), max_rows=30).statements) == 30
    with pytest.raises(TooLarge):
        read("hnte", a_csv([HNTE, *rows]), max_rows=20)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("register", sorted(KINDS))
def test_every_template_can_be_read(register: str, form: str, lang: str) -> None:
    content = files.template(KINDS[register], form, lang)
    known = files.columns(KINDS[register])
    begin, found = tabular.headers(sheets.read(content, form, 10), known, len(known))
    assert (begin, tuple(found.values())) == (1, known)
    assert read(register, content, form).statements == []


@pytest.mark.parametrize("register", sorted(KINDS))
def test_columns_are_the_fields_that_the_entry_takes(register: str) -> None:
    kind = KINDS[register]
    plain = {one.field for one in kind.columns}
    made = kind.from_row(dict.fromkeys(plain, "1") | ({"owners": ["1"]} if "owners" in plain else {}))
    fields = set(kind.schema.model_fields)
    assert set(made) <= fields
    # an application's own project comes from intake alone
    assert fields - set(made) <= {"application_id"}
