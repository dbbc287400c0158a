"""The programme's reasons for not having an enquiry: declined, given back, lost; and what comes of
each.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from routing_core.domain.programme.document import Doc, Id, Text


class Reason(Doc):
    id: Id
    label: Text
    neutral: bool = False
    """Not the partner's doing: leaves the figures alone."""
    then: Literal["pause", "territory", "claim"] | None = None
    """What follows declining for it: the partner is offered a pause of new enquiries, or another
    territory; or it is a claim ("already my customer") that HQ decides within ``fallback.hq_hold``,
    and nobody else is asked meanwhile.
    """


UNREACHED = frozenset({"unreachable", "wrong-contact", "wrong_contact", "spam", "fake"})
"""Ids by which programmes have called such a reason before they could say it."""


class MayBeUnreached(Doc):
    """A reason for which an owner lets an enquiry go, and what it says of a second one attached to
    it.
    """

    id: Id
    junk: bool = False
    unreached: bool | None = None
    """Whoever sent it was never spoken to, so that it says nothing of a second enquiry attached to
    it, which goes to partners. Not given, the usual ids say so (``unreachable``,
    ``wrong-contact``).
    """

    @property
    def says_nothing_of_others(self) -> bool:
        unreached = self.id in UNREACHED if self.unreached is None else self.unreached
        return self.junk or unreached


class LostReason(MayBeUnreached, Reason):
    junk: bool = False
    """It was no enquiry: spam, or somebody's joke. All it cost its partners is given back."""


class Tries(Doc):
    """What a partner must have tried, and noted, before giving a lead back: so many times, on so
    many different days, one of them after a time of day; days and time in the partner's zone. More
    than ten would be a nuisance to whoever is called.
    """

    attempts: int = Field(3, ge=1, le=10)
    days: int = Field(2, ge=1, le=10)
    after: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] | None = "17:00"

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.days > self.attempts:
            raise ValueError("so few attempts cannot be on so many days")
        return self


class ReturnReason(MayBeUnreached):
    """Why a partner may give a lead back that they have accepted."""

    label: Text
    neutral: bool = False
    """Not the partner's doing: leaves the figures alone."""
    junk: bool = False
    """It was no enquiry: where it ends for this reason, all it cost its partners is given back.
    With ``then: review`` HQ decides, and giving back comes of HQ's rejecting it.
    """
    needs: Tries | None = None
    """Only after so many noted attempts, and not once they have spoken."""
    then: Literal["route", "review", "close"] = "route"
    """``route``: the next partner is asked. ``review``: HQ decides. ``close``: the enquiry ends,
    and the prospect is
    told why.
    """
