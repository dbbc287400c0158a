"""Read instants of the past as people type them into forms and lists."""

from dataclasses import dataclass
from datetime import datetime, tzinfo

from routing_core.domain.enquiry.typed_fields import TypedFields
from routing_core.domain.values.instants import read_instant


@dataclass(frozen=True, slots=True)
class PastInstants:
    """Reads instants that are over, on somebody's clock."""

    zone: tzinfo
    """Instants without an offset are on the clock of this zone."""
    now: datetime
    month_first: bool = False
    """Tells whether 1/7 is the seventh of January."""

    def read(self, fields: TypedFields, name: str, *, required: bool = False) -> datetime | None:
        """Give the instant in a field; None where nothing stands there, or something wrong.

        What is wrong is noted with the fields.
        """
        text = fields.text(name, required=required)
        if not text:
            return None
        try:
            at = read_instant(text, self.zone, self.month_first)
        except ValueError as error:
            fields.wrong(name, "invalid_instant", str(error))
            return None
        if at > self.now:
            fields.wrong(name, "in_future", "lies in the future")
            return None
        return at
