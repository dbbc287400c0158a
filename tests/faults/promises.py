"""Each promise of the product as one short game that ends in an AssertionError if the promise is
broken.

They are what catches the deliberately broken variants; the suites play the same at length.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch
from urllib.parse import urlsplit

from routing_core.aws import wiring
from routing_core.aws.queues.timers import SOONEST, whole_second
from routing_core.domain.partner import Caps
from routing_core.domain.territory.territory import Territory
from routing_core.domain.values.mailboxes import email_mark
from routing_core.service.kernel.retry import EXACT_TRIES
from tests.faults.calls import Fault, Killed, trouble
from tests.faults.deliveries import PatientWorld, short_letter
from tests.faults.stages import (
    RULES,
    SHARE,
    exhausted,
    hq_api,
    offered,
    on_offer,
    on_queue,
    on_status,
    owned,
    staged,
)
from tests.faults.state import mails
from tests.support.hooks import error, hooked, meanwhile, refused, reply_lost, writes_counted
from tests.support.invariants import NOTHING, check, look
from tests.support.stack import BASE_URL
from tests.support.world import a_programme, munich


def post(world: PatientWorld, name: str, **fields: str) -> str:
    lead: str = world.post_lead(name, email=f"{name}@posteo.de", phone="", **fields).json()["lead"]
    return lead


def two_accepts_have_one_winner(world: PatientWorld) -> None:
    lead = offered(world, offers=[SHARE])
    world.run_for(minutes=120)
    one, other = (
        on_offer(world, lead, 1, action="accept"),
        on_offer(world, lead, 2, action="accept"),
    )
    answers = []
    with meanwhile(world, lambda: answers.append(other())):
        answers.append(one())
    told = [answer.headers["Location"].split(".")[0] for answer in answers if answer]
    assert told.count("?did=accepted") == 1, told
    check(NOTHING, look(world))


def the_last_place_is_given_once(world: PatientWorld) -> None:
    world.use(a_programme(), munich(1, caps=Caps(open=1)))
    with meanwhile(world, lambda: post(world, "a")):
        post(world, "b")
    assert world.load("munich-1").open_count == 1


def one_key_is_one_enquiry(world: PatientWorld) -> None:
    """Held back as spam, so that no partner's place and no claim is in the second one's way."""
    world.use(a_programme(), munich(1))
    with meanwhile(world, lambda: world.post_lead("one", message="the first", website_url="x")):
        second = world.post_lead("one", message="the second", website_url="x")
    assert second.status == 422


def a_lost_reply_counts_once(world: PatientWorld) -> None:
    lead = owned(world)
    with reply_lost(world):
        world.press(world.offer_link(lead), action="attempt")
    assert world.facts(lead).count("contact.attempted") == 1


def a_sender_who_died_is_followed(world: PatientWorld) -> None:
    staged(world)
    world.post_lead()
    world.stream(world.rows()[0])
    with patch("functions.notify.app.render_mail", side_effect=Killed):
        world.notify()
    world.advance(minutes=2)
    world.redeliver()
    assert len(mails(world)) == 2, "the offer and the receipt"


def two_senders_send_once(world: PatientWorld) -> None:
    staged(world)
    world.post_lead()
    world.stream(world.rows()[0])
    entry = next(each for each in world.published if each["DetailType"] == "offer.made")
    told = []

    def letter(view: object) -> object:
        if not told:
            told.append(view)
            world.tell(entry)  # the queue's second delivery, while the first is at it
        return short_letter(view)  # type: ignore[arg-type]

    with patch("functions.notify.app.render_mail", letter):
        world.tell(entry)
    assert max(mails(world).values()) == 1


def a_timer_before_time_moves_nothing(world: PatientWorld) -> None:
    lead = offered(world)
    world.wake({"lead": lead, "version": world.lead(lead).version})
    assert world.lead(lead).version == 1


def a_timer_before_time_comes_again(world: PatientWorld) -> None:
    lead = offered(world)
    world.fire(f"{lead}.1")
    world.run_for(hours=3)
    assert len(world.lead(lead).offers) == 2


def every_deadline_has_its_timer(world: PatientWorld) -> None:
    """Also after a commit that another one overtook."""
    lead = offered(world)
    note = on_status(world, lead, action="note", text="x")
    world.advance(minutes=10)
    with meanwhile(world, note):
        world.press(world.offer_link(lead), action="decline", reason="busy")
    world.deliver()
    for row in world.events(lead):
        if row.due and (armed := world.schedules().get(f"{lead}.{row.version}")):
            assert armed == whole_second(max(row.due, row.at + SOONEST)), f"version {row.version}"


def at_the_end_of_the_window_the_partner_is_too_late(world: PatientWorld) -> None:
    lead = offered(world)
    world.now = world.lead(lead).offers[0].expires_at
    world.press(world.offer_link(lead), action="accept")
    assert world.lead(lead).owner is None


def at_the_end_of_the_window_the_next_is_asked(world: PatientWorld) -> None:
    lead = offered(world, reminders={"at": []})
    world.now = world.lead(lead).offers[0].expires_at
    world.wake({"lead": lead, "version": 1})
    assert len(world.lead(lead).offers) == 2


def an_old_claim_holds_nobody(world: PatientWorld) -> None:
    rules = RULES | {"repeat": {"window_days": 1}}
    first = offered(world, **rules)
    world.press(world.offer_link(first), action="accept")
    world.advance(days=1, seconds=1)
    assert "repeat.found" not in world.facts(world.post_lead("two").json()["lead"])


def the_facts_are_the_whole_story(world: PatientWorld) -> None:
    lead = offered(world)
    world.press(world.offer_link(lead), action="accept")
    on_status(world, lead, action="withdraw")()
    lead = post(world, "two")
    on_status(world, lead, action="withdraw")()
    check(NOTHING, look(world))


def what_the_bus_refused_is_published(world: PatientWorld) -> None:
    staged(world)
    world.post_lead()

    def refuse(parsed: dict[str, object], **_: object) -> None:
        parsed["Entries"] = [{"ErrorCode": "ThrottlingException"} for _ in world.published]
        world.published.clear()

    events = wiring._client("events").meta.events
    events.register("after-call.events.PutEvents", refuse)
    world.deliver()
    events.unregister("after-call.events.PutEvents", refuse)
    world.redeliver()
    facts = {json.loads(each["Detail"])["fact"] for each in world.published}
    assert facts == {row.event_id(i) for row in world.rows() for i in range(len(row.events))}


def looking_writes_nothing(world: PatientWorld) -> None:
    lead = offered(world)
    pages = [
        world.offer_link(lead),
        world.wiring.links.status(lead),
        world.wiring.links.desk("munich-1", 1),
    ]
    with writes_counted(world) as writes:
        for page in pages:
            world.http("GET", urlsplit(page).path)
    assert writes == []


def a_link_belongs_to_its_offer(world: PatientWorld) -> None:
    lead = offered(world)
    stranger = next(
        f"munich-{n}" for n in (1, 2, 3) if world.lead(lead).offers[0].partner != f"munich-{n}"
    )
    forged = world.wiring.links.offer(lead, 1, stranger, 1).removeprefix(BASE_URL)
    assert world.http("POST", forged, form={"action": "accept"}).status == 403


def a_token_serves_one_purpose(world: PatientWorld) -> None:
    lead = offered(world)
    status = world.wiring.links.status(lead).rsplit("/", 1)[1]
    assert {world.http("GET", f"/{page}/{status}").status for page in "odcq"} == {403}


def one_bad_lead_stops_nobody(world: PatientWorld) -> None:
    staged(world)
    leads = [post(world, name) for name in ("a", "b")]
    world.advance(minutes=130)
    with refused(world, "InternalServerError"):
        world.sweep()
    assert sorted(len(world.lead(lead).offers) for lead in leads) == [1, 2]


def a_declined_place_is_free(world: PatientWorld) -> None:
    lead = offered(world)
    world.press(world.offer_link(lead), action="decline", reason="busy")
    check(NOTHING, look(world))


def what_waits_for_a_digest_leaves(world: PatientWorld) -> None:
    lead = offered(world, hq={"emails": ["hq@example.com"], "digests": ["13:00"]})
    world.press(world.offer_link(lead), action="accept")
    world.deliver()
    world.now = world.now.replace(hour=12, minute=1)
    with trouble(Fault.FAILS, at="sesv2.SendEmail"):
        world.sweep()
    world.advance(minutes=5)
    world.sweep()
    assert sum("digest" in mail for mail in mails(world)) == 1


def a_promise_never_passes_in_silence(world: PatientWorld) -> None:
    lead = offered(world, promise=[{"within": {"minutes": 60}}])
    world.run_for(minutes=61)
    assert "promise.renewed" in world.facts(lead)


def hq_hears_of_a_chain_once(world: PatientWorld) -> None:
    lead = exhausted(world)
    world.run_for(minutes=200)
    assert world.facts(lead).count("lead.exhausted") == 1
    check(NOTHING, look(world))


def figures_count_what_is_true_in_the_end(world: PatientWorld) -> None:
    lead = owned(world)
    for form in ({"action": "contacted"}, {"action": "won", "value": "12500"}, {"action": "undo"}):
        world.press(world.offer_link(lead), **form)
    check(NOTHING, look(world))


def nobody_is_asked_twice(world: PatientWorld) -> None:
    lead = offered(world, partners=2)
    for _ in range(3):
        if world.lead(lead).live_offers:
            world.press(world.offer_link(lead), action="decline", reason="busy")
    check(NOTHING, look(world))


def a_refused_write_changes_nothing(world: PatientWorld) -> None:
    lead = offered(world)
    before = world.items()

    def refuse(**_: object) -> None:
        raise error("ThrottlingException", "TransactWriteItems")

    with hooked(world, "before-call", "TransactWriteItems", refuse, times=99):
        assert on_offer(world, lead, action="accept")().status == 500  # type: ignore[union-attr]
    assert world.items() == before


# ── in a crowd, where the caps alone decide ───────────────────────────────────────────────────────


@contextmanager
def in_a_crowd(world: PatientWorld, at_last: Callable[[], object]) -> Iterator[None]:
    """Others commit on every load during the three tries that hold for exactly what they saw;
    during the fourth, which no longer asks for that, ``at_last`` happens.
    """
    tries: list[int] = []

    def meet() -> None:
        tries.append(1)
        if len(tries) <= EXACT_TRIES:
            loads_change(world)
        else:
            at_last()

    with meanwhile(world, meet, times=EXACT_TRIES + 1):
        yield
    assert len(tries) == EXACT_TRIES + 1, "nobody tried so often"


def loads_change(world: PatientWorld, more: str = "") -> None:
    """As commits about other leads would change them; ``more``: what else is set."""
    for row in world.items("partners", lambda pk, sk: sk == "LOAD"):
        world.wiring._dynamo.update_item(
            TableName="partners",
            Key={"pk": {"S": row["pk"]}, "sk": {"S": "LOAD"}},
            UpdateExpression=f"SET seq = seq + :one{more}",
            ExpressionAttributeValues={
                ":one": {"N": "1"},
                **({":yes": {"BOOL": True}} if more else {}),
            },
        )


def who_was_just_paused_after_lapses_gets_nothing(world: PatientWorld) -> None:
    staged(world, partners=1)
    with in_a_crowd(world, lambda: loads_change(world, ", pause = :yes")):
        lead = post(world, "a")
    assert world.lead(lead).offers == ()


def who_just_paused_gets_nothing(world: PatientWorld) -> None:
    staged(world, partners=1)
    with in_a_crowd(world, lambda: world.wiring.partners.set_paused("munich-1", True, world.now)):
        lead = post(world, "a")
    assert world.lead(lead).offers == ()


def the_last_place_of_a_product_is_given_once(world: PatientWorld) -> None:
    world.use(a_programme(**RULES), munich(1, caps=Caps(open=9, products={"heat-pump": 1})))
    with in_a_crowd(world, lambda: post(world, "a")):
        post(world, "b")
    assert world.load("munich-1").products == {"heat-pump": 1}


def two_lapses_at_once_are_two(world: PatientWorld) -> None:
    """The second is the one that pauses."""
    staged(world, partners=1, lapses={"unseen_to_hq": 9, "pause": 2, "days": 1})
    leads = [post(world, name) for name in ("a", "b")]
    world.now = max(world.lead(lead).offers[0].expires_at for lead in leads)
    one, other = ({"lead": lead, "version": world.lead(lead).version} for lead in leads)
    with meanwhile(world, lambda: world.wake(other)):
        world.wake(one)
    load = world.load("munich-1")
    assert (load.lapses, load.active) == (2, False)
    assert sum(world.facts(lead).count("partner.paused") for lead in leads) == 1


def two_enquiries_of_one_person_see_each_other(world: PatientWorld) -> None:
    """The contact's row is taken while the second tries for the fourth time: it looks again."""
    staged(world)
    with in_a_crowd(world, lambda: world.post_lead("one", phone="")):
        second = world.post_lead("two", phone="", message="Once more").json()["lead"]
    (row,) = [
        row for row in world.items(only=lambda pk, sk: sk == "CLAIM") if row["lead"] == second
    ]
    assert {row["lead"], *(lead for lead, *_ in row["earlier"])} == set(world.lead_ids())
    assert "repeat.found" in world.facts(second)


# ── what ends, and who sees it ────────────────────────────────────────────────────────────────────


def who_knows_the_customer_has_answered(world: PatientWorld) -> None:
    """A claim is an answer: the row of lapses ends with it."""
    staged(world, partners=1, lapses={"unseen_to_hq": 9, "pause": 9})
    post(world, "a")
    world.run_for(minutes=130)
    assert world.load("munich-1").lapses == 1
    lead = post(world, "b")
    world.press(world.offer_link(lead), action="decline", reason="customer")
    world.http(
        "POST", urlsplit(world.wiring.services.queue_link(lead)).path, form={"action": "grant"}
    )
    assert world.lead(lead).owner == "munich-1"
    assert world.load("munich-1").lapses == 0


def no_page_is_shown_in_somebody_elses(world: PatientWorld) -> None:
    """Whoever frames a page presses its buttons with other people's hands."""
    lead = offered(world)
    links = world.wiring.links
    pages = [
        world.offer_link(lead),
        links.status(lead),
        links.desk("munich-1", 1),
        world.wiring.services.queue_link(lead),
    ]
    for address in (*pages, "/f/enquiry", "/o/not-a-link"):
        headers = world.http("GET", urlsplit(address).path).headers
        assert headers["X-Frame-Options"] == "DENY", address
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"], address


FIRST_HOUSE, SECOND_HOUSE = "SW1A 1AA", "EC1A 1BB"


def erasure_forgets_each_house(world: PatientWorld) -> None:
    """A British postcode is a few houses: those of before a move too."""
    programme = a_programme(**RULES)
    form = programme.forms[0].model_copy(update={"countries": ["GB"]})
    everywhere = munich(1, territories=(Territory.parse("*"),))
    world.use(programme.model_copy(update={"forms": [form]}), everywhere)
    lead = post(world, "a", country="GB", postcode=FIRST_HOUSE)
    on_status(world, lead, action="postcode", postcode=SECOND_HOUSE)()
    assert [moved.postcode for moved in world.lead(lead).moves] == [FIRST_HOUSE]
    on_status(world, lead, action="withdraw")()
    on_queue(world, lead, action="erase")()
    stored = world.lead(lead)
    assert stored.status == "erased"
    assert stored.postcode == SECOND_HOUSE[:3]
    assert [moved.postcode for moved in stored.moves] == [FIRST_HOUSE[:3]]


def an_old_link_confirms_no_new_address(world: PatientWorld) -> None:
    world.use(a_programme(), munich(1, confirmed_email=""))
    partner = world.wiring.partners.get("munich-1")
    assert partner is not None
    link = urlsplit(world.wiring.links.confirm("munich-1", email_mark(partner.contact.email))).path
    hq_api(
        world, "PUT", "/v1/partners/munich-1", {"contact": {"email": "somebody.else@example.com"}}
    )()
    world.press(link)
    now = world.wiring.partners.get("munich-1")
    assert now is not None
    assert not now.confirmed


def the_address_that_was_read_is_confirmed_or_none(world: PatientWorld) -> None:
    """HQ changes it between the button and the commit."""
    world.use(a_programme(), munich(1, confirmed_email=""))
    partner = world.wiring.partners.get("munich-1")
    assert partner is not None
    link = urlsplit(world.wiring.links.confirm("munich-1", email_mark(partner.contact.email))).path
    change = hq_api(
        world, "PUT", "/v1/partners/munich-1", {"contact": {"email": "somebody.else@example.com"}}
    )
    with meanwhile(world, change):
        world.press(link)
    now = world.wiring.partners.get("munich-1")
    assert now is not None
    assert now.contact.email == "somebody.else@example.com"
    assert not now.confirmed


# ── timers ────────────────────────────────────────────────────────────────────────────────────────


def a_timer_that_is_a_minute_late_is_not_rescued(world: PatientWorld) -> None:
    """Scheduler is as late as that on a good day: rescues are an alarm."""
    lead = offered(world, reminders={"at": []})
    expires = world.lead(lead).offers[0].expires_at
    world.now = expires + timedelta(seconds=60)
    world.sweep()
    assert world.lead(lead).version == 1
    world.now = expires + timedelta(seconds=91)
    world.sweep()
    assert world.lead(lead).version == 2


def an_overtaken_timer_arms_no_other(world: PatientWorld) -> None:
    """Else each of them would live on beside the timer of the version that overtook it."""
    lead = offered(world)
    overtaken = world.take_timer(f"{lead}.1")
    world.press(world.offer_link(lead), action="decline", reason="busy")
    world.deliver()
    armed = world.schedules()
    world.wake(overtaken)
    assert world.schedules() == armed


# ── lists ─────────────────────────────────────────────────────────────────────────────────────────


def a_list_shows_no_lead_that_has_gone_meanwhile(world: PatientWorld) -> None:
    """Indexes are behind: what they name is looked at as it now stands."""
    lead = offered(world)
    holder = world.lead(lead).offers[0].partner
    assert [held.id for held in world.wiring.leads.held_by(holder)] == [lead]
    decline = on_offer(world, lead, 1, action="decline", reason="busy")
    with hooked(world, "after-call", "Query", lambda **_: decline()):
        assert world.wiring.leads.held_by(holder) == ()
