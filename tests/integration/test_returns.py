"""Given back after acceptance, with a reason: the next partner, HQ, or an honest end; the prospect
is always told.
"""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from routing_core.aws.codecs.lead_items import lead_from_item, lead_to_item
from routing_core.domain.figures import NONE_YET
from tests.samples.cast import RETURNS
from tests.support.builders import NOON
from tests.support.invariants import NOTHING, check, look
from tests.support.world import World, a_programme, munich


def owned(world: World, partners: int = 2, **rules: object) -> str:
    rules = {"return_reasons": RETURNS, "return_within": {"working_days": 2}} | rules
    world.use(a_programme(**rules), *(munich(n, language="en") for n in range(1, partners + 1)))
    lead_id: str = world.post_lead().json()["lead"]
    world.press(world.offer_link(lead_id, 1), action="accept")
    world.deliver()
    return lead_id


def give_back(world: World, lead_id: str, reason: str, text: str = "") -> int:
    link = world.offer_link(lead_id, 1)
    return world.press(link, action="give_back", reason=reason, text=text).status


def said(world: World, to: str) -> str:
    bodies = (m.get_body(("plain",)).get_content() for m in world.mails(to))  # type: ignore[union-attr]
    return " ".join(" ".join(bodies).split())


@pytest.mark.slow
def test_work_that_is_not_theirs_goes_to_the_next_partner_in_the_same_commit(world: World) -> None:
    lead_id = owned(world)
    version = world.lead(lead_id).version
    assert give_back(world, lead_id, "work", "We do no heat pumps.") == 200
    lead = world.lead(lead_id)
    assert [(o.partner, o.status, o.reason) for o in lead.offers] == [
        ("munich-1", "returned", "work"),
        ("munich-2", "pending", ""),
    ]
    assert (lead.owner, lead.version) == (None, version + 1)
    assert (world.load("munich-1").open_count, world.load("munich-2").open_count) == (0, 1)
    world.deliver()
    assert "Isar Wärme 1 cannot look after your enquiry after all" in said(world, "erika@posteo.de")
    assert "Isar Wärme 1 gave it back: Not work we do" in said(world, "hq@example.com")
    page = world.http("GET", world.offer_link(lead_id, 1)).body
    assert "You gave this enquiry back (Not work we do)" in page
    assert "Erika" not in page
    check(NOTHING, look(world))


@pytest.mark.slow
def test_a_return_for_the_enquirers_doing_leaves_the_figures_alone_and_any_other_counts(
    world: World,
) -> None:
    reasons = [RETURNS[1] | {"neutral": True}, RETURNS[2]]
    lead_id = owned(world, return_reasons=reasons)
    other = world.post_lead("two", email="b@posteo.de", phone="").json()["lead"]
    world.press(world.offer_link(other, 1), action="accept")
    give_back(world, lead_id, "contact")
    assert world.load("munich-1").figures == NONE_YET
    give_back(world, other, "work")
    figures = world.load(world.lead(other).offers[0].partner).figures
    assert (figures.offers, figures.returned) == (1, 1)


@pytest.mark.slow
def test_what_was_promised_stands_or_there_is_a_new_promise_in_the_mail(world: World) -> None:
    lead_id = owned(world)
    promised = world.lead(lead_id).promised_by
    give_back(world, lead_id, "work")
    assert world.lead(lead_id).promised_by == promised
    other = world.post_lead("two", email="b@posteo.de", phone="").json()["lead"]
    for form in (
        {"action": "accept"},
        {"action": "contacted"},
        {"action": "give_back", "reason": "work"},
    ):
        world.press(world.offer_link(other, 1), **form)
    assert world.lead(other).promised_by
    assert "promise.renewed" not in world.facts(other), "one mail is enough"


def test_a_promise_that_passed_while_nothing_ran_is_made_anew(world: World) -> None:
    lead_id = owned(world)
    world.advance(hours=30)
    give_back(world, lead_id, "work")
    promised = world.lead(lead_id).promised_by
    assert promised
    assert promised > world.now
    check(NOTHING, look(world))


@pytest.mark.slow
def test_a_wrong_contact_is_for_hq_and_nobody_is_asked_meanwhile(world: World) -> None:
    lead_id = owned(world)
    give_back(world, lead_id, "contact", "The number belongs to a bakery.")
    world.deliver()
    lead = world.lead(lead_id)
    assert (lead.status, lead.reason, len(lead.offers)) == ("hq_queue", "returned", 1)
    assert "Isar Wärme 1 gave this enquiry back: Wrong contact" in said(world, "hq@example.com")
    queue = f"/q/{world.wiring.services.queue_link(lead_id).split('/q/')[1]}"
    assert "bakery" in world.http("GET", queue).body
    world.run_for(hours=30)
    assert world.lead(lead_id).status == "hq_queue"
    assert world.press(queue, action="release").status == 200
    assert world.lead(lead_id).offers[-1].partner == "munich-2"
    check(NOTHING, look(world))


def try_to_call(world: World, lead_id: str, *hours: float) -> None:
    for hour in hours:
        world.run_until(NOON + timedelta(hours=hour))
        world.press(world.offer_link(lead_id, 1), action="attempt")


@pytest.mark.slow
def test_who_was_never_reached_may_be_given_back_only_after_enough_calls(world: World) -> None:
    lead_id = owned(world, contact=[{"window": {"working_days": 3}}])
    page = world.http("GET", world.offer_link(lead_id, 1)).body
    assert "requires 3 logged attempts, on 2 different days, at least one after 17:00" in page
    assert "Still missing: 3 attempts, attempts on 2 other days, an attempt after 17:00" in page
    try_to_call(world, lead_id, 1, 2)
    assert give_back(world, lead_id, "unreachable") == 422
    page = world.http("GET", world.offer_link(lead_id, 1)).body
    assert "Still missing: 1 attempt, an attempt on another day, an attempt after 17:00" in page
    try_to_call(world, lead_id, 29.5)
    assert "All done." in world.http("GET", world.offer_link(lead_id, 1)).body
    assert give_back(world, lead_id, "unreachable") == 200
    world.deliver()
    lead = world.lead(lead_id)
    assert (lead.status, lead.reason, lead.owner, lead.deadlines, lead.promised_by) == (
        "lost",
        "unreachable",
        None,
        (),
        None,
    )
    assert world.load("munich-1").open_count == 0
    assert "Isar Wärme 1 has given your enquiry back to us (Could not be reached)" in said(
        world, "erika@posteo.de"
    )
    check(NOTHING, look(world))


def test_who_has_spoken_with_them_cannot_say_that_nobody_answers(world: World) -> None:
    lead_id = owned(world)
    world.press(world.offer_link(lead_id, 1), action="contacted")
    assert "logged attempts" not in world.http("GET", world.offer_link(lead_id, 1)).body
    assert give_back(world, lead_id, "unreachable") == 422


@pytest.mark.parametrize("reason", ["", "far", "<b>"])
@pytest.mark.slow
def test_without_one_of_the_reasons_nothing_is_given_back(world: World, reason: str) -> None:
    lead_id = owned(world)
    stored = world.lead(lead_id)
    assert give_back(world, lead_id, reason) == 422
    assert world.lead(lead_id) == stored


def test_after_the_days_of_the_programme_it_stays(world: World) -> None:
    lead_id = owned(world)
    world.press(world.offer_link(lead_id, 1), action="contacted")
    world.run_until(NOON + timedelta(days=2) - timedelta(milliseconds=1))
    assert "Give it back for good" in world.http("GET", world.offer_link(lead_id, 1)).body
    world.run_until(NOON + timedelta(days=2))
    stored = world.lead(lead_id)
    assert "Give it back" not in world.http("GET", world.offer_link(lead_id, 1)).body
    assert give_back(world, lead_id, "work") == 200
    assert world.lead(lead_id) == stored


def test_a_programme_without_reasons_offers_no_return(world: World) -> None:
    lead_id = owned(world, return_reasons=[])
    world.run_for(minutes=11)
    assert "Give it back" not in world.http("GET", world.offer_link(lead_id, 1)).body
    give_back(world, lead_id, "work")
    assert world.lead(lead_id).owner


@pytest.mark.slow
def test_giving_back_twice_or_from_another_offer_changes_nothing(world: World) -> None:
    lead_id = owned(world)
    give_back(world, lead_id, "work")
    stored = world.lead(lead_id)
    assert give_back(world, lead_id, "work") == 200
    assert (
        world.press(world.offer_link(lead_id, 2), action="give_back", reason="work").status == 200
    )
    assert world.press(world.offer_link(lead_id, 1), action="wait").status == 200
    assert world.lead(lead_id) == stored


def test_who_gave_it_back_is_not_asked_again_by_the_link_of_an_earlier_offer(world: World) -> None:
    world.use(a_programme(return_reasons=RETURNS), munich(1, language="en"))
    lead_id: str = world.post_lead().json()["lead"]
    world.press(world.offer_link(lead_id, 1), action="decline", reason="busy")
    world.press(
        urlsplit(world.wiring.services.queue_link(lead_id)).path,
        action="assign",
        partner="munich-1",
    )
    world.press(world.offer_link(lead_id, 2), action="accept")
    world.press(world.offer_link(lead_id, 1), action="wait")
    assert world.lead(lead_id).waiting == (), "the owner waits for nothing"
    world.press(world.offer_link(lead_id, 2), action="give_back", reason="work")
    stored = world.lead(lead_id)
    assert stored.offers[1].status == "returned"
    page = world.press(world.offer_link(lead_id, 1), action="wait").body
    assert world.lead(lead_id) == stored
    assert 'value="wait"' not in page


@pytest.mark.slow
def test_attempts_are_kept_as_instants_and_older_items_only_counted_them(world: World) -> None:
    lead_id = owned(world)
    for _ in range(25):
        world.advance(seconds=1)
        world.press(world.offer_link(lead_id, 1), action="attempt")
    lead = world.lead(lead_id)
    assert len(lead.attempts) == 20
    assert lead.attempts[-1] == world.now.replace(microsecond=0)
    item = lead_to_item(lead)
    item["attempts"] = len(item.pop("tried")) - 18
    assert lead_from_item(item).attempts == (lead.accepted_at,) * 2
