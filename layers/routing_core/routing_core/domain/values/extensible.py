"""Keep what newer code has written into a record, so that older code does not lose it.

While a deployment is under way, and after one that is rolled back, older code reads and writes what
newer code wrote. A record is rewritten whole: what the older code knows no field for is carried
along as it came, and stands in the record again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

CARRIED = "extra"
"""The field of a record that holds what this code knows no field for."""


@dataclass(frozen=True, slots=True)
class Extensible:
    """A record into which newer code may have written more than this code knows."""

    extra: Mapping[str, Any] | None = field(default=None, kw_only=True, repr=False, hash=False)
    """Holds what was stored and this code knows no field for, by its stored name.

    It is written back as it came, and shown to nobody.
    """


def known_fields(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Give the fields of a record without what this code does not know, for ``asdict``."""
    return {name: value for name, value in pairs if name != CARRIED}
