"""What a document's field says of itself beside its checks: its column, and who else sets it.

These stand in ``Annotated`` beside pydantic's checks, which leave them alone.
"""

from dataclasses import dataclass
from typing import Any

from routing_core.formats import cell_formats as cells


@dataclass(frozen=True, slots=True)
class Column:
    """The column in which a field of the document stands, or a part of it."""

    name: str = ""
    """The column's name; empty: that of the field."""
    cell: cells.CellFormat = cells.TEXT
    part: str = ""
    """The field within the field: ``email`` of ``contact``."""
    called: tuple[str, ...] = ()
    """What vendors call this column."""
    needed: bool = False
    """Tells whether a list without this column is refused."""
    empty_is_default: bool = False
    """Tells whether an empty cell means the default, as if the column were not there."""
    after: str = ""
    """The column behind which this one stands, where that is not the order of the fields."""


@dataclass(frozen=True, slots=True)
class OwnSetting:
    """A mark of fields that partners set too, on their desk or by their mail (``own_settings``)."""

    nothing: tuple[Any, ...]
    """The values with which a list of HQ's says nothing of it."""
