"""The lead ends, and in time who asked is erased."""

from dataclasses import dataclass, replace
from datetime import datetime

from routing_core.domain.calendar.business_time import months_after
from routing_core.domain.draft import Draft
from routing_core.domain.enquiry.answers import picked_answers
from routing_core.domain.events import LeadErased, LeadWithdrawn
from routing_core.domain.lead import Lead, LeadStatus, Moved
from routing_core.domain.lifecycle.offering import end_claim, withdraw_offer
from routing_core.domain.programme.programme import Programme
from routing_core.domain.reasons import WithdrawReason


@dataclass(frozen=True, slots=True)
class Ending:
    """An end of a lead: the state, the reason and the amount."""

    status: LeadStatus
    """One of the states from which a lead does not go on."""
    reason: str = ""
    """Says why, in the programme's words or the product's; empty if there is nothing to say."""
    value: str = ""
    """What was won, as decimal text in the programme's currency; empty if no amount is known."""


def finish(draft: Draft, how: Ending, programme: Programme, now: datetime) -> None:
    """End the lead for good.

    No deadline and no promise is left, and in time who asked is erased.
    """
    draft.drop_deadlines()
    draft.move(
        how.status,
        erase_at=erase_at(draft.lead, how.status, programme, now),
        finished_at=now,
        reason=how.reason,
        value=how.value,
        promised_by=None,
        from_client="",
        as_if=(),
    )


def withdraw(draft: Draft, programme: Programme, now: datetime, by: str | None = None) -> None:
    """End a lead that the prospect no longer wants; who has it, or was offered it, is told.

    ``by`` names who at HQ did it for the prospect.
    """
    for offer in draft.lead.live_offers:
        withdraw_offer(draft, offer, WithdrawReason.WITHDRAWN, now)
    end_claim(draft, WithdrawReason.WITHDRAWN, now)
    finish(draft, Ending(LeadStatus.WITHDRAWN), programme, now)
    draft.add_event(LeadWithdrawn(partner=draft.lead.owner, by=by))


def erase_at(lead: Lead, status: LeadStatus, programme: Programme, now: datetime) -> datetime:
    """Give the instant until which a lead that ends now in that status keeps who asked."""
    terms = programme.retention
    if status in (LeadStatus.QUARANTINED, LeadStatus.REJECTED):
        return months_after(now, terms.spam)
    if status is LeadStatus.WON:
        return months_after(now, terms.won)
    was_lost_by_its_owner = status is LeadStatus.LOST and lead.owner is not None
    return months_after(now, terms.lost if was_lost_by_its_owner else terms.unplaced)


def erase(draft: Draft, programme: Programme, by: str | None = None) -> None:
    """Take away who asked and everything a person typed.

    ``by`` names who at HQ asked for it; None means that its time has come. What can be counted
    stays: ids, form, product, urgency, language, country, region and postcode area, the answers
    chosen from the form's own lists, the score, the offers with reasons and instants, the owner,
    amounts, and how it ended.
    """
    lead = draft.lead
    draft.move(
        LeadStatus.ERASED,
        ended=lead.status,
        contact=None,
        town="",
        postcode=postcode_area(lead.postcode),
        answers=picked_answers(programme.form(lead.form), lead.answers),
        payload_hash="",
        claims=(),
        from_client="",
        colleague=None,
        undo=None,
        moves=tuple(_without_the_house(each) for each in lead.moves),
        extra=None,  # newer code may keep there what somebody typed
    )
    draft.add_event(LeadErased(by=by))


def _without_the_house(earlier: Moved) -> Moved:
    return replace(earlier, postcode=postcode_area(earlier.postcode))


def postcode_area(postcode: str) -> str:
    """Give as much of a postcode as names no single house.

    Up to five digits are a town or a quarter. Longer postcodes, and those with letters, can be one
    house: of them the first three characters are given.
    """
    is_whole_town = postcode.isdigit() and len(postcode) <= 5
    return postcode if is_whole_town else postcode[:3]
