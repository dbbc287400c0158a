"""The deadline of the call as a calendar file (RFC 5545), such that Outlook, Google and Apple take
and update it.

Calendars are shared with colleagues and subscribed to by machines, so the entry carries no link
that opens anything.
"""

from datetime import UTC, datetime, timedelta

from routing_core.domain.lead import Lead
from routing_core.domain.partner import Partner
from routing_core.domain.programme.programme import Programme
from routing_core.present.lead_summary import address, contact_lines, product_name
from routing_core.present.locale_context import LocaleContext
from routing_core.present.safe import line, visible

LENGTH = timedelta(minutes=30)
SHORTEST = timedelta(minutes=5)


def contact_ics(
    lead: Lead, partner: Partner, programme: Programme, deadline: datetime, language: str = ""
) -> bytes:
    """Half an hour that ends at the deadline and rings at its beginning. The same lead always has
    the same entry; a later version of it replaces an earlier one.
    """
    from icalendar import (  # here, so that it costs nothing where no entry is made
        Alarm,
        Calendar,
        Event,
        vCalAddress,
    )

    reader = LocaleContext.partner(partner, programme, language or partner.language, deadline)
    name = lead.contact.name if lead.contact else reader.t("common.somebody")
    words = "files.call" if lead.contact is None or lead.contact.phone else "files.write"
    summary = visible(
        reader.t(words, name=name, what=product_name(programme, lead.product, reader))
    )
    details = [visible(f"{each.label}: {each.value}") for each in contact_lines(lead, reader)]
    details.append(f"{reader.t('common.label.reference')}: {lead.reference}")
    organizer = vCalAddress(f"mailto:{line(programme.brand.reply_to or partner.contact.email)}")
    organizer.params["cn"] = line(programme.brand.name).replace('"', "'")
    event = Event()
    event.add("uid", f"call-{lead.id}@partner-relay")
    event.add("sequence", lead.version)
    event.add("dtstamp", (lead.accepted_at or lead.received_at).astimezone(UTC))
    event.add("organizer", organizer)
    event.add("dtstart", _begins(lead, deadline).astimezone(UTC))
    event.add("dtend", deadline.astimezone(UTC))
    event.add("summary", summary)
    event.add("description", "\n".join(details))
    if place := address(lead):
        event.add("location", place)
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", summary)
    alarm.add(
        "trigger", "PT0S", encode=False
    )  # as Apple writes it; icalendar's own P0D is right too, but rare
    event.add_component(alarm)
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//Partner Relay//EN")
    calendar.add("method", "PUBLISH")
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def _begins(lead: Lead, deadline: datetime) -> datetime:
    """Not before the enquiry was accepted, however short the time to call is: nothing rings for
    what was not there.
    """
    begins = deadline - LENGTH
    if lead.accepted_at:
        begins = max(begins, lead.accepted_at)
    return min(begins, deadline - SHORTEST)
