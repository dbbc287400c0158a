"""The programme, the partners and the lead in its states that pages and mails show."""

from dataclasses import replace
from datetime import timedelta

from routing_core.domain.lead import Contact, Context, Deadline, DeadlineKind, LeadStatus, Note
from routing_core.domain.offer import OfferStatus
from routing_core.domain.partner import Person
from tests.support.builders import (
    NOON,
    a_lead,
    a_partner,
    a_programme,
    an_offer,
    programme_document,
)

HOST = "https://relay.example"
URL = f"{HOST}/o/k1.abc"
LOGO = (
    "data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIHdpZHRoPSIxNjAiIGhlaWdodD0iMzIiPjxj"
    "aXJjbGUgY3g9IjE2IiBjeT0iMTYiIHI9IjE0IiBmaWxsPSIjMGI2ZTRmIi8+PHRleHQgeD0iMzgiIHk9IjIyIiBmb250LWZhbWlseT0ic2Fucy1z"
    "ZXJpZiIgZm9udC1zaXplPSIxOCIgZm9udC13ZWlnaHQ9IjcwMCIgZmlsbD0iIzBiNmU0ZiI+RGFjaHdhcm08L3RleHQ+PC9zdmc+"
)
BRAND = {
    "name": "Dachwarm",
    "colour": "#0b6e4f",
    "accent": "#e07a1f",
    "logo": LOGO,
    "reply_to": "service@dachwarm.example",
    "imprint": "Dachwarm GmbH, Beispielweg 1, 80331 München",
    "privacy_url": "https://www.dachwarm.example/privacy",
}
FORM = programme_document()["forms"][0] | {
    "intro": {
        "en": "Three answers, and you see who can help near you.",
        "de": "Drei Angaben, und Sie sehen, wer in Ihrer Nähe helfen kann.",
    },
    "consent": {
        "version": "2026-01",
        "text": {
            "en": "I agree that Dachwarm passes my enquiry and my contact details to one partner who will contact me.",
            "de": "Ich stimme zu, dass Dachwarm meine Anfrage und meine Kontaktdaten an einen Partner "
            "weitergibt, der sich bei mir meldet.",
        },
    },
}
REASONS = [
    {"id": "busy", "label": {"en": "No capacity", "de": "Keine Kapazität"}},
    {"id": "far", "label": {"en": "Too far away", "de": "Zu weit weg"}},
    {
        "id": "customer",
        "label": {"en": "Already my customer", "de": "Schon mein Kunde"},
        "neutral": True,
        "then": "claim",
    },
]
LOST = [
    {"id": "price", "label": {"en": "Price", "de": "Preis"}},
    {"id": "unreachable", "label": {"en": "Never reached", "de": "Nie erreicht"}},
]
RETURNS = [
    {
        "id": "unreachable",
        "label": {"en": "Could not be reached", "de": "Nicht erreichbar"},
        "neutral": True,
        "needs": {"attempts": 3, "days": 2, "after": "17:00"},
        "then": "close",
    },
    {"id": "contact", "label": {"en": "Wrong contact", "de": "Falscher Kontakt"}, "then": "review"},
    {"id": "work", "label": {"en": "Not work we do", "de": "Machen wir nicht"}, "then": "route"},
]
PROGRAMME = a_programme(
    brand=BRAND,
    forms=[FORM],
    decline_reasons=REASONS,
    lost_reasons=LOST,
    return_reasons=RETURNS,
    hotline={"phone": "+49 89 99998000", "hours": {"en": "Day and night", "de": "Tag und Nacht"}},
)
CONTACT = Contact("Ada Lovelace-Beispiel", "ada@example.com", "+498999998124", "", "Marienplatz 1")
PARTNER = a_partner(
    name="Huber Heizung GmbH",
    contact=Person("huber@example.com", "Chris Huber", "+498999998123"),
    confirmed_email="huber@example.com",
    street="Isarweg 3",
    postcode="80469",
    town="München",
    website="https://huber.example",
)
SECOND = a_partner("p2", name="Sonnleitner & Töchter KG", town="Freising", postcode="85354")
THIRD = a_partner("p3", name="Alpenwärme eG", town="Garching", postcode="85748")
PEOPLE = {p.id: p for p in (PARTNER, SECOND, THIRD)}
ANSWERS = {"owner": "owner", "area": "145", "notes": "Call after 5, the dog is friendly"}
MESSAGE = "The old oil boiler is from 1994.\nWe would like to be ready before the winter."
CONTEXT = Context(
    message=MESSAGE,
    notes=(
        Note(
            NOON + timedelta(minutes=30),
            "prospect",
            "The meter is in the cellar, the key is with the neighbour.",
        ),
        Note(NOON + timedelta(minutes=50), "partner", "Tried at noon."),
    ),
)
LEAD = a_lead(
    "LABCDEFGH27XQRT5K", contact=CONTACT, town="München", region="munich", answers=ANSWERS
)
CALL_BY = NOON + timedelta(days=1)
OWNED = replace(
    LEAD,
    status=LeadStatus.ACCEPTED,
    owner="p1",
    accepted_at=NOON,
    offers=(an_offer(status=OfferStatus.ACCEPTED, answered_at=NOON),),
    deadlines=(Deadline(CALL_BY, DeadlineKind.CONTACT),),
    attempts=(NOON + timedelta(minutes=20), NOON + timedelta(minutes=35)),
)
ERASED = replace(
    OWNED,
    status=LeadStatus.ERASED,
    ended=LeadStatus.WON,
    contact=None,
    town="",
    answers={"owner": "owner"},
    deadlines=(),
)
HIDDEN = replace(LEAD, contact=None, answers={k: v for k, v in ANSWERS.items() if k != "notes"})
TRIED = replace(
    LEAD,
    status=LeadStatus.HQ_QUEUE,
    reason="exhausted",
    score=65,
    promised_by=NOON + timedelta(hours=4),
    offers=(
        an_offer(
            "p1",
            1,
            status=OfferStatus.DECLINED,
            reason="busy",
            answered_at=NOON + timedelta(minutes=20),
        ),
        an_offer("p2", 2, status=OfferStatus.EXPIRED, answered_at=NOON + timedelta(hours=2)),
    ),
    deadlines=(),
)
LANGUAGES = ("en", "de")
