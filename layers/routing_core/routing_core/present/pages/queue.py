"""HQ's page of the queue: who waits, since when, and why."""

from dataclasses import dataclass

from routing_core.domain.lead import Lead, LeadStatus
from routing_core.present.lead_summary import lead_title, person_name, urgency_name
from routing_core.present.locale_context import LocaleContext
from routing_core.present.pages.frame import known_notice, page_in, render
from routing_core.service.kernel.views import Alike, QueueSection, QueueView

QUEUE_SECTIONS = ("hq_queue", "held", "follow_up", "nurture", "quarantined")
"""Sections in their order, where no emergency waits in one of them."""
QUEUE_NOTICES = (
    "assigned",
    "entered",
    "granted",
    "released",
    "rejected",
    "tried_again",
    "nobody_yet",
    "withdrawn",
    "moved",
    "noted",
    "asked",
    "erased",
    "gone",
    "retried",
    "still_nobody",
    "released_alike",
    "rejected_alike",
    "released_alike_but",
    "rejected_alike_but",
    "released_alike_so_far",
    "rejected_alike_so_far",
    "moved_away",
    "file_attached",
    "file_removed",
)
"""Names what a button may have done that HQ's pages tell once."""


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One lead that waits, as the page shows it."""

    title: str
    """The work and the place."""
    detail: str
    """The urgency, how many were asked, and why it waits."""
    reference: str
    """The reference, for the phone."""
    url: str
    """The lead's own page."""
    age: str
    """Says how long ago it came."""
    urgent: bool
    """Marks an emergency."""
    name: str
    """The person, whom only HQ's pages name."""
    by: str
    """Says when a reply was promised; empty if that is over."""


@dataclass(frozen=True, slots=True)
class ShownSection:
    """One section of the queue, as the page shows it."""

    name: str
    """The name of the section, as addresses have it: ``follow_up``."""
    count: str
    """The number of leads in words: ``1,000+`` where nobody counted further."""
    rows: tuple[QueueRow, ...]
    """The leads that are shown."""
    total: int
    """The number of leads, also of those without a row."""
    alike: tuple[Alike, ...] = ()
    """Groups of held leads that came from one network address."""


def queue_page(view: QueueView) -> str:
    """Draw the queue, or one section of it whole."""
    programme = view.programme
    locale = LocaleContext.for_programme(
        programme, view.reader.language or programme.hq.language, view.now
    )
    sections = [_section(name, view, locale) for name in QUEUE_SECTIONS if name in view.sections]
    # Sorting keeps the order of those that are alike.
    sections.sort(key=_comes_later)
    return render(
        page_in(locale, programme, "queue.html", locale.translate("queue.title")),
        view=view,
        sections=sections,
        total=_total(view, locale),
        waiting=any(_holds_exhausted(each) for each in view.sections.values()),
        notice=known_notice(view.notice, QUEUE_NOTICES),
    )


def _comes_later(section: ShownSection) -> bool:
    """Put a list in which an emergency waits above all plans; spam stays below."""
    has_emergency = any(row.urgent for row in section.rows)
    return section.name == "quarantined" or not has_emergency


def _holds_exhausted(section: QueueSection) -> bool:
    """Tell whether somebody waits for whom every partner was asked in vain."""
    return any(lead.exhausted for lead in section.leads)


def _total(view: QueueView, locale: LocaleContext) -> str:
    """Say how many wait in all; empty if nobody does."""
    sections = view.sections.values()
    total = sum(each.total for each in sections)
    if any(each.more for each in sections):
        return locale.translate("queue.total_more", n=locale.number(str(total)))
    return locale.translate("queue.total", n=total) if total else ""


def _section(name: str, view: QueueView, locale: LocaleContext) -> ShownSection:
    section = view.sections[name]
    rows = tuple(_row(lead, view, locale) for lead in section.leads)
    number = locale.number(str(section.total))
    count = f"{number}+" if section.more else number
    return ShownSection(name, count, rows, section.total, section.alike)


def _row(lead: Lead, view: QueueView, locale: LocaleContext) -> QueueRow:
    programme = view.programme
    by = ""
    if lead.promised_by and lead.promised_by > view.now:
        by = locale.when(lead.promised_by)
    return QueueRow(
        title=lead_title(lead, programme, locale, everything=True),
        detail=_detail(lead, view, locale),
        reference=lead.reference,
        url=f"{view.url}/leads/{lead.id}",
        age=locale.duration(view.now - lead.received_at),
        urgent=programme.is_emergency(lead.urgency),
        name=person_name(lead),
        by=by,
    )


def _detail(lead: Lead, view: QueueView, locale: LocaleContext) -> str:
    parts = []
    # Of an emergency the badge says it.
    if not view.programme.is_emergency(lead.urgency):
        parts.append(urgency_name(view.programme, lead.urgency, locale))
    # A partner who was asked twice is one partner.
    asked = {offer.partner for offer in lead.offers}
    if asked:
        parts.append(locale.translate("queue.asked", n=len(asked)))
    parts.append(_why_it_waits(lead, locale))
    return " · ".join(filter(None, parts))


def _why_it_waits(lead: Lead, locale: LocaleContext) -> str:
    if lead.partner_opens_at:
        return locale.translate("queue.asked_at", when=locale.when(lead.partner_opens_at))
    if lead.status is LeadStatus.NURTURE:
        return locale.translate("queue.score", n=lead.score)
    if not lead.reason:
        return ""
    if lead.status is LeadStatus.HQ_QUEUE:
        return locale.catalog.of_code("facts.queue", lead.reason)
    if lead.status is LeadStatus.QUARANTINED:
        return locale.catalog.of_code("facts.spam", lead.reason)
    return ""
