"""What HQ hears about a partner, the channel manager of the partner's regions hears too."""

from typing import Any
from urllib.parse import urlsplit

import pytest

from routing_core.domain.partner import Person
from routing_core.domain.territory.territory import Territory
from routing_core.domain.values.mailboxes import email_mark
from routing_core.service.kernel.lead_mail import LeadMail, MailOutcome
from routing_core.service.notifications.lead_mails import mails_about
from tests.support.hooks import hooked
from tests.support.world import World, a_programme, munich

REGIONS = {
    "munich": {"country": "DE", "postcodes": ["80*", "81000-81999"]},
    "freising": {"country": "DE", "postcodes": ["85*"]},
    "north": {"country": "DE", "postcodes": ["2*"]},
}
MANAGERS = [{"email": f"{region}@example.com", "regions": [region]} for region in REGIONS]
LAPSES = {"lapses": {"unseen_to_hq": 1, "pause": 2, "days": 1}}


@pytest.fixture
def world_of_managers(world: World) -> World:
    hq = {"emails": ["hq@example.com"], "digests": [], "managers": MANAGERS}
    world.use(a_programme(hq=hq, regions=REGIONS, **LAPSES))
    return world


def heard(world: World, words: str) -> set[str]:
    """Which managers got the mail to HQ with these words in its subject."""
    mails = [m for m in world.mails() if words in str(m["Subject"])]
    assert any("hq@example.com" in str(m["To"]) for m in mails), [
        str(m["Subject"]) for m in world.mails()
    ]
    return {region for region in REGIONS for m in mails if f"{region}@" in str(m["To"])}


def confirm_link(world: World, partner: str) -> str:
    return urlsplit(world.wiring.links.confirm(partner, email_mark(f"{partner}@example.com"))).path


def lapse(world: World, *names: str) -> None:
    for name in names:
        world.post_lead(name, email=f"{name}@posteo.de", phone="")
        world.run_for(hours=2)


@pytest.mark.slow
def test_who_does_not_look_is_phoned_by_the_manager_of_where_they_sit(
    world_of_managers: World,
) -> None:
    world_of_managers.add(munich(1, postcode="85354"))
    lapse(world_of_managers, "a")
    assert heard(world_of_managers, "Please call") == {
        "munich",
        "freising",
    }  # the enquiry's region, and the partner's


@pytest.mark.slow
def test_an_automatic_pause_is_told_to_the_managers_of_the_regions_a_partner_works_in(
    world_of_managers: World,
) -> None:
    territories = tuple(Territory.parse(f"region {name}") for name in ("munich", "north"))
    world_of_managers.add(munich(1, territories=territories))
    lapse(world_of_managers, "a", "b")
    assert heard(world_of_managers, "aused") == {"munich", "north"}


def test_a_bounce_is_told_to_the_managers_of_where_the_partner_sits_and_works(
    world_of_managers: World,
) -> None:
    world_of_managers.add(munich(1, postcode="20095"))
    world_of_managers.wiring.bus.publish(
        (), [("partner.bounced", {"partner": "munich-1", "event": "1"})]
    )
    world_of_managers.deliver()
    assert heard(world_of_managers, "Isar") == {"north", "munich"}


def test_unconfirmed_addresses_are_told_to_the_managers_of_all_whom_the_mail_names(
    world_of_managers: World,
) -> None:
    places = ("20095", "85354", "80331")
    new = [munich(n, postcode=place, confirmed_email="") for n, place in enumerate(places, start=1)]
    world_of_managers.wiring.partners.save(
        [(partner, None) for partner in new], world_of_managers.now
    )
    world_of_managers.deliver()
    assert heard(world_of_managers, "1 partner has") == {"north", "munich"}
    world_of_managers.press(confirm_link(world_of_managers, "munich-3"))
    world_of_managers.advance(hours=1)
    world_of_managers.sweep()
    assert heard(world_of_managers, "1 partner has") == {"north", "munich", "freising"}, (
        "who confirmed meanwhile is left out"
    )


def test_a_partner_whose_place_nobody_named_concerns_only_hq(world_of_managers: World) -> None:
    world_of_managers.add(munich(1, postcode="", territories=(Territory.parse("AT"),)))
    world_of_managers.wiring.bus.publish(
        (), [("partner.bounced", {"partner": "munich-1", "event": "1"})]
    )
    world_of_managers.deliver()
    assert heard(world_of_managers, "Isar") == set()


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            [
                "An enquiry for Isar Wärme 1 expired without anybody opening it.",
                "An enquiry expired without anybody there opening it.",
                "2 enquiries in a row expired without an answer from Isar Wärme 1.",
                "2 enquiries in a row expired without an answer. Isar",
            ],
        ),
        (
            "de",
            [
                "Eine Anfrage für Isar Wärme 1 lief ab, ohne dass sie jemand geöffnet hat.",
                "Eine Anfrage lief dort ab, ohne dass sie jemand angesehen hat.",
                "2 Anfragen in Folge blieben von Isar Wärme 1 ohne Antwort.",
                "2 Anfragen in Folge blieben ohne Antwort. Isar",
            ],
        ),
    ],
)
@pytest.mark.slow
def test_how_many_went_unanswered_is_what_happened_not_what_is_usual(
    world: World, language: str, words: list[str]
) -> None:
    """The mails said two and three whatever the programme says."""
    hq = {"emails": ["hq@example.com"], "digests": [], "managers": MANAGERS, "language": language}
    world.use(a_programme(hq=hq, regions=REGIONS, **LAPSES))
    world.add(munich(1, language=language, second_contact=Person("boss@example.com")))
    lapse(world, "a", "b")
    world.run_for(days=1)  # the second contact is asked first
    world.sweep()
    told = " ".join(str(m.get_body(("plain",)).get_content()) for m in world.mails())  # type: ignore[union-attr]
    told = " ".join(told.split())
    assert [sentence for sentence in words if sentence not in told] == []


# ── the second contact first, then HQ ─────────────────────────────────────────────────────────────


def unseen_once(world: World, **changes: Any) -> None:
    """One lapse is enough here: 14:00 in Munich; HQ is next, an hour later."""
    lapses = {"unseen_to_hq": 1, "hq_after": {"minutes": 60}, "pause": 9}
    world.use(a_programme(lapses=lapses), munich(1, language="en", **changes))
    world.post_lead("a", email="a@posteo.de", phone="")
    world.run_for(hours=2)


def pass_time(world: World, minutes: int) -> None:
    for _ in range(minutes // 5):
        world.run_for(minutes=5)
        world.sweep()
        world.deliver()


def mail_to_phone(world: World) -> LeadMail:
    """What a lead's page tells of it."""
    (lead,) = world.lead_ids()
    mails = mails_about(world.wiring.sent_mails, world.events(lead))
    return next(mail for mail in mails if mail.template == "phone_partner")


def phoned(world: World) -> int:
    return sum("Please call" in str(mail["Subject"]) for mail in world.mails("hq@"))


@pytest.mark.slow
def test_who_does_not_look_is_asked_through_the_second_contact_and_phoned_if_that_does_not_help(
    world: World,
) -> None:
    """Both were written to at the same instant."""
    unseen_once(world, second_contact=Person("boss@example.com", "Boss"))
    assert (len(world.mails("boss@")), phoned(world)) == (1, 0)
    assert mail_to_phone(world).outcome is MailOutcome.GATHERED
    pass_time(world, 55)
    assert phoned(world) == 0
    pass_time(world, 60)
    assert phoned(world) == 1
    assert mail_to_phone(world).outcome is MailOutcome.SENT
    assert mail_to_phone(world).subject == "Please call Isar Wärme 1"
    told = " ".join(str(m.get_body(("plain",)).get_content()) for m in world.mails("hq@"))  # type: ignore[union-attr]
    assert "We have emailed the second contact, Boss, but have had no answer." in told


@pytest.mark.slow
def test_hq_need_not_phone_once_somebody_there_answered(world: World) -> None:
    unseen_once(world, second_contact=Person("boss@example.com"))
    lead_id = world.post_lead("b", email="b@posteo.de", phone="").json()["lead"]
    world.press(world.offer_link(lead_id), action="decline", reason="busy")
    pass_time(world, 120)
    assert phoned(world) == 0


@pytest.mark.slow
def test_hq_need_not_phone_once_the_second_contact_paused_the_partner(world: World) -> None:
    unseen_once(world, second_contact=Person("boss@example.com"))
    world.press(urlsplit(world.wiring.links.desk("munich-1", 1)).path, action="pause")
    pass_time(world, 120)
    assert phoned(world) == 0


@pytest.mark.slow
def test_hq_is_to_phone_at_once_where_there_is_no_second_contact_to_reach(world: World) -> None:
    unseen_once(
        world,
        second_contact=Person("boss@example.com"),
        unreachable=(email_mark("boss@example.com"),),
    )
    assert (len(world.mails("boss@")), phoned(world)) == (0, 1)
    pass_time(world, 120)
    assert phoned(world) == 1


@pytest.mark.slow
def test_after_an_import_of_fifty_unconfirmed_partners_hq_hears_of_all_and_nobody_reads_the_whole_table(
    world_of_managers: World,
) -> None:
    world = world_of_managers
    new = [munich(number, confirmed_email="", postcode="20095") for number in range(10, 60)]
    world.wiring.partners.save([(partner, None) for partner in new], world.now)
    world.deliver()
    with hooked(
        world,
        "before-call",
        "Scan",
        lambda **_: pytest.fail("the sweep may not read them all"),
        times=99,
    ):
        world.advance(hours=1)
        world.sweep()
    mails = [mail for mail in world.mails("hq@") if "confirm" in str(mail["Subject"]).lower()]
    told = " ".join(str(mail.get_body(("plain",)).get_content()) for mail in mails)  # type: ignore[union-attr]
    assert len(mails) == 2, "the first at once, the others together"
    assert not [partner.name for partner in new if partner.name not in told]
