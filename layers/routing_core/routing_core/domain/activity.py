"""Define an entry of HQ's activity log: who did what, about what, and when.

What is done to a lead stands in its commit records already (``by``); the log takes it from there.
Everything else at HQ that changes something, takes data away or opens the desk notes an entry of
its own. An entry holds ids, codes and numbers: never a name, an address or a word that somebody
typed, for the log outlives whoever it is about.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class ActivityKind(StrEnum):
    """What was done, as the log stores it; the words are ``hq_log.kind.<value>``."""

    LEAD = "lead"
    """Something was done to a lead; ``code`` is the kind of the event: ``lead.assigned``."""
    LEADS_IMPORTED = "leads.imported"
    LEADS_EXPORTED = "leads.exported"
    PARTNER_SAVED = "partner.saved"
    """A profile was made or changed, paused or capped; ``code`` names what."""
    PARTNER_LINKS_ENDED = "partner.links_ended"
    PARTNER_REMOVED = "partner.removed"
    PARTNERS_IMPORTED = "partners.imported"
    PARTNERS_EXPORTED = "partners.exported"
    PLACES_SAVED = "places.saved"
    """A country's list of postcodes was replaced; ``about`` is the country."""
    RULES_SAVED = "rules.saved"
    """A version of the programme was put in force; ``about`` is its number."""
    RULES_PLANNED = "rules.planned"
    """A version of the programme waits for its time, or does so no longer."""
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


@dataclass(frozen=True, slots=True)
class Activity:
    """One entry of the log."""

    kind: ActivityKind
    by: str
    """Who did it: ``link:<short id>`` of a person at HQ, else the name of an API key."""
    at: datetime
    """The instant at which it was done."""
    about: str = ""
    """The id of what it was done to: a lead, a partner, a version, a person, a key."""
    code: str = ""
    """A short code that says more of it, such as the kind of an event or a button's name."""
    region: str = ""
    """The region that it belongs to; empty for what belongs to none."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """Numbers that belong to it by name, such as how many rows an import had."""
