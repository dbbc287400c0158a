"""The enquiries that a digest or an alert lists: what happened, what was tried, how it goes on."""

from collections.abc import Iterable
from typing import Any

from routing_core.domain.events import from_data
from routing_core.domain.lead import Lead
from routing_core.domain.offer import Offer, OfferKind, OfferStatus
from routing_core.domain.partner import Partner
from routing_core.domain.reasons import QueueReason
from routing_core.present.explain.timeline import offer_outcome, sentence
from routing_core.present.lead_summary import LabelledLine
from routing_core.present.mails.bodies.blocks import ListedLead
from routing_core.present.mails.bodies.body import MailBody
from routing_core.present.safe import line
from routing_core.service.kernel.views import TRIED_NAMED, Entry


def plain_lead(mail: MailBody, entry: Entry) -> ListedLead:
    """Say what happened to an enquiry, for a digest."""
    lines: tuple[str, ...] = ()
    # Worth a line only where several were asked: then HQ sees who was faster.
    asked = asked_line(mail, entry.lead)
    if entry.kind == "offer.accepted" and asked:
        lines = (f"{asked.label}: {asked.value}",)
    return ListedLead(_title(mail, entry), _what_happened(mail, entry), lines, entry.url)


def lead_with_reasons(mail: MailBody, entry: Entry) -> ListedLead:
    """Say what happened to an enquiry, what was tried, and how it goes on, for an alert."""
    told = _what_happened(mail, entry)
    if entry.lead.reason == QueueReason.UNATTENDED:
        words = mail.locale.catalog.of_code("facts.queue", QueueReason.UNATTENDED)
        told = f"{words} · {mail.locale.when(entry.at)}"
    if goes_on(entry.lead):
        told = f"{told}. {_how_it_goes_on(mail, entry)}"
    return ListedLead(_title(mail, entry), told, _what_was_tried(mail, entry), entry.url)


def _title(mail: MailBody, entry: Entry) -> str:
    return line(f"{mail.title_of(entry)} · {entry.lead.reference}")


def _what_happened(mail: MailBody, entry: Entry) -> str:
    told = sentence(
        from_data(entry.kind, _event_data(mail, entry)),
        mail.locale,
        mail.programme,
        _partners_named(entry),
    )
    return f"{told} · {mail.locale.when(entry.at)}"


def _partners_named(entry: Entry) -> dict[str, Partner]:
    """Give the partners that the entry's sentence may name, by id."""
    named = [entry.partner, *(partner for partner, _ in entry.tried)]
    return {partner.id: partner for partner in named if partner}


def _event_data(mail: MailBody, entry: Entry) -> dict[str, Any]:
    """Give what the entry's event says, as the lead stands now: a digest is hours late."""
    offers = entry.lead.offers
    data: dict[str, Any] = {"reason": entry.lead.reason, **mail.data}
    data["partner"] = entry.partner.id if entry.partner else None
    if entry.kind == "lead.returned":
        reasons = [offer.reason for offer in offers if offer.status is OfferStatus.RETURNED]
        data["reason"] = reasons[0] if reasons else ""
    if entry.kind == "lead.handed_over":
        handed_to = [offer.partner for offer in offers if offer.kind is OfferKind.HANDED]
        data["to"] = handed_to[-1] if handed_to else ""
    return data


def _what_was_tried(mail: MailBody, entry: Entry) -> tuple[str, ...]:
    """Say how each partner answered, and why others were not asked.

    Nothing of what nobody was to be asked about.
    """
    lines = []
    for partner, made in entry.tried[:TRIED_NAMED]:
        outcome = offer_outcome(made, mail.locale, mail.programme)
        lines.append(line(f"{_partner_name(partner, made)}: {outcome}"))
    more = len(entry.tried) - TRIED_NAMED
    if more > 0:
        lines.append(mail.translate("tried_more", n=more))
    if not lines and entry.lead.reason != QueueReason.UNATTENDED:
        lines.append(mail.translate("tried_none"))
    if entry.excluded:
        codes = _numbers_excluded(mail, entry)
        lines.append(f"{mail.translate('excluded')}: {', '.join(codes)}")
    return tuple(lines)


def _numbers_excluded(mail: MailBody, entry: Entry) -> list[str]:
    """Say how many partners were not asked for each reason: ``3 × too far away``."""
    told = []
    for code, count in entry.excluded.items():
        words = mail.locale.catalog.of_code("facts.excluded", code)
        told.append(f"{count} × {words}")
    return told


def _partner_name(partner: Partner | None, made: Offer) -> str:
    return partner.name if partner else made.partner


def asked_line(mail: MailBody, lead: Lead) -> LabelledLine | None:
    """Say how many partners were offered it, if several."""
    partners = {offer.partner for offer in lead.offers}
    if len(partners) < 2:
        return None
    return mail.line("asked", str(len(partners)))


def goes_on(lead: Lead) -> bool:
    """Tell whether somebody is being asked, or will be without anybody's doing."""
    return bool(lead.live_offers) or lead.partner_opens_at is not None or lead.crowded_out


def _how_it_goes_on(mail: MailBody, entry: Entry) -> str:
    """Say who is being asked until when, or when somebody will be."""
    opens_at = entry.lead.partner_opens_at
    if opens_at:
        return mail.translate("held", when=mail.locale.when(opens_at))
    asked = [each for each in entry.tried if each[1].status is OfferStatus.PENDING]
    if not asked:
        return mail.locale.catalog.of_code("facts.queue", entry.lead.reason)
    until = min(made.expires_at for _, made in asked)
    return mail.translate(
        "asked", n=len(asked), partner=_partner_name(*asked[0]), when=mail.locale.when(until)
    )


def add_list(mail: MailBody, leads: Iterable[ListedLead]) -> None:
    """Add all of them, or as many as a mail holds and how many more there are."""
    left_out = mail.listed_as_far_as_fits(leads)
    if left_out:
        mail.text(mail.locale.translate("mails.not_listed", n=left_out))
