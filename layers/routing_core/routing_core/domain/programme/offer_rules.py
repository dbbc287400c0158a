"""How a lead is offered: to how many at once, for how long, what a lapse means, and what if offices
are closed.
"""

from typing import Annotated, Literal

from pydantic import Field, PlainValidator

from routing_core.domain.programme.document import Doc, Rule, Window

MOST_AT_ONCE = 40
"""Partners in one wave. Two such waves meet in one commit, of at most a hundred writes; and the
lead, which names everybody asked, is written again with every answer.
"""
MOST_HOLDING = 10
"""A wave of up to so many partners holds a place with each of them until it is over. Of a larger
one only the winner needs a place: it would else fill up a whole region for one enquiry.
"""
MOST_PARTNERS = 3
"""One after the other, unless the programme says otherwise."""


def _wave(size: object) -> int | str:
    if size == "all" or (type(size) is int and 1 <= size <= MOST_AT_ONCE):
        return size
    raise ValueError(f"write how many partners are asked at once, 1 to {MOST_AT_ONCE}, or all")


class OfferRule(Rule):
    """How a lead is offered: to one partner after the other, or to several at once (``waves``)."""

    window: Window
    on_lapse: Literal["share", "retract"] = "retract"
    partners: int | None = Field(None, ge=1, le=10)
    """At most this many partners are offered one lead, one after the other; 3 if left out. An
    eleventh would come too late for anybody who asked. Not beside ``waves``: those say themselves
    how many are asked.
    """
    waves: list[Annotated[int | Literal["all"], PlainValidator(_wave)]] = Field([], max_length=10)
    """``[1, 3, all]``: the best partner; if they do not take it the next three at once; then
    everybody who is left, up
    to 40. The first to accept has it. The rule of the best partner's type decides how many are
    asked.
    """
    total: Window
    """After this time in all, counted in HQ's calendar, the lead goes to the fallback."""
    closed: Literal["offer", "skip", "hold"] = "offer"
    """A partner outside response hours: offered anyway (the window counts those hours), skipped
    while somebody else is open, or the lead is held until the one who comes first opens. It is held
    for nobody who opens only after ``total``; if nobody opens before, it is offered anyway.
    """


class Reminders(Doc):
    at: list[Annotated[float, Field(gt=0, lt=1)]] = Field([0.5, 0.85], max_length=10)
    """Fractions of the partner's response hours in the window; of the clock in an emergency. Each
    is a deadline of the lead and a mail: more than ten are a nuisance.
    """
    min_gap_minutes: float = Field(30, ge=0, le=1_440)
    """At most a day: with a longer gap nobody would be reminded at all."""
    second_contact_from: float = Field(0.85, ge=0, le=1)
    """A fraction of the window, as in ``at``; 1 = never."""


class Lapses(Doc):
    """In a row, without an answer between."""

    unseen_to_hq: int = Field(2, ge=1, le=100)
    """So many that nobody looked at: the second contact is asked, and HQ to phone them ``hq_after``
    that, if still nobody answered; HQ at once where there is no second contact. Beyond a hundred HQ
    would never hear of it.
    """
    hq_after: Window = Window(response_hours=4)
    pause: int = Field(3, ge=1, le=100)
    """So many, of different people, and the partner gets no new enquiries; 0 would pause who never
    missed one, and beyond a hundred nobody is ever paused.
    """
    days: int = Field(2, ge=1, le=10)
    """These people must have asked on so many different days (where ``pause`` is less, on that
    many), so that no burst of junk in one afternoon pauses everybody; beyond ten hardly anybody is
    ever paused.
    """


class BackupRule(Rule):
    """How backup partners are asked, one after the other."""

    order: list[Literal["partner", "territory", "programme"]] = Field(
        ["partner", "territory", "programme"], max_length=3
    )
    """Whose backup comes first: that of the partner who did not take it or cannot be had
    (``backup`` in the profile), those of the place (a territory such as ``DE 80* backup``), the
    programme's own. What is left out is not asked.
    """
    window: Window | None = None
    """How long each has to answer; left out: as long as any partner."""
    on_lapse: Literal["share", "retract"] | None = None
    """Left out: as for any partner."""
    partners: int = Field(3, ge=1, le=10)
    """At most this many backup partners are asked for one lead before HQ has it; ten, as of other
    partners.
    """
