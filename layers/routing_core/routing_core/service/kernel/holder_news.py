"""Tells whoever has a first enquiry what happens to one that is attached to it."""

from routing_core.domain.draft import Draft
from routing_core.domain.events import RepeatChanged
from routing_core.domain.lead import OWNED, Lead
from routing_core.service.kernel.ports import Change
from routing_core.service.kernel.services import Services


def news_for_holder(services: Services, lead: Lead, what: str) -> tuple[Change, ...]:
    """Give the change that tells the owner of the first enquiry what was said about this one.

    ``what`` is a code such as ``withdraw``. There is none for a lead that is not attached.
    """
    if not lead.is_attached or lead.attached_to is None:
        return ()
    first = services.leads.get(lead.attached_to)
    # A first one that nobody owns yet shows its partners nothing of what is attached to it.
    if first is None or lead.id not in first.attached or first.status not in OWNED:
        return ()
    draft = Draft(first)
    draft.add_event(RepeatChanged(repeat=lead.id, partner=first.owner, what=what))
    return (Change(draft),)
