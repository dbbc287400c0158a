"""Mails to channel management about partners: paused, unreachable, not confirmed."""

from collections.abc import Sequence

from routing_core.domain.partner import Partner
from routing_core.present.lead_summary import partner_lines, product_name
from routing_core.present.mails.bodies.body import MailBody
from routing_core.present.safe import line, shown_address

AREAS_NAMED = 20
"""Areas of one product that are named; the rest is a number."""
LONGEST_AREAS = 1000
"""Letters of the areas of one product."""


def _about_partner(mail: MailBody, *more: str) -> None:
    partner = mail.partner
    email = shown_address(partner.contact.email) if partner else ""
    mail.head_by_words(partner=mail.partner_name)
    mail.text(mail.translate("intro", partner=mail.partner_name, email=email, n=mail.lapses))
    for each in more:
        mail.text(each)
    _partner_and_queue(mail)


def _partner_and_queue(mail: MailBody) -> None:
    if mail.partner:
        mail.lines(*partner_lines(mail.partner, mail.locale))
    mail.button(mail.translate("button"), "queue")


def write_phone_partner(mail: MailBody) -> None:
    """Ask HQ to call a partner who does not look at offers, with every number there is."""
    partner, second = mail.partner, mail.second_contact
    more = []
    if second:
        name = second.name or shown_address(second.email)
        more.append(mail.translate("second", second=name))
    if _has_number(partner):
        _about_partner(mail, *more)
        return
    _about_partner(mail, *more, mail.translate("no_number.text"))
    mail.head_by_words("no_number.", partner=mail.partner_name)


def _has_number(partner: Partner | None) -> bool:
    if partner is None:
        return False
    return any(person.phone for person in (partner.contact, partner.second) if person)


def write_partner_paused(mail: MailBody) -> None:
    """Tell of a partner who is paused.

    It names at once the places in which nobody is left, for these are HQ's to look after.
    """
    more = []
    if mail.data.get("backup"):
        more.append(mail.translate("backup", partner=mail.partner_name))
    _about_partner(mail, *more)
    alone = mail.data.get("left_alone") or {}
    if not alone:
        return
    mail.head(
        mail.translate("subject_alone", partner=mail.partner_name),
        mail.translate("title_alone", partner=mail.partner_name),
    )
    mail.text(mail.translate("alone", partner=mail.partner_name))
    for product, areas in alone.items():
        mail.add("item", _areas(mail, product, areas))


def _areas(mail: MailBody, product: str, areas: Sequence[str]) -> str:
    """Name the areas of one product, as many as a mail shows."""
    named = list(areas[:AREAS_NAMED])
    more = len(areas) - len(named)
    if more:
        named.append(mail.locale.translate("mails.alert.tried_more", n=more))
    name = product_name(mail.programme, product, mail.locale)
    return line(f"{name}: {', '.join(named)}", LONGEST_AREAS)


def write_partner_bounced(mail: MailBody) -> None:
    """Tell of a partner whom no mail reaches, and whether a second contact stands in."""
    second = mail.second_contact
    if second is None:
        _about_partner(mail, mail.translate("nobody"))
        return
    _about_partner(mail, mail.translate("second", second=shown_address(second.email)))


def write_other_bounced(mail: MailBody) -> None:
    """Tell of a dead address that offers do not go to: the second contact's, or a colleague's."""
    who = mail.data["who"]
    email = shown_address(mail.data["email"])
    mail.head_by_words(partner=mail.partner_name, email=email)
    mail.text(mail.translate(who, partner=mail.partner_name, email=email))
    _partner_and_queue(mail)


def write_partner_unconfirmed(mail: MailBody) -> None:
    """List partners who have not confirmed their address yet."""
    count = mail.data["count"]
    mail.head_by_words(n=count)
    mail.text(mail.translate("intro", n=count))
    mail.items(mail.data["names"], count)
    mail.button(mail.translate("button"), "queue")


HQ_PARTNER_BODIES = {
    "phone_partner": write_phone_partner,
    "partner_paused": write_partner_paused,
    "partner_bounced": write_partner_bounced,
    "other_bounced": write_other_bounced,
    "partner_unconfirmed": write_partner_unconfirmed,
}
"""Template → what writes its body."""
