"""The deadline of the call as a calendar file (RFC 5545).

Outlook, Google and Apple take and update it. Calendars are shared with colleagues and subscribed to
by machines, so the entry carries no link that opens anything.
"""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from routing_core.domain.lead import Lead
from routing_core.domain.partner import Partner
from routing_core.domain.programme.programme import Programme
from routing_core.present.lead_summary import address, contact_lines, product_name
from routing_core.present.locale_context import LocaleContext
from routing_core.present.safe import line, visible

if TYPE_CHECKING:
    from icalendar import Alarm, Event, vCalAddress

CALL_LENGTH = timedelta(minutes=30)
SHORTEST_CALL = timedelta(minutes=5)


def contact_ics(
    lead: Lead, partner: Partner, programme: Programme, deadline: datetime, language: str = ""
) -> bytes:
    """Write an entry of half an hour that ends at the deadline and rings at its beginning.

    The same lead always has the same entry; a later version of it replaces an earlier one. Without
    a ``language`` it is in the partner's own.
    """
    from icalendar import Calendar  # here, so that it costs nothing where no entry is made

    locale = LocaleContext.for_partner(partner, programme, language or partner.language, deadline)
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//Partner Relay//EN")
    calendar.add("method", "PUBLISH")
    calendar.add_component(_entry(lead, partner, programme, deadline, locale))
    return bytes(calendar.to_ical())


def _entry(
    lead: Lead,
    partner: Partner,
    programme: Programme,
    deadline: datetime,
    locale: LocaleContext,
) -> "Event":
    from icalendar import Event

    summary = _summary(lead, programme, locale)
    event = Event()
    # The id stays while the version grows: that is how calendars know it as the same entry, moved.
    event.add("uid", f"call-{lead.id}@partner-relay")
    event.add("sequence", lead.version)
    event.add("dtstamp", (lead.accepted_at or lead.received_at).astimezone(UTC))
    event.add("organizer", _organizer(partner, programme))
    event.add("dtstart", _begins(lead, deadline).astimezone(UTC))
    event.add("dtend", deadline.astimezone(UTC))
    event.add("summary", summary)
    event.add("description", _description(lead, locale))
    place = address(lead)
    if place:
        event.add("location", place)
    event.add_component(_alarm(summary))
    return event


def _summary(lead: Lead, programme: Programme, locale: LocaleContext) -> str:
    """Say whom to call about what; or to write, where no number was given."""
    name = lead.contact.name if lead.contact else locale.translate("common.somebody")
    product = product_name(programme, lead.product, locale)
    may_be_called = lead.contact is None or lead.contact.phone
    key = "files.call" if may_be_called else "files.write"
    return visible(locale.translate(key, name=name, what=product))


def _description(lead: Lead, locale: LocaleContext) -> str:
    details = [visible(f"{each.label}: {each.value}") for each in contact_lines(lead, locale)]
    details.append(f"{locale.translate('common.label.reference')}: {lead.reference}")
    return "\n".join(details)


def _organizer(partner: Partner, programme: Programme) -> "vCalAddress":
    from icalendar import vCalAddress

    email = line(programme.brand.reply_to or partner.contact.email)
    organizer = vCalAddress(f"mailto:{email}")
    # A parameter is quoted with double quotes, so there can be none inside it.
    organizer.params["cn"] = line(programme.brand.name).replace('"', "'")
    return organizer


def _alarm(summary: str) -> "Alarm":
    from icalendar import Alarm

    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", summary)
    # As Apple writes it; icalendar's own P0D is right too, but rare.
    alarm.add("trigger", "PT0S", encode=False)
    return alarm


def _begins(lead: Lead, deadline: datetime) -> datetime:
    """Give the beginning, not before the enquiry was accepted, however short the time is.

    Nothing rings for what was not there.
    """
    begins = deadline - CALL_LENGTH
    if lead.accepted_at:
        begins = max(begins, lead.accepted_at)
    return min(begins, deadline - SHORTEST_CALL)
