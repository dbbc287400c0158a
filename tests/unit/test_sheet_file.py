"""A list is read out of whatever file somebody uploads, and no file does any harm."""

import io
import zipfile
from datetime import date, datetime
from typing import Any

import pytest
from openpyxl import Workbook

from routing_core.domain.errors import InvalidInput
from routing_core.formats import sheet_file
from routing_core.formats.sheet_file import read_sheet_file

UMLAUTS = "Name;Ort\r\nJürgen Groß;Köln\r\n"


def xlsx(*rows: list[Any]) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def refused(content: bytes) -> str:
    with pytest.raises(InvalidInput) as error:
        read_sheet_file(content)
    (problem,) = error.value.problems
    return problem.code


@pytest.mark.parametrize(
    "content",
    [
        UMLAUTS.encode(),
        UMLAUTS.encode("utf-8-sig"),
        UMLAUTS.encode("windows-1252"),
        UMLAUTS.encode("utf-16"),
        UMLAUTS.encode("utf-16-le"),
        UMLAUTS.encode("utf-16-be"),
        UMLAUTS.replace(";", "\t").encode(),
        UMLAUTS.replace(";", ",").encode(),
        xlsx(["Name", "Ort"], ["Jürgen Groß", "Köln"]),
    ],
    ids=["utf8", "bom", "cp1252", "utf16", "utf16le", "utf16be", "tabs", "commas", "xlsx"],
)
def test_letters_and_cells_come_out_of_every_usual_file(content: bytes) -> None:
    sheet = read_sheet_file(content)
    assert sheet.header == ("Name", "Ort")
    assert sheet.rows == ((2, ("Jürgen Groß", "Köln")),)


def test_numbers_dates_and_yes_or_no_are_texts_as_people_write_them() -> None:
    row = [80331.0, 12.5, True, datetime(2026, 1, 7, 9, 14), date(2026, 1, 7), None, "x"]
    sheet = read_sheet_file(xlsx(list("abcdefg"), row))
    assert sheet.rows[0][1] == (
        "80331",
        "12.5",
        "yes",
        "2026-01-07 09:14:00",
        "2026-01-07 00:00:00",
        "",
        "x",
    )


def test_rows_are_numbered_as_the_spreadsheet_shows_them_and_empty_ones_are_none() -> None:
    content = xlsx(["a", "b"], [None, None], ["1", "2"], [" ", ""], ["3"])
    assert read_sheet_file(content).rows == ((3, ("1", "2")), (5, ("3", "")))


def test_a_formula_is_its_last_result_and_never_a_formula() -> None:
    sheet = read_sheet_file(xlsx(["a", "b"], ['=HYPERLINK("https://evil.example")', "x"]))
    assert sheet.rows[0][1] == ("", "x")
    written = read_sheet_file(b"a;b\r\n'=1+1;'+49 89 1234\r\n")
    assert written.rows[0][1] == ("=1+1", "+49 89 1234")


def test_a_file_that_unpacks_to_too_much_is_refused_before_it_is_unpacked() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as book:
        for number in range(4):
            book.writestr(f"xl/worksheets/sheet{number}.xml", b"0" * (20 * 1024 * 1024))
    assert len(packed.getvalue()) < 200_000
    assert refused(packed.getvalue()) == "list_too_large"


def test_entities_that_multiply_are_refused() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {name} "{f"&{before};" * 20}">'
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    content = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(xlsx(["a"], ["b"]))) as whole,
        zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as changed,
    ):
        for name in whole.namelist():
            text = whole.read(name)
            if name.endswith("sheet1.xml"):
                text = (
                    f"{bomb}]><worksheet xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'>"
                    "<sheetData><row r='1'><c r='A1' t='inlineStr'><is><t>&i;</t></is></c></row>"
                    "</sheetData></worksheet>"
                ).encode()
            changed.writestr(name, text)
    assert refused(content.getvalue()) in ("list_unreadable", "list_without_rows")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "list_empty"),
        (b"Name\r\n", "list_without_rows"),
        (b"\r\n;;\r\n", "list_without_rows"),
        (b"\xd0\xcf\x11\xe0" + b"0" * 600, "old_excel"),
        (b"PK\x03\x04 but no zip", "list_unreadable"),
        (b'a;b\r\n"1;2\r\n', "list_unreadable"),
        (b"a;b\r\n1;2;3\r\n", "list_unreadable"),
        (b"a\x00b\r\n1\r\n" + b"x" * 100, "list_unreadable"),
    ],
)
def test_what_is_no_list_is_refused_with_what_to_do(content: bytes, code: str) -> None:
    assert refused(content) == code


def test_a_list_has_a_longest_length(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet_file, "MOST_SHEET_ROWS", 2)
    assert len(read_sheet_file(b"a\r\n1\r\n2\r\n").rows) == 2
    assert refused(b"a\r\n1\r\n2\r\n3\r\n") == "list_too_long"
    monkeypatch.setattr(sheet_file, "LARGEST_FILE", 5)
    assert refused(b"a\r\n1\r\n2\r\n") == "list_too_large"
