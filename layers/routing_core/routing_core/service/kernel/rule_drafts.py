"""Says where a person's draft of the rules is kept between two visits of the editor."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class RuleDraft:
    """What somebody at HQ has written in the editor and not put in force yet."""

    text: str
    """The YAML as it was typed, right or wrong."""
    base: int
    """The version that it was made of."""
    saved_at: datetime
    revision: int = 0
    """Counts how often it was kept: two windows of one person must not undo each other."""


class RuleDrafts(Protocol):
    """Keeps one draft for each person."""

    def read(self, person: str) -> RuleDraft | None:
        """Give a person's draft; None if there is none."""

    def keep(self, person: str, draft: RuleDraft) -> RuleDraft:
        """Keep a draft in place of the one with its revision, and give it with its new one.

        Raises VersionConflict if another one is there by now, InvalidInput for one too large.
        """

    def drop(self, person: str) -> None:
        """Forget a person's draft."""
