"""Write a plain table as an XLSX file: every cell is text, and never a formula."""

import io
from collections.abc import Sequence
from itertools import chain

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
"""The media type of such a file."""
LONGEST_XLSX_CELL = 32_767
"""Excel takes no more characters in one cell."""
XLSX_OPTIONS = {
    "in_memory": True,
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
"""No text becomes a formula, a link or a number; and rows need not be held until the end."""


def fits_xlsx(rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether every cell fits into a spreadsheet's."""
    longest = max(map(len, chain.from_iterable(rows)), default=0)
    return longest <= LONGEST_XLSX_CELL


def xlsx_table(rows: Sequence[Sequence[str]], name: str) -> bytes:
    """Give a file with one sheet: the first row is its header, and stays in sight."""
    from xlsxwriter import Workbook  # only for the few who take a spreadsheet away

    out = io.BytesIO()
    book = Workbook(out, XLSX_OPTIONS)
    sheet = book.add_worksheet(name[:31])
    bold = book.add_format({"bold": True})
    sheet.freeze_panes(1, 0)
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            if cell:
                sheet.write_string(number, column, cell, bold if number == 0 else None)
    book.close()
    return out.getvalue()
