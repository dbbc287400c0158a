"""A mail address with an umlaut domain is shown as people write it, on every page and in every
mail.
"""

import re
from urllib.parse import urlsplit

import pytest

from routing_core.domain.partner import Person
from tests.integration.test_sentences_are_true import text_of, visible
from tests.support.world import World, a_programme, munich

DOMAIN = "xn--mller-kva.example"
OFFICE, BOSS = Person(f"office@{DOMAIN}"), Person(f"boss@{DOMAIN}")
AIMED_AWAY = [
    {"id": "far", "label": {"en": "Too far away", "de": "Zu weit weg"}, "then": "territory"}
]


def read_aloud(page: str) -> str:
    """What a page shows, and what a screen reader says of its buttons."""
    labels = re.findall(r'aria-label="([^"]*)"', page)
    return " ".join((visible(page), *labels))


@pytest.mark.slow
def test_no_page_and_no_mail_shows_a_domain_as_it_is_stored(world: World) -> None:
    brand = {"name": "Example Heating", "reply_to": f"service@{DOMAIN}"}
    hq = {"emails": [f"hq@{DOMAIN}"], "digests": []}
    firms = [
        munich(n, language="en", contact=OFFICE, confirmed_email=OFFICE.email, second_contact=BOSS)
        for n in (1, 2)
    ]
    world.use(a_programme(brand=brand, hq=hq, decline_reasons=AIMED_AWAY), *firms)
    lead_id = world.post_lead(email="erika@müller.example").json()["lead"]
    world.deliver()
    pages = {
        "declined": world.press(world.offer_link(lead_id, 1), action="decline", reason="far").body
    }
    offer = world.offer_link(lead_id, 2)
    pages["accepted"] = world.press(offer, action="accept").body
    pages["hand over"] = world.http("GET", f"{offer}?show=hand-over").body
    world.press(offer, action="colleague", name="", email=f"sam@{DOMAIN}")
    owner = world.lead(lead_id).owner
    assert owner
    queue = world.hq_link(email=hq["emails"][0])
    world.press(f"{queue}/leads/{lead_id}", action="note", text="Seen.")
    pages["colleague"] = world.http("GET", offer).body
    pages["desk"] = world.http("GET", urlsplit(world.wiring.links.desk(owner, 1)).path).body
    pages["status"] = world.http("GET", urlsplit(world.wiring.links.status(lead_id)).path).body
    pages["HQ's lead"] = world.http("GET", f"{queue}/leads/{lead_id}").body
    pages["access"] = world.http("GET", f"{queue}/partners/{owner}").body
    world.deliver()
    for where, page in pages.items():
        assert "xn--" not in read_aloud(page), where
        assert "müller.example" in read_aloud(page), where
    mails = world.mails()
    assert len(mails) > 4
    for mail in mails:
        assert "xn--" not in f"{mail['Subject']} {text_of(mail)}"


def test_a_firm_with_a_providers_address_is_shown_it_as_it_is_written_too(world: World) -> None:
    office = Person("office@xn--mll-hoa.email", "Chris")
    world.use(a_programme(), munich(1, contact=office, confirmed_email=office.email))
    lead_id = world.post_lead().json()["lead"]
    world.press(world.offer_link(lead_id), action="accept")
    page = world.http("GET", f"{world.offer_link(lead_id)}?show=hand-over").body
    assert "office@müll.email" in read_aloud(page)
    assert "xn--" not in read_aloud(page)
