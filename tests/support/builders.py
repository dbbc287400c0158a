"""Small valid things for tests: say only what matters for the sentence you test."""

from datetime import UTC, datetime, timedelta
from typing import Any

from routing_core.domain.checks.programme_checks import read_programme
from routing_core.domain.lead import Contact, Deadline, DeadlineKind, Lead, LeadStatus
from routing_core.domain.offer import Offer, OfferKind
from routing_core.domain.partner import Partner, Person
from routing_core.domain.programme.programme import Programme
from routing_core.domain.territory.territory import Territory

NOON = datetime(2026, 11, 25, 11, 0, tzinfo=UTC)
"""A Wednesday, 12:00 in Berlin."""


def programme_document(**changes: Any) -> dict[str, Any]:
    """The programme of ``a_programme`` as HQ would send it; a change replaces a whole top-level
    part.
    """
    return {
        "schema": 1,
        "name": "Example Heating",
        "languages": ["en", "de"],
        "country": "DE",
        "time_zone": "Europe/Berlin",
        "brand": {"name": "Example Heating"},
        "hq": {"emails": ["hq@example.com"], "digests": []},
        "calendar": {
            "response_hours": {day: ["08:00-18:00"] for day in ("mon", "tue", "wed", "thu", "fri")},
            "round_up_minutes": 0,
        },
        "regions": {"munich": {"country": "DE", "postcodes": ["80*", "81000-81999"]}},
        "partner_types": ["installer"],
        "products": [
            {"id": "heat-pump", "name": {"en": "Heat pump", "de": "Wärmepumpe"}},
            {"id": "boiler", "name": {"en": "Boiler", "de": "Heizkessel"}},
        ],
        "urgencies": [
            {"id": "emergency", "name": {"en": "Emergency", "de": "Notfall"}, "emergency": True},
            {"id": "soon", "name": {"en": "Soon", "de": "Bald"}},
        ],
        "forms": [
            {
                "id": "enquiry",
                "title": {"en": "Ask for an offer", "de": "Angebot anfragen"},
                "countries": ["DE", "AT"],
                "products": ["heat-pump", "boiler"],
                "urgencies": ["emergency", "soon"],
                "questions": [
                    {
                        "id": "owner",
                        "label": {"en": "Do you own the house?", "de": "Gehört Ihnen das Haus?"},
                        "kind": "choice",
                        "step": 1,
                        "options": [
                            {"id": "owner", "label": {"en": "Owner", "de": "Eigentümer"}},
                            {"id": "tenant", "label": {"en": "Tenant", "de": "Mieter"}},
                        ],
                    },
                    {
                        "id": "area",
                        "label": {"en": "Area in m²", "de": "Fläche in m²"},
                        "kind": "number",
                    },
                    {
                        "id": "notes",
                        "label": {"en": "Remarks", "de": "Anmerkungen"},
                        "kind": "text",
                    },
                ],
                "consent": {
                    "version": "2026-01",
                    "text": {"en": "I agree.", "de": "Ich stimme zu."},
                },
                "origins": ["https://www.example.com"],
            }
        ],
        # a test posts everything from one place
        "ceilings": {"contact": 1000, "client": 1000, "postcode": 1000, "in_all": 5000},
        "offers": [
            {"window": {"minutes": 120}, "partners": 3, "total": {"working_days": 2}},
            {
                "when": {"urgency": "emergency"},
                "window": {"minutes": 30},
                "total": {"minutes": 240},
            },
        ],
        "contact": [{"window": {"working_days": 1}}],
        "fallback": {"hq_hold": {"minutes": 60}},
        "promise": [{"within": {"response_hours": 4}}],
        "decline_reasons": [
            {"id": "busy", "label": {"en": "No capacity", "de": "Keine Kapazität"}}
        ],
        "lost_reasons": [{"id": "price", "label": {"en": "Price", "de": "Preis"}}],
    } | changes


def a_programme(**changes: Any) -> Programme:
    """Heat pumps and boilers in Germany and Austria, deadlines unrounded, HQ in Berlin."""
    return read_programme(programme_document(**changes))


def a_partner(id: str = "p1", **changes: Any) -> Partner:
    """A confirmed installer for heat pumps and boilers in 80*, reading mail in German and
    English.
    """
    email = f"{id}@example.com"
    fields = {
        "name": f"Installer {id}",
        "contact": Person(email, "Chris Example", "+498999998123"),
        "country": "DE",
        "time_zone": "Europe/Berlin",
        "language": "de",
        "territories": (Territory.parse("DE 80*"),),
        "products": frozenset({"heat-pump", "boiler"}),
        "type": "installer",
        "languages": frozenset({"de", "en"}),
        "confirmed_email": email,
    }
    return Partner(id=id, **(fields | changes))  # type: ignore[arg-type]


def working_in(id: str, *territories: str, **changes: Any) -> Partner:
    return a_partner(id, territories=tuple(map(Territory.parse, territories)), **changes)


def an_offer(partner: str = "p1", number: int = 1, **changes: Any) -> Offer:
    """Pending, made at noon, two hours long."""
    fields = {"kind": OfferKind.ROUTED, "made_at": NOON, "expires_at": NOON + timedelta(hours=2)}
    return Offer(number=number, partner=partner, **(fields | changes))  # type: ignore[arg-type]


def a_lead(id: str = "lead-0001", **changes: Any) -> Lead:
    """Offered to p1 at noon, with the offer's deadline as its own."""
    fields = {
        "form": "enquiry",
        "status": LeadStatus.OFFERED,
        "version": 1,
        "received_at": NOON,
        "country": "DE",
        "postcode": "80331",
        "product": "heat-pump",
        "urgency": "soon",
        "language": "en",
        "payload_hash": "0" * 64,
        "contact": Contact("Ada Example", "ada@example.com", "+498999998124"),
        "programme": 1,
        "offers": (an_offer(),),
        "deadlines": (Deadline(NOON + timedelta(hours=2), DeadlineKind.EXPIRE, 1),),
    }
    return Lead(id=id, **(fields | changes))  # type: ignore[arg-type]
