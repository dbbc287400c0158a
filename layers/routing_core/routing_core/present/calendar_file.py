"""The deadline of the call as a calendar file."""

from datetime import UTC, datetime, timedelta

from ..domain.lead import Lead
from ..domain.partner import Partner
from ..domain.programme import Programme
from .facts import contact_lines, product_name
from .reader import Reader
from .safe import visible

LENGTH = timedelta(minutes=15)
REMINDER = timedelta(minutes=-30)


def contact_ics(
    lead: Lead, partner: Partner, programme: Programme, deadline: datetime, url: str, language: str = ""
) -> bytes:
    """A quarter of an hour that ends at the deadline, with a reminder; the same lead always gives the same event."""
    from icalendar import Alarm, Calendar, Event  # here, so that it costs nothing where no entry is made

    reader = Reader.partner(partner, programme, language or partner.language, deadline)
    name = lead.contact.name if lead.contact else reader.t("common.somebody")
    summary = visible(reader.t("files.call", name=name, what=product_name(programme, lead.product, reader)))
    details = [visible(f"{each.label}: {each.value}") for each in contact_lines(lead, reader)]
    event = Event()
    event.add("uid", f"call-{lead.id}@partner-relay")
    event.add("dtstamp", (lead.accepted_at or lead.received_at).astimezone(UTC))
    event.add("dtstart", (deadline - LENGTH).astimezone(UTC))
    event.add("dtend", deadline.astimezone(UTC))
    event.add("summary", summary)
    event.add("description", "\n".join([*details, "", url] if url else details))
    if url:
        event.add("url", url)
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", summary)
    alarm.add("trigger", REMINDER)
    event.add_component(alarm)
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//Partner Relay//EN")
    calendar.add("method", "PUBLISH")
    calendar.add_component(event)
    return bytes(calendar.to_ical())
