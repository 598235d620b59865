"""Tables as people send them: encodings, separators, shapes, spreadsheets."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from openpyxl import Workbook

from engine.refusals import Refusal
from engine.transfer import xlsx_source
from engine.transfer.csv_source import open_csv
from engine.transfer.xlsx_source import open_sheet

if TYPE_CHECKING:
    from pathlib import Path

CHINESE = "客户,城市\r\n上海榫卯,上海\r\n北京“卯”,北京\r\n"
WESTERN = "name,city\nJosé Muñoz,São Paulo\nMüller,Köln\n"


def cells(path: Path, **options: str) -> list[list[str]]:
    """Return a CSV file's rows without what is said of them."""
    return [row.cells for row in open_csv(path, **options).rows()]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be"])
def test_chinese_is_read_in_every_encoding_it_comes_in(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(CHINESE.encode(encoding))
    source = open_csv(path)
    assert source.header == ("客户", "城市")
    assert [row.cells for row in source.rows()] == [["上海榫卯", "上海"], ["北京“卯”", "北京"]]


def test_western_text_is_not_taken_for_chinese(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(WESTERN.encode("cp1252"))
    assert open_csv(path).about.startswith("cp1252")
    assert cells(path) == [["José Muñoz", "São Paulo"], ["Müller", "Köln"]]


def test_a_named_encoding_wins_and_a_wrong_one_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("客戶,城市\n臺積電,新竹\n".encode("big5"))
    assert cells(path, encoding="big5") == [["臺積電", "新竹"]]
    for encoding, code in (("utf-8", "ENCODING"), ("klingon", "UNKNOWN_ENCODING"), ("hex", "UNKNOWN_ENCODING")):
        with pytest.raises(Refusal) as refused:
            cells(path, encoding=encoding)
        assert refused.value.code == code


def test_bytes_that_turn_bad_far_down_are_told_with_their_line(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b\n" + b"1,2\n" * 100_000 + b"3,\xff\xfe\xff4\n")
    with pytest.raises(Refusal) as refused:
        list(open_csv(path, encoding="utf-8").rows())
    assert refused.value.code == "ENCODING"


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_found(tmp_path: Path, separator: str) -> None:
    path = tmp_path / "a.csv"
    lines = [["name", "note", "sum"], ["A, B", "x; y", "1"], ['say "hi"', "two\nlines", "2"]]
    quoted = ("\r\n").join(separator.join('"' + cell.replace('"', '""') + '"' for cell in line) for line in lines)
    path.write_bytes(quoted.encode())
    assert cells(path) == lines[1:]


def test_rows_are_numbered_as_a_spreadsheet_numbers_them(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('a,b\n1,"x\ny"\n\n,\n2,z\n', encoding="utf-8", newline="")
    assert [(row.number, row.cells) for row in open_csv(path).rows()] == [(2, ["1", "x\ny"]), (5, ["2", "z"])]


def test_a_row_of_another_width_is_at_fault_and_blanks_at_its_end_are_not(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b\n1,2,3\n1\n1,2,,\n", encoding="utf-8")
    rows = list(open_csv(path).rows())
    assert [row.fault is not None for row in rows] == [True, True, False]
    assert all(len(row.cells) == 2 for row in rows)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "EMPTY_FILE"),
        ("\n\n", "EMPTY_FILE"),
        ("a,,c\n1,2,3\n", "BLANK_HEADER"),
        ("a,b,a\n1,2,3\n", "REPEATED_HEADER"),
        ('a,b\n1,"2\n', "MALFORMED_CSV"),
        ('a,b\n1,"2"x\n', "MALFORMED_CSV"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, text: str, code: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Refusal) as refused:
        list(open_csv(path).rows())
    assert refused.value.code == code
    assert refused.value.message.zh
    assert refused.value.message.en


def test_a_spreadsheet_is_read_as_people_would_type_it(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    sheet.append(["name", "sum", "day", "moment", "yes"])
    sheet.append(["甲", 1054, date(2017, 3, 1), datetime.fromisoformat("2017-03-01 09:30"), True])
    sheet.append([None, None, None, None, None])
    sheet.append(["乙", 0.1, None, None, False])
    sheet.append(["丙", Decimal("1234567.89"), None, None, None])
    book.create_sheet("zweite").append(["only"])
    path = tmp_path / "a.xlsx"
    book.save(path)
    rows = list(open_sheet(path).rows())
    assert [row.number for row in rows] == [2, 4, 5]
    assert rows[0].cells == ["甲", "1054", "2017-03-01", "2017-03-01 09:30:00", "true"]
    assert rows[1].cells[:2] == ["乙", "0.1"]
    assert rows[2].cells[:2] == ["丙", "1234567.89"]
    assert open_sheet(path, sheet="zweite").header == ("only",)
    with pytest.raises(Refusal) as refused:
        open_sheet(path, sheet="dritte")
    assert refused.value.code == "UNKNOWN_SHEET"


def test_what_is_no_spreadsheet_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"not a zip at all")
    with pytest.raises(Refusal) as refused:
        open_sheet(path)
    assert refused.value.code == "MALFORMED_SHEET"


def test_a_zip_bomb_is_refused_before_it_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_source, "LARGEST_UNPACKED", 1_000_000)
    path = tmp_path / "a.xlsx"
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 2_000_000)
    with pytest.raises(Refusal) as refused:
        open_sheet(path)
    assert refused.value.code == "TOO_LARGE"


def test_each_name_of_a_header_has_its_place(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('客户, 城市,"a,""b",x"y,"zwei\nZeilen",d\n1,2,3,4,5,6\n', encoding="utf-8-sig")
    assert [(mark.line, mark.column) for mark in open_csv(path).marks] == [
        (1, 1), (1, 5), (1, 8), (1, 16), (1, 20), (2, 9),
    ]  # fmt: skip
    book = Workbook()
    for place, name in enumerate(("a", "b"), 27):
        book.active.cell(3, place, name)
        book.active.cell(5, place, "xy"[place - 27])
    book.save(tmp_path / "a.xlsx")
    source = open_sheet(tmp_path / "a.xlsx")
    assert [(mark.line, mark.column, mark.path) for mark in source.marks] == [(3, 27, "AA3"), (3, 28, "AB3")]
    assert [(row.number, row.cells) for row in source.rows()] == [(5, ["x", "y"])]
