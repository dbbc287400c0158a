"""Says where it is kept who at HQ is signed in where, and which of their links are in force."""

from collections.abc import Callable, Collection, Mapping
from typing import Protocol

from routing_core.domain.errors import VersionConflict
from routing_core.domain.hq_access import HqAccess

TRIES_TO_SAVE = 3
"""What somebody's access becomes is decided anew so often because somebody else was faster."""


class HqAccessBook(Protocol):
    """Keeps the access of each person at HQ."""

    def of(self, person: str) -> HqAccess:
        """Read a person's, consistently; of whoever was never here it is empty."""
        ...

    def several(self, persons: Collection[str]) -> Mapping[str, HqAccess]:
        """Read those of several people, by their short ids."""
        ...

    def save(self, access: HqAccess) -> None:
        """Put it in the place of the version that was read; raises VersionConflict."""
        ...


def change_access(
    book: HqAccessBook, person: str, changed: Callable[[HqAccess], HqAccess]
) -> HqAccess:
    """Change a person's access, and give it as it is now; nothing is written if nothing changes.

    Raises VersionConflict if others are faster again and again, and whatever ``changed`` raises.
    """
    for left in reversed(range(TRIES_TO_SAVE)):
        before = book.of(person)
        after = changed(before)
        if after == before:
            return before
        try:
            book.save(after)
            return after
        except VersionConflict:
            if not left:
                raise
    raise AssertionError("the last try returns or raises")
