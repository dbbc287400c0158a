"""The lead ends, and in time who asked is erased."""

from dataclasses import replace
from datetime import datetime

from routing_core.domain.calendar.business_time import months_after
from routing_core.domain.draft import Draft
from routing_core.domain.enquiry.answers import picked_answers
from routing_core.domain.events import LeadErased, LeadWithdrawn
from routing_core.domain.lead import Lead, LeadStatus
from routing_core.domain.lifecycle.offering import end_claim, withdraw_offer
from routing_core.domain.programme.programme import Programme
from routing_core.domain.reasons import WithdrawReason


def finish(
    draft: Draft,
    status: LeadStatus,
    programme: Programme,
    now: datetime,
    reason: str = "",
    value: str = "",
) -> None:
    """Ends the lead for good: no deadline, no promise is left, and in time who asked is erased."""
    draft.drop_deadlines()
    forgotten = erase_at(draft.lead, status, programme, now)
    draft.move(
        status,
        erase_at=forgotten,
        finished_at=now,
        reason=reason,
        value=value,
        promised_by=None,
        from_client="",
        as_if=(),
    )


def withdraw(draft: Draft, programme: Programme, now: datetime) -> None:
    """The prospect no longer wants it; whoever holds or was offered the lead is told."""
    for offer in draft.lead.live_offers:
        withdraw_offer(draft, offer, WithdrawReason.WITHDRAWN, now)
    end_claim(draft, WithdrawReason.WITHDRAWN, now)
    finish(draft, LeadStatus.WITHDRAWN, programme, now)
    draft.add_event(LeadWithdrawn(partner=draft.lead.owner))


def erase_at(lead: Lead, status: LeadStatus, programme: Programme, now: datetime) -> datetime:
    """Until when a lead that ends now in that status keeps who asked."""
    terms = programme.retention
    if status in (LeadStatus.QUARANTINED, LeadStatus.REJECTED):
        return months_after(now, terms.spam)
    if status is LeadStatus.WON:
        return months_after(now, terms.won)
    by_its_owner = status is LeadStatus.LOST and lead.owner
    return months_after(now, terms.lost if by_its_owner else terms.unplaced)


def erase(draft: Draft, programme: Programme, by: str | None = None) -> None:
    """Takes away who asked and everything a person typed; ``by``: who at HQ asked for it, None =
    its time has come.

    What can be counted stays: ids, form, product, urgency, language, country, region and postcode
    area, the answers chosen from the form's own lists, the score, the offers with reasons and
    instants, owner, amounts, and ``ended``.
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
        moves=tuple(replace(each, postcode=postcode_area(each.postcode)) for each in lead.moves),
    )
    draft.add_event(LeadErased(by=by))


def postcode_area(postcode: str) -> str:
    """Up to five digits are a town or a quarter. Longer ones, and those with letters, can be a
    single house: of them the first three characters.
    """
    return postcode if postcode.isdigit() and len(postcode) <= 5 else postcode[:3]
