"""Holds the examples of the API's description, every one of which a test sends for real."""

from typing import Any

from routing_core.domain.enquiry.enquiry import NEED_FIELDS

ENQUIRY = {
    "country": "DE",
    "postcode": "80331",
    "product": "heat-pump",
    "urgency": "planning",
    "ownership": "owner",
    "name": "Erika Beispiel",
    "email": "erika@example.com",
    "phone": "+49 89 99998 777",
    "consent": True,
    "language": "de",
}
"""An enquiry from Munich, for the programme `consumer-trade`."""

ENTERED_LEAD = ENQUIRY | {
    "form": "enquiry",
    "way": "phone",
    "source": "phone",
    "campaign": "autumn",
    "consent_way": "voice",
    "consent_by": "Max Beispiel",
}
"""The same enquiry, phoned in and entered for its sender."""

LEADS_CSV = (
    "Lead-Nr.;Vorname;Nachname;E-Mail;Telefon;PLZ;Produkt;Dringlichkeit;Einwilligung;ownership\r\n"
    "F-1;Erika;Beispiel;erika@example.com;+49 89 99998 777;80331;heat-pump;planning;ja;owner\r\n"
)
"""A list from a fair, with column names that are none of ours."""

PARTNER: dict[str, Any] = {
    "id": "isar-waerme",
    "name": "Isar Wärme",
    "type": "installer",
    "contact": {
        "email": "office@isar-waerme.example",
        "name": "Max Beispiel",
        "phone": "+49 89 99998 123",
    },
    "country": "DE",
    "language": "de",
    "territories": ["DE 80*", "DE 85* rank 2"],
    "products": ["heat-pump", "boiler"],
    "certificates": {"f-gas": None},
    "caps": {"open": 5},
    "confirmed": True,
}
"""A partner who can take ``ENQUIRY``."""

_TRIED = (*NEED_FIELDS, "ownership", "language")
TRIAL = {
    "partners": [PARTNER],
    "enquiry": {"form": "enquiry", **{name: ENQUIRY[name] for name in _TRIED}},
}
"""A dry run of ``ENQUIRY`` with ``PARTNER`` alone."""

PLACES_CSV = """postcode;lat;lon
80331;48.137;11.575
86*;48.36;10.89
"""
"""The location of one postcode of Germany, and that of all which begin with 86."""

PARTNERS_CSV = """id;name;type;email;territories;products;confirmed
alpen-klima;Alpen Klima;installer;office@alpen-klima.example;DE 82*|DE 83* rank 2;heat-pump|boiler;yes
"""
"""A list of one partner as a spreadsheet saves it."""

CAMPAIGN_COST = {
    "month": "2026-10",
    "source": "google",
    "campaign": "brand",
    "cost": "1250.00",
    "currency": "EUR",
}
"""What a campaign cost in a month."""

COSTS_CSV = """month;source;campaign;cost;currency
2026-10;google;brand;1.250,00;EUR
2026-10;fair;;4800;
"""
"""What a campaign and a whole source cost, as a spreadsheet saves it."""

LEAD_FILTERS = {
    "need": "Why a lead needs a person now: promises (at risk), waiting (for HQ), unseen (offers "
    "that nobody looked at) or overdue (for contact)",
    "state": "One of a lead's states, or several with commas between them",
    "partner": "The id of a partner who owns the lead, owned it to the end, or is being asked",
    "product": "The id of a product",
    "region": "The id of a region",
    "postcode": "The beginning of a postcode",
    "urgency": "The id of an urgency",
    "source": "Where the lead came from",
    "campaign": "The utm_campaign that it came with",
    "score_from": "The lowest score",
    "score_to": "The highest score",
    "from": "The first day of receipt, such as 2026-11-21",
    "to": "The last day of receipt",
    "handled_by": "Who at HQ acted on the lead last, as `by` in the log: link: and a short id",
    "text": "Part of a name or company",
}
"""The parameters that a list of leads is filtered by, and what each means."""
