"""The deadline of the call as a calendar file (RFC 5545)."""

from datetime import datetime, timedelta

from icalendar import Alarm, Calendar, Event

from ..domain.lead import Lead
from ..domain.partner import Partner
from ..domain.programme import Programme
from .facts import contact_lines, product_name
from .reader import Reader
from .safe import line

LENGTH = timedelta(minutes=15)
REMIND_BEFORE = timedelta(minutes=30)


def contact_ics(
    lead: Lead, partner: Partner, programme: Programme, deadline: datetime, url: str, language: str = ""
) -> bytes:
    """A quarter of an hour that ends at the deadline, with a reminder; the same lead always gives the same event."""
    reader = Reader.partner(partner, programme, language or partner.language, deadline)
    name = lead.contact.name if lead.contact else ""
    event = Event()
    event.add("uid", f"call-{lead.id}@partner-relay")
    event.add("dtstamp", lead.accepted_at or lead.received_at)
    event.add("dtstart", deadline - LENGTH)
    event.add("dtend", deadline)
    what = product_name(programme, lead.product, reader)
    event.add("summary", line(reader.t("files.call", name=name, what=what)))
    details = [f"{each.label}: {each.value}" for each in contact_lines(lead, reader)]
    event.add("description", "\n".join([*details, "", url] if url else details))
    if url:
        event.add("url", url)
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", line(reader.t("files.call", name=name, what=what)))
    alarm.add("trigger", -REMIND_BEFORE)
    event.add_component(alarm)
    calendar = Calendar()
    calendar.add("prodid", "-//Partner Relay//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(event)
    return calendar.to_ical()
