"""The same person asks again: one open enquiry, one partner, nothing lost."""

from datetime import timedelta

import pytest

from tests.world import World, a_programme, munich


@pytest.fixture
def open_world(world: World) -> World:
    world.use(a_programme(), munich(1), munich(2))
    return world


def ids(world: World, *keys: str) -> list[str]:
    return [world.post_lead(key).json()["lead"] for key in keys]


def test_a_second_enquiry_joins_the_open_one_and_takes_no_place(open_world: World) -> None:
    first, second = ids(open_world, "one", "two")
    partner = open_world.lead(first).offers[0].partner
    stub = open_world.lead(second)
    assert (stub.status, stub.joined_to, stub.offers) == ("joined", first, ())
    assert open_world.load(partner).places == 1
    assert open_world.facts(first)[-1] == "lead.repeated"
    assert open_world.facts(second) == ["lead.joined"]


def test_what_the_repeat_says_stands_with_the_first_enquiry(open_world: World) -> None:
    first = open_world.post_lead("one").json()["lead"]
    second = open_world.post_lead("two", message="It is urgent now.").json()["lead"]
    context = open_world.wiring.leads.context(first)
    assert context
    assert [(note.by, note.text) for note in context.notes] == [(f"repeat:{second}", "It is urgent now.")]


def test_the_owner_is_told_of_the_repeat_with_the_contact_and_the_prospect_gets_a_receipt(open_world: World) -> None:
    first = open_world.post_lead("one").json()["lead"]
    open_world.press(open_world.offer_link(first), action="accept")
    open_world.deliver()
    owner = open_world.lead(first).owner
    before = len(open_world.mails(str(owner))), len(open_world.mails("erika@posteo.de"))
    open_world.advance(hours=1)
    open_world.post_lead("two", message="Evenings, please.")
    open_world.deliver()
    told = open_world.mails(str(owner))[before[0] :]
    assert len(told) == 1
    assert "Erika Beispiel" in str(told[0].get_body(("plain",)))
    assert len(open_world.mails("erika@posteo.de")) == before[1] + 1


def test_the_same_phone_under_another_address_is_the_same_person(open_world: World) -> None:
    first = open_world.post_lead("one").json()["lead"]
    second = open_world.post_lead("two", email="other@posteo.de").json()["lead"]
    assert open_world.lead(second).joined_to == first


def test_the_address_decides_when_address_and_phone_belong_to_two_enquiries(open_world: World) -> None:
    by_mail = open_world.post_lead("one", phone="").json()["lead"]
    open_world.post_lead("two", email="other@posteo.de")
    third = open_world.post_lead("three").json()["lead"]
    assert open_world.lead(third).joined_to == by_mail


@pytest.mark.parametrize("address", ["ERIKA@posteo.de", "erika+heat@posteo.de", "Erika@POSTEO.de"])
def test_another_spelling_of_the_address_is_the_same_person(open_world: World, address: str) -> None:
    first = open_world.post_lead("one", phone="").json()["lead"]
    second = open_world.post_lead("two", phone="", email=address).json()["lead"]
    assert open_world.lead(second).joined_to == first


def test_another_product_is_another_enquiry(open_world: World) -> None:
    ids(open_world, "one")
    other = open_world.post_lead("two", product="boiler").json()["lead"]
    assert open_world.lead(other).status == "offered"


def test_after_a_finished_enquiry_the_partner_who_served_is_asked_first(open_world: World) -> None:
    first = open_world.post_lead("one").json()["lead"]
    open_world.press(open_world.offer_link(first), action="accept")
    served = open_world.lead(first).owner
    open_world.press(open_world.offer_link(first), action="won", value="1")
    for key in ("two", "three"):
        again = open_world.lead(open_world.post_lead(key).json()["lead"])
        assert (again.status, again.preferred, again.offers[0].partner) == ("offered", served, served)
        open_world.press(open_world.offer_link(again.id), action="accept")
        open_world.press(open_world.offer_link(again.id), action="lost", reason="price")


def test_a_repeat_of_an_enquiry_that_waits_for_hq_is_routed_on_its_own(open_world: World) -> None:
    first = open_world.post_lead("one", postcode="25980").json()["lead"]
    second = open_world.post_lead("two").json()["lead"]
    assert open_world.lead(first).status == "hq_queue"
    assert open_world.lead(second).status == "offered"


def test_a_repeat_joins_within_the_window_and_not_on_its_last_instant(world: World) -> None:
    world.use(a_programme(repeat={"window_days": 2}), munich(1))
    first = world.post_lead("one").json()["lead"]
    world.press(world.offer_link(first), action="accept")
    world.advance(days=2, milliseconds=-1)
    assert world.lead(world.post_lead("two").json()["lead"]).joined_to == first
    world.advance(milliseconds=1)
    assert world.lead(world.post_lead("three").json()["lead"]).joined_to is None


def test_a_repeated_repeat_is_answered_alike_and_told_once(open_world: World) -> None:
    ids(open_world, "one")
    open_world.deliver()
    open_world.advance(hours=1)
    answers = [open_world.post_lead("two") for _ in range(3)]
    assert len({answer.body for answer in answers}) == 1
    open_world.deliver()
    receipts = open_world.mails("erika@posteo.de")
    assert len(receipts) == 2  # one for each enquiry


def test_whoever_types_somebodys_number_learns_and_changes_nothing_of_their_enquiry(open_world: World) -> None:
    first = open_world.post_lead("one", message="The key is under the mat.").json()["lead"]
    repeat = open_world.post_lead("two", name="Mallory", email="mallory@posteo.de", message="").json()
    assert open_world.lead(repeat["lead"]).joined_to == first
    path = repeat["status_url"].removeprefix("https://relay.example.com")
    page = open_world.http("GET", path)
    assert page.status == 200
    assert "under the mat" not in page.body
    assert "Erika" not in page.body
    for action in ("withdraw", "phone", "note", "not_called"):
        open_world.press(path, action=action, phone="089 99998 999", text="x")
    assert open_world.lead(first).status == "offered"
    assert open_world.lead(first).contact.phone == "+4989999981230"  # type: ignore[union-attr]


def test_the_mail_of_a_repeat_leads_to_the_first_enquiry_only_in_its_own_mailbox(open_world: World) -> None:
    first = open_world.post_lead("one").json()
    open_world.deliver()
    open_world.advance(hours=1)
    open_world.post_lead("two")
    mallory = open_world.post_lead("three", email="mallory@posteo.de").json()
    open_world.deliver()
    linked = [
        str(mail.get_body(("plain",)).get_content())  # type: ignore[union-attr]
        for mail in (*open_world.mails("erika@posteo.de"), *open_world.mails("mallory@posteo.de"))
    ]
    assert [first["status_url"] in text for text in linked] == [True, True, False]
    assert mallory["status_url"] in linked[2]


def test_an_emergency_does_not_wait_behind_the_same_persons_planning_enquiry(open_world: World) -> None:
    first = open_world.post_lead("one", urgency="soon").json()["lead"]
    owner = open_world.lead(first).offers[0].partner
    open_world.press(open_world.offer_link(first), action="accept")
    second = open_world.lead(open_world.post_lead("two", urgency="emergency").json()["lead"])
    assert (second.status, second.joined_to, second.preferred) == ("offered", None, owner)


def test_spam_of_a_known_person_neither_joins_nor_claims(open_world: World) -> None:
    first = open_world.post_lead("one").json()["lead"]
    spam = open_world.post_lead("two", website_url="x").json()["lead"]
    assert open_world.lead(spam).status == "quarantined"
    assert open_world.facts(first) == ["offer.made", "lead.received"]


def test_a_released_enquiry_is_routed_even_if_its_person_has_another_one_by_now(open_world: World) -> None:
    spam = open_world.post_lead("one", website_url="x").json()["lead"]
    later = open_world.post_lead("two").json()["lead"]
    page = open_world.wiring.relay.queue_link(spam).removeprefix("https://relay.example.com")
    assert open_world.press(page, action="release").status == 200
    assert open_world.lead(spam).status == "offered"
    third = open_world.post_lead("three").json()["lead"]
    assert open_world.lead(third).joined_to == later


def test_whoever_says_the_time_has_come_is_routed_even_with_another_enquiry_by_now(world: World) -> None:
    points = [{"field": "owner", "is": "tenant", "points": -30, "because": {"en": "Tenant", "de": "Mieter"}}]
    nurture = {"ask_after_days": 30, "close_after_days": 60}
    rules = {"offer_from": 0, "nurture_from": -50, "points": points, "nurture": nurture}
    world.use(a_programme(qualification=rules), munich(1), munich(2))
    early = world.post_lead("one", owner="tenant").json()
    world.post_lead("two")
    world.now += timedelta(days=1)
    path = early["status_url"].removeprefix("https://relay.example.com")
    assert world.press(path, action="ready").status == 200
    assert world.lead(early["lead"]).status == "offered"


# ── business: the same firm ───────────────────────────────────────────────────────────────────────────


@pytest.fixture
def by_firm(world: World) -> World:
    repeat = {"window_days": 180, "by": ["email", "phone", "domain"]}
    world.use(a_programme(repeat=repeat), munich(1), munich(2))
    return world


def enquire(world: World, name: str, domain: str) -> str:
    lead_id: str = world.post_lead(name, name=name.title(), email=f"{name}@{domain}", phone="").json()["lead"]
    return lead_id


def test_where_firms_count_a_colleague_joins_the_open_enquiry_and_the_owner_learns_who_it_is(by_firm: World) -> None:
    first, second = (enquire(by_firm, name, "werk-beispiel.de") for name in ("ada", "ben"))
    assert by_firm.lead(second).joined_to == first
    context = by_firm.wiring.leads.context(first)
    assert context
    assert context.notes[0].text.startswith("Ben · ben@werk-beispiel.de\n\n")


def test_a_colleague_who_joined_learns_nothing_of_the_other_one(by_firm: World) -> None:
    enquire(by_firm, "ada", "werk-beispiel.de")
    answer = by_firm.post_lead("ben", name="Ben", email="ben@werk-beispiel.de", phone="").json()
    page = by_firm.http("GET", answer["status_url"].removeprefix("https://relay.example.com"))
    assert page.status == 200
    assert "ada" not in page.body.casefold().replace("adapt", "")


@pytest.mark.parametrize("domain", ["gmail.com", "gmx.de", "mailinator.com"])
def test_a_mailbox_that_anybody_can_have_makes_no_colleagues(by_firm: World, domain: str) -> None:
    _, second = (enquire(by_firm, name, domain) for name in ("ada", "ben"))
    assert by_firm.lead(second).joined_to is None


def test_unless_the_programme_says_so_colleagues_are_two_people(open_world: World) -> None:
    _, second = (enquire(open_world, name, "werk-beispiel.de") for name in ("ada", "ben"))
    assert open_world.lead(second).status == "offered"


def test_after_a_finished_enquiry_a_colleague_is_offered_to_the_partner_who_served_the_firm(by_firm: World) -> None:
    first = enquire(by_firm, "ada", "werk-beispiel.de")
    by_firm.press(by_firm.offer_link(first), action="accept")
    by_firm.press(by_firm.offer_link(first), action="won", value="1")
    assert by_firm.lead(enquire(by_firm, "ben", "werk-beispiel.de")).preferred == by_firm.lead(first).owner
