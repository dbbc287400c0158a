"""What is done when mail to a firm comes back."""

from collections.abc import Collection, Iterator
from datetime import datetime
from email.utils import parseaddr
from functools import partial

from routing_core.domain.partner import Partner
from routing_core.domain.values.mailboxes import email_mark
from routing_core.service.notifications.mail_views import other_bounced_view
from routing_core.service.notifications.mailing import MailContext


def note_bounce(
    mailing: MailContext,
    partner_id: str,
    addresses: Collection[str],
    now: datetime,
    lead_id: str = "",
) -> bool:
    """Note that mail to these addresses of a partner comes back; tell whether that is new.

    There are no more offers until the partner's own address is confirmed again; another one of the
    firm gets no more mail, and HQ hears. ``lead_id`` is the lead that the mail was about. Nothing
    is noted if none of the addresses is the firm's any more.
    """
    partner = mailing.services.partners.get(partner_id)
    if partner is None:
        return False
    noted = False
    for who, email in _others(mailing, partner, lead_id):
        if _is_among(email, addresses):
            noted = _note_other(mailing, partner, email, who, now) or noted
    if not partner.bounced and _is_among(partner.contact.email, addresses):
        mailing.services.partners.bounce(partner_id, now)
        noted = True
    return noted


def _others(mailing: MailContext, partner: Partner, lead_id: str) -> Iterator[tuple[str, str]]:
    """Yield whom of the firm we write to beside the contact: who it is, and the address."""
    if partner.second_contact:
        yield "second", partner.second_contact.email
    lead = mailing.services.leads.get(lead_id) if lead_id else None
    if lead and lead.colleague and lead.colleague.partner == partner.id:
        yield "colleague", lead.colleague.email


def _note_other(
    mailing: MailContext, partner: Partner, email: str, who: str, now: datetime
) -> bool:
    """Note an address besides the contact's; tell whether HQ had not heard of it."""
    # The contact's own address is not told of twice.
    if _is_among(email, (partner.contact.email,)):
        return False
    mailing.services.partners.note_unreachable(partner.id, email, now)
    view = other_bounced_view(mailing.services, partner, email, who, now)
    # Confirmed anew, an address may fail anew, and HQ hears again.
    generation = f"{partner.id}.{partner.address_generation}"
    key = f"unreachable.{generation}.{email_mark(email.casefold())}#hq#other_bounced"
    return mailing.once(key, now, partial(mailing.send, view, {"role": "hq"}))


def _is_among(email: str, addresses: Collection[str]) -> bool:
    """Tell whether an address is one of those, which may stand with a name (RFC 5322)."""
    return email.casefold() in {parseaddr(address)[1].casefold() for address in addresses}
