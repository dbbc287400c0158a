"""Define what the programme says of the time after routing: contact, outcome, fallback."""

from typing import Annotated, Literal

from pydantic import Field

from routing_core.domain.programme.document import Doc, OneLine, Rule, Window
from routing_core.domain.programme.intake_rules import MOST_RULES
from routing_core.domain.programme.offer_rules import BackupRule


class ContactRule(Rule):
    """A rule of this list gives the time from acceptance to the first contact."""

    window: Window
    """The partner has this long, counted in the partner's own calendar."""


class MissedContact(Doc):
    """An owner who has not called in time is reminded, and may lose the lead."""

    remind_at: Annotated[float, Field(gt=0, lt=1)] = 0.75
    """The reminder comes at this fraction of the partner's response hours before the deadline.

    In an emergency it is a fraction of the clock.
    """
    retract_after: Window | None = None
    """The lead is taken back and routed again this long after HQ was told; None = never."""


class Afterwards(Doc):
    """An owner is asked on some days how it stands, and HQ is told if nothing comes of it."""

    status_days: list[Annotated[int, Field(ge=1, le=250)]] = Field([7, 21, 45], max_length=20)
    """The owner is asked this many working days after acceptance; each day is a mail.

    Within a year, which is as far as calendars know holidays.
    """
    quote_days: int | None = Field(15, ge=1, le=250)
    """A quote should have gone out this many working days after acceptance; None = never asked.

    Then the partner is asked once and HQ is told. Within a year, like ``status_days``.
    """
    outcome_days: int = Field(90, ge=1, le=730)
    """HQ is told if nothing came of it after this many calendar days.

    Up to two years: HQ is to hear of it while somebody still remembers.
    """


class Retention(Doc):
    """Each field gives the months after its end for which an enquiry keeps who asked.

    Then the person is erased, and what can be counted stays. A change holds for what ends from then
    on. From one month, in which somebody may still ask, to ten years, as long as a firm keeps its
    books.
    """

    spam: int = Field(1, ge=1, le=120)
    """An enquiry that was rejected, or held back as spam and never released, is kept so long."""
    unplaced: int = Field(6, ge=1, le=120)
    """An enquiry that came to nothing is kept so long.

    Nobody took or kept it; the prospect withdrew or no longer wanted it; or it joined an earlier
    one.
    """
    lost: int = Field(12, ge=1, le=120)
    """A lead that its owner lost is kept so long."""
    won: int = Field(24, ge=1, le=120)
    """A lead that became an order is kept so long."""


class EarlyReturn(Doc):
    """A partner may give a lead back at once, without a reason: it was accepted by mistake."""

    minutes: float = Field(10, ge=0, le=10_080)
    """It costs nothing within this many minutes after accepting.

    Up to a week; what is given back later has its reasons (``return_reasons``).
    """
    per_month: int = Field(2, ge=0, le=100)
    """This many are allowed in a month; 0 = never. More than a hundred are no mistakes."""


class FollowUp(Doc):
    """HQ's time is up and nobody was found: routing tries again by itself, then gives up."""

    retry_every: Window = Window(working_days=1)
    """Partners are looked for again this often."""
    give_up_after: Window = Window(working_days=10)
    """Nobody is looked for after this time."""
    update_every: Window = Window(working_days=3)
    """While HQ looks for somebody, the prospect hears this often how it stands."""
    then: Literal["apologise", "hq"] = "apologise"
    """The prospect gets an apology in the end, or HQ decides."""


class Fallback(Doc):
    """Backups are asked when routing finds nobody (else), then HQ, then the follow-up begins."""

    backup_partner: OneLine | None = None
    """The programme's own backup takes whatever nobody else can take; None = there is none."""
    backup: list[BackupRule] = Field([BackupRule()], min_length=1, max_length=MOST_RULES)
    """These rules say how backup partners are asked."""
    hq_hold: Window
    """HQ has this long to place the lead by hand before the follow-up starts."""
    follow_up: FollowUp = FollowUp()
    """This happens when HQ's time is up."""


class PromiseRule(Rule):
    """A rule of this list says when the prospect hears from us at the latest, in HQ's calendar."""

    within: Window
    """The prospect is promised an answer within this time."""
