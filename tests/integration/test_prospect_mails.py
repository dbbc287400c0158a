"""What the prospect reads: of the partner who has the enquiry, of one who no longer has it, and
never a thing that is no longer so by the time the mail is written.
"""

from urllib.parse import urlsplit

import pytest

from tests.support.invariants import NOTHING, check, look
from tests.support.world import World, a_programme, munich

RETRACT = {
    "contact": [{"window": {"minutes": 240}}],
    "missed_contact": {"remind_at": 0.75, "retract_after": {"minutes": 60}},
}
YOUR_PARTNER = "Your partner is Isar Wärme 1"
MOVED_ON = "We are looking for another partner: Heat pump · 80331"


def enquired(world: World, **rules: object) -> str:
    world.use(a_programme(**rules), munich(1), munich(2, tier=3))
    lead_id: str = world.post_lead().json()["lead"]
    world.deliver()
    return lead_id


def accepted(world: World, **rules: object) -> str:
    lead_id = enquired(world, **rules)
    world.press(world.offer_link(lead_id), action="accept")
    world.deliver()
    return lead_id


def assign(world: World, lead_id: str, partner: str) -> None:
    page, version = (
        urlsplit(world.wiring.services.queue_link(lead_id)).path,
        world.lead(lead_id).version,
    )
    world.press(page, action="assign", partner=partner, version=f"{version}")


def subjects(world: World) -> list[str]:
    """Of what came after the receipt."""
    return [str(mail["Subject"]) for mail in world.mails("erika")][1:]


def last(world: World) -> str:
    body = world.mails("erika")[-1].get_body(("plain",))
    return " ".join(body.get_content().split())  # type: ignore[union-attr]


# ── the promise ───────────────────────────────────────────────────────────────────────────────────


def test_a_promise_renewed_while_nobody_had_the_lead_asks_nobody_about_a_call(world: World) -> None:
    """The partner accepted before the mail was written: it asked whether a partner never heard of
    had called by now.
    """
    lead_id = enquired(world, promise=[{"within": {"minutes": 60}}])
    due = world.lead(lead_id).due
    assert due
    world.now = due
    world.wake({"lead": lead_id, "version": world.lead(lead_id).version})
    assert world.facts(lead_id)[-1] == "promise.renewed"
    world.press(world.offer_link(lead_id), action="accept")
    world.deliver()
    assert subjects(world) == [YOUR_PARTNER]


def test_whether_the_partner_called_is_asked_only_while_that_partner_has_not_noted_it(
    world: World,
) -> None:
    lead_id = accepted(world, **RETRACT)
    at = world.lead(lead_id).deadlines
    world.now = next(deadline.at for deadline in at if deadline.kind == "promise")
    world.wake({"lead": lead_id, "version": world.lead(lead_id).version})
    assert world.facts(lead_id)[-1] == "promise.renewed"
    world.press(world.offer_link(lead_id), action="contacted")
    world.deliver()
    assert subjects(world) == [YOUR_PARTNER]


@pytest.mark.slow
def test_a_promise_that_passes_without_a_partner_says_that_it_takes_longer_and_with_one_asks_of_the_call(
    world: World,
) -> None:
    lead_id = enquired(world, **RETRACT, promise=[{"within": {"minutes": 60}}])
    world.run_for(minutes=60)
    world.press(world.offer_link(lead_id), action="accept")
    world.run_for(minutes=240)
    assert subjects(world) == [
        "This is taking a little longer: Heat pump · 80331",
        YOUR_PARTNER,
        "Has Isar Wärme 1 called you?",
    ]


# ── the partner who was named no longer has it ────────────────────────────────────────────────────


def test_who_was_told_of_a_partner_is_told_that_it_was_accepted_by_mistake(world: World) -> None:
    lead_id = accepted(world)
    world.advance(minutes=5)
    promised = world.lead(lead_id).promised_by
    world.press(world.offer_link(lead_id), action="return")
    world.deliver()
    assert subjects(world) == [YOUR_PARTNER, MOVED_ON]
    assert (
        "Isar Wärme 1 cannot look after your enquiry after all. We are looking for another partner for you."
        in last(world)
    )
    assert "You will hear from us by 12:00 on Thursday, 26 November." in last(world)
    assert world.lead(lead_id).promised_by == promised
    check(NOTHING, look(world))


@pytest.mark.slow
def test_who_was_told_of_a_partner_is_told_that_hq_asked_another(world: World) -> None:
    lead_id = accepted(world)
    assign(world, lead_id, "munich-2")
    world.deliver()
    assert subjects(world) == [YOUR_PARTNER, MOVED_ON]
    assert (
        "Isar Wärme 1 is no longer looking after your enquiry: Example Heating has asked another partner. You will hear"
        in last(world)
    )
    world.press(world.offer_link(lead_id), action="accept")
    world.deliver()
    assert subjects(world)[2:] == ["Your partner is Isar Wärme 2"]
    check(NOTHING, look(world))


@pytest.mark.slow
def test_who_was_told_of_a_partner_is_told_once_that_no_call_was_heard_of(world: World) -> None:
    accepted(world, **RETRACT)
    world.run_for(minutes=300)
    assert subjects(world) == [YOUR_PARTNER, "Has Isar Wärme 1 called you?", MOVED_ON]


def test_a_partner_who_had_it_for_a_moment_is_not_taken_back_from_who_never_heard(
    world: World,
) -> None:
    lead_id = enquired(world)
    world.press(world.offer_link(lead_id), action="accept")
    world.press(world.offer_link(lead_id), action="return")
    world.deliver()
    assert subjects(world) == []


@pytest.mark.parametrize("action", ["return", "assign"])
@pytest.mark.slow
def test_if_the_next_partner_accepted_meanwhile_that_is_the_mail(world: World, action: str) -> None:
    lead_id = accepted(world)
    if action == "return":
        world.press(world.offer_link(lead_id), action="return")
    else:
        assign(world, lead_id, "munich-2")
    world.press(world.offer_link(lead_id), action="accept")
    world.deliver()
    assert subjects(world) == [YOUR_PARTNER, "Your partner is Isar Wärme 2"]


def test_an_offer_that_ends_before_anybody_accepted_is_no_news_for_the_prospect(
    world: World,
) -> None:
    lead_id = enquired(world)
    assign(world, lead_id, "munich-2")
    world.deliver()
    assert subjects(world) == []
