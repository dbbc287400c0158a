"""Code a record by a table: one row a field, from which an item is written and read.

    COLLEAGUE_CODEC = RecordCodec(
        Colleague,
        StoredField("partner", "p"),
        StoredField("since", "v", WHOLE_NUMBER),
    )
    COLLEAGUE_CODEC.write(Colleague("p1", since=3))  ==  {"p": "p1", "v": 3}

A field whose value is its default is left out, and read as its default where it is not there. A
test compares every table with the fields of its dataclass, so that none is forgotten.

While a deployment is under way older code reads what newer code wrote. What no row knows is carried
along in the ``extra`` of a record that is ``Extensible``, and written back; a value that cannot be
read so (another schema, a member that an enum does not have) raises NewerData, and nothing is
written. So newer code may add attributes, and raises the schema where it changes their meaning.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, fields
from typing import Any, Generic, TypeVar, cast

from routing_core.aws.codecs.value_codecs import AS_IT_IS, Item, ValueCodec
from routing_core.domain.errors import NewerData
from routing_core.domain.values.extensible import CARRIED, Extensible

Recorded = TypeVar("Recorded")
_NOTHING = object()
"""No field is equal to this, so that nothing is left out for it."""
SCHEMA = "schema"
"""The attribute that names the schema in which an item is written."""
_OF_EVERY_ITEM = frozenset({"pk", "sk", SCHEMA})
"""Attributes that are no fields in any item."""
_BEHIND = "behind"
"""What stands in a list behind the last field that is known is carried under this name."""


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

    def __init__(
        self,
        kind: type[Recorded],
        *rows: StoredField,
        beside: Collection[str] = (),
        no_fields: Collection[str] = (),
        schema: int = 0,
    ):
        """Take the rows; ``beside`` are the fields that the key tells, or that are not stored.

        ``no_fields`` are attributes that stand in an item beside those of the record: keys of
        indexes, and what is no longer written. ``schema`` is written with each item; 0 = none is.
        """
        self.kind = kind
        self.rows = rows
        self.beside = frozenset(beside)
        self.schema = schema
        self._carries = issubclass(kind, Extensible)
        self._no_fields = _OF_EVERY_ITEM | frozenset(no_fields)
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
        item: Item = {SCHEMA: self.schema} if self.schema else {}
        carried = self._carried(value)
        if carried:
            item |= carried
        for field, stored, write, default in self._writers:
            content = getattr(value, field)
            # Most fields of most leads have their default: the same object is compared fastest.
            if content is not default and content != default:
                item[stored] = write(content)
        return item

    def read(self, item: Mapping[str, Any], **told: Any) -> Recorded:
        """Give the value of an item; ``told`` are the fields that stand beside the table.

        Raises NewerData for what only newer code can read, TypeError for a missing field without a
        default, else what its codec raises.
        """
        if self.schema and int(item.get(SCHEMA, 0)) > self.schema:
            written = f"{self.kind.__name__} is written in schema {item[SCHEMA]}"
            raise NewerData(f"{written}, this code reads {self.schema}")
        content = self._defaults | told
        unknown: Item = {}
        readers = self._readers
        as_it_is = AS_IT_IS.read
        # By what the item has, not by the table: most fields of most leads are not there.
        for stored, written in item.items():
            row = readers.get(stored)
            if row is not None:
                field, read = row
                # A call for what is as it is would be a third of the work on a context.
                content[field] = written if read is as_it_is else read(written)
            elif self._carries and stored not in self._no_fields:
                unknown[stored] = written
        if unknown:
            content[CARRIED] = unknown
        return self._make(**content)

    def write_list(self, value: Recorded) -> list[Any]:
        """Give the value as a list of all its fields, in the order of the rows."""
        written = [write(getattr(value, field)) for field, _, write, _ in self._writers]
        return [*written, *self._carried(value).get(_BEHIND, ())]

    def read_list(self, stored: Sequence[Any]) -> Recorded:
        """Give the value of a list that ``write_list`` gave.

        Raises ValueError for one that is too short, NewerData for one that is longer than what can
        be carried along.
        """
        known = stored[: len(self.rows)]
        behind = list(stored[len(self.rows) :])
        pairs = zip(self.rows, known, strict=True)
        content = {row.field: row.codec.read(written) for row, written in pairs}
        if behind:
            if not self._carries:
                raise NewerData(f"{self.kind.__name__} has {len(stored)} parts")
            content[CARRIED] = {_BEHIND: behind}
        return self._make(**content)

    def _carried(self, value: Recorded) -> Mapping[str, Any]:
        return cast(Extensible, value).extra or {} if self._carries else {}

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
