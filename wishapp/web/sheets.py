"""A list as a workbook. Text stays text: nothing a cell says is ever taken for a formula."""

from collections.abc import Iterable
from io import BytesIO

import xlsxwriter


def workbook(title: str, heads: Iterable[str], rows: Iterable[Iterable[object]]) -> bytes:
    """One sheet with a bold head line, frozen; numbers as numbers, everything else as text."""
    buffer = BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False})
    sheet = book.add_worksheet("".join(char for char in title if char not in "[]:*?/\\'")[:31] or "1")
    bold = book.add_format({"bold": True})
    heads = list(heads)
    for column, head in enumerate(heads):
        sheet.write_string(0, column, str(head), bold)
    for line, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            if isinstance(value, (int, float)):
                sheet.write_number(line, column, value)
            else:
                sheet.write_string(line, column, str(value))
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, 1, 18)
    book.close()
    return buffer.getvalue()
