"""Tell whether an enquiry turned out to be none: spam, a false contact, nobody's wish.

Such a lead gives back what it cost its partners, for none of it was their doing: lapses, a pause
these led to, what counted against caps, shares and figures.
"""

from routing_core.domain.lead import Lead, LeadStatus
from routing_core.domain.programme.programme import Programme


def is_junk(lead: Lead | None, programme: Programme) -> bool:
    """Tell whether HQ rejected the lead, or it ended for a reason the programme calls ``junk``.

    It is so still when who asked is erased.
    """
    if lead is None:
        return False
    status = lead.ended if lead.status is LeadStatus.ERASED else lead.status
    if status is LeadStatus.REJECTED:
        return True
    if status is not LeadStatus.LOST:
        return False
    # An owner says why it was lost; without one it ended because a partner gave it back.
    reasons = programme.lost_reasons if lead.owner else programme.return_reasons
    return any(reason.junk for reason in reasons if reason.id == lead.reason)
