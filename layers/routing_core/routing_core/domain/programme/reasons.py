"""Define the programme's reasons for not having an enquiry, and what comes of each.

A partner declines an offer, gives a lead back, or says why it was lost.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from routing_core.domain.programme.document import Doc, Id, LocalizedText
from routing_core.domain.values.sentence import worded

UNREACHED = frozenset({"unreachable", "wrong-contact", "wrong_contact", "spam", "fake"})
"""Programmes have called such a reason by these ids before they could say it."""


class Reason(Doc):
    """A partner chooses one of these to decline an offer, and other reasons begin like it."""

    id: Id
    """Events and stored leads name the reason by this."""
    label: LocalizedText
    """Partners and HQ read these words, by language."""
    neutral: bool = False
    """It was not the partner's doing, and leaves the figures alone."""
    then: Literal["pause", "territory", "claim"] | None = None
    """Something follows declining for it; None = nothing does.

    The partner is offered a pause of new enquiries, or another territory; or it is a claim
    ("already my customer") that HQ decides within ``fallback.hq_hold``, and nobody else is asked
    meanwhile.
    """


class MayBeUnreached(Doc):
    """An owner lets an enquiry go for it; it may say nothing of another attached to it."""

    id: Id
    """Events and stored leads name the reason by this."""
    junk: bool = False
    """It was no enquiry."""
    unreached: bool | None = None
    """Whoever sent it was never spoken to, so that an attached enquiry goes to partners after all.

    Not given, the usual ids say so (``unreachable``, ``wrong-contact``).
    """

    @property
    def says_nothing_of_others(self) -> bool:
        """Tell whether an enquiry attached to the one that ends for it still deserves a partner."""
        if self.junk:
            return True
        if self.unreached is None:
            return self.id in UNREACHED
        return self.unreached


class LostReason(MayBeUnreached, Reason):
    """An owner chooses one of these when nothing came of the lead."""

    junk: bool = False
    """It was no enquiry: spam, or somebody's joke. All it cost its partners is given back."""


class Tries(Doc):
    """A partner must have noted these attempts to call before giving a lead back.

    Days and time are in the partner's zone. More than ten would be a nuisance to whoever is called.
    """

    attempts: int = Field(3, ge=1, le=10)
    """There must be this many attempts."""
    days: int = Field(2, ge=1, le=10)
    """They must have been on this many different days."""
    after: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] | None = "17:00"
    """One of them must have been after this time of day; None = at any time."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.days > self.attempts:
            raise ValueError(worded("few_attempts", "so few attempts cannot be on so many days"))
        return self


class ReturnReason(MayBeUnreached):
    """A partner chooses one of these to give back a lead that they have accepted."""

    label: LocalizedText
    """Partners and HQ read these words, by language."""
    neutral: bool = False
    """It was not the partner's doing, and leaves the figures alone."""
    junk: bool = False
    """It was no enquiry: where it ends for this reason, all it cost its partners is given back.

    With ``then: review`` HQ decides, and giving back comes of HQ's rejecting it.
    """
    needs: Tries | None = None
    """It may be chosen only after these noted attempts, and not once they have spoken."""
    then: Literal["route", "review", "close"] = "route"
    """``route`` asks the next partner, ``review`` lets HQ decide, ``close`` ends the enquiry.

    When it is closed, the prospect is told why.
    """
