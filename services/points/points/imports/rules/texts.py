"""What all that a file says is held to, also where nothing reads it: texts of characters alone (`shared.texts`)."""

from collections.abc import Collection, Sequence

from points.imports.errors import RowMalformed
from shared.texts import is_text

LONGEST_NAME = 100
# What may surround a name or a cell, and is dropped; within one, line breaks and tabs are control characters too.
_AROUND = " \t\r\n"


def is_cell(text: str) -> bool:
    """Tell whether a name or a cell, as the file has it, is a text."""
    return is_text(text.strip(_AROUND))


def refuse_no_names(names: Collection[str]) -> None:
    """Refuse an object that names a member by what is no text.

    :raises RowMalformed: one is none.
    """
    if not "".join(names).isprintable() and (wrong := [name for name in names if not is_cell(name)]):
        shown = ascii(wrong[0])[:LONGEST_NAME]
        raise RowMalformed(f"The name {shown} has a control or unassigned character.")


def refuse_no_texts(names: Sequence[str], cells: Collection[str]) -> None:
    """Refuse a row that has a cell which is no text, and say in which of its columns.

    :raises RowMalformed: one is none.
    """
    # One look at the whole row tells of nearly all that they have nothing to refuse.
    if "".join(cells).isprintable():
        return
    for number, (name, cell) in enumerate(zip(names, cells, strict=True), 1):
        if not is_cell(cell):
            column = name.strip()[:LONGEST_NAME] or str(number)
            raise RowMalformed(f"{column}: control and unassigned characters are not allowed.", column=column)
