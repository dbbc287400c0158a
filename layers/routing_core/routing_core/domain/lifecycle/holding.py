"""An enquiry is held at the door.

It is stored and HQ sees it, but no partner is asked until its sender confirms the address.
"""

from datetime import datetime

from routing_core.domain.draft import Draft
from routing_core.domain.enquiry.gatekeeping import HoldReason
from routing_core.domain.events import LeadConfirmed, LeadQuarantined, LeadReleased
from routing_core.domain.lead import LeadStatus
from routing_core.domain.lifecycle.ending import erase_at
from routing_core.domain.programme.programme import Programme


def hold_back(
    draft: Draft, why: HoldReason, from_client: str, programme: Programme, now: datetime
) -> None:
    """Hold a new lead.

    ``from_client`` marks where it came from, so that HQ sees a flood as one.
    """
    # Nothing is promised yet: the sender is told to confirm the address, and time counts from then.
    forgotten = erase_at(draft.lead, LeadStatus.QUARANTINED, programme, now)
    draft.move(LeadStatus.QUARANTINED, erase_at=forgotten, reason=why.value)
    draft.set(answer="confirm", from_client=from_client)
    draft.add_event(LeadQuarantined(reason=why.value))


def let_through(draft: Draft, by: str | None) -> None:
    """Tell that a held lead may go its way.

    Its sender confirmed the address (``by`` is None), or HQ released it (``by`` names the API key
    or the person).
    """
    reason = draft.lead.reason
    if by is None:
        draft.add_event(LeadConfirmed(reason=reason))
    else:
        draft.add_event(LeadReleased(reason=reason, by=by))
    # The mark of the client's address is kept for as long as HQ has to judge a flood by it.
    draft.set(from_client="")
