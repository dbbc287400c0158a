"""The prospect's own page, and the promise of when they hear."""

from datetime import datetime, timedelta

import pytest

from routing_core.aws.tables.commit_writes import MOST_NOTES
from routing_core.domain.lead import DeadlineKind, LeadStatus
from routing_core.domain.offer import OfferStatus
from tests.support.builders import NOON
from tests.support.stack import BASE_URL
from tests.support.world import World, a_programme, munich

MS = timedelta(milliseconds=1)


def enquire(world: World, **fields: str) -> tuple[str, str]:
    """The lead's id and the path of its status page."""
    told = world.post_lead(**fields).json()
    return told["lead"], told["status_url"].removeprefix(BASE_URL)


def test_the_page_says_where_it_stands_and_names_the_partner_only_once_one_has_it(
    world: World,
) -> None:
    world.use(a_programme(), munich(1))
    lead_id, page = enquire(world)
    assert "Isar" not in world.http("GET", page).body
    world.press(world.offer_link(lead_id), action="accept")
    assert "Isar" in world.http("GET", page).body


def test_a_withdrawal_ends_the_offer_and_tells_the_partner(world: World) -> None:
    world.use(a_programme(), munich(1))
    lead_id, page = enquire(world)
    world.deliver()
    world.press(page, action="withdraw")
    lead = world.lead(lead_id)
    assert (lead.status, lead.deadlines, lead.promised_by, world.load("munich-1").open_count) == (
        "withdrawn",
        (),
        None,
        0,
    )
    world.deliver()
    assert len(world.mails("munich-1")) == 2
    assert "Erika" not in world.http("GET", world.offer_link(lead_id)).body


def test_a_withdrawn_enquiry_cannot_be_accepted_any_more(world: World) -> None:
    world.use(a_programme(), munich(1))
    lead_id, page = enquire(world)
    world.press(page, action="withdraw")
    world.press(world.offer_link(lead_id), action="accept")
    assert world.lead(lead_id).status == "withdrawn"


def test_the_owner_hears_of_a_withdrawal_and_the_place_is_free(world: World) -> None:
    world.use(a_programme(), munich(1))
    lead_id, page = enquire(world)
    world.press(world.offer_link(lead_id), action="accept")
    world.deliver()
    before = len(world.mails("munich-1"))
    world.press(page, action="withdraw")
    world.deliver()
    assert (len(world.mails("munich-1")), world.load("munich-1").open_count) == (before + 1, 0)


def test_a_corrected_number_and_a_note_reach_the_owner(world: World) -> None:
    world.use(a_programme(), munich(1))
    lead_id, page = enquire(world)
    world.press(world.offer_link(lead_id), action="accept")
    world.deliver()
    before = len(world.mails("munich-1"))
    world.press(page, action="phone", phone="089 99998124")
    world.press(page, action="note", text="The dog is friendly.")
    world.deliver()
    contact = world.lead(lead_id).contact
    assert contact
    assert contact.phone == "+498999998124"
    assert len(world.mails("munich-1")) == before + 2
    assert "The dog is friendly." in world.http("GET", world.offer_link(lead_id)).body


@pytest.mark.slow
def test_an_enquiry_keeps_forty_notes_and_says_so_at_the_next(world: World) -> None:
    world.use(a_programme(), munich(1))
    lead_id, page = enquire(world)
    for number in range(MOST_NOTES):
        assert world.press(page, action="note", text=f"note {number}").status == 200
    version = world.lead(lead_id).version
    told = "No more notes can be added to this enquiry."
    assert told in world.press(page, action="note", text="one more").body
    offer = world.press(world.offer_link(lead_id), action="decline", reason="busy", text="one more")
    assert (offer.status, "Weitere Notizen sind nicht möglich" in offer.body) == (422, True)
    assert world.lead(lead_id).version == version
    world.post_lead("again")  # attached all the same, with its own message
    world.deliver()
    assert world.facts(lead_id)[-1] == "lead.repeated"
    world.press(world.offer_link(lead_id), action="decline", reason="busy")
    assert world.lead(lead_id).offers[0].status is OfferStatus.DECLINED


@pytest.mark.parametrize(
    "form", [{"action": "phone", "phone": "12"}, {"action": "note", "text": "  "}]
)
def test_what_is_missing_is_asked_for_and_nothing_changes(
    world: World, form: dict[str, str]
) -> None:
    world.use(a_programme(), munich(1))
    lead_id, page = enquire(world)
    assert world.press(page, **form).status == 422
    assert world.lead(lead_id).version == 1


def test_nobody_called_me_goes_to_the_owner_and_to_hq(world: World) -> None:
    world.use(a_programme(), munich(1))
    lead_id, page = enquire(world)
    world.press(page, action="not_called")
    assert world.lead(lead_id).version == 1, "nobody has it yet: there is nothing to complain of"
    world.press(world.offer_link(lead_id), action="accept")
    world.deliver()
    before = len(world.mails("munich-1")), len(world.mails("hq@example.com"))
    world.press(page, action="not_called")
    world.deliver()
    assert (len(world.mails("munich-1")), len(world.mails("hq@example.com"))) == (
        before[0] + 1,
        before[1] + 1,
    )


def test_a_partner_who_says_they_have_spoken_does_not_silence_the_prospect(world: World) -> None:
    world.use(a_programme(), munich(1))
    lead_id, page = enquire(world)
    world.press(world.offer_link(lead_id), action="accept")
    world.press(world.offer_link(lead_id), action="contacted")
    world.deliver()
    assert "Nobody has called me" in world.http("GET", page).body
    world.press(page, action="not_called")
    world.deliver()
    (mail,) = [
        m for m in world.mails("hq@example.com") if str(m["Subject"]).startswith("Customer waiting")
    ]
    body = mail.get_body(("plain",))
    assert body
    assert (
        "At 12:00 on Wednesday, 25 November, Isar Wärme 1 logged that they had contacted the customer."
        in body.get_content()
    )


def test_who_was_called_can_say_so_and_nobody_gets_a_mail_for_it(world: World) -> None:
    world.use(a_programme(), munich(1))
    lead_id, page = enquire(world)
    assert 'value="called"' not in world.http("GET", page).body
    world.press(page, action="called")
    assert world.lead(lead_id).version == 1, "nobody has it yet: there is nothing to confirm"
    world.press(world.offer_link(lead_id), action="accept")
    world.deliver()
    assert "Yes, I was called" in world.http("GET", page).body
    before = len(world.mails())
    answer = world.press(page, action="called")
    world.deliver()
    assert "Thank you for letting us know." in answer.body
    assert len(world.mails()) == before
    desk = world.desk().get(f"/hq/leads/{lead_id}").body
    assert "The customer reports that the partner has called" in desk


@pytest.mark.parametrize("missed", [False, True])
def test_an_owner_is_not_chased_for_a_call_that_the_customer_confirmed(
    world: World, missed: bool
) -> None:
    world.use(a_programme(), munich(1))
    lead_id, page = enquire(world)
    world.press(world.offer_link(lead_id), action="accept")
    by = world.lead(lead_id).deadline(DeadlineKind.CONTACT)
    assert by is not None
    desk = world.desk()
    if missed:
        world.now = by + timedelta(minutes=1)
        world.sweep()
        world.deliver()
        world.feed()
        assert "First contact overdue" in desk.get("/hq").body
    before = len(world.mails())
    world.press(page, action="called")
    world.deliver()
    world.feed()
    assert "First contact overdue" not in desk.get("/hq").body
    assert "as you told us, has been in touch" in world.http("GET", page).body
    world.now = by + timedelta(days=5)
    world.sweep()
    world.deliver()
    world.feed()
    later = [mail["Subject"] for mail in world.mails()[before:]]
    assert not [each for each in later if "call" in each.casefold()], later
    assert "First contact overdue" not in desk.get("/hq").body
    lead = world.lead(lead_id)
    assert (lead.status, lead.owner) == (LeadStatus.ACCEPTED, "munich-1")


def test_a_step_taken_back_does_not_bring_back_the_chase_for_a_confirmed_call(
    world: World,
) -> None:
    world.use(a_programme(), munich(1))
    lead_id, page = enquire(world)
    world.press(world.offer_link(lead_id), action="accept")
    world.press(world.offer_link(lead_id), action="contacted")
    world.press(page, action="called")
    world.press(world.offer_link(lead_id), action="undo")
    lead = world.lead(lead_id)
    assert lead.status is LeadStatus.ACCEPTED
    kinds = {each.kind for each in lead.deadlines}
    assert not kinds & {DeadlineKind.CONTACT, DeadlineKind.CONTACT_REMIND, DeadlineKind.RETRACT}
    assert DeadlineKind.OUTCOME in kinds


@pytest.mark.parametrize(
    "action", ["withdraw", "note", "phone", "not_called", "called", "ready", "nonsense"]
)
@pytest.mark.slow
def test_a_finished_enquiry_takes_nothing_more(world: World, action: str) -> None:
    world.use(a_programme(), munich(1))
    lead_id, page = enquire(world)
    world.press(world.offer_link(lead_id), action="accept")
    world.press(world.offer_link(lead_id), action="won", value="1")
    stored = world.lead(lead_id)
    assert world.press(page, action=action, text="x", phone="089 99998124").status == 200
    assert world.lead(lead_id) == stored


def test_a_quarantined_enquiry_looks_to_its_sender_like_any_other(world: World) -> None:
    world.use(a_programme(), munich(1))
    _, spam = enquire(world, website_url="x")
    shown = world.http("GET", spam)
    assert shown.status == 200
    assert "spam" not in shown.body.lower()
    assert "quarantin" not in shown.body.lower()


# ── later ─────────────────────────────────────────────────────────────────────────────────────────

TENANT = [
    {"field": "owner", "is": "tenant", "points": -30, "because": {"en": "Tenant", "de": "Mieter"}}
]


def nurtured(world: World) -> tuple[str, str]:
    nurture = {"ask_after_days": 30, "close_after_days": 60}
    rules = {"offer_from": 0, "nurture_from": -50, "points": TENANT, "nurture": nurture}
    world.use(a_programme(qualification=rules), munich(1))
    return enquire(world, owner="tenant")


def test_who_is_not_ready_is_asked_after_thirty_days_and_closed_after_sixty(world: World) -> None:
    lead_id, _ = nurtured(world)
    world.deliver()
    before = len(world.mails("erika@posteo.de"))
    world.run_for(days=30)
    assert len(world.mails("erika@posteo.de")) == before + 1
    world.run_for(days=29)
    assert world.lead(lead_id).status == "nurture"
    world.run_for(days=1, seconds=5)
    assert (world.lead(lead_id).status, world.lead(lead_id).reason) == ("lost", "cooled")


def test_who_says_the_time_has_come_is_offered_and_promised_to_hear(world: World) -> None:
    lead_id, page = nurtured(world)
    world.press(page, action="ready")
    lead = world.lead(lead_id)
    assert lead.status == "offered"
    assert lead.promised_by
    assert lead.promised_by > world.now


def test_an_enquiry_hq_assigned_out_of_waiting_is_never_closed_for_having_cooled(
    world: World,
) -> None:
    """Its old deadlines stayed: weeks later they would have closed it, or failed for ever, with a
    partner asked.
    """
    lead_id, _ = nurtured(world)
    page = world.wiring.services.queue_link(lead_id).removeprefix(BASE_URL)
    world.press(page, action="assign", partner="munich-1")
    kinds = {deadline.kind for deadline in world.lead(lead_id).deadlines}
    assert not kinds & {DeadlineKind.NURTURE_ASK, DeadlineKind.NURTURE_END}


# ── promises ──────────────────────────────────────────────────────────────────────────────────────


def heard(world: World) -> int:
    return len(world.mails("erika@posteo.de"))


def test_a_promise_is_kept_before_it_passes_and_replaced_by_the_next(world: World) -> None:
    world.use(
        a_programme(offers=[{"window": {"working_days": 1}, "total": {"working_days": 3}}]),
        munich(1),
    )
    lead_id, _ = enquire(world)
    world.deliver()
    before, promised = heard(world), world.lead(lead_id).promised_by
    assert promised == NOON + timedelta(hours=4)
    world.run_until(promised - MS)
    assert heard(world) == before + 1
    renewed = world.lead(lead_id).promised_by
    assert renewed
    assert renewed > promised


@pytest.mark.slow
def test_a_promise_is_kept_even_if_its_timer_is_lost_and_only_the_sweeper_runs(
    world: World,
) -> None:
    world.use(
        a_programme(offers=[{"window": {"working_days": 1}, "total": {"working_days": 3}}]),
        munich(1),
    )
    lead_id, _ = enquire(world)
    world.deliver()
    for name in list(world.schedules()):
        world.take_timer(name)
    before, promised = heard(world), world.lead(lead_id).promised_by
    assert promised
    world.now = NOON + timedelta(seconds=37)  # the sweeper's runs fall where they fall
    while world.now < promised:
        world.sweep()
        world.deliver()
        world.advance(minutes=5)
    assert heard(world) == before + 1


@pytest.mark.parametrize("release_at", [NOON, NOON + timedelta(hours=3, minutes=50)])
def test_a_release_does_not_put_off_what_was_promised(world: World, release_at: datetime) -> None:
    """The promise was silently replaced by a later one."""
    points = [
        {
            "field": "owner",
            "is": "tenant",
            "points": -30,
            "because": {"en": "Tenant", "de": "Mieter"},
        }
    ]
    world.use(
        a_programme(qualification={"offer_from": 0, "nurture_from": 0, "points": points}), munich(1)
    )
    lead_id, _ = enquire(world, owner="tenant")
    promised = world.lead(lead_id).promised_by
    world.now = release_at
    world.press(world.wiring.services.queue_link(lead_id).removeprefix(BASE_URL), action="release")
    assert (world.lead(lead_id).status, world.lead(lead_id).promised_by) == ("offered", promised)


def test_a_rejected_enquiry_that_was_promised_to_hear_does_hear(world: World) -> None:
    world.use(
        a_programme(qualification={"offer_from": 0, "nurture_from": 0, "points": TENANT}), munich(1)
    )
    lead_id, _ = enquire(world, owner="tenant")
    world.deliver()
    before = heard(world)
    world.press(world.wiring.services.queue_link(lead_id).removeprefix(BASE_URL), action="reject")
    world.deliver()
    assert (world.lead(lead_id).status, heard(world)) == ("rejected", before + 1)
