"""Who at the firm looks after an enquiry: marked on the desk, and named to the customer once it is
so.
"""

from urllib.parse import urlsplit

import pytest

from routing_core.domain.partner import Person
from tests.integration.test_sentences_are_true import text_of
from tests.support.world import World, a_programme, munich

CONTACT = Person("office@firm.example", "Chris Boss", "+498999998123")


def owned(world: World, **fields: str) -> str:
    firm = munich(1, language="en", contact=CONTACT, confirmed_email=CONTACT.email)
    world.use(a_programme(), firm, munich(2, tier=3))
    lead_id: str = world.post_lead(**fields).json()["lead"]
    world.press(world.offer_link(lead_id), action="accept")
    assert world.lead(lead_id).owner == "munich-1"
    return lead_id


def hand_to(world: World, lead_id: str, name: str, email: str = "sam@firm.example") -> None:
    world.press(world.offer_link(lead_id), action="colleague", name=name, email=email)
    world.deliver()


def status_page(world: World, lead_id: str) -> str:
    return world.http("GET", urlsplit(world.wiring.links.status(lead_id)).path).body


def desk(world: World) -> str:
    return world.http(
        "GET", urlsplit(world.wiring.links.desk("munich-1", world.load("munich-1").links)).path
    ).body


def customers_mails(world: World) -> list[str]:
    return [text_of(mail) for mail in world.mails("erika@posteo.de")]


def test_what_a_colleague_looks_after_is_marked_on_the_desk(world: World) -> None:
    lead_id = owned(world)
    assert "with " not in desk(world)
    hand_to(world, lead_id, "Sam Huber")
    assert "with Sam Huber" in desk(world)


def test_a_colleague_without_a_name_is_marked_on_the_desk_by_the_address(world: World) -> None:
    lead_id = owned(world)
    hand_to(world, lead_id, "")
    assert "with sam@firm.example" in desk(world)


def test_the_customer_reads_who_will_call_once_it_was_handed_to_a_colleague(world: World) -> None:
    lead_id = owned(world)
    world.deliver()
    before = len(customers_mails(world))
    assert "Sam Huber" not in status_page(world, lead_id)
    hand_to(world, lead_id, "Sam Huber")
    (mail,) = customers_mails(world)[before:]
    assert (
        "Sam Huber from Isar Wärme 1 is looking after your enquiry now and will call you by" in mail
    )
    page = status_page(world, lead_id)
    assert "Sam Huber from Isar Wärme 1 has taken your enquiry and will call you by" in page
    for told in (mail, page):
        assert "sam@firm.example" not in told, "a colleague's address is private"
        assert "Chris Boss" not in told, "somebody else looks after it"
        assert "office@firm.example" in told


@pytest.mark.slow
def test_ten_hand_overs_send_the_customer_a_few_mails_and_the_last_names_who_has_it(
    world: World,
) -> None:
    lead_id = owned(world)
    world.deliver()
    before = len(customers_mails(world))
    for number in range(10):
        hand_to(world, lead_id, f"Sam Huber{'abcdefghij'[number]}")
    assert len(customers_mails(world)) - before == 3
    world.run_for(minutes=70)
    world.sweep()
    told = customers_mails(world)[before:]
    assert len(told) == 4
    assert "Sam Huberj from Isar Wärme 1 is looking after your enquiry now" in told[-1]


@pytest.mark.slow
def test_who_is_in_contact_by_the_end_of_the_hour_hears_no_more_of_colleagues(world: World) -> None:
    lead_id = owned(world)
    world.deliver()
    for name in ("Sam Huber", "Kim Huber", "Pat Huber", "Jo Huber"):
        hand_to(world, lead_id, name)
    before = len(customers_mails(world))
    world.press(world.offer_link(lead_id), action="contacted")
    world.run_for(minutes=70)
    world.sweep()
    assert len(customers_mails(world)) == before


def test_the_customer_without_a_number_reads_that_the_colleague_will_get_in_touch(
    world: World,
) -> None:
    lead_id = owned(world, phone="")
    hand_to(world, lead_id, "Sam Huber")
    assert (
        "Sam Huber from Isar Wärme 1 is looking after your enquiry now and will get in touch"
        in (customers_mails(world)[-1])
    )


def test_no_advertisement_reaches_the_customer_as_the_name_of_a_colleague(world: World) -> None:
    lead_id = owned(world)
    world.deliver()
    before = len(customers_mails(world))
    hand_to(world, lead_id, "WIN at www.evil.example")
    assert len(customers_mails(world)) == before
    assert "evil" not in status_page(world, lead_id)


def test_who_is_in_contact_already_is_not_told_anew_who_will_call(world: World) -> None:
    lead_id = owned(world)
    world.press(world.offer_link(lead_id), action="contacted")
    world.deliver()
    before = len(customers_mails(world))
    hand_to(world, lead_id, "Sam Huber")
    assert len(customers_mails(world)) == before
    assert "Sam Huber" in status_page(world, lead_id)


@pytest.mark.slow
def test_the_colleague_of_a_former_owner_is_named_no_more(world: World) -> None:
    lead_id = owned(world)
    hand_to(world, lead_id, "Sam Huber")
    seen = str(world.lead(lead_id).version)
    world.press(world.hq_link(lead_id), action="assign", partner="munich-2", version=seen)
    world.press(world.offer_link(lead_id), action="accept")
    world.deliver()
    assert "Sam Huber" not in status_page(world, lead_id)
    assert "Sam Huber" not in customers_mails(world)[-1]
