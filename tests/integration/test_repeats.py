"""A second enquiry of the same person stays whole: attached to the first while that serves it, else
on its own way.
"""

from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from urllib.parse import urlsplit

import pytest

from routing_core.domain.repeats import differences
from routing_core.domain.values.mailboxes import email_mark
from routing_core.service.kernel.ports import MOST_IN_ROW
from tests.support.builders import programme_document, working_in
from tests.support.invariants import NOTHING, check, look
from tests.support.merged import merged
from tests.support.world import World, a_programme, munich

EVENING = "Please call in the evening."


@pytest.fixture
def open_world(world: World) -> World:
    world.use(a_programme(), munich(1), munich(2))
    return world


def ask(world: World, key: str, **fields: object) -> str:
    """An enquiry, and what follows from it at once."""
    lead_id: str = world.post_lead(key, **fields).json()["lead"]
    world.deliver()
    check(NOTHING, look(world))
    return lead_id


def read(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def status_page(world: World, lead_id: str) -> str:
    return urlsplit(world.wiring.links.status(lead_id)).path


def accepted(world: World, lead_id: str) -> str:
    """Accepts it, and returns the path of its page."""
    page = world.offer_link(lead_id)
    world.press(page, action="accept")
    world.deliver()
    return page


def test_the_mail_about_a_second_enquiry_opens_the_page_of_the_first(open_world: World) -> None:
    first = ask(open_world, "one")
    accepted(open_world, first)
    ask(open_world, "two", message=EVENING)
    link = open_world.mailed_link(str(open_world.lead(first).owner), "o")
    assert EVENING in open_world.http("GET", link).body


def test_hq_reads_that_an_enquiry_is_being_compared_until_it_was(open_world: World) -> None:
    ask(open_world, "one")
    second = open_world.post_lead("two").json()["lead"]
    desk = open_world.desk()
    for address in (f"/hq/leads/{second}", "/hq/leads"):
        open_world.feed()
        assert "Being compared with another enquiry" in desk.get(address).body
    open_world.deliver()
    for address in (f"/hq/leads/{second}", "/hq/leads"):
        open_world.feed()
        page = desk.get(address).body
        assert "Being compared" not in page
        assert "Attached" in page


# ── attached or not ───────────────────────────────────────────────────────────────────────────────


def test_a_second_enquiry_is_attached_to_the_open_one_and_takes_no_place(open_world: World) -> None:
    first, second = ask(open_world, "one"), ask(open_world, "two", message="It is urgent now.")
    partner = open_world.lead(first).offers[0].partner
    repeat = open_world.lead(second)
    assert (repeat.status, repeat.attached_to, repeat.offers) == ("joined", first, ())
    assert open_world.lead(first).attached == (second,)
    assert open_world.load(partner).open_count == 1
    assert open_world.facts(first)[-1] == "lead.repeated"
    assert open_world.facts(second) == ["repeat.found", "lead.received", "lead.joined"]
    told = open_world.http("GET", open_world.hq_link(second)).body
    assert "Attached to an earlier enquiry, probably by the same customer" in told, (
        "nobody has proven that it is theirs"
    )


def test_what_the_second_says_stays_with_the_second(open_world: World) -> None:
    first, second = ask(open_world, "one"), ask(open_world, "two", message="It is urgent now.")
    contexts = [open_world.wiring.leads.context(each) for each in (first, second)]
    assert [context.message for context in contexts if context] == [EVENING, "It is urgent now."]
    assert contexts[0] is not None
    assert contexts[0].notes == ()


def test_the_sender_is_answered_as_if_nothing_were_open(open_world: World) -> None:
    strangers = open_world.post_lead(
        "zero", email="somebody@else.example", name="Otto", phone=""
    ).json()
    open_world.post_lead("one")
    repeat = open_world.post_lead("two", message="Once more.").json()
    alike = ("answer", "hear_by", "sentence")
    assert [repeat.get(name) for name in alike] == [strangers.get(name) for name in alike]
    assert repeat["answer"] == "offered"


def test_a_repeat_from_another_town_is_routed_there(world: World) -> None:
    hamburg = working_in("hamburg-1", "DE 20*")
    world.use(a_programme(), munich(1), hamburg)
    ask(world, "one")
    second = ask(world, "two", postcode="20095", street="Alsterweg 3", town="Hamburg")
    lead = world.lead(second)
    assert (lead.status, lead.attached_to, [offer.partner for offer in lead.offers]) == (
        "offered",
        None,
        ["hamburg-1"],
    )
    assert world.mails("hamburg-1@example.com")


def test_a_repeat_from_another_place_that_the_same_partner_covers_is_attached(
    open_world: World,
) -> None:
    first, second = ask(open_world, "one"), ask(open_world, "two", postcode="80801")
    assert open_world.lead(second).attached_to == first


def test_a_more_pressing_repeat_in_another_dutch_town_goes_its_own_way(world: World) -> None:
    document = programme_document()
    form = document["forms"][0] | {"countries": ["NL"], "urgencies": ["soon", "planning"]}
    urgencies = [
        *document["urgencies"],
        {"id": "planning", "name": {"en": "Later", "de": "Später"}},
    ]
    world.use(a_programme(forms=[form], urgencies=urgencies), working_in("nl-1", "NL"))
    dutch = {"country": "NL", "phone": ""}
    ask(world, "one", **dutch, postcode="1112 AB", urgency="planning")
    second = world.lead(
        ask(world, "two", **dutch, postcode="8113 AB", urgency="soon", street="Dorpsstraat 2")
    )
    assert (second.status, second.attached_to, second.urgency) == ("offered", None, "soon")


def test_two_people_who_typed_the_same_nonsense_address_are_two(open_world: World) -> None:
    nobody = {"email": "keine@angabe.de"}
    ask(open_world, "one", **nobody, name="Anna Berg", phone="089 99998 111")
    second = ask(open_world, "two", **nobody, name="Bernd Tal", phone="089 99998 222")
    assert (open_world.lead(second).status, open_world.lead(second).attached_to) == (
        "offered",
        None,
    )


@pytest.mark.parametrize("other", [{"name": "E. Beispiel-Neu"}, {"phone": "089 99998 777"}])
@pytest.mark.slow
def test_name_or_phone_alone_may_differ(open_world: World, other: dict[str, str]) -> None:
    first, second = ask(open_world, "one"), ask(open_world, "two", **other)
    assert open_world.lead(second).attached_to == first


def test_the_same_phone_under_another_address_is_routed_to_the_same_partner_who_is_told(
    open_world: World,
) -> None:
    first = ask(open_world, "one")
    partner = open_world.lead(first).offers[0].partner
    second = open_world.lead(ask(open_world, "two", email="other@posteo.de"))
    assert (second.status, second.attached_to, second.preferred, second.alike) == (
        "offered",
        None,
        partner,
        first,
    )
    page = open_world.http("GET", open_world.offer_link(second.id))
    assert "Möglicherweise derselbe Kunde" in page.body


def test_a_couple_with_one_landline_has_two_enquiries(open_world: World) -> None:
    first = ask(open_world, "one")
    second = ask(open_world, "two", name="Max Beispiel", email="max@posteo.de")
    open_world.press(status_page(open_world, first), action="withdraw")
    open_world.deliver()
    assert open_world.lead(second).status == "offered"


@pytest.mark.parametrize("address", ["ERIKA@posteo.de", "erika+heat@posteo.de", "Erika@POSTEO.de"])
@pytest.mark.slow
def test_another_spelling_of_the_address_is_the_same_person(
    open_world: World, address: str
) -> None:
    first = ask(open_world, "one", phone="")
    second = ask(open_world, "two", phone="", email=address)
    assert open_world.lead(second).attached_to == first


def test_another_product_is_another_enquiry(open_world: World) -> None:
    ask(open_world, "one")
    assert open_world.lead(ask(open_world, "two", product="boiler")).status == "offered"


@pytest.mark.slow
def test_after_a_finished_enquiry_the_partner_who_served_is_asked_first(open_world: World) -> None:
    first = ask(open_world, "one")
    page = accepted(open_world, first)
    served = open_world.lead(first).owner
    open_world.press(page, action="won", value="1")
    for key in ("two", "three"):
        again = open_world.lead(ask(open_world, key))
        assert (again.status, again.preferred, again.offers[0].partner) == (
            "offered",
            served,
            served,
        )
        open_world.press(accepted(open_world, again.id), action="lost", reason="price")


def test_a_repeat_of_an_enquiry_that_waits_for_hq_is_routed_on_its_own(open_world: World) -> None:
    first = ask(open_world, "one", postcode="25980")
    second = ask(open_world, "two")
    assert open_world.lead(first).status == "hq_queue"
    assert open_world.lead(second).status == "offered"
    third = open_world.lead(ask(open_world, "three", postcode="25980", message="Once more."))
    assert (third.status, third.attached_to) == ("hq_queue", None), "at the very place too"


@pytest.mark.slow
def test_a_repeat_is_attached_within_the_window_and_not_on_its_last_instant(world: World) -> None:
    world.use(a_programme(repeat={"window_days": 2}), munich(1))
    first = ask(world, "one")
    accepted(world, first)
    point = world.saved()
    world.advance(days=2, milliseconds=-1)
    assert world.lead(ask(world, "two")).attached_to == first
    world.back_to(point)
    world.advance(days=2)
    assert world.lead(ask(world, "two")).attached_to is None


def test_an_emergency_does_not_wait_behind_the_same_persons_planning_enquiry(
    open_world: World,
) -> None:
    first = ask(open_world, "one", urgency="soon")
    owner = open_world.lead(first).offers[0].partner
    accepted(open_world, first)
    second = open_world.lead(ask(open_world, "two", urgency="emergency"))
    assert (second.status, second.attached_to, second.preferred) == ("offered", None, owner)


@pytest.mark.slow
def test_at_most_five_are_attached_to_one(open_world: World) -> None:
    first = ask(open_world, "one")
    others = [ask(open_world, f"more-{n}", message=f"Number {n}") for n in range(6)]
    assert open_world.lead(first).attached == tuple(others[:5])
    assert open_world.lead(others[5]).status == "offered"


def test_two_posts_at_once_become_one_place(open_world: World) -> None:
    first = open_world.post_lead("one").json()["lead"]
    second = open_world.post_lead("two").json()["lead"]
    open_world.deliver()
    assert open_world.lead(second).attached_to == first
    partner = open_world.lead(first).offers[0].partner
    assert open_world.load(partner).open_count == 1


@pytest.mark.slow
def test_what_was_promised_to_the_second_is_kept_though_nobody_answers_the_first(
    open_world: World,
) -> None:
    ask(open_world, "one")
    second = ask(open_world, "two", message="Once more.")
    promised = open_world.lead(second).promised_by
    assert promised is not None
    open_world.run_until(promised)
    told = [str(mail["Subject"]) for mail in open_world.mails("erika@posteo.de")]
    assert len([subject for subject in told if "longer" in subject]) == 2  # one for each
    assert open_world.lead(second).promised_by != promised


@pytest.mark.parametrize("of_both", [False, True])
@pytest.mark.slow
def test_an_enquiry_that_goes_along_rests_no_longer_than_its_deadlines(
    open_world: World, of_both: bool
) -> None:
    """Whatever happens to it: there is always an instant at which it is looked at again."""
    page = accepted(open_world, ask(open_world, "one"))
    second = ask(open_world, "two", message="Once more.")
    open_world.press(page, action="contacted", **(also(open_world, second) if of_both else {}))
    for _ in range(8):
        due = open_world.lead(second).due
        assert due is not None
        open_world.run_until(due)
        check(NOTHING, look(open_world))


# ── who sees what ─────────────────────────────────────────────────────────────────────────────────


def test_before_acceptance_the_partner_learns_no_more_than_that_there_is_another(
    open_world: World,
) -> None:
    first = ask(open_world, "one")
    ask(
        open_world,
        "two",
        message="The key is under the mat.",
        street="Hinterhaus 7",
        phone="089 99998 777",
    )
    page = open_world.http("GET", open_world.offer_link(first)).body
    assert "Es gibt eine weitere Anfrage" in page
    mails = "".join(str(mail) for mail in open_world.mails("munich-"))
    for secret in ("under the mat", "Hinterhaus", "998777", "998 777", "Erika"):
        assert secret not in page + mails


def test_after_acceptance_the_owner_sees_both_in_full_and_what_differs(open_world: World) -> None:
    first = ask(open_world, "one")
    second = ask(
        open_world, "two", phone="089 99998 777", street="Hinterhaus 7", owner="tenant", message=""
    )
    page = open_world.http("GET", accepted(open_world, first)).body
    for shown in (
        EVENING,
        "+49 89 99998777",
        "Hinterhaus 7",
        "Mieter",
        open_world.lead(second).reference,
    ):
        assert shown in page
    assert "Anders als in der ersten Anfrage: Telefonnummer, Straße, Antworten." in page
    assert "niemand bestätigt" in page
    one, other = open_world.lead(first), open_world.lead(second)
    assert differences(other, one) == ("phone", "street", "answers")
    assert one.contact is not None
    assert one.contact.phone == "+4989999981230"  # nothing of the second overwrites it


def test_the_owner_is_told_of_the_repeat_and_the_prospect_gets_a_receipt(open_world: World) -> None:
    first = ask(open_world, "one")
    accepted(open_world, first)
    owner = open_world.lead(first).owner
    before = len(open_world.mails(str(owner))), len(open_world.mails("erika@posteo.de"))
    open_world.advance(hours=1)
    ask(open_world, "two", message="Evenings, please.")
    told = open_world.mails(str(owner))[before[0] :]
    assert len(told) == 1
    text = read(told[0])
    assert "Evenings, please." in text
    assert "niemand bestätigt" in text
    assert len(open_world.mails("erika@posteo.de")) == before[1] + 1


def test_an_identical_post_within_the_hour_makes_no_second_mail_to_the_partner(
    open_world: World,
) -> None:
    ask(open_world, "one")
    before = len(open_world.mails("munich-"))
    second = ask(open_world, "two")
    assert open_world.lead(second).status == "joined"
    assert len(open_world.mails("munich-")) == before
    open_world.advance(minutes=61)
    ask(open_world, "three")
    assert len(open_world.mails("munich-")) == before + 1


def test_the_same_post_with_its_address_in_capitals_makes_no_second_mail_to_the_partner(
    open_world: World,
) -> None:
    ask(open_world, "one")
    before = len(open_world.mails("munich-"))
    second = ask(open_world, "two", email="ERIKA@posteo.de")
    assert open_world.lead(second).status == "joined"
    assert len(open_world.mails("munich-")) == before
    ask(open_world, "three", email="ERIKA@posteo.de", message="One thing more.")
    assert len(open_world.mails("munich-")) == before + 1


@pytest.mark.slow
def test_what_has_ended_never_makes_an_open_enquiry_fall_off_the_contacts_row(world: World) -> None:
    """A dozen that were withdrawn, each more recent than the one that its partner has."""
    world.use(a_programme(), munich(1), working_in("hamburg-1", "DE 20*"))
    first = ask(world, "one")
    accepted(world, first)
    for number in range(12):
        other = ask(world, f"gone-{number}", postcode="20095", message=f"Number {number}")
        world.press(status_page(world, other), action="withdraw")
        world.deliver()
    again = ask(world, "again", message="Once more.")
    assert world.lead(again).attached_to == first
    row = world.wiring.leads.arrival(again, world.lead(again).claims, ()).contacts
    for claim in row.values():
        names = [each.lead for each in claim.listed]
        assert first in names
        assert len(names) <= MOST_IN_ROW


@pytest.mark.slow
def test_what_the_second_adds_later_reaches_the_owner(open_world: World) -> None:
    first = ask(open_world, "one")
    page = accepted(open_world, first)
    second = ask(open_world, "two", message="Once more.")
    before = len(open_world.mails("munich-"))
    open_world.press(status_page(open_world, second), action="note", text="The dog bites.")
    open_world.deliver()
    assert "The dog bites." in read(open_world.mails("munich-")[before])
    assert "The dog bites." in open_world.http("GET", page).body


@pytest.mark.slow
def test_a_repeated_repeat_is_answered_alike_and_told_once(open_world: World) -> None:
    ask(open_world, "one")
    open_world.advance(hours=1)
    answers = [open_world.post_lead("two") for _ in range(3)]
    assert len({answer.body for answer in answers}) == 1
    open_world.deliver()
    assert len(open_world.mails("erika@posteo.de")) == 2  # one receipt for each enquiry


@pytest.mark.slow
def test_every_mail_leads_to_its_own_enquiry(open_world: World) -> None:
    first = open_world.post_lead("one").json()
    open_world.deliver()
    open_world.advance(hours=1)
    second = open_world.post_lead("two").json()
    open_world.deliver()
    texts = [read(mail) for mail in open_world.mails("erika@posteo.de")]
    assert first["status_url"] in texts[0]
    assert second["status_url"] in texts[1]


def test_spam_of_a_known_person_neither_joins_nor_claims(open_world: World) -> None:
    first = ask(open_world, "one")
    spam = ask(open_world, "two", website_url="x")
    assert open_world.lead(spam).status == "quarantined"
    assert open_world.facts(first) == ["offer.made", "lead.received"]


def release(world: World, lead_id: str) -> None:
    assert world.press(world.hq_link(lead_id), action="release").status == 200
    check(NOTHING, look(world))
    world.deliver()
    check(NOTHING, look(world))


def confirm(world: World, lead_id: str) -> None:
    link = world.wiring.links.confirm_enquiry(lead_id, email_mark("erika@posteo.de"))
    assert "confirmed" in world.press(urlsplit(link).path, action="confirm").body
    world.deliver()
    check(NOTHING, look(world))


@pytest.mark.parametrize("let_through", [release, confirm])
@pytest.mark.slow
def test_what_was_held_is_compared_like_any_other_once_it_is_let_through(
    open_world: World, let_through: Callable[[World, str], None]
) -> None:
    held = ask(open_world, "one", website_url="x")
    first = ask(open_world, "two")
    partner = open_world.lead(first).offers[0].partner
    let_through(open_world, held)
    lead = open_world.lead(held)
    assert (lead.status, lead.attached_to, lead.answer, lead.erase_at) == (
        "joined",
        first,
        "offered",
        None,
    )
    assert lead.promised_by is not None
    assert open_world.load(partner).open_count == 1


@pytest.mark.parametrize("let_through", [release, confirm])
@pytest.mark.slow
def test_what_was_held_goes_its_own_way_where_it_is_not_alike(
    open_world: World, let_through: Callable[[World, str], None]
) -> None:
    held = ask(open_world, "one", website_url="x", urgency="emergency")
    first = ask(open_world, "two")
    let_through(open_world, held)
    lead = open_world.lead(held)
    assert (lead.status, lead.attached_to, lead.alike) == ("offered", None, first)


def test_what_hq_let_through_after_review_is_compared_like_any_other(world: World) -> None:
    nobody = {
        "field": "owner",
        "is": "tenant",
        "points": -30,
        "because": {"en": "Tenant", "de": "Mieter"},
    }
    rules = {
        "offer_from": 0,
        "nurture_from": -5,
        "nurture": {"ask_after_days": 2, "close_after_days": 4},
    }
    world.use(a_programme(qualification=rules | {"points": [nobody]}), munich(1), munich(2))
    reviewed = ask(world, "one", owner="tenant")
    assert (world.lead(reviewed).status, world.lead(reviewed).reason) == ("hq_queue", "review")
    first = ask(world, "two")
    release(world, reviewed)
    assert world.lead(reviewed).attached_to == first


@pytest.mark.parametrize("end", ["withdraw", "reject"])
@pytest.mark.slow
def test_what_has_ended_is_not_among_the_five(open_world: World, end: str) -> None:
    first = ask(open_world, "one")
    others = [ask(open_world, f"more-{n}", message=f"Number {n}") for n in range(5)]
    for lead_id in others[:4]:
        page = (
            status_page(open_world, lead_id) if end == "withdraw" else open_world.hq_link(lead_id)
        )
        open_world.press(page, action=end)
        open_world.deliver()
        assert open_world.lead(lead_id).finished
    sixth = ask(open_world, "sixth", message="Number 6")
    assert open_world.lead(sixth).attached_to == first
    assert open_world.lead(first).attached == (others[4], sixth)


@pytest.mark.slow
def test_a_first_enquiry_whose_sender_corrects_it_away_from_the_second_lets_it_go(
    open_world: World,
) -> None:
    """Only the phone agreed; once the first has another one, the two are no longer one person's."""
    first = ask(open_world, "one")
    second = ask(open_world, "two", name="Max Muster")
    assert open_world.lead(second).attached_to == first
    open_world.press(status_page(open_world, first), action="phone", phone="089 99998 555")
    repeat = open_world.lead(second)
    assert repeat.due is not None
    assert repeat.due <= open_world.now, "due in the same transaction"
    open_world.deliver()
    check(NOTHING, look(open_world))
    repeat = open_world.lead(second)
    assert (repeat.status, repeat.attached_to, repeat.alike) == ("offered", None, first)


def test_a_corrected_number_lets_nothing_go_while_the_names_agree(open_world: World) -> None:
    first = ask(open_world, "one")
    second = ask(open_world, "two", message="Once more.")
    open_world.press(status_page(open_world, first), action="phone", phone="089 99998 555")
    open_world.deliver()
    assert open_world.lead(second).attached_to == first
    assert "first.ended" not in open_world.facts(second)


def test_whoever_says_the_time_has_come_is_routed_even_with_another_enquiry_by_now(
    world: World,
) -> None:
    points = [
        {
            "field": "owner",
            "is": "tenant",
            "points": -30,
            "because": {"en": "Tenant", "de": "Mieter"},
        }
    ]
    nurture = {"ask_after_days": 30, "close_after_days": 60}
    rules = {"offer_from": 0, "nurture_from": -50, "points": points, "nurture": nurture}
    world.use(a_programme(qualification=rules), munich(1), munich(2))
    early = world.post_lead("one", owner="tenant").json()
    world.post_lead("two")
    world.now += timedelta(days=1)
    path = early["status_url"].removeprefix("https://relay.example.com")
    assert world.press(path, action="ready").status == 200
    assert world.lead(early["lead"]).status == "offered"


# ── served, or let go ─────────────────────────────────────────────────────────────────────────────


def also(world: World, lead_id: str) -> dict[str, str]:
    return {f"also-{world.lead(lead_id).reference.lower()}": "yes"}


@pytest.mark.slow
def test_what_is_settled_with_the_first_ends_and_its_sender_is_told(open_world: World) -> None:
    page = accepted(open_world, ask(open_world, "one"))
    second = ask(open_world, "two", message="Once more.")
    assert 'value="yes" checked' in open_world.http("GET", page).body  # name and phone agree
    open_world.press(page, action="won", value="9000", **also(open_world, second))
    open_world.deliver()
    check(NOTHING, look(open_world))
    repeat = open_world.lead(second)
    assert (repeat.status, repeat.reason, repeat.finished, repeat.offers) == (
        "joined",
        "served",
        True,
        (),
    )
    assert (
        open_world.mails("erika@posteo.de")[-1]["Subject"]
        == "Your enquiry is closed: Heat pump · 80331"
    )
    assert (
        "tells us that this enquiry is closed"
        in open_world.http("GET", status_page(open_world, second)).body
    )


def test_the_question_is_preset_only_if_name_and_phone_agree(open_world: World) -> None:
    page = accepted(open_world, ask(open_world, "one"))
    ask(open_world, "two", phone="089 99998 777")
    body = open_world.http("GET", page).body
    assert 'value="yes"' in body
    assert 'value="yes" checked' not in body


@pytest.mark.slow
def test_what_nothing_is_said_of_is_routed_in_its_own_right(open_world: World) -> None:
    page = accepted(open_world, ask(open_world, "one"))
    second = ask(open_world, "two", message="Once more.")
    open_world.press(page, action="won", value="9000")
    open_world.deliver()
    assert open_world.lead(second).status == "offered"


@pytest.mark.slow
def test_who_could_not_be_reached_is_not_settled_for_the_second(world: World) -> None:
    reasons = [
        {
            "id": "unreachable",
            "label": {"en": "Not reached", "de": "Nicht erreicht"},
            "neutral": True,
        }
    ]
    world.use(a_programme(lost_reasons=reasons), munich(1), munich(2))
    page = accepted(world, ask(world, "one"))
    second = ask(world, "two", message="Once more.")
    world.press(page, action="lost", reason="unreachable", **also(world, second))
    world.deliver()
    assert world.lead(second).status == "offered"


@pytest.mark.slow
def test_undoing_a_step_takes_back_what_was_said_of_the_second(open_world: World) -> None:
    first = ask(open_world, "one")
    page = accepted(open_world, first)
    second = ask(open_world, "two", message="Once more.")
    for step in ({"action": "contacted"}, {"action": "won", "value": "9000"}):
        open_world.press(page, **step, **also(open_world, second))
        open_world.press(page, action="undo")
        repeat = open_world.lead(second)
        assert (repeat.is_attached, repeat.contacted_at, repeat.attached_to) == (True, None, first)
        assert repeat.promised_by is not None
        open_world.deliver()
        check(NOTHING, look(open_world))
    assert all(
        "settled" not in str(mail["Subject"]) for mail in open_world.mails("erika@posteo.de")
    )


def spoken_of_both(world: World, first: str, second: str) -> str:
    """The owner of the first spoke with the sender about both; the path of the page."""
    page = accepted(world, first)
    world.press(page, action="contacted", **{f"also-{world.lead(second).reference.lower()}": "yes"})
    world.deliver()
    assert world.lead(second).contacted_at
    return page


@pytest.mark.slow
def test_who_let_the_first_go_is_no_longer_the_seconds_partner_and_its_sender_hears_by_when(
    open_world: World,
) -> None:
    first, second = ask(open_world, "one"), ask(open_world, "two", message="Once more.")
    page = spoken_of_both(open_world, first, second)
    former = open_world.wiring.services.partner(open_world.lead(first).owner or "").name
    assert former in open_world.http("GET", status_page(open_world, second)).body
    open_world.advance(minutes=30)
    open_world.press(page, action="hq", text="No time.")
    open_world.deliver()
    check(NOTHING, look(open_world))
    lead = open_world.lead(second)
    assert (lead.attached_to, lead.contacted_at) == (first, None)
    assert lead.promised_by
    assert lead.promised_by > open_world.now
    assert former not in open_world.http("GET", status_page(open_world, second)).body


@pytest.mark.slow
def test_whoever_gets_a_released_enquiry_has_not_spoken_with_anybody_yet(open_world: World) -> None:
    first, second = ask(open_world, "one"), ask(open_world, "two", message="Once more.")
    page = spoken_of_both(open_world, first, second)
    open_world.press(page, action="won", value="9000")
    open_world.deliver()
    assert (open_world.lead(second).status, open_world.lead(second).contacted_at) == (
        "offered",
        None,
    )


@pytest.mark.slow
def test_the_second_shows_its_partner_once_that_one_acted_on_it(open_world: World) -> None:
    page = accepted(open_world, ask(open_world, "one"))
    second = ask(open_world, "two", message="Once more.")
    owner = open_world.wiring.services.partner(
        open_world.lead(open_world.lead(second).attached_to or "").owner or ""
    ).name
    assert owner not in open_world.http("GET", status_page(open_world, second)).body
    open_world.press(page, action="contacted", **also(open_world, second))
    assert owner in open_world.http("GET", status_page(open_world, second)).body


@pytest.mark.slow
def test_several_that_are_let_go_at_once_end_up_with_the_oldest(open_world: World) -> None:
    first = ask(open_world, "one")
    others = []
    for n in range(3):
        open_world.advance(seconds=1)
        others.append(ask(open_world, f"more-{n}", message=f"Number {n}"))
    open_world.press(status_page(open_world, first), action="withdraw")
    for lead_id in reversed(others):  # the youngest timer goes off first
        open_world.wake({"lead": lead_id, "version": open_world.lead(lead_id).version})
    assert open_world.lead(others[0]).status == "offered"
    assert [open_world.lead(each).attached_to for each in others[1:]] == [others[0], others[0]]
    assert open_world.lead(others[0]).attached == tuple(others[1:])


def test_a_lost_timer_and_a_lost_event_strand_nobody(open_world: World) -> None:
    first, second = ask(open_world, "one"), ask(open_world, "two", message="Once more.")
    open_world.press(status_page(open_world, first), action="withdraw")
    assert open_world.lead(second).due == open_world.now
    open_world.advance(minutes=3)
    open_world.sweep()
    assert open_world.lead(second).status == "offered"


# ── business: the same firm ───────────────────────────────────────────────────────────────────────


@pytest.fixture
def by_firm(world: World) -> World:
    repeat = {"window_days": 180, "by": ["email", "phone", "domain"]}
    world.use(a_programme(repeat=repeat), munich(1), munich(2))
    return world


def enquire(world: World, name: str, domain: str) -> str:
    return ask(world, name, name=name.title(), email=f"{name}@{domain}", phone="")


def test_where_firms_count_a_colleague_is_offered_to_the_partner_of_the_open_enquiry(
    by_firm: World,
) -> None:
    first, second = (enquire(by_firm, name, "werk-beispiel.de") for name in ("ada", "ben"))
    lead = by_firm.lead(second)
    partner = by_firm.lead(first).offers[0].partner
    assert (lead.status, lead.attached_to, lead.preferred, lead.alike) == (
        "offered",
        None,
        partner,
        first,
    )


def test_a_colleague_learns_nothing_of_the_other_one(by_firm: World) -> None:
    enquire(by_firm, "ada", "werk-beispiel.de")
    answer = by_firm.post_lead("ben", name="Ben", email="ben@werk-beispiel.de", phone="").json()
    page = by_firm.http("GET", answer["status_url"].removeprefix("https://relay.example.com"))
    assert page.status == 200
    assert "ada" not in page.body.casefold().replace("adapt", "")


@pytest.mark.parametrize("domain", ["gmail.com", "gmx.de", "mailinator.com"])
@pytest.mark.slow
def test_a_mailbox_that_anybody_can_have_makes_no_colleagues(by_firm: World, domain: str) -> None:
    _, second = (enquire(by_firm, name, domain) for name in ("ada", "ben"))
    assert by_firm.lead(second).attached_to is None


def test_unless_the_programme_says_so_colleagues_are_two_people(open_world: World) -> None:
    _, second = (enquire(open_world, name, "werk-beispiel.de") for name in ("ada", "ben"))
    assert open_world.lead(second).status == "offered"


def test_after_a_finished_enquiry_a_colleague_is_offered_to_the_partner_who_served_the_firm(
    by_firm: World,
) -> None:
    first = enquire(by_firm, "ada", "werk-beispiel.de")
    by_firm.press(by_firm.offer_link(first), action="accept")
    by_firm.press(by_firm.offer_link(first), action="won", value="1")
    assert (
        by_firm.lead(enquire(by_firm, "ben", "werk-beispiel.de")).preferred
        == by_firm.lead(first).owner
    )


# ── merged before repeats stayed whole ────────────────────────────────────────────────────────────


def swept(world: World) -> None:
    world.sweep()
    world.deliver()


@pytest.mark.slow
def test_what_was_merged_and_got_lost_is_hqs_in_one_alert_and_is_routed_by_nobody(
    open_world: World,
) -> None:
    first = ask(open_world, "one")
    unserved = merged(open_world, first, "two", "Mine too.", email="erika@posteo.de")
    other = merged(
        open_world, first, "three", "And mine.", email="max@posteo.de", name="Max Beispiel"
    )
    open_world.press(status_page(open_world, first), action="withdraw")
    before = len(open_world.mails("hq@"))
    for _ in range(3):
        swept(open_world)
    leads = [open_world.lead(each) for each in (unserved, other)]
    assert [(lead.status, lead.reason, lead.offers) for lead in leads] == [
        ("hq_queue", "merged", ())
    ] * 2
    open_world.advance(hours=1)
    swept(open_world)
    check(NOTHING, look(open_world))
    told = open_world.mails("hq@")[before:]
    assert len(told) == 1
    assert all(lead.reference in read(told[0]) for lead in leads)
    open_world.run_for(days=20)
    assert [open_world.lead(each).status for each in (unserved, other)] == ["hq_queue", "hq_queue"]


@pytest.mark.slow
def test_what_was_merged_and_is_looked_after_stays_until_its_first_ends(open_world: World) -> None:
    first = ask(open_world, "one")
    stub = merged(open_world, first, "two", "Mine too.")
    swept(open_world)
    assert open_world.lead(stub).joined_of_old
    open_world.press(status_page(open_world, first), action="withdraw")
    swept(open_world)
    assert open_world.lead(stub).joined_of_old
    open_world.advance(days=1, minutes=1)
    swept(open_world)
    assert open_world.lead(stub).reason == "merged"


@pytest.mark.slow
def test_what_was_merged_and_served_is_left_alone_and_the_walk_ends(open_world: World) -> None:
    first = ask(open_world, "one")
    stub = merged(open_world, first, "two", "Mine too.")
    open_world.press(accepted(open_world, first), action="won", value="9000")
    for _ in range(3):
        swept(open_world)
        open_world.advance(days=1, minutes=1)
    assert open_world.lead(stub).joined_of_old
    assert "joined" not in open_world.http("GET", status_page(open_world, stub)).body
