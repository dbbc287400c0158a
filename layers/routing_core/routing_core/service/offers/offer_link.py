"""Opens an offer link: checks whose it is and reads all that its page needs."""

from dataclasses import dataclass

from routing_core.domain.errors import LinkRefused, NotFound
from routing_core.domain.lead import Context, Lead
from routing_core.domain.offer import Offer
from routing_core.domain.partner import Load, Partner
from routing_core.service.kernel.access import LinkReader, reader_of
from routing_core.service.kernel.links import Purpose
from routing_core.service.kernel.services import Services


@dataclass(frozen=True, slots=True)
class AttachedLead:
    """Another enquiry that goes along with the one of the link, whole."""

    lead: Lead
    context: Context

    @property
    def field(self) -> str:
        """Gives the name under which a form says that a step is meant for this one too."""
        return f"also-{self.lead.reference.lower()}"


@dataclass(frozen=True, slots=True)
class OpenedOffer:
    """An offer link, checked, with everything its page needs in one read."""

    lead: Lead
    context: Context
    offer: Offer
    partner: Partner
    load: Load
    reader: LinkReader
    attached: tuple[AttachedLead, ...] = ()


def open_offer_link(services: Services, token_text: str) -> OpenedOffer:
    """Read the offer behind a link.

    Raises LinkRefused for a link that is not ours or was revoked, NotFound for a lead that is gone.
    """
    token = services.links.read(Purpose.OFFER, token_text)
    found = services.leads.get_for_partner(token.subject, token.extra)
    if found is None:
        raise NotFound("this enquiry no longer exists")
    lead, context, load = found
    offer = lead.offer(token.number)
    # The token names its partner, so that a link that was made for another partner's offer opens
    # nothing.
    if offer is None or offer.partner != token.extra:
        raise LinkRefused("this link is no longer valid")
    partner = services.partner(offer.partner)
    reader = reader_of(token, load, partner, lead)
    if reader is None:
        raise LinkRefused("this link is no longer valid")
    return OpenedOffer(lead, context, offer, partner, load, reader, _attached(services, lead))


def _attached(services: Services, first: Lead) -> tuple[AttachedLead, ...]:
    """Read what goes along with an enquiry.

    That is what is attached to it still, was settled with it, or was withdrawn by its sender since.
    """
    found = []
    for lead, context in services.leads.with_contexts(first.attached):
        # One that went its own way names another first, and one that was erased has nothing to
        # show.
        if lead.attached_to == first.id and lead.contact is not None:
            found.append(AttachedLead(lead, context))
    return tuple(found)
