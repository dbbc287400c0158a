"""Enquiries of companies: a reseller knows whose it is before accepting, never which person's."""

import pytest

from routing_core.domain.programme.programme import BEFORE_ACCEPT
from tests.support.world import World, a_programme, munich

ERIKA = {
    "company": "Beispiel Maschinenbau GmbH",
    "name": "Erika Muster",
    "email": "e.muster@beispiel-bau.de",
}
PRIVATE = ("Erika", "Muster", "beispiel-bau", "9999981230", "evening")


@pytest.fixture
def offered(world: World) -> str:
    world.use(a_programme(before_accept=[*BEFORE_ACCEPT, "company"]), munich(1))
    lead_id: str = world.post_lead(**ERIKA).json()["lead"]
    return lead_id


def everything_seen(world: World, lead_id: str) -> list[str]:
    """The offer's page, and each mail to the partner in words."""
    mails = [
        str(m["Subject"]) + str(m.get_body(("plain",))) + str(m.get_body(("html",)))
        for m in world.mails("munich")
    ]
    return [world.http("GET", world.offer_link(lead_id)).body, *mails]


def test_where_the_programme_says_so_the_company_is_named_before_accepting_and_the_person_is_not(
    world: World, offered: str
) -> None:
    world.run_for(minutes=61)  # offer and reminder
    seen = everything_seen(world, offered)
    assert len(seen) == 3
    for text in seen:
        assert "Beispiel Maschinenbau GmbH" in text
        assert [word for word in PRIVATE if word in text] == []


def test_unless_the_programme_says_so_the_company_is_not_named(world: World) -> None:
    world.use(a_programme(), munich(1))
    lead_id = world.post_lead(**ERIKA).json()["lead"]
    world.run_for(minutes=61)
    for text in everything_seen(world, lead_id):
        assert "Maschinenbau" not in text


def test_a_company_that_is_known_is_no_contact_to_save(world: World, offered: str) -> None:
    assert world.http("GET", f"{world.offer_link(offered)}/contact.vcf").status == 303, (
        "nothing before it is accepted"
    )
    world.press(world.offer_link(offered), action="accept")
    card = world.http("GET", f"{world.offer_link(offered)}/contact.vcf")
    assert card.status == 200


def test_after_accepting_the_company_stands_with_the_person_once(
    world: World, offered: str
) -> None:
    page = world.press(world.offer_link(offered), action="accept").body
    assert page.count("Beispiel Maschinenbau GmbH") == 1
    assert "Erika Muster" in page
    world.run_for(days=10)  # asked how it stands
    assert "mailto:" not in str(world.mails("munich")[-1].get_body(("html",)))


def test_an_enquiry_without_a_company_is_simply_offered(world: World) -> None:
    world.use(a_programme(before_accept=[*BEFORE_ACCEPT, "company"]), munich(1))
    lead_id = world.post_lead(company="").json()["lead"]
    world.deliver()
    for text in everything_seen(world, lead_id):
        assert [word for word in PRIVATE if word in text] == []
