"""A partner's profile as a form: each field is a cell of the partners' list, in the same words.

A list stands in one field, one entry a line. The form carries a short mark of what each field said
when it was shown: so it is known what somebody has typed, and what has only become old.
"""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from routing_core.domain.errors import Problem
from routing_core.formats.partner_columns import COLUMN_NAMES, COLUMNS, OWN_SETTINGS
from routing_core.formats.partners_csv import Reading, read_partner_cells
from routing_core.formats.partners_sheet import cell_of_document

FORM_FIELDS = tuple(name for name in COLUMN_NAMES if name not in OWN_SETTINGS and name != "id")
"""The fields of the form: what partners set too has buttons of its own."""
LONGEST_FORM_CELL = 60_000
"""Characters of one field; three thousand territories need fewer."""
_BETWEEN_MARKS = " "


@dataclass(frozen=True, slots=True)
class TypedProfile:
    """What somebody sent of the form."""

    cells: Mapping[str, str]
    """What each field says."""
    marks: Mapping[str, str]
    """The mark of what it said when it was shown."""

    @property
    def touched(self) -> frozenset[str]:
        """Give the fields that say something else than when they were shown."""
        return frozenset(name for name in self.cells if _mark(self.cells[name]) != self.mark(name))

    def mark(self, name: str) -> str:
        """Give the mark that a field came with; empty for none."""
        return self.marks.get(name, "")

    def became_old(self, now: Mapping[str, str]) -> frozenset[str]:
        """Give the fields that say something else by ``now`` than when the form was shown."""
        return frozenset(name for name in now if _mark(now[name]) != self.mark(name))

    def over(self, now: Mapping[str, str]) -> dict[str, str]:
        """Give what was typed, over what the other fields say by now."""
        return {**now, **{name: self.cells[name] for name in self.touched}}


def form_cells(document: Mapping[str, Any]) -> dict[str, str]:
    """Give what each field of the form says of a partner's document."""
    return {name: _in_lines(name, cell_of_document(name, document)) for name in FORM_FIELDS}


def form_marks(cells: Mapping[str, str]) -> str:
    """Give the marks of all fields as one text, for a hidden field of the form."""
    return _BETWEEN_MARKS.join(f"{name}:{_mark(cells[name])}" for name in FORM_FIELDS)


def typed_profile(sent: Mapping[str, Sequence[str]]) -> TypedProfile:
    """Read what a form has sent: each field's texts, several of them where boxes were ticked."""
    cells = {}
    for name in FORM_FIELDS:
        # Boxes come in the order of the page, and mean the same in any.
        texts = sent.get(name, ())
        said = "\n".join(sorted(texts) if len(texts) > 1 else texts)
        cells[name] = said.replace("\r\n", "\n").strip()[:LONGEST_FORM_CELL]
    marks = {}
    for part in "".join(sent.get("was", ())).split(_BETWEEN_MARKS)[: len(FORM_FIELDS)]:
        name, _, mark = part.partition(":")
        marks[name] = mark
    return TypedProfile(cells, marks)


def read_form(
    cells: Mapping[str, str], partner: str, reading: Reading
) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """Give the document that the fields make, and what is wrong, each at its field."""
    document, problems = read_partner_cells({**cells, "id": partner}, reading)
    return document, tuple(replace(each, field=each.field or "name") for each in problems)


def _in_lines(name: str, cell: str) -> str:
    entries = cell.split("|")
    if name == "languages":
        return ", ".join(entries)
    # The bar at the end of a single entry says that it is one, whatever commas it has.
    is_one = len(entries) == 2 and not entries[1]
    if not COLUMNS[name].cell.keeps_lines or is_one:
        return cell
    return "\n".join(entries)


def _mark(cell: str) -> str:
    return f"{zlib.crc32(cell.encode('utf-8', 'replace')):08x}"
