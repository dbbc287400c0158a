"""Decide who comes in at once and who is held until the address is confirmed.

These are rate limits without a refusal: a post that is well formed is always stored. What nobody
vouches for (no signed form, too many of the same kind in an hour) is held: its sender is asked by
mail to confirm the address, and HQ can let it through. Nobody is turned away, and no flood reaches
a partner. ``rate_limits`` counts what comes through.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

FORM_HOLDS_FOR = timedelta(hours=24)
"""A form that was shown may be posted for so long without being held."""
CHALLENGE_HOLDS_FOR = timedelta(hours=2)
"""A proof of work may be posted for so long; a form is rarely open longer."""
CLOCKS_DIFFER = timedelta(minutes=2)
"""Two instances may disagree about the time by so much."""


class HoldReason(StrEnum):
    """An enquiry is held for one of these until its address is confirmed or HQ lets it through."""

    HONEYPOT = "honeypot"
    """A field was filled in that no person sees."""
    TOO_FAST = "too_fast"
    """It was filled in faster than a person types."""
    UNCONFIRMED = "unconfirmed"
    """The form asks everybody to confirm the address."""
    UNPROVEN = "unproven"
    """No form of ours was shown, or it was shown for another post, or too long ago."""
    CEILING = "ceiling"
    """More of the same kind came in an hour than the programme lets through without a proof."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """A post carries credentials by which it may be let in at once."""

    submission: str = ""
    """The post has this submission key."""
    client: str = ""
    """It came from this network address, which is never stored, only hashed."""
    started: datetime | None = None
    """A form of ours was shown then, as signed by us; None without such a signature."""
    started_for: str | None = None
    """The form was shown for this submission.

    None in forms shown before the start was signed together with it.
    """
    proof: Any = None
    """A solved proof of work stands here as it was posted."""
    api_key: str = ""
    """The post came with the API key of this name; empty = with none."""

    def start_is_signed(self, now: datetime) -> bool:
        """Tell whether our form was shown for this very post within the last day.

        Forms that were shown before the submission was signed with the start name none; a day after
        that change none of them holds any more.
        """
        if self.started is None:
            return False
        # Another instance may have signed it a moment ago by a clock that is ahead of ours.
        age = now - self.started
        if not -CLOCKS_DIFFER <= age <= FORM_HOLDS_FOR:
            return False
        return self.started_for is None or self.started_for == self.submission


@dataclass(frozen=True, slots=True)
class Evidence:
    """This is known of a post when it comes in."""

    suspicion: str | None = None
    """The honeypot or the time trap says ``honeypot`` or ``too_fast``; None = nothing."""
    has_api_key: bool = False
    """It came with an API key that may write leads: a server vouches for its visitors."""
    address_is_confirmed: bool = False
    """Its sender pressed the button behind the link that was mailed."""
    start_is_signed: bool = False
    """It carries our form's signed start, of this very submission and not too old."""
    proof_is_solved: bool = False
    """It carries a solved proof of work that was not used before."""
    is_over_a_ceiling: bool = False
    """More came in this hour than goes through unproven.

    It is counted by client address, contact and postcode, and for everybody together.
    """
    form_confirms_addresses: bool = False
    """The form wants every address confirmed before a partner is asked (double opt-in)."""


def why_held(evidence: Evidence) -> HoldReason | None:
    """Decide why a post is held; None = it is routed. A confirmed address opens every door."""
    if evidence.address_is_confirmed:
        return None
    # Before the API key: a server passes on what its visitors typed, machines among them.
    if evidence.suspicion:
        return HoldReason(evidence.suspicion)
    if evidence.form_confirms_addresses:
        return HoldReason.UNCONFIRMED
    return _why_nobody_vouches(evidence)


def _why_nobody_vouches(evidence: Evidence) -> HoldReason | None:
    if evidence.has_api_key:
        return None
    if not evidence.start_is_signed:
        return HoldReason.UNPROVEN
    if evidence.is_over_a_ceiling and not evidence.proof_is_solved:
        return HoldReason.CEILING
    return None
