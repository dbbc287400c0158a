"""Says where back-tests of drafts are kept: what was asked for, how far each is, what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

BACK_TEST_ASKED = "rules.back_test_asked"
"""This is published when somebody asks for a back-test; the function that plays it listens."""
LONGEST_RUN = timedelta(minutes=16)
"""A function ends after a quarter of an hour: what is not over then has failed."""


class BackTestState(StrEnum):
    """How far a back-test is."""

    ASKED = "asked"
    """It waits to be played."""
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    """It could not be played; ``problem`` says why."""


@dataclass(frozen=True, slots=True)
class BackTestFigure:
    """One figure of both runs, in the words of HQ's language."""

    label: str
    current: str
    draft: str
    change: str
    better: str
    """``good``, ``bad`` or empty: what kind of change it is."""


@dataclass(frozen=True, slots=True)
class KeptBackTest:
    """A back-test of one draft against the rules in force when it was asked for."""

    name: str
    """A hash of the draft and the version: the same question has one answer."""
    text: str
    """The draft as YAML."""
    number: int
    """The version that was in force."""
    by: str
    """Whoever asked for it first."""
    asked_at: datetime
    state: BackTestState = BackTestState.ASKED
    done: int = 0
    """So many enquiries have been played, in both runs together."""
    total: int = 0
    """So many are to be played in both runs together; 0 = not known yet."""
    changed_at: datetime | None = None
    """The instant of the last news of it."""
    problem: str = ""
    """A code that says why it failed; empty = it did not."""
    figures: tuple[BackTestFigure, ...] = ()

    def is_over(self, now: datetime) -> bool:
        """Tell whether nothing is being done about it any more, well or badly."""
        if self.state in (BackTestState.DONE, BackTestState.FAILED):
            return True
        return now - (self.changed_at or self.asked_at) > LONGEST_RUN


class BackTests(Protocol):
    """Keeps back-tests for a month."""

    def read(self, name: str) -> KeptBackTest | None:
        """Give a back-test; None if nobody has asked for it."""

    def ask(self, asked: KeptBackTest, instead_of: KeptBackTest | None) -> None:
        """Keep what was asked for, in place of one that is over, unless another was faster."""

    def begin(self, name: str, now: datetime) -> bool:
        """Note that it is being played; False if it is not waiting for that."""

    def note(self, name: str, done: int, total: int, now: datetime) -> None:
        """Note how far it is."""

    def finish(
        self, name: str, figures: Sequence[BackTestFigure], page: str, now: datetime
    ) -> None:
        """Keep what came of it: its figures, and the whole as a page."""

    def fail(self, name: str, problem: str, now: datetime) -> None:
        """Note why it could not be played."""

    def page(self, name: str) -> str | None:
        """Give the page of one that is over; None if there is none."""
