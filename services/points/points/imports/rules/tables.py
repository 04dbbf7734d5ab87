"""Refused rows as cells that no spreadsheet takes for formulas."""

LINES_AT_ONCE = 200
# A cell that begins so is a formula to a spreadsheet.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def refusal_cells(row: int, column: str, code: str, detail: str, line: str) -> list[int | str]:
    """Return the cells of a refused row: its number, the wrong column, why, and the row as it stands in the file."""
    return [row, *(_safe(text) for text in (column, code, detail, line.rstrip("\r\n").replace("\x00", "")))]


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell
