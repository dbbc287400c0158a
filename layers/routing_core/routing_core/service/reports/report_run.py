"""One report on one period in one version: how far it is, and what came of it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from zlib import crc32

from routing_core.domain.errors import InvalidInput, NotFound
from routing_core.reporting.report_schedule import named_period

BY_CLOCK = "clock"
"""Stands for who asked for a report that is made by itself."""
PARTNERS_A_BATCH = 50
"""About so many partners' reports are stored and sent together."""
_RUN_ID = re.compile(r"(\d{4}-(?:W?\d{2}))(?:\.([1-9]\d{0,3}))?", re.ASCII)


class RunState(StrEnum):
    """How far a report is."""

    ASKED = "asked"
    """It has been asked for, and nothing has been done yet."""
    GATHERING = "gathering"
    """Leads are being gathered."""
    MAKING = "making"
    """The figures are there; partners' reports are being sent."""
    DONE = "done"
    """It was sent."""
    EMPTY = "empty"
    """No lead was open or came in, so nobody was sent anything."""
    FAILED = "failed"
    """It could not be made; whoever asks again lets it go on."""


class MailRule(StrEnum):
    """Who decides whether a report is mailed; the values are stored."""

    ALL = "all"
    """It is mailed, for somebody said so."""
    NOBODY = "nobody"
    """It is mailed to nobody: somebody said so, or it is on a time before the last."""
    IF_LIVE = "if_live"
    """It is mailed unless all it knows of are leads of the past, which HQ imported."""


@dataclass(frozen=True, slots=True)
class SentBatch:
    """What came of sending one batch of partners' reports."""

    sent: int
    """Counts the partners who have theirs, those included who get no mail."""
    failed: tuple[str, ...] = ()
    """The partners whose report could not be sent."""


@dataclass(frozen=True, slots=True)
class ReportRun:
    """One report: of which period it is, in which version, and how far."""

    id: str
    """It is the period's name, and behind a dot the version if that is not the first."""
    state: RunState
    asked_at: datetime
    asked_by: str
    """Who asked for it, as events have it; ``clock`` if nobody did."""
    attempt: int = 1
    """Counts how often it was begun."""
    zone: str = ""
    """The zone by whose clock its days begin, as it was when the report was asked for."""
    programme: int = 0
    """The version of the programme in force when it was begun."""
    leads: int = 0
    """Counts the leads that were read for it: those that came in the period, and all open ones."""
    received: int | None = None
    """Counts the leads that came in the period, as the report does; None while that is unknown."""
    partners: int = 0
    """Counts the partners who have a report."""
    batches: int = 0
    """Counts the batches in which the partners' reports are stored."""
    sent: Mapping[int, SentBatch] = field(default_factory=dict)
    """What came of the batches that are done, by their number."""
    finished_at: datetime | None = None
    why: str = ""
    """The name of the error that it failed of."""
    mails: MailRule = MailRule.ALL
    live: bool = False
    """Tells whether any of its leads came through the product, and not from a list of the past."""
    mailing: int = 0
    """Counts how often somebody had it mailed that was there already."""
    mailed: int = 0
    """Counts the mailings that are over."""

    @property
    def period_name(self) -> str:
        """Give the name of the period."""
        return self.id.partition(".")[0]

    @property
    def version(self) -> int:
        """Give the version; the first is 1."""
        return int(self.id.partition(".")[2] or 1)

    @property
    def execution(self) -> str:
        """Give the name of the execution that makes it, which there can be once."""
        return f"{self.id}-{self.attempt}"

    @property
    def is_mailed(self) -> bool:
        """Tell whether people are mailed; known once the leads are gathered."""
        return self.mails is MailRule.ALL or (self.mails is MailRule.IF_LIVE and self.live)

    @property
    def mail_execution(self) -> str:
        """Give the name of the execution that mails it, which there can be once."""
        return f"{self.id}-mail-{self.mailing}"

    @property
    def is_mailing(self) -> bool:
        """Tell whether somebody had it mailed, and that is not over."""
        return self.mailing > self.mailed

    @property
    def may_be_mailed(self) -> bool:
        """Tell whether it is there, and somebody has not got theirs whom nobody is mailing now."""
        if self.state is not RunState.DONE or self.is_mailing:
            return False
        return not self.is_mailed or bool(self.failed_partners) or bool(self.why)

    @property
    def is_there(self) -> bool:
        """Tell whether the figures can be read."""
        return self.state in (RunState.MAKING, RunState.DONE)

    @property
    def partners_done(self) -> int:
        """Count the partners whose reports have been sent."""
        return sum(batch.sent for batch in self.sent.values())

    @property
    def failed_partners(self) -> tuple[str, ...]:
        """Name the partners whose report could not be sent."""
        names: list[str] = []
        for batch in self.sent.values():
            names += batch.failed
        return tuple(sorted(names))


def run_id(period_name: str, version: int) -> str:
    """Give the id of the report on a period in a version."""
    return period_name if version == 1 else f"{period_name}.{version}"


def checked_run_id(text: str) -> str:
    """Give the id if it can be one. Raises NotFound for what somebody made up."""
    found = _RUN_ID.fullmatch(text)
    if found is None or found[2] == "1" or not _is_period(found[1]):
        raise NotFound(f"there is no report {text[:40]}")
    return text


def _is_period(name: str) -> bool:
    try:
        named_period(name, "UTC")
    except InvalidInput:
        return False
    return True


def batch_of(partner: str, batches: int) -> int:
    """Give the number of the batch in which a partner's report is."""
    return crc32(partner.encode()) % max(batches, 1)
