"""Partners and HQ read the town that belongs to the postcode; what a stranger typed is shown to
nobody before it is theirs.
"""

from email.message import EmailMessage

import pytest

from routing_core.service.offers.offer_page import redacted
from tests.integration.test_hq import Hq
from tests.support.world import World, a_programme, munich

LIST = "postcode;lat;lon;town\n80331;48.137;11.575;München\n80333;48.14;11.57;München\n20095;53.55;10.0;Hamburg\n"
SHOUTED = "CLAIM 500 EUR"


@pytest.fixture
def hq(world: World) -> Hq:
    world.use(a_programme(), munich(1))
    hq = Hq(world)
    assert hq("PUT", "/v1/places/DE", LIST, "csv").json()["towns"] == 3
    world.deliver()
    return hq


def told(mail: EmailMessage) -> str:
    return f"{mail['Subject']}\n" + "".join(
        str(part.get_content())
        for part in mail.walk()
        if not part.is_multipart() and part.get_content_maintype() == "text"
    )


def seen_by_the_partner(world: World, lead: str) -> dict[str, str]:
    """The mail, the offer's page and the desk, as they are now."""
    mail = world.mails("munich-1@example.com")[-1]
    desk = world.mailed_link("munich-1@example.com", "d")
    return {
        "mail": told(mail),
        "page": world.http("GET", world.offer_link(lead)).body,
        "desk": world.http("GET", desk).body,
    }


def accepted(world: World, town: str) -> tuple[str, str]:
    """The lead of somebody who typed that town, and the partner's page once it is accepted."""
    lead = world.post_lead(town=town).json()["lead"]
    world.deliver()
    return lead, world.press(world.offer_link(lead), action="accept").body


def test_before_acceptance_the_town_is_the_one_of_the_postcode_and_never_what_was_typed(
    hq: Hq,
) -> None:
    world = hq.world
    lead = world.post_lead(town=SHOUTED).json()["lead"]
    world.deliver()
    assert "80331 München" in str(world.mails("munich-1@example.com")[-1]["Subject"])
    for where, text in seen_by_the_partner(world, lead).items():
        assert "80331 München" in text, where
        assert SHOUTED not in text, where


def test_where_nobody_knows_the_postcodes_town_the_typed_one_does_not_stand_in_for_it(
    hq: Hq,
) -> None:
    world = hq.world
    lead = world.post_lead(postcode="80997", town=SHOUTED).json()["lead"]
    world.deliver()
    for where, text in seen_by_the_partner(world, lead).items():
        assert "80997" in text, where
        assert SHOUTED not in text, where
    services = world.wiring.services
    assert redacted(world.lead(lead), services.programme).town == "", (
        "whatever a page makes of it, it is not there"
    )


def test_the_owner_is_told_if_the_town_that_was_typed_is_not_where_the_postcode_is(hq: Hq) -> None:
    world = hq.world
    lead, page = accepted(world, town="Hamburg")
    assert "80331 München (angegeben: „Hamburg“)" in page
    world.deliver()
    assert "80331 München (angegeben: „Hamburg“)" in told(world.mails("munich-1@example.com")[-1])
    assert "80331 München (entered as “Hamburg”)" in world.http("GET", world.hq_link(lead)).body


def test_another_spelling_of_the_town_is_no_contradiction(hq: Hq) -> None:
    _, page = accepted(hq.world, town="Muenchen")
    assert "80331 München" in page
    assert "Muenchen" not in page


def test_hqs_queue_names_the_town(hq: Hq) -> None:
    world = hq.world
    lead = world.post_lead(postcode="20095").json()["lead"]
    world.deliver()
    assert "20095 Hamburg" in world.http("GET", world.hq_link()).body
    assert hq("GET", f"/v1/leads/{lead}").json()["lead"]["postcode_towns"] == ["Hamburg"]
    assert "20095 Hamburg" in told(world.mails("hq@example.com")[-1])


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("", "80331 München"),
        ("Muenchen", "80331 München"),
        ("Hamburg", "80331 München (entered as “Hamburg”)"),
    ],
)
@pytest.mark.slow
def test_the_customers_own_page_names_the_town_of_the_postcode_and_what_they_typed(
    hq: Hq, typed: str, shown: str
) -> None:
    hq.world.post_lead(town=typed)
    hq.world.deliver()
    page = hq.world.http("GET", hq.world.mailed_link("erika@posteo.de", "s")).body
    assert shown in page
    assert page.count("80331") == page.count("80331 ")


def test_without_names_in_the_list_the_postcode_stands_alone(hq: Hq) -> None:
    world = hq.world
    hq("PUT", "/v1/places/DE", "postcode;lat;lon\n80331;48.137;11.575\n", "csv")
    world.deliver()
    lead = world.post_lead(town=SHOUTED).json()["lead"]
    world.deliver()
    for text in seen_by_the_partner(world, lead).values():
        assert "80331" in text
        assert "München" not in text
        assert SHOUTED not in text


def test_the_town_of_the_postcode_costs_a_routed_lead_no_byte(hq: Hq) -> None:
    lead = hq.world.post_lead().json()["lead"]
    (item,) = hq.world.items(only=lambda pk, sk: (pk, sk) == (f"LEAD#{lead}", "LEAD"))
    assert "München" not in str(item)
