"""Code a record by a table: one row a field, from which an item is written and read.

    COLLEAGUE_CODEC = RecordCodec(
        Colleague,
        StoredField("partner", "p"),
        StoredField("since", "v", WHOLE_NUMBER),
    )
    COLLEAGUE_CODEC.write(Colleague("p1", since=3))  ==  {"p": "p1", "v": 3}

A field whose value is its default is left out, and read as its default where it is not there. A
test compares every table with the fields of its dataclass, so that none is forgotten.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, fields
from typing import Any, Generic, TypeVar

from routing_core.aws.codecs.value_codecs import AS_IT_IS, Item, ValueCodec

Recorded = TypeVar("Recorded")
_NOTHING = object()
"""No field is equal to this, so that nothing is left out for it."""


@dataclass(frozen=True, slots=True)
class StoredField:
    """How one field of a record is stored."""

    field: str
    """It names the field in the dataclass."""
    stored: str
    """It names the attribute in the item."""
    codec: ValueCodec = AS_IT_IS
    """It writes and reads the field's value."""
    always: bool = False
    """The field is written even where its value is the default."""
    default: Any = _NOTHING
    """This value is left out and read back, where the dataclass itself names none."""


class RecordCodec(Generic[Recorded]):
    """Writes values of one dataclass as items, or as short lists, and reads them again."""

    def __init__(self, kind: type[Recorded], *rows: StoredField, beside: Collection[str] = ()):
        """Take the rows; ``beside`` are the fields that the key tells, or that are not stored."""
        self.kind = kind
        self.rows = rows
        self.beside = frozenset(beside)
        self._make: Callable[..., Recorded] = kind
        self._defaults = {row.field: row.default for row in rows if row.default is not _NOTHING}
        left_out = {field.name: _default_of(field) for field in fields(kind)}  # type: ignore[arg-type]
        left_out |= self._defaults
        left_out |= {row.field: _NOTHING for row in rows if row.always}
        self._writers = tuple(
            (row.field, row.stored, row.codec.write, left_out[row.field]) for row in rows
        )
        self._readers = {row.stored: (row.field, row.codec.read) for row in rows}

    def write(self, value: Recorded) -> Item:
        """Give the value as an item, without the fields that have their default."""
        item: Item = {}
        for field, stored, write, default in self._writers:
            content = getattr(value, field)
            # Most fields of most leads have their default: the same object is compared fastest.
            if content is not default and content != default:
                item[stored] = write(content)
        return item

    def read(self, item: Mapping[str, Any], **told: Any) -> Recorded:
        """Give the value of an item; ``told`` are the fields that stand beside the table.

        Raises TypeError for a missing field without a default, else what its codec raises.
        """
        content = self._defaults | told
        readers = self._readers
        as_it_is = AS_IT_IS.read
        # By what the item has, not by the table: most fields of most leads are not there.
        for stored, written in item.items():
            row = readers.get(stored)
            if row is not None:
                field, read = row
                # A call for what is as it is would be a third of the work on a context.
                content[field] = written if read is as_it_is else read(written)
        return self._make(**content)

    def write_list(self, value: Recorded) -> list[Any]:
        """Give the value as a list of all its fields, in the order of the rows."""
        return [write(getattr(value, field)) for field, _, write, _ in self._writers]

    def read_list(self, stored: Sequence[Any]) -> Recorded:
        """Give the value of a list that ``write_list`` gave.

        Raises ValueError for one of another length.
        """
        pairs = zip(self.rows, stored, strict=True)
        content = {row.field: row.codec.read(written) for row, written in pairs}
        return self._make(**content)

    @property
    def nested(self) -> ValueCodec:
        """Give a codec for a value of this kind as a map within another record."""
        return ValueCodec(self.write, self.read)

    @property
    def as_list(self) -> ValueCodec:
        """Give a codec for a value of this kind as a list within another record."""
        return ValueCodec(self.write_list, self.read_list)


def _default_of(field: "Field[Any]") -> Any:
    if field.default is not MISSING:
        return field.default
    if field.default_factory is not MISSING:
        return field.default_factory()
    return _NOTHING
