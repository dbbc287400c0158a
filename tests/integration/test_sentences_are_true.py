"""What mails and pages say is so when it is said, whatever has happened since."""

import re
from email.message import EmailMessage
from urllib.parse import urlsplit

import pytest

from routing_core.domain.partner import Absence, Caps, Partner, Person
from routing_core.domain.territory.territory import Territory
from tests.support.world import World, a_programme, munich

SECOND = Person("boss@example.com", "Boss")
REMINDERS = {"at": [0.4, 0.7], "second_contact_from": 0.6}
TOO = "an Ihre zweite Kontaktadresse"


def text_of(mail: EmailMessage) -> str:
    """The plain text on one line, so that a sentence is found however it is wrapped."""
    body = mail.get_body(("plain",))
    assert body is not None
    return " ".join(str(body.get_content()).split())


def status_path(world: World, lead_id: str) -> str:
    return urlsplit(world.wiring.links.status(lead_id)).path


def reminders_of(world: World, partner: str) -> list[str]:
    return [text_of(mail) for mail in world.mails(partner) if "Erinnerung" in str(mail["Subject"])]


def facts_of(world: World, lead_id: str, kind: str) -> list[dict[str, object]]:
    return [
        fact.to_data() for row in world.events(lead_id) for fact in row.events if fact.kind == kind
    ]


# ── reminders ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"second_contact": Person("munich-1@example.com", "The same person again")},
        {"second_contact": SECOND, "bounced": True},
    ],
    ids=["none", "the same address", "the first cannot be reached"],
)
@pytest.mark.slow
def test_a_reminder_names_no_second_contact_to_whom_nothing_is_sent(
    world: World, changes: dict[str, object]
) -> None:
    world.use(a_programme(reminders=REMINDERS), munich(1))
    lead_id = world.post_lead().json()["lead"]
    world.deliver()
    world.wiring.partners.save([(munich(1, **changes), 1)], world.now)
    world.run_for(minutes=115)
    told = facts_of(world, lead_id, "offer.reminded")
    assert told
    assert not any(fact["second"] for fact in told)
    sent = [text_of(mail) for mail in world.mails() if "Erinnerung" in str(mail["Subject"])]
    assert sent
    assert not any(TOO in each for each in sent)
    assert "the second contact too" not in world.http("GET", world.hq_link(lead_id)).body


def test_the_last_reminder_reaches_the_second_contact_and_says_so(world: World) -> None:
    world.use(a_programme(reminders=REMINDERS), munich(1, second_contact=SECOND))
    lead_id = world.post_lead().json()["lead"]
    world.run_for(minutes=115)
    assert [fact["second"] for fact in facts_of(world, lead_id, "offer.reminded")][-1]
    assert TOO in reminders_of(world, "munich-1@example.com")[-1]
    assert (
        "Sie sind der zweite Kontakt von Isar Wärme 1."
        in reminders_of(world, "boss@example.com")[-1]
    )
    assert "the second contact too" in world.http("GET", world.hq_link(lead_id)).body


@pytest.mark.slow
def test_a_second_contact_who_left_before_the_mail_did_is_not_named_in_it(world: World) -> None:
    world.use(a_programme(reminders=REMINDERS), munich(1, second_contact=SECOND))
    world.post_lead()
    world.run_for(minutes=70)
    due = min((at, name) for name, at in world.schedules().items())
    world.now = due[0]
    world.fire(due[1])
    world.wiring.partners.save([(munich(1), 1)], world.now)
    world.run_for(minutes=50)
    assert reminders_of(world, "munich-1")
    assert not any(TOO in each for each in reminders_of(world, "munich-1"))


def test_who_is_away_when_an_offer_ends_early_is_told_of_no_second_contact_without_one(
    world: World,
) -> None:
    world.use(a_programme(offers=[{"window": {"working_days": 2}, "partners": 3, "total": {"working_days": 5}}]),
              munich(1), munich(2))  # fmt: skip
    lead_id = world.post_lead().json()["lead"]
    world.deliver()
    holder = world.lead(lead_id).offers[-1].partner
    number = int(holder[-1])
    tomorrow = world.now.date().replace(day=world.now.day + 1)
    away = munich(number, absences=(Absence(tomorrow, tomorrow.replace(day=tomorrow.day + 3)),))
    world.wiring.partners.save([(away, 1)], world.now)
    world.run_for(minutes=30)
    told = facts_of(world, lead_id, "offer.shortened")
    assert told
    assert not told[-1]["second"]
    assert not any(TOO in each for each in reminders_of(world, holder))


# ── HQ's alert ────────────────────────────────────────────────────────────────────────────────────


def nobody_left(world: World, key: str, postcode: str = "25980") -> str:
    lead_id: str = world.post_lead(
        key, email=f"{key}@posteo.de", phone="", postcode=postcode
    ).json()["lead"]
    world.deliver()
    return lead_id


def alerts(world: World) -> list[tuple[str, str]]:
    return [(str(mail["Subject"]), text_of(mail)) for mail in world.mails("hq@example.com")]


def in_sylt(number: int, **changes: object) -> Partner:
    return munich(number, territories=(Territory.parse("DE 259*"),), **changes)


@pytest.mark.slow
def test_a_grouped_alert_says_which_of_its_enquiries_are_being_asked_again(world: World) -> None:
    world.use(a_programme(), munich(1))
    nobody_left(world, "first")  # its alert leaves at once; the others wait for the hour
    again, still = nobody_left(world, "again"), nobody_left(world, "still", postcode="24103")
    world.add(in_sylt(9, caps=Caps(open=5)))
    world.press(world.hq_link(), action="retry")
    world.run_for(minutes=70)
    world.sweep()
    subject, text = alerts(world)[-1]
    assert world.lead(again).live_offers
    assert subject.startswith("Action needed")
    assert "1 more, at the end of the list, is being routed automatically again." in text
    assert "Isar Wärme 9 is being asked now, until" in text
    assert text.index(world.lead(still).reference) < text.index(world.lead(again).reference)


@pytest.mark.slow
def test_an_alert_asks_hq_for_nothing_where_all_of_it_goes_on_by_itself(world: World) -> None:
    world.use(a_programme(), munich(1))
    nobody_left(world, "first")
    nobody_left(world, "again")
    world.add(in_sylt(9))
    world.press(world.hq_link(), action="retry")
    world.run_for(minutes=70)
    world.sweep()
    subject, text = alerts(world)[-1]
    assert subject.startswith("For your information")
    assert "there is nothing you need to do right now" in text
    assert "choose one yourself" not in text


@pytest.mark.slow
def test_an_alert_leaves_out_what_somebody_accepted_before_it_left(world: World) -> None:
    world.use(a_programme(), munich(1))
    nobody_left(world, "first")
    taken, still = nobody_left(world, "taken"), nobody_left(world, "still", postcode="24103")
    world.add(in_sylt(9))
    world.press(world.hq_link(), action="retry")
    world.press(world.offer_link(taken), action="accept")
    world.run_for(minutes=70)
    world.sweep()
    told = [text for subject, text in alerts(world) if "Action needed" in subject][-1]
    assert world.lead(still).reference in told
    assert world.lead(taken).reference not in told


# ── what partners read of an offer they may release ───────────────────────────────────────────────


def test_who_may_release_one_offer_of_a_wave_is_not_told_that_somebody_else_is_looked_for_then(
    world: World,
) -> None:
    """The others of the wave have it already."""
    wave = [{"window": {"working_days": 2}, "waves": [2], "total": {"working_days": 5}}]
    world.use(a_programme(offers=wave), *(munich(n, language="en") for n in (1, 2)))
    lead_id = world.post_lead().json()["lead"]
    world.deliver()
    tomorrow = world.now.date().replace(day=world.now.day + 1)
    away = munich(
        1, language="en", absences=(Absence(tomorrow, tomorrow.replace(day=tomorrow.day + 3)),)
    )
    world.wiring.partners.save([(away, 1)], world.now)
    number = next(
        offer.number for offer in world.lead(lead_id).offers if offer.partner == "munich-1"
    )
    page = visible(world.http("GET", world.offer_link(lead_id, number)).body)
    world.run_for(minutes=30)
    assert "release it so that nobody waits for you" in page
    (reminder,) = [
        text_of(mail) for mail in world.mails("munich-1") if "Reminder" in str(mail["Subject"])
    ]
    assert "after that we will not wait for your answer any longer" in reminder
    for told in (page, reminder):
        assert "look for another partner" not in told


# ── what partners read of an offer that is over ───────────────────────────────────────────────────


def gone_mails(world: World, partner: str) -> list[str]:
    return [
        text_of(mail) for mail in world.mails(partner) if "Nicht mehr offen" in str(mail["Subject"])
    ]


def test_whose_time_is_up_is_offered_no_place_on_the_waiting_list_of_an_enquiry_that_has_ended(
    world: World,
) -> None:
    retract = [
        {
            "window": {"minutes": 120},
            "partners": 1,
            "total": {"working_days": 2},
            "on_lapse": "retract",
        }
    ]
    world.use(a_programme(offers=retract), munich(1))
    lead_id = world.post_lead().json()["lead"]
    world.run_for(minutes=119)
    world.now = world.lead(lead_id).offers[0].expires_at
    world.fire(next(iter(world.schedules())))
    world.press(status_path(world, lead_id), action="withdraw")
    world.deliver()
    told = gone_mails(world, "munich-1")
    assert told
    assert "nicht mehr für Sie reserviert" in told[-1]
    assert "vormerken" not in told[-1]


def test_whose_time_is_up_may_join_the_waiting_list_while_nobody_has_taken_it(world: World) -> None:
    retract = [
        {
            "window": {"minutes": 120},
            "partners": 2,
            "total": {"working_days": 2},
            "on_lapse": "retract",
        }
    ]
    world.use(a_programme(offers=retract), munich(1), munich(2))
    lead_id = world.post_lead().json()["lead"]
    first = world.lead(lead_id).offers[0].partner
    world.run_for(minutes=121)
    assert "vormerken" in gone_mails(world, first)[-1]


# ── what the customer reads ───────────────────────────────────────────────────────────────────────


def status_page(world: World, lead_id: str, notice: str = "") -> str:
    path = status_path(world, lead_id)
    return world.http(
        "GET", f"{path}?did={notice}.{int(world.now.timestamp())}" if notice else path
    ).body


def test_who_gave_no_number_is_promised_no_call(world: World) -> None:
    world.use(a_programme(), munich(1))
    lead_id = world.post_lead(phone="").json()["lead"]
    world.press(world.offer_link(lead_id), action="accept")
    world.deliver()
    mail, page = text_of(world.mails("erika@posteo.de")[-1]), status_page(world, lead_id)
    for told in (mail, page):
        assert "Isar Wärme 1 has taken your enquiry and will get in touch with you by" in told
        assert "will call you" not in told
    assert "Nobody has been in touch" in page


def test_a_partner_is_not_asked_to_call_who_gave_no_number(world: World) -> None:
    world.use(a_programme(missed_contact={"remind_at": 0.5}), munich(1, language="en"))
    lead_id = world.post_lead(phone="", message="").json()["lead"]
    page = world.press(world.offer_link(lead_id), action="accept").body
    assert "No phone number was given: please write by" in page
    assert "Please call by" not in page
    world.run_for(hours=23)
    subjects = [str(mail["Subject"]) for mail in world.mails("munich-1")]
    assert any("write by" in each for each in subjects)
    assert any(each.startswith("Please write: ") for each in subjects)
    assert not any("lease call" in each or "call by" in each for each in subjects)
    for mail in world.mails("munich-1"):
        assert "Please call" not in text_of(mail)


CALLING = re.compile(r"\b(?i:call|calls|called|calling)\b")


def visible(page: str) -> str:
    """The words of a page, without styles, scripts and attributes."""
    body = re.sub(r"<(style|script).*?</\1>", "", page, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


@pytest.mark.slow
def test_no_page_speaks_of_calling_a_customer_who_gave_no_number(world: World) -> None:
    world.use(a_programme(missed_contact={"remind_at": 0.5, "retract_after": {"minutes": 60}}),
              munich(1, language="en"))  # fmt: skip
    lead_id = world.post_lead(phone="", message="").json()["lead"]
    offer = world.offer_link(lead_id)
    seen = [world.press(offer, action="accept").body, world.press(offer, action="attempt").body]
    assert "Written, no reply yet" in seen[0]
    assert "Attempt logged." in seen[1]
    desk = urlsplit(world.wiring.links.desk("munich-1", 1)).path
    seen.append(world.http("GET", desk).body)
    assert "Get in touch by" in seen[-1]
    world.press(status_path(world, lead_id), action="not_called")
    seen.append(status_page(world, lead_id))
    assert "Add a phone number" in seen[-1]
    world.run_for(hours=25)
    for page in (
        world.http("GET", offer),
        world.http("GET", desk),
        world.http("GET", status_path(world, lead_id)),
    ):
        seen.append(page.body)
    seen.append(world.http("GET", world.hq_link(lead_id)).body)
    assert "The customer reports that nobody has been in touch" in seen[-1]
    for html in seen:
        assert not CALLING.search(visible(html)), visible(html)
    for mail in world.mails():
        assert not CALLING.search(f"{mail['Subject']} {text_of(mail)}"), text_of(mail)


def test_who_cooled_off_is_not_told_that_nobody_was_found(world: World) -> None:
    qualification = {
        "offer_from": 10,
        "nurture_from": 0,
        "nurture": {"ask_after_days": 10, "close_after_days": 20},
    }
    world.use(a_programme(qualification=qualification), munich(1))
    lead_id = world.post_lead().json()["lead"]
    world.run_for(days=21)
    assert (world.lead(lead_id).status, world.lead(lead_id).reason) == ("lost", "cooled")
    mail = world.mails("erika@posteo.de")[-1]
    assert str(mail["Subject"]).startswith("Your enquiry is closed")
    assert "did not hear from you" in text_of(mail)
    assert "We have looked for a partner" not in text_of(mail)


def test_a_receipt_that_leaves_late_does_not_say_that_the_partner_is_still_closed(
    world: World,
) -> None:
    hold = [
        {"window": {"minutes": 120}, "partners": 2, "total": {"working_days": 2}, "closed": "hold"}
    ]
    world.use(a_programme(offers=hold), munich(1))
    world.now = world.now.replace(
        hour=6, minute=30
    )  # half past seven in Munich; offices open at eight
    world.post_lead("first")
    world.deliver()
    second = world.post_lead("second", product="boiler", street="Another street 5").json()["lead"]
    assert world.lead(second).answer == "held"
    world.run_for(minutes=90)
    world.sweep()
    world.deliver()
    told = text_of(world.mails("erika@posteo.de")[-1])
    assert world.lead(second).reference in told
    assert "closed at the moment" not in told


def test_no_notice_of_the_customers_page_outlives_its_truth(world: World) -> None:
    world.use(a_programme(), munich(1))
    lead_id = world.post_lead().json()["lead"]
    world.press(world.offer_link(lead_id), action="accept")
    assert "We have asked your partner to get in touch with you." in status_page(
        world, lead_id, "not_called"
    )
    world.press(status_path(world, lead_id), action="withdraw")
    for notice in ("not_called", "ready", "confirmed", "moved"):
        assert 'role="status"' not in status_page(world, lead_id, notice)
    assert 'role="status"' in status_page(world, lead_id, "withdrawn")


NEARBY = re.compile(r"near|local partner (?!yet)|in your area|in Ihrer Nähe|vor Ort", re.IGNORECASE)


def test_where_only_the_backup_partner_is_asked_nothing_speaks_of_a_partner_nearby(
    world: World,
) -> None:
    world.use(a_programme(fallback={"backup_partner": "munich-9", "hq_hold": {"minutes": 60}}), munich(1),
              munich(9, territories=()))  # fmt: skip
    need = {
        "country": "DE",
        "postcode": "25980",
        "product": "heat-pump",
        "urgency": "soon",
        "step": "1",
    }
    step_two = world.http("POST", "/f/enquiry/details", form=need | {"submission_id": "one"}).body
    told = world.post_lead(postcode="25980").json()
    world.deliver()
    assert [offer.kind for offer in world.lead(told["lead"]).offers] == ["backup"]
    receipt = text_of(world.mails("erika@posteo.de")[-1])
    assert "No local partner yet" in step_two
    for words in (
        visible(step_two),
        told["next"],
        receipt,
        visible(status_page(world, told["lead"])),
    ):
        assert not NEARBY.search(words), words
