"""The columns of a partners' list, as the fields of a partner's document name them."""

from collections.abc import Mapping

from routing_core.domain.values.spelled import folded
from routing_core.formats.field_marks import Column, OwnSetting
from routing_core.formats.partner_document import PartnerDoc

COLUMNS: dict[str, Column] = {}
"""All columns by name, in the order of the document's fields."""
PATHS: dict[str, tuple[str, ...]] = {}
"""Column → where its value stands in a partner's document."""
VENDOR_NAMES: dict[str, str] = {}
"""What vendors call a column → the column."""
OWN_SETTINGS: dict[str, OwnSetting] = {}
"""Fields that partners set too, with what a list says of them without saying anything."""


def _take(field: str, mark: object) -> None:
    """Take a mark of a document's field, if it is one of ours and not one of pydantic's."""
    if isinstance(mark, OwnSetting):
        OWN_SETTINGS[field] = mark
    if isinstance(mark, Column):
        name = mark.name or field
        COLUMNS[name] = mark
        PATHS[name] = (field, mark.part) if mark.part else (field,)
        VENDOR_NAMES.update(dict.fromkeys(mark.called, name))


for _name, _about in PartnerDoc.model_fields.items():
    for _mark in _about.metadata:
        _take(_about.alias or _name, _mark)


def _in_order() -> tuple[str, ...]:
    names = list(COLUMNS)
    for name, column in COLUMNS.items():
        if column.after:
            names.remove(name)
            names.insert(names.index(column.after) + 1, name)
    return tuple(names)


COLUMN_NAMES = _in_order()
"""All columns in the order in which a list is written."""
NEEDED_COLUMNS = tuple(name for name in COLUMN_NAMES if COLUMNS[name].needed)
SPELLED: Mapping[str, str] = {folded(name): name for name in (*VENDOR_NAMES, *COLUMN_NAMES)}
"""A column's name without what spellings differ in → the name: ``Web-Site`` is ``website``."""


def column_of(field: str) -> str:
    """Give the column in which a document's field stands: ``email`` for ``contact.email``.

    An item of a list or mapping stands in the column of the whole: ``products[2]``,
    ``caps.products.roof``. What has no column is called as in the document.
    """
    path = tuple(field.partition("[")[0].split("."))
    for name, place in PATHS.items():
        shorter = min(len(path), len(place))
        if path[:shorter] == place[:shorter]:
            return name
    return field
