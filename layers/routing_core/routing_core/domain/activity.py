"""Name what people and machines of HQ do besides acting on leads, as the activity log stores it.

What is done to a lead stands in its commit records (``by``), and the log takes it from there, under
the kind of the event. Everything else at HQ that changes something, takes data away or opens the
desk notes an entry of its own.
"""

from dataclasses import dataclass
from enum import StrEnum


class ActivityKind(StrEnum):
    """What was done; the words are ``hq_log.kind.<value>``."""

    LEADS_IMPORTED = "leads.imported"
    LEADS_EXPORTED = "leads.exported"
    PARTNER_SAVED = "partner.saved"
    """A profile was made or changed, paused or capped."""
    PARTNER_LINKS_ENDED = "partner.links_ended"
    PARTNER_DEACTIVATED = "partner.deactivated"
    PARTNER_REACTIVATED = "partner.reactivated"
    PARTNERS_IMPORTED = "partners.imported"
    PARTNERS_EXPORTED = "partners.exported"
    """The list of partners, with their contacts, was taken away; ``about`` is the kind of file."""
    COVERAGE_EXPORTED = "coverage.exported"
    """The table of the network's coverage was taken away."""
    PLACES_SAVED = "places.saved"
    """A country's list of postcodes was replaced; ``about`` is the country."""
    RULES_SAVED = "rules.saved"
    """A version of the programme was saved, to be in force at once or at an instant."""
    RULES_CALLED_OFF = "rules.called_off"
    """A version that waited for its time was called off."""
    PERSON_ADDED = "person.added"
    PERSON_CHANGED = "person.changed"
    PERSON_REMOVED = "person.removed"
    ACCESS_ENDED = "access.ended"
    """All links and devices of a person were ended; ``about`` is the person's short id."""
    KEY_MADE = "key.made"
    KEY_REVOKED = "key.revoked"
    SIGNED_IN = "signed_in"
    """Somebody opened the desk on a device; ``about`` is the device."""
    DEVICE_REMOVED = "device.removed"
    """Somebody signed out, or took a device off their list; ``about`` is the device."""
    REPORT_ASKED = "report.asked"
    """A report was asked for by hand; ``about`` is the period."""
    REPORT_MAILED = "report.mailed"
    """Somebody had a report mailed that was there already; ``about`` is the report."""
    COSTS_SAVED = "costs.saved"
    """What campaigns cost was saved; ``about`` is the first and the last month that changed."""


@dataclass(frozen=True, slots=True)
class NotedAct:
    """Something done at HQ that the log tells of as soon as it is saved, and not before."""

    kind: ActivityKind
    about: str = ""
    """What it was done to, by its id; empty for the rules themselves."""
    detail: str = ""
    """Says more, in ids and numbers alone."""
