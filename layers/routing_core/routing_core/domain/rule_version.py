"""Define versions of the programme: which is in force, which waits for its time, who made them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from routing_core.domain.activity import NotedAct
from routing_core.domain.errors import VersionConflict
from routing_core.domain.programme.programme import Programme

RULES_WRITER = 1
"""Raised with every field, word or bound that the rules get: it tells older code from newer.

Older code reads of newer rules what it understands, for intake never stops, and saves none over
them: it would drop the rest.
"""


@dataclass(frozen=True, slots=True)
class RuleEdition:
    """What is kept of a version beside the rules themselves."""

    by: str = ""
    """Whoever saved it, as events have it: ``link:<short id>``, or an API key's name."""
    comment: str = ""
    """What the author says about it."""
    text: str = ""
    """The YAML as the author wrote it, comments and all; empty = nobody wrote any."""
    starts_at: datetime | None = None
    """It comes into force at this instant by itself; None = at once."""
    back_to: int = 0
    """It is the earlier version of this number once more; 0 = it is not."""
    acts: tuple[NotedAct, ...] = ()
    """What the log tells of, written together with the version."""


AT_ONCE = RuleEdition()
"""Nothing is said of the version, and it comes into force as it is saved."""


@dataclass(frozen=True, slots=True)
class RuleVersion:
    """One version as a list of them shows it."""

    number: int
    """Versions are numbered from one; a number is used once."""
    saved_at: datetime
    """The instant at which it was saved."""
    by: str
    """Whoever saved it; empty for versions from before that was kept."""
    comment: str
    """What the author says about it; empty = nothing."""
    starts_at: datetime | None = None
    """It was planned for this instant; None = it came into force when it was saved."""
    back_to: int = 0
    """It is the earlier version of this number once more; 0 = it is not."""
    called_off: bool = False
    """It was planned, and called off before its time."""


@dataclass(frozen=True, slots=True)
class PlannedRules:
    """A version that waits for its time."""

    number: int
    starts_at: datetime
    """From this instant on, itself included, the version is in force."""


@dataclass(frozen=True, slots=True)
class NewPlan:
    """A plan with what was changed meanwhile in the rules in force, in place of the one before."""

    replaces: PlannedRules
    programme: Programme
    edition: RuleEdition


@dataclass(frozen=True, slots=True)
class RulePointer:
    """Says which version is in force at any instant."""

    version: int = 0
    """This version is in force until another one's time comes; 0 = there is none yet."""
    plan: PlannedRules | None = None
    """This version comes into force by itself; None = none does."""
    last: int = 0
    """The highest number that was given to a version, called off or not."""
    revision: int = 0
    """Counts the changes of the pointer: whoever changes it says which one they saw."""
    writer: int = 0
    """The ``RULES_WRITER`` of the code that saved last; 0 = it did not say."""

    def in_force(self, now: datetime) -> int:
        """Give the version that is in force at an instant."""
        return self.settled(now).version

    def waiting(self, now: datetime) -> PlannedRules | None:
        """Give the plan whose time has not come yet."""
        return self.settled(now).plan

    def settled(self, now: datetime) -> "RulePointer":
        """Give the pointer as it is to be written once a plan's time has come."""
        if self.plan is None or now < self.plan.starts_at:
            return self
        return replace(self, version=self.plan.number, plan=None)


class RulesChanged(VersionConflict):
    """Other rules are in force than those that whoever saves had read; nothing was saved.

    ``version`` is the one in force; ``since`` are the versions saved after the one that was read,
    the newest first; ``before`` is that one, None if there is none of that number.
    """

    def __init__(
        self,
        version: int,
        after: Programme | None,
        before: Programme | None = None,
        since: Sequence[RuleVersion] = (),
    ):
        self.version = version
        self.after = after
        self.before = before
        self.since = tuple(since)
        super().__init__(
            "the rules have changed since you read them: read them again, then send your change"
        )
