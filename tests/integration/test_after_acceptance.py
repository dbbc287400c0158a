"""Once a partner owns the lead: the call that was promised, what is asked later, what can be taken
back.
"""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from routing_core.domain.lead import DeadlineKind
from routing_core.domain.partner import Caps
from tests.support.builders import NOON
from tests.support.world import World, a_programme, munich

MS = timedelta(milliseconds=1)
RULES = {
    "contact": [{"window": {"minutes": 240}}],
    "missed_contact": {"remind_at": 0.75, "retract_after": {"minutes": 60}},
    "afterwards": {"status_days": [7, 21], "quote_days": 15, "outcome_days": 90},
}


def owned(world: World, partners: int = 2, **rules: object) -> str:
    world.use(a_programme(**RULES | rules), *(munich(n) for n in range(1, partners + 1)))
    lead_id: str = world.post_lead().json()["lead"]
    world.press(world.offer_link(lead_id, 1), action="accept")
    return lead_id


def press(world: World, lead_id: str, action: str, **form: str) -> int:
    """The owner's button; the answer's status."""
    return world.press(world.offer_link(lead_id, 1), action=action, **form).status


# ── the promised call ─────────────────────────────────────────────────────────────────────────────


def test_the_contact_is_shown_to_the_owner_and_both_sides_are_told(world: World) -> None:
    lead_id = owned(world)
    page = world.http("GET", world.offer_link(lead_id, 1))
    assert "Erika Beispiel" in page.body
    assert "Please call in the evening." in page.body
    world.deliver()
    mail = world.mails("munich-")[-1]
    assert "Erika Beispiel" in str(mail.get_body(("plain",)))
    assert [part.get_content_type() for part in mail.iter_attachments()] == ["text/calendar"]
    assert world.lead(lead_id).owner
    assert any("Isar" in str(m.get_body(("plain",))) for m in world.mails("erika@posteo.de"))


@pytest.mark.slow
def test_the_owner_is_reminded_then_hq_is_told_then_the_lead_is_taken_back_and_routed_again(
    world: World,
) -> None:
    lead_id = owned(world)
    first = world.lead(lead_id).owner
    world.run_for(minutes=330)
    facts = [(fact.kind, row.at) for row in world.events(lead_id) for fact in row.events]
    assert [(kind, at) for kind, at in facts if kind.startswith("contact.")] == [
        ("contact.reminded", NOON + timedelta(hours=3)),
        ("contact.missed", NOON + timedelta(hours=4)),
        ("contact.retracted", NOON + timedelta(hours=5)),
    ]
    lead = world.lead(lead_id)
    assert (lead.status, lead.owner, lead.offers[0].reason) == ("offered", None, "retracted")
    assert lead.offers[1].partner != first
    assert world.load(str(first)).open_count == 0
    assert world.mails("hq@example.com")


def test_without_retraction_in_the_programme_the_owner_keeps_the_lead(world: World) -> None:
    lead_id = owned(world, missed_contact={"remind_at": 0.75})
    world.run_for(hours=30)
    lead = world.lead(lead_id)
    assert lead.owner == lead.offers[0].partner
    assert "contact.missed" in world.facts(lead_id)


def test_a_call_a_moment_before_the_lead_is_taken_back_keeps_it(world: World) -> None:
    lead_id = owned(world)
    world.run_until(NOON + timedelta(hours=5) - MS)
    press(world, lead_id, "contacted")
    world.run_for(hours=3)
    assert world.lead(lead_id).status == "contacted"


def test_after_contact_nobody_is_reminded_or_told_of_a_missed_one(world: World) -> None:
    lead_id = owned(world)
    press(world, lead_id, "contacted")
    world.run_for(hours=30)
    assert not [kind for kind in world.facts(lead_id) if kind.startswith("contact.")]
    assert world.lead(lead_id).promised_by is None


def test_before_the_promised_call_passes_the_prospect_is_asked_whether_it_came(
    world: World,
) -> None:
    lead_id = owned(world)
    world.deliver()
    before = len(world.mails("erika@posteo.de"))
    promised = world.lead(lead_id).promised_by
    assert promised == NOON + timedelta(hours=4)
    world.run_until(promised)
    assert len(world.mails("erika@posteo.de")) == before + 1


def test_attempts_are_counted_and_change_nothing_else(world: World) -> None:
    lead_id = owned(world)
    for _ in range(3):
        press(world, lead_id, "attempt", text="no answer")
    lead = world.lead(lead_id)
    context = world.wiring.leads.context(lead_id)
    assert (lead.status, len(lead.attempts)) == ("accepted", 3)
    assert context
    assert [note.text for note in context.notes] == ["no answer"] * 3


@pytest.mark.slow
def test_a_lead_that_was_taken_back_promises_the_prospect_anew_and_says_so(world: World) -> None:
    lead_id = owned(world)
    world.run_for(hours=5)
    lead = world.lead(lead_id)
    assert lead.promised_by
    assert lead.promised_by > world.now
    told = world.mails("erika")[-1].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert (
        "We have no record that Isar Wärme 1 has been in touch with you, so we are looking for another partner for you."
        in told
    )


# ── later ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.slow
def test_the_owner_is_asked_on_the_days_of_the_programme_and_hq_hears_after_the_last(
    world: World,
) -> None:
    lead_id = owned(world)
    press(world, lead_id, "contacted")
    asked = []
    for day in range(1, 95):
        known = len(world.events(lead_id))
        world.run_until(NOON + timedelta(days=day))
        for row in world.events(lead_id)[known:]:
            asked += [(fact.kind, (row.at - NOON).days) for fact in row.events]
    assert asked == [
        ("status.asked", 9),
        ("quote.missed", 21),
        ("status.asked", 29),
        ("outcome.missed", 90),
    ]


def test_when_no_quote_was_made_in_time_the_owner_is_asked_once_and_hq_hears(world: World) -> None:
    lead_id = owned(world)
    press(world, lead_id, "contacted")
    world.run_for(days=20)
    world.deliver()
    partner, hq = len(world.mails("munich-")), len(world.mails("hq@example.com"))
    world.run_for(days=2)
    told = [m["Subject"] for m in world.mails("munich-")[partner:]]
    assert told == ["Ist das Angebot verschickt? Wärmepumpe · 80331"]
    told = [m["Subject"] for m in world.mails("hq@example.com")[hq:]]
    assert told == [
        f"No quote yet: Heat pump · 80331 · {world.wiring.services.partner('munich-1').name}"
    ]
    assert world.facts(lead_id).count("quote.missed") == 1


def test_a_quote_counts_as_the_call_and_ends_the_wait_for_both(world: World) -> None:
    lead_id = owned(world)
    press(world, lead_id, "quoted", value="12.500", text="two variants")
    lead = world.lead(lead_id)
    assert (lead.status, lead.quote, lead.contacted_at, lead.quoted_at) == (
        "quoted",
        "12500",
        NOON,
        NOON,
    )
    assert world.events(lead_id)[-1].events[0].to_data() == {
        "partner": lead.owner,
        "value": "12500",
        "currency": "EUR",
    }
    world.run_for(days=28)
    assert not {"contact.missed", "promise.renewed", "quote.missed"} & set(world.facts(lead_id))
    assert "status.asked" in world.facts(lead_id)


def test_a_quote_needs_no_amount_but_a_wrong_one_is_asked_for_again(world: World) -> None:
    lead_id = owned(world)
    press(world, lead_id, "contacted")
    world.advance(days=1)
    assert press(world, lead_id, "quoted", value="about a lot") == 422
    assert world.lead(lead_id).status == "contacted"
    press(world, lead_id, "quoted", value=" ")
    lead = world.lead(lead_id)
    assert (lead.status, lead.quote, lead.contacted_at) == ("quoted", "", NOON)
    assert world.events(lead_id)[-1].events[0].to_data() == {"partner": lead.owner}


def test_a_quote_is_made_once(world: World) -> None:
    lead_id = owned(world)
    press(world, lead_id, "quoted", value="100")
    stored = world.lead(lead_id)
    press(world, lead_id, "quoted", value="200")
    press(world, lead_id, "contacted")
    assert world.lead(lead_id) == stored


def test_a_programme_may_do_without_quotes(world: World) -> None:
    lead_id = owned(world, afterwards={"status_days": [7], "quote_days": None, "outcome_days": 90})
    press(world, lead_id, "contacted")
    world.run_for(days=80)
    assert "quote.missed" not in world.facts(lead_id)


def test_the_desk_names_the_quote_first_and_then_the_outcome(world: World) -> None:
    lead_id = owned(world)
    desk = urlsplit(world.wiring.links.desk("munich-1", world.load("munich-1").links)).path
    press(world, lead_id, "contacted")
    assert "Angebot bis" in world.http("GET", desk).body
    press(world, lead_id, "quoted")
    page = world.http("GET", desk).body
    assert "Ergebnis bis" in page
    assert "Angebot abgegeben" in page
    assert "Angebot bis" not in page


def test_the_prospect_reads_what_the_partner_says_of_the_quote(world: World) -> None:
    lead_id = owned(world)
    press(world, lead_id, "quoted", value="12500")
    page = world.http("GET", urlsplit(world.wiring.links.status(lead_id)).path).body
    assert "tells us that they have sent you a quote" in page
    assert "12" not in page.split("tells us")[1].split("</p>")[0]


def test_a_lead_that_is_placed_anew_carries_no_old_quote(world: World) -> None:
    lead_id = owned(world)
    first = world.lead(lead_id).owner
    press(world, lead_id, "quoted", value="100")
    queue = urlsplit(world.wiring.services.queue_link(lead_id)).path
    other, version = "munich-2" if first == "munich-1" else "munich-1", world.lead(lead_id).version
    world.press(queue, action="assign", partner=other, version=f"{version}")
    lead = world.lead(lead_id)
    assert (lead.status, lead.quoted_at, lead.quote) == ("offered", None, "")


@pytest.mark.parametrize(
    ("action", "form", "status"),
    [("won", {"value": "12500"}, "won"), ("lost", {"reason": "price"}, "lost")],
)
@pytest.mark.slow
def test_won_and_lost_end_everything_and_free_the_place(
    world: World, action: str, form: dict[str, str], status: str
) -> None:
    lead_id = owned(world)
    partner = str(world.lead(lead_id).owner)
    press(world, lead_id, action, **form)
    lead = world.lead(lead_id)
    assert (lead.status, lead.deadlines, lead.sole_listing, world.load(partner).open_count) == (
        status,
        (),
        "",
        0,
    )
    world.run_for(days=100)
    assert world.lead(lead_id).version == lead.version


@pytest.mark.parametrize(
    ("action", "form"), [("won", {"value": "much"}), ("won", {"value": "-1"}), ("lost", {})]
)
@pytest.mark.slow
def test_an_outcome_without_its_figure_or_reason_is_asked_for_again(
    world: World, action: str, form: dict[str, str]
) -> None:
    lead_id = owned(world)
    assert press(world, lead_id, action, **form) == 422
    assert world.lead(lead_id).status == "accepted"


def test_somebody_who_does_not_own_the_lead_cannot_go_on_with_it(world: World) -> None:
    world.use(a_programme(**RULES), munich(1), munich(2))
    lead_id = world.post_lead().json()["lead"]
    world.press(world.offer_link(lead_id, 1), action="decline", reason="busy")
    world.press(world.offer_link(lead_id, 2), action="accept")
    stored = world.lead(lead_id)
    for action in ("attempt", "contacted", "won", "lost", "undo", "return"):
        world.press(world.offer_link(lead_id, 1), action=action, value="1", reason="price")
    assert world.lead(lead_id) == stored


# ── undo ──────────────────────────────────────────────────────────────────────────────────────────

STEPS = [
    ("contacted", {}),
    ("quoted", {"value": "1"}),
    ("won", {"value": "1"}),
    ("lost", {"reason": "price"}),
]


@pytest.mark.parametrize(("action", "form"), STEPS)
@pytest.mark.slow
def test_a_step_can_be_undone_until_two_minutes_have_passed(
    world: World, action: str, form: dict[str, str]
) -> None:
    lead_id = owned(world)
    before = world.lead(lead_id)
    press(world, lead_id, action, **form)
    world.now += timedelta(minutes=2) - MS
    press(world, lead_id, "undo")
    after = world.lead(lead_id)
    assert (after.status, after.deadlines, after.promised_by) == (
        before.status,
        before.deadlines,
        before.promised_by,
    )
    assert (after.contacted_at, after.finished_at, after.value, after.reason) == (
        None,
        None,
        "",
        "",
    )
    assert (after.quoted_at, after.quote) == (None, "")
    assert world.load(str(after.owner)).open_count == 1


@pytest.mark.parametrize(("action", "form"), STEPS)
@pytest.mark.slow
def test_after_two_minutes_a_step_stands(world: World, action: str, form: dict[str, str]) -> None:
    lead_id = owned(world)
    press(world, lead_id, action, **form)
    done = world.lead(lead_id)
    world.now += timedelta(minutes=2)
    assert press(world, lead_id, "undo") == 200
    assert world.lead(lead_id) == done


def test_a_won_lead_that_is_undone_has_its_quote_still(world: World) -> None:
    lead_id = owned(world)
    press(world, lead_id, "quoted", value="100")
    world.advance(minutes=5)
    before = world.lead(lead_id)
    press(world, lead_id, "won", value="90")
    press(world, lead_id, "undo")
    after = world.lead(lead_id)
    assert (after.status, after.quote, after.quoted_at) == ("quoted", "100", before.quoted_at)


@pytest.mark.slow
def test_what_came_due_between_a_step_and_its_undo_is_told_once(world: World) -> None:
    lead_id = owned(world, missed_contact={"remind_at": 0.75})
    quote_by = world.lead(lead_id).deadline(DeadlineKind.QUOTE)
    assert quote_by
    world.run_until(quote_by - MS)
    press(world, lead_id, "contacted")
    world.run_for(minutes=1)
    press(world, lead_id, "undo")
    world.run_for(days=2)
    assert world.facts(lead_id).count("quote.missed") == 1


@pytest.mark.slow
def test_a_quote_that_fell_due_while_the_lead_was_won_by_mistake_is_still_asked_for(
    world: World,
) -> None:
    lead_id = owned(world)
    press(world, lead_id, "contacted")
    quote_by = world.lead(lead_id).deadline(DeadlineKind.QUOTE)
    assert quote_by
    world.run_until(quote_by - MS)
    press(world, lead_id, "won", value="1")
    world.run_for(minutes=1)
    press(world, lead_id, "undo")
    world.run_for(minutes=1)
    assert world.facts(lead_id)[-1] == "quote.missed"


def test_undo_works_once(world: World) -> None:
    lead_id = owned(world)
    press(world, lead_id, "contacted")
    press(world, lead_id, "undo")
    version = world.lead(lead_id).version
    press(world, lead_id, "undo")
    assert world.lead(lead_id).version == version


def test_a_promise_stands_again_when_the_contact_is_undone(world: World) -> None:
    """It was forgotten with the step: nobody would have told the prospect that the call did not
    come.
    """
    lead_id = owned(world)
    press(world, lead_id, "contacted")
    press(world, lead_id, "undo")
    world.run_for(hours=4)
    assert "promise.renewed" in world.facts(lead_id)


def test_undo_of_a_won_lead_takes_its_place_again_even_above_the_cap(world: World) -> None:
    world.use(a_programme(**RULES), munich(1, caps=Caps(open=1)))
    one = world.post_lead("one").json()["lead"]
    world.press(world.offer_link(one, 1), action="accept")
    press(world, one, "won", value="1")
    world.post_lead("two", email="b@posteo.de", phone="")
    press(world, one, "undo")
    assert world.load("munich-1").open_count == 2
