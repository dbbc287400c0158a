"""The deadline of the call as a calendar file (RFC 5545)."""

from datetime import UTC, datetime, timedelta

from ..domain.lead import Lead
from ..domain.partner import Partner
from ..domain.programme import Programme
from .content_lines import content, text
from .facts import contact_lines, product_name
from .reader import Reader

LENGTH = timedelta(minutes=15)


def contact_ics(
    lead: Lead, partner: Partner, programme: Programme, deadline: datetime, url: str, language: str = ""
) -> bytes:
    """A quarter of an hour that ends at the deadline, with a reminder; the same lead always gives the same event."""
    reader = Reader.partner(partner, programme, language or partner.language, deadline)
    name = lead.contact.name if lead.contact else reader.t("common.somebody")
    summary = text(reader.t("files.call", name=name, what=product_name(programme, lead.product, reader)))
    details = [f"{each.label}: {each.value}" for each in contact_lines(lead, reader)]
    return content(
        [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//Partner Relay//EN",
            "METHOD:PUBLISH",
            "BEGIN:VEVENT",
            f"UID:call-{text(lead.id)}@partner-relay",
            f"DTSTAMP:{_utc(lead.accepted_at or lead.received_at)}",
            f"DTSTART:{_utc(deadline - LENGTH)}",
            f"DTEND:{_utc(deadline)}",
            f"SUMMARY:{summary}",
            f"DESCRIPTION:{text(chr(10).join([*details, '', url] if url else details))}",
            *([f"URL:{url}"] if url else []),
            "BEGIN:VALARM",
            "ACTION:DISPLAY",
            f"DESCRIPTION:{summary}",
            "TRIGGER:-PT30M",
            "END:VALARM",
            "END:VEVENT",
            "END:VCALENDAR",
        ]
    )


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
