"""Define how a lead is offered: to how many at once, how long, and what a lapse means."""

from typing import Annotated, Literal

from pydantic import Field, PlainValidator

from routing_core.domain.programme.document import Doc, Rule, Window
from routing_core.domain.values.sentence import worded

LARGEST_WAVE = 40
"""One wave asks at most this many partners.

Two such waves meet in one commit, of at most a hundred writes; and the lead, which names everybody
asked, is written again with every answer.
"""
LARGEST_RESERVING_WAVE = 10
"""A wave of up to this many partners reserves a slot with each of them until it is over.

Of a larger one only the winner needs a slot: it would else fill up a whole region for one enquiry.
"""
PARTNERS_BY_DEFAULT = 3
"""This many are asked one after the other, unless the programme says otherwise."""


def _wave(size: object) -> int | str:
    if size == "all":
        return "all"
    # Not isinstance: `true` in a document is no number of partners.
    if type(size) is int and 1 <= size <= LARGEST_WAVE:
        return size
    english = "write how many partners are asked at once, 1 to {most}, or all"
    raise ValueError(worded("wave", english, most=LARGEST_WAVE))


class OfferRule(Rule):
    """A lead is offered to one partner after the other, or to several at once (``waves``)."""

    window: Window
    """Each partner has this long to answer (the accept window), in the partner's calendar."""
    on_lapse: Literal["share", "retract"] = "retract"
    """A lapsed offer is taken back (``retract``), or stays open beside the next (``share``)."""
    partners: int | None = Field(None, ge=1, le=10)
    """No more partners are offered one lead, one after the other; 3 if left out.

    An eleventh would come too late for anybody who asked. Not beside ``waves``: those say
    themselves how many are asked.
    """
    waves: list[Annotated[int | Literal["all"], PlainValidator(_wave)]] = Field([], max_length=10)
    """``[1, 3, all]`` asks the best partner, then three at once, then everybody who is left.

    Up to 40 are asked in one wave; the first to accept has it. The rule of the best partner's type
    decides how many are asked.
    """
    total: Window
    """After this time in all, counted in HQ's calendar, the lead goes to the fallback."""
    closed: Literal["offer", "skip", "hold"] = "offer"
    """A partner outside response hours is offered the lead anyway, is skipped, or is waited for.

    ``offer``: the window counts those hours. ``skip``: while somebody else is open. ``hold``: until
    the one who comes first opens, but for nobody who opens only after ``total``; if nobody opens
    before, it is offered anyway.
    """


class Reminders(Doc):
    """A partner who has not answered yet is reminded."""

    at: list[Annotated[float, Field(gt=0, lt=1)]] = Field([0.5, 0.85], max_length=10)
    """Reminders come at these fractions of the partner's response hours in the window.

    In an emergency they are fractions of the clock. Each is a deadline of the lead and a mail: more
    than ten are a nuisance.
    """
    min_gap_minutes: float = Field(30, ge=0, le=1_440)
    """Two reminders are at least so far apart.

    At most a day: with a longer gap nobody would be reminded at all.
    """
    second_contact_from: float = Field(0.85, ge=0, le=1)
    """The second contact is told too from this fraction of the window on; 1 = never."""


class Lapses(Doc):
    """Offers that lapse in a row, without an answer between, have consequences (escalation)."""

    unseen_to_hq: int = Field(2, ge=1, le=100)
    """After this many that nobody looked at, the second contact is asked, and HQ ``hq_after`` that.

    HQ is to phone them if still nobody answered; HQ is told at once where there is no second
    contact. Beyond a hundred HQ would never hear of it.
    """
    hq_after: Window = Window(response_hours=4)
    """HQ is told so long after the second contact was."""
    pause: int = Field(3, ge=1, le=100)
    """After this many, of different people, the partner gets no new enquiries.

    0 would pause who never missed one, and beyond a hundred nobody is ever paused.
    """
    days: int = Field(2, ge=1, le=10)
    """They must have asked on this many different days; where ``pause`` is less, on that many.

    So no burst of junk in one afternoon pauses everybody; beyond ten hardly anybody is ever paused.
    """


class LateMail(Doc):
    """An offer whose mail cannot leave waits for it: the partner's window counts from then.

    Each offer waits so long after it was made; then the next partner is asked, or HQ has it.
    """

    wait_hours: float = Field(12, ge=1, le=24)
    """So many hours of the clock; mail is tried for a day, so longer would be in vain."""
    emergency_wait_hours: float = Field(1, ge=0.25, le=24)
    """So many in an emergency, in which somebody else may be reached sooner."""


class BackupRule(Rule):
    """Backup partners are asked one after the other."""

    order: list[Literal["partner", "territory", "programme"]] = Field(
        ["partner", "territory", "programme"], max_length=3
    )
    """Backups are asked in this order; what is left out is not asked.

    ``partner`` is the backup of the partner who did not take it or cannot be had (``backup`` in the
    profile), ``territory`` those of the place (a territory such as ``DE 80* backup``),
    ``programme`` the programme's own.
    """
    window: Window | None = None
    """Each has this long to answer; None = as long as any partner."""
    on_lapse: Literal["share", "retract"] | None = None
    """An offer that is not answered lapses like this; None = as for any partner."""
    partners: int = Field(3, ge=1, le=10)
    """No more backups are asked for one lead before HQ has it; ten, as of others."""
