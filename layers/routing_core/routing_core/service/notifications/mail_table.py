"""Which mails an event means: to whom, by which template, and as long as what is still so.

``MAILS`` is the whole of it. A test fails for a class of events that it forgets.
"""

from collections.abc import Callable, Mapping

from routing_core.domain import events
from routing_core.domain.enquiry.gatekeeping import HoldReason
from routing_core.domain.lead import OWNED, SERVED, LeadStatus
from routing_core.domain.offer import OfferStatus
from routing_core.domain.reasons import QueueReason
from routing_core.service.notifications.digest_groups import has_somebody_new, not_called_yet
from routing_core.service.notifications.mail_views import Case

Still = Callable[[Case], bool]
"""Tells whether what an event said is still so, by the lead as it stands now."""


def _offer_is_open(case: Case) -> bool:
    """Tell whether the partner can still answer the offer."""
    number = case.event.offer_number
    offer = None if number is None else case.lead.offer(number)
    return offer is not None and offer.status is OfferStatus.PENDING


def _still_unanswered(case: Case) -> bool:
    """Tell whether the partner heard of the offer before the reminder, and can still answer it."""
    number = case.event.offer_number
    offer = None if number is None else case.lead.offer(number)
    if offer is None or offer.unsent or offer.status is not OfferStatus.PENDING:
        return False
    return case.at > offer.begins_at


def _still_theirs(case: Case) -> bool:
    """Tell whether the partner whom the event names still owns the lead."""
    return case.lead.owner == case.event.partner_id and case.lead.status in OWNED


def _newly_at_risk(case: Case) -> bool:
    """Tell whether the owner has not called yet, and has learnt of the holiday only now.

    Of one known on accepting the reminder before it begins says the same.
    """
    known = isinstance(case.event, events.ContactAtRisk) and case.event.known
    return not_called_yet(case) and not known


def _not_quoted_yet(case: Case) -> bool:
    """Tell whether the owner has not noted a quote meanwhile."""
    return _still_theirs(case) and case.lead.status is not LeadStatus.QUOTED


def _not_theirs(case: Case) -> bool:
    """Tell whether the partner does not own the lead (again)."""
    return case.lead.owner != case.event.partner_id


def _has_an_owner(case: Case) -> bool:
    """Tell whether anybody owns the lead."""
    return case.lead.owner is not None and case.lead.status in OWNED


def _still_in_doubt(case: Case) -> bool:
    """Tell whether it is open if the owner called, or, without one, if anybody is found."""
    if case.event.partner_id is not None:
        return not_called_yet(case)
    return _looked_for(case)


def _still_queued(case: Case) -> bool:
    """Tell whether HQ still holds the lead."""
    return case.lead.status is LeadStatus.HQ_QUEUE


def _still_exhausted(case: Case) -> bool:
    """Tell whether HQ has to hear that nobody is left, however late it is told.

    HQ hears of it only once, so even while somebody is being asked again.
    """
    return case.lead.exhausted and not case.lead.finished


def _still_held_back(case: Case) -> bool:
    """Tell whether it still waits at the door."""
    return case.lead.status is LeadStatus.QUARANTINED


def _is_for_hq_to_see(case: Case) -> bool:
    """Tell whether it waits for a reason out of the ordinary.

    What waits because its form asks everybody to confirm is nothing for HQ.
    """
    return _still_held_back(case) and case.lead.reason != HoldReason.UNCONFIRMED


def _waits_for_confirmation(case: Case) -> bool:
    """Tell whether its sender has not confirmed the address yet."""
    return case.lead.waits_for_confirmation


def _queued_for(case: Case) -> QueueReason | None:
    """Give the reason for which HQ got the lead by this event."""
    return case.event.reason if isinstance(case.event, events.LeadQueued) else None


def _for_review(case: Case) -> bool:
    """Tell whether HQ still has to look at its score."""
    return _still_queued(case) and _queued_for(case) is QueueReason.REVIEW


def _to_decide(case: Case) -> bool:
    """Tell whether HQ still has to decide, and for that reason."""
    return case.lead.undecided and _queued_for(case) == case.lead.reason


def _follow_up_ended(case: Case) -> bool:
    """Tell whether HQ has it because the follow-up was in vain."""
    return _still_queued(case) and _queued_for(case) is QueueReason.FOLLOW_UP_ENDED


def _merged_before(case: Case) -> bool:
    """Tell whether HQ has it because it got lost in another enquiry."""
    return _still_queued(case) and _queued_for(case) is QueueReason.MERGED


def _looked_for(case: Case) -> bool:
    """Tell whether a partner is still looked for."""
    return case.lead.owner is None and not case.lead.finished


def _not_for_review(case: Case) -> bool:
    """Tell whether HQ need not decide what comes next."""
    return not (isinstance(case.event, events.LeadReturned) and case.event.next == "review")


def _to_a_partner(case: Case) -> bool:
    """Tell whether the owner handed it to a partner, not to HQ."""
    return isinstance(case.event, events.LeadHandedOver) and case.event.to is not None


def _said_by_prospect(case: Case) -> bool:
    """Tell whether the prospect did it, and somebody owns the lead who has to know."""
    by_prospect = (
        isinstance(case.event, (events.LeadMoved, events.LeadNoted)) and case.event.by == "prospect"
    )
    return by_prospect and _has_an_owner(case)


def _joined_of_old(case: Case) -> bool:
    """Tell whether it was merged into another enquiry for good, as repeats once were."""
    return case.lead.joined_of_old


def _settled(case: Case) -> bool:
    """Tell whether the owner has not taken it back within two minutes."""
    return case.lead.finished and case.lead.reason == SERVED


def _named(case: Case) -> bool:
    """Tell whether the event names a partner whom there still is."""
    return case.partner is not None


def _always(_: Case) -> bool:
    """Tell the mail whatever happened meanwhile."""
    return True


def _waits_for_its_time(case: Case) -> bool:
    """Tell whether the prospect has not answered yet."""
    return case.lead.status is LeadStatus.NURTURE


def _followed_up(case: Case) -> bool:
    """Tell whether it is still tried again and again."""
    return case.lead.status is LeadStatus.FOLLOW_UP


Mails = tuple[tuple[str, str, Still], ...]
NO_MAIL: Mails = ()
MAILS: Mapping[type[events.LeadEvent], Mails] = {
    events.LeadReceived: (("prospect", "receipt", _always),),
    events.LeadRepeated: (("partner", "repeated", _named),),
    events.RepeatChanged: (("partner", "repeated", _still_theirs),),
    events.RepeatFound: NO_MAIL,
    events.LeadAttached: (("prospect", "receipt", _joined_of_old),),
    events.FirstEnded: NO_MAIL,
    events.AttachmentKept: NO_MAIL,
    events.AttachmentEnded: NO_MAIL,
    events.LeadServed: (("prospect", "served", _settled),),
    events.LeadQuarantined: (
        ("prospect", "confirm_enquiry", _waits_for_confirmation),
        ("hq", "held_back", _is_for_hq_to_see),
    ),
    events.LeadConfirmed: NO_MAIL,
    events.LeadReleased: NO_MAIL,
    events.LeadRejected: NO_MAIL,
    events.LeadNurtured: NO_MAIL,
    events.NurtureAsked: (("prospect", "nurture_ask", _waits_for_its_time),),
    events.NurtureReady: NO_MAIL,
    events.OfferMade: (("partner", "offer", _offer_is_open),),
    events.OfferSeen: NO_MAIL,
    events.OfferShortened: (("partner", "reminder", _offer_is_open),),
    events.OfferUnsent: NO_MAIL,
    events.OfferSentLate: NO_MAIL,
    events.OfferReminded: (("partner", "reminder", _still_unanswered),),
    events.OfferRedirected: (("second", "offer", _offer_is_open),),
    events.OfferAccepted: (
        ("partner", "accepted", _still_theirs),
        ("prospect", "partner_found", _still_theirs),
        ("hq", "confirmation", _still_theirs),
    ),
    events.OfferDeclined: NO_MAIL,
    events.OfferExpired: (("partner", "gone", _not_theirs),),
    events.OfferWithdrawn: (
        ("partner", "gone", _not_theirs),
        ("prospect", "moved_on", _looked_for),
    ),
    events.OfferReturned: (("prospect", "moved_on", _looked_for),),
    events.ExistingCustomerClaimed: NO_MAIL,
    events.ClaimGranted: NO_MAIL,
    events.LeadReturned: (
        ("prospect", "moved_on", _looked_for),
        ("hq", "confirmation", _not_for_review),
    ),
    events.LeadDelegated: (
        ("partner", "delegated", _still_theirs),
        ("prospect", "will_call", has_somebody_new),
    ),
    events.LeadHandedOver: (
        ("prospect", "moved_on", _looked_for),
        ("hq", "confirmation", _to_a_partner),
    ),
    events.WaitingListJoined: NO_MAIL,
    events.ContactReminded: (("partner", "contact_reminder", not_called_yet),),
    events.ContactAtRisk: (
        ("partner", "contact_reminder", _newly_at_risk),
        ("hq", "confirmation", not_called_yet),
    ),
    events.ContactMissed: (("hq", "contact_missed", not_called_yet),),
    events.ContactRetracted: (
        ("partner", "contact_retracted", _not_theirs),
        ("prospect", "moved_on", _looked_for),
    ),
    events.ContactAttempted: NO_MAIL,
    events.LeadContacted: NO_MAIL,
    events.LeadQuoted: NO_MAIL,
    events.LeadWon: NO_MAIL,
    events.LeadLost: NO_MAIL,
    events.LeadUndone: NO_MAIL,
    events.StatusAsked: (("partner", "status_ask", _still_theirs),),
    events.QuoteMissed: (
        ("partner", "quote_ask", _not_quoted_yet),
        ("hq", "quote_missed", _not_quoted_yet),
    ),
    events.OutcomeMissed: (("hq", "outcome_missed", _still_theirs),),
    events.LeadExhausted: (("hq", "alert", _still_exhausted),),
    events.LeadQueued: (
        ("hq", "review", _for_review),
        ("hq", "alert", _follow_up_ended),
        ("hq", "alert", _merged_before),
        ("hq", "decide", _to_decide),
    ),
    events.LeadHeld: NO_MAIL,
    events.LeadFollowedUp: (("prospect", "follow_up", _followed_up),),
    events.LeadRetried: NO_MAIL,
    events.LeadRerouted: NO_MAIL,
    events.LeadClosed: (("prospect", "closed", _always),),
    events.LeadAssigned: (("hq", "confirmation", _always),),
    events.PromiseRenewed: (("prospect", "promise_update", _still_in_doubt),),
    events.LeadCorrected: (("partner", "noted", _has_an_owner),),
    events.LeadMoved: (
        ("partner", "noted", _has_an_owner),
        ("hq", "confirmation", _said_by_prospect),
    ),
    events.OfferMoved: (("partner", "noted", _offer_is_open),),
    events.LeadNoted: (("partner", "noted", _said_by_prospect),),
    events.QuestionAsked: (("partner", "question", _still_theirs),),
    events.QuestionAnswered: (("hq", "reply", _always),),
    events.InterestShown: NO_MAIL,
    events.FileAttached: NO_MAIL,
    events.FileRemoved: NO_MAIL,
    events.LeadWithdrawn: (("partner", "prospect_withdrew", _named),),
    events.LeadNotCalled: (
        ("partner", "noted", _has_an_owner),
        ("hq", "not_called", _has_an_owner),
    ),
    events.ContactConfirmed: NO_MAIL,
    events.ErasureAsked: (("partner", "please_erase", _named),),
    events.NoteErased: NO_MAIL,
    events.LeadErased: NO_MAIL,
    events.CapacityFreed: NO_MAIL,
    events.PartnerUnseen: (("second", "unseen", _named), ("hq", "phone_partner", _named)),
    events.PartnerResumed: (("partner", "resumed", _named),),
    events.PartnerPaused: (("partner", "paused", _named), ("hq", "partner_paused", _named)),
}
"""Event → the mails it means: to whom, by which template, and as long as what is still so."""

PARTNER_MAILS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "partner.unconfirmed": (("partner", "confirm_address"), ("hq", "partner_unconfirmed")),
    "partner.bounced": (("hq", "partner_bounced"),),
    "partner.asked_more": (("partner", "ask_more"),),
    "desk.requested": (("partner", "desk_link"),),
}
"""Event of a partner → the mails it means: to whom, and by which template."""
