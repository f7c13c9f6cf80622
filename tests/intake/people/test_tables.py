"""Tables of people as offices send them: CSV in two encodings, XLSX with the quirks of provincial sheets."""

import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest
from openpyxl import Workbook

from cli.demo.season.names import phone, resident_id
from common import sheets, tabular
from common.errors import TooLarge
from intake.people import columns, tables
from intake.people.columns import COLUMNS
from intake.people.tables import FileUnreadable

CITY = "330800"
ABOVE, BELOW = "11330803MADE00011W", "91330803MADE00121H"
FIELDS = (
    *("unit_uscc", "unit_name", "recommending_unit_uscc", "ref", "name", "resident_id", "phone"),
    *("role", "issuer", "subject", "login_kind", "valid_from", "valid_to"),
)
HEAD = [columns.BY_FIELD[name].zh for name in FIELDS]
ISSUER = "https://issuer.test"
NAME = "试作氟材料厂（演练）"
WANG = ["wang", "个人登录", "2020-01-01", "2020-12-31"]
ROWS: list[list[Any]] = [
    [ABOVE, "试作区科技局", *[""] * 11],
    [BELOW, NAME, ABOVE, "p1", "甲某", resident_id(1), phone(1), "申报人", ISSUER, *WANG],
    [BELOW, NAME, ABOVE, "p1", "甲某", "", "", "归口部门管理员", ISSUER, "wang", "法人", "", ""],
    ["", "", "", "p2", "乙某", "", "", "评审专家", ISSUER, "li", "", "", ""],
]


def a_csv(rows: Sequence[Sequence[Any]], encoding: str = "utf-8-sig", delimiter: str = ",") -> bytes:
    lines = [delimiter.join("" if one is None else str(one) for one in row) for row in (HEAD, *rows)]
    return "\r\n".join(lines).encode(encoding)


def an_xlsx(rows: Sequence[Sequence[Any]], change: Callable[[Any], None] | None = None) -> bytes:
    book = Workbook()
    sheet: Any = book.active
    for row in (HEAD, *rows):
        sheet.append([None if cell == "" else cell for cell in row])
    if change is not None:
        change(sheet)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read(content: bytes, kind: str = "csv", max_rows: int = 100) -> tables.Table:
    return tables.read(content, kind, CITY, max_rows)


def places(table: tables.Table) -> list[tuple[str, str]]:
    return [(one.pointer, one.code) for one in table.problems]


@pytest.fixture(
    params=["utf-8-sig", "utf-8", "gb18030", "tab", "xlsx"],
)
def whole(request: pytest.FixtureRequest) -> tables.Table:
    if request.param == "xlsx":
        return read(an_xlsx(ROWS), "xlsx")
    if request.param == "tab":
        return read(a_csv(ROWS, "gb18030", "\t"))
    return read(a_csv(ROWS, request.param))


def test_a_table_is_units_people_and_memberships(whole: tables.Table) -> None:
    assert whole.problems == []
    above, below = whole.body.units
    assert (above.uscc, below.name, below.recommending_unit_uscc) == (ABOVE, NAME, ABOVE)
    assert below.model_fields_set == {"city", "uscc", "name", "recommending_unit_uscc"}
    first, second = whole.body.people
    assert (first.ref, first.unit_uscc, second.unit_uscc) == ("p1", BELOW, None)
    assert first.resident_id is not None
    assert first.resident_id.get_secret_value() == resident_id(1)
    roles = [(one.role.value, one.subject, one.login_kind) for one in whole.body.memberships]
    assert roles == [
        ("applicant", "wang", "personal"),
        ("department_manager", "wang", "legal_person"),
        ("expert", "li", None),
    ]
    assert whole.body.memberships[0].valid_from == datetime(2019, 12, 31, 16, tzinfo=UTC)
    assert whole.body.memberships[0].valid_to == datetime(2020, 12, 31, 16, tzinfo=UTC)  # that day included
    assert "valid_to" not in whole.body.memberships[1].model_fields_set


def test_english_headers_and_the_fields_own_names() -> None:
    for names in (
        [one.en for one in COLUMNS],
        [one.field for one in COLUMNS],
        [f" *{one.zh} " for one in COLUMNS],
    ):
        row = [{"ref": "p", "name": "x"}.get(one.field, "") for one in COLUMNS]
        content = "\n".join([",".join(names), ",".join(row)]).encode()
        assert [one.ref for one in read(content).body.people] == ["p"]


def test_quirks_of_provincial_sheets() -> None:
    """A title above, blank rows, a merged unit, digits as numbers, full-width digits, spaces, real dates."""
    wide = "".join(chr(ord(one) + 0xFEE0) for one in phone(2))

    def quirks(sheet: Any) -> None:
        sheet.insert_rows(1)
        sheet["A1"] = "2020年度人员汇总表"
        sheet.merge_cells("A1:M1")
        sheet.append([None] * 5)
        unit = [f" {BELOW} ", " 试作氟材料厂 ", ABOVE]
        login = [None, date(2020, 1, 1), date(2020, 6, 30)]
        sheet.append([*unit, "p1", " 甲  某 ", None, float(phone(1)), " 申报人", ISSUER, "wang", *login])
        login = [None, "2020年1月1日", "2020.6.30"]
        sheet.append([*[None] * 3, 12.0, "乙某", None, wide, "项目负责人", ISSUER, 13, *login])
        for column in "ABC":
            sheet.merge_cells(f"{column}4:{column}5")

    # an openpyxl merge clears the cells below, as a table program does
    found = read(an_xlsx([], quirks), "xlsx")
    assert found.problems == []
    assert [one.name for one in found.body.units] == ["试作氟材料厂"]
    first, second = found.body.people
    assert (first.name, second.ref, second.unit_uscc) == ("甲 某", "12", BELOW)
    assert [one.phone.get_secret_value() for one in found.body.people if one.phone] == [phone(1), phone(2)]
    one, two = found.body.memberships
    assert (two.subject, one.valid_from, one.valid_to) == ("13", two.valid_from, two.valid_to)


def test_a_long_number_that_lost_digits_is_not_taken() -> None:
    row = [*ROWS[1]]
    row[5] = float("110101199003071230")
    assert places(read(an_xlsx([row]), "xlsx")) == [("/rows/2/resident_id", "number_rounded")]


@pytest.mark.parametrize("formula", ["=1+1", '=HYPERLINK("http://x","y")', "=cmd|'/c calc'!A0"])
def test_formulas_are_refused_and_never_computed(formula: str) -> None:
    row = ["", "", "", "p3", formula.replace(",", ";"), *[""] * 8]
    assert places(read(a_csv([row]))) == [("/rows/2/name", "formula")]
    row[4] = formula
    assert places(read(an_xlsx([row]), "xlsx")) == [("/rows/2/name", "formula")]


def test_text_that_a_program_kept_as_text_is_text() -> None:
    row = ["", "", "", '="0012"', "丙某", *[""] * 8]
    assert [one.ref for one in read(a_csv([row])).body.people] == ["0012"]


@pytest.mark.parametrize(
    ("place", "value", "field", "code"),
    [
        (0, "short", "unit_uscc", "invalid"),
        (4, "", "name", "missing"),
        (5, resident_id(1)[:17] + "?", "resident_id", "invalid"),
        (6, "12", "phone", "invalid"),
        (7, "国王", "role", "invalid"),
        (9, "", "subject", "missing"),
        (10, "指纹", "login_kind", "invalid"),
        (11, "某日", "valid_from", "invalid"),
        (11, "2020-02-30", "valid_from", "invalid"),
    ],
)
def test_a_problem_names_row_column_and_what_is_taken(place: int, value: str, field: str, code: str) -> None:
    row = [*ROWS[1]]
    row[place] = value
    for content, kind in ((a_csv([ROWS[0], row]), "csv"), (an_xlsx([ROWS[0], row]), "xlsx")):
        found = read(content, kind)
        assert (f"/rows/3/{field}", code) in places(found)
        one = next(one for one in found.problems if one.pointer == f"/rows/3/{field}")
        assert (one.row, one.column) == (3, columns.BY_FIELD[field].zh)
        assert one.reason.isascii() or value in one.reason
        assert any("一" <= letter <= "鿿" for letter in one.reason_zh)
        assert not value or value not in one.reason_zh.replace("short", "")


def test_rows_that_contradict_each_other() -> None:
    other = [*ROWS[2]]
    other[1] = "另一名称"
    assert places(read(a_csv([*ROWS[:2], other]))) == [("/rows/4/unit_name", "differs")]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"a,b,c\n1,2,3",
        "姓名,人员编号,电话,电话\n".encode(),
        "姓名,人员编号,电话,星座\n".encode(),
        "姓名,人员编号,电话\n甲\0某,p,".encode(),
        b"\xff\xfe" + "姓名,人员编号,电话".encode("utf-16-le"),
        '姓名,人员编号,电话\n"甲'.encode(),
    ],
)
def test_what_is_no_such_table(content: bytes) -> None:
    with pytest.raises(FileUnreadable):
        read(content)


def packed(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name.replace("__", "/"), content)
    return out.getvalue()


def rewritten(content: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for one in old.infolist():
            found = old.read(one)
            new.writestr(one.filename, change(found) if one.filename == part else found)
    return out.getvalue()


def test_a_bomb_is_not_unpacked() -> None:
    bomb = packed(**{"xl__worksheets__sheet1.xml": b"0" * (sheets.MAX_UNPACKED + 1)})
    assert len(bomb) < 100_000
    with pytest.raises(TooLarge):
        read(bomb, "xlsx")


@pytest.mark.parametrize("text", [b'<!DOCTYPE x [<!ENTITY a "aaaa">]>', b"<!entity a>"])
def test_entities_are_refused_wherever_they_stand(text: bytes) -> None:
    late = b"<!--" + b" " * 10_000 + b"-->" + text
    content = rewritten(an_xlsx(ROWS), "xl/worksheets/sheet1.xml", lambda found: late + found)
    with pytest.raises(FileUnreadable):
        read(content, "xlsx")


@pytest.mark.parametrize("content", [b"no zip", b"PK\x03\x04 cut", packed(hello=b"x")])
def test_what_is_no_workbook(content: bytes) -> None:
    with pytest.raises(FileUnreadable):
        read(content, "xlsx")


def test_a_damaged_workbook() -> None:
    content = an_xlsx(ROWS)
    with pytest.raises(FileUnreadable):
        read(content[: len(content) // 2], "xlsx")
    torn = rewritten(content, "xl/worksheets/sheet1.xml", lambda found: found[: len(found) // 2])
    with pytest.raises(FileUnreadable):
        read(torn, "xlsx")


def test_a_size_that_the_sheet_lies_about() -> None:
    lie = b'<dimension ref="A1"/>'
    content = rewritten(
        an_xlsx(ROWS),
        "xl/worksheets/sheet1.xml",
        lambda found: found[: found.index(b"<dimension")] + lie + found[found.index(b"<sheetViews") :],
    )
    assert len(read(content, "xlsx").body.memberships) == 3


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_too_many_rows(kind: str) -> None:
    rows = [["", "", "", f"p{number}", "x", *[""] * 8] for number in range(30)]
    content = a_csv(rows) if kind == "csv" else an_xlsx(rows)
    assert len(read(content, kind, 30).body.people) == 30
    with pytest.raises(TooLarge):
        read(content, kind, 20)


def test_a_sheet_of_formatted_nothing_ends() -> None:
    def far(sheet: Any) -> None:
        sheet.cell(1_000_000, 1, "x")

    with pytest.raises(TooLarge):
        read(an_xlsx(ROWS, far), "xlsx")


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_template_has_every_column_and_can_be_read(kind: str, lang: str) -> None:
    begin, found = tabular.headers(sheets.read(tables.template(kind, lang), kind, 10), COLUMNS, len(COLUMNS))
    assert (begin, tuple(found.values())) == (1, COLUMNS)
    assert read(tables.template(kind, lang), kind).body.people == []


EVIL = ['=HYPERLINK("http://x")', "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"]


@pytest.mark.parametrize("text", EVIL)
def test_what_we_write_is_no_formula_anywhere(text: str) -> None:
    written = sheets.to_xlsx([("x", [[text, "a", "b"]])])
    (line,) = sheets.read(written, "xlsx", 10)
    assert line.cells[0] == text  # and comes back as it was
    with zipfile.ZipFile(io.BytesIO(written)) as file:
        assert b"<f>" not in file.read("xl/worksheets/sheet1.xml")
    assert sheets.to_csv([[text]]).decode("utf-8-sig").lstrip('"').startswith("'")
