"""Mails as they would be with words of the vendor's own: about an invented enquiry, sent to nobody."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from routing_core.domain.lead import Contact
from routing_core.domain.programme.mail_texts import MAILS_WITH_OWN_TEXT, MailWithOwnText
from routing_core.domain.programme.programme import Programme
from routing_core.service.hq.rehearsal import invented_leads
from routing_core.service.kernel.views import MailView

OF_OWNER = ("accepted", "contact_reminder", "status_ask", "partner_found", "will_call")
"""These mails are written once a partner has accepted."""
TO_CUSTOMER = ("receipt", "partner_found", "will_call", "follow_up", "promise_update", "closed")
WITHOUT_PARTNER = ("receipt", "follow_up", "promise_update", "closed")
LINK = "https://example.com/"
"""Where the buttons of a preview lead: nowhere of anybody's."""
LINKS_OF_MAILS = ("offer", "desk", "status", "confirm", "queue", "lead", "form")


class PreviewedMail(NamedTuple):
    """One mail with own words, and what it would be drawn from."""

    mail: MailWithOwnText
    language: str
    view: MailView


def previewed_mails(
    before: Programme, after: Programme, customer: str, now: datetime
) -> Iterator[PreviewedMail]:
    """Give the mails whose words a proposal changes, in each language of the programme.

    ``customer`` is the name of the one who asks in them.
    """
    for mail in MAILS_WITH_OWN_TEXT:
        if _own_words(before, mail) == _own_words(after, mail):
            continue
        for language in after.languages:
            yield PreviewedMail(mail, language, _view(after, mail, language, customer, now))


def _own_words(programme: Programme, mail: MailWithOwnText) -> tuple[object, object]:
    return programme.mail_subjects.get(mail), programme.mail_texts.get(mail)


def _view(
    programme: Programme, mail: MailWithOwnText, language: str, customer: str, now: datetime
) -> MailView:
    offered, owned, partner = invented_leads(programme, now)
    lead = owned if mail in OF_OWNER else offered
    called = replace(partner, name=programme.brand.name, language=language)
    hear_by = (lead.promised_by or now).isoformat()
    is_to_customer = mail in TO_CUSTOMER
    return MailView(
        mail,
        programme,
        language,
        now,
        to=("alex@example.com",),
        lead=replace(lead, contact=Contact(customer, "alex@example.com", "+498999998123")),
        offer=None if is_to_customer else lead.offers[0],
        partner=None if mail in WITHOUT_PARTNER else called,
        data={"answer": "offered", "hear_by": hear_by},
        links=dict.fromkeys(LINKS_OF_MAILS, LINK),
    )
