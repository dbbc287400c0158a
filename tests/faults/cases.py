"""Everything the product does, each as one action on a prepared world: a person's button, or a delivery of AWS's.

A case prepares the world and returns the action; nothing the action needs lives outside the world, so that it can be
done again from the same point.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from infra.hq_key import create_key
from routing_core.domain.mailboxes import email_mark
from routing_core.domain.partner import Absence, Caps
from tests.builders import a_partner, a_programme, programme_document
from tests.faults.deliveries import PatientWorld
from tests.samples import RETURNS
from tests.world import ENQUIRY, Answer, munich

Act = Callable[[], Answer | None]
Case = Callable[[PatientWorld], Act]
CASES: dict[str, Case] = {}
LOOK_FIRST = {"attempt", "note of a partner", "note of the prospect", "note of hq", "not called", "correct the phone"}
"""Meaning something each time they are pressed: whoever saw an error looks whether it worked before pressing again."""

SHARE = {"window": {"minutes": 120}, "on_lapse": "share", "partners": 3, "total": {"minutes": 600}}
WAVES = {"window": {"minutes": 120}, "on_lapse": "share", "waves": [2, "all"], "total": {"minutes": 600}}
RULES: dict[str, Any] = {
    "return_reasons": RETURNS,
    "return_within": {"working_days": 2},
    "decline_reasons": [
        {"id": "busy", "label": {"en": "No capacity", "de": "Keine Kapazität"}},
        {"id": "customer", "label": {"en": "Already our customer", "de": "Schon unser Kunde"}, "then": "claim"},
    ],
    "missed_contact": {"remind_at": 0.75, "retract_after": {"minutes": 60}},
    "contact": [{"window": {"minutes": 240}}],
    "afterwards": {"status_days": [1, 3], "outcome_days": 5},
    "lapses": {"unseen_to_hq": 1, "pause": 2},
    "fallback": {
        "hq_hold": {"minutes": 60},
        "follow_up": {"retry_every": {"minutes": 120}, "give_up_after": {"minutes": 300}},
    },
    "qualification": {
        "offer_from": 20,
        "nurture_from": 5,
        "nurture": {"ask_after_days": 2, "close_after_days": 4},
        "points": [
            {"field": "owner", "is": "owner", "points": 20, "because": {"en": "Owner", "de": "Eigentümer"}},
            {"field": "urgency", "is": "soon", "points": 10, "because": {"en": "Soon", "de": "Bald"}},
        ],
    },
}


def case(name: str) -> Callable[[Case], Case]:
    def add(prepare: Case) -> Case:
        CASES[name] = prepare
        return prepare

    return add


def staged(world: PatientWorld, partners: int = 3, **rules: Any) -> None:
    world.use(a_programme(**RULES | rules), *(munich(n, caps=Caps(open=2)) for n in range(1, partners + 1)))


def offered(world: PatientWorld, partners: int = 3, **rules: Any) -> str:
    """A lead whose offer mail has left."""
    staged(world, partners, **rules)
    lead: str = world.post_lead().json()["lead"]
    world.deliver()
    return lead


def owned(world: PatientWorld, **rules: Any) -> str:
    lead = offered(world, **rules)
    world.press(world.offer_link(lead), action="accept")
    world.deliver()
    return lead


def exhausted(world: PatientWorld) -> str:
    """Its only partner declined: HQ has it."""
    lead = offered(world, partners=1)
    world.press(world.offer_link(lead), action="decline", reason="busy")
    world.deliver()
    return lead


def press(world: PatientWorld, address: str, **form: str) -> Act:
    return partial(world.http, "POST", urlsplit(address).path, form=form)


def on_offer(world: PatientWorld, lead: str, number: int = 0, **form: str) -> Act:
    return press(world, world.offer_link(lead, number), **form)


def on_queue(world: PatientWorld, lead: str, **form: str) -> Act:
    return press(world, world.wiring.relay.queue_link(lead), **form)


def on_status(world: PatientWorld, lead: str, **form: str) -> Act:
    return press(world, world.wiring.links.status(lead), **form)


def on_desk(world: PatientWorld, **form: str) -> Act:
    return press(world, world.wiring.links.desk("munich-1", world.load("munich-1").links), **form)


def woken(world: PatientWorld, lead: str) -> Act:
    """When its next deadline has come."""
    found = world.lead(lead)
    assert found.due
    world.now = max(world.now, found.due)
    return partial(world.wake, {"lead": lead, "version": found.version})


# ── intake ────────────────────────────────────────────────────────────────────────────────────────────


@case("submit")
def submit(world: PatientWorld) -> Act:
    staged(world)
    return partial(world.post_lead, "one")


@case("submit by the hosted form")
def submit_form(world: PatientWorld) -> Act:
    staged(world)
    fields = {k: "yes" if v is True else str(v) for k, v in ENQUIRY.items()}
    return press(world, "/f/enquiry", step="2", submission_id="form", **fields)


@case("submit where nobody is")
def submit_nowhere(world: PatientWorld) -> Act:
    staged(world)
    return partial(world.post_lead, "one", postcode="25980")


@case("submit spam")
def submit_spam(world: PatientWorld) -> Act:
    staged(world)
    return partial(world.post_lead, "one", website_url="https://spam.example")


@case("submit for later")
def submit_nurtured(world: PatientWorld) -> Act:
    staged(world)
    return partial(world.post_lead, "one", owner="tenant")


@case("repeat of the post")
def submit_again(world: PatientWorld) -> Act:
    offered(world)
    return partial(world.post_lead)


@case("repeat by the same person")
def join(world: PatientWorld) -> Act:
    offered(world)
    return partial(world.post_lead, "two", message="And the garage.")


# ── partners ──────────────────────────────────────────────────────────────────────────────────────────


@case("accept")
def accept(world: PatientWorld) -> Act:
    return on_offer(world, offered(world), action="accept")


@case("accept what was shared")
def accept_shared(world: PatientWorld) -> Act:
    lead = offered(world, offers=[SHARE])
    world.run_for(minutes=120)
    return on_offer(world, lead, 1, action="accept")


@case("decline")
def decline(world: PatientWorld) -> Act:
    return on_offer(world, offered(world), action="decline", reason="busy", text="Full until May.")


@case("decline by the last")
def decline_last(world: PatientWorld) -> Act:
    return on_offer(world, offered(world, partners=1), action="decline", reason="busy")


@case("accept from a wave")
def accept_from_wave(world: PatientWorld) -> Act:
    return on_offer(world, offered(world, offers=[WAVES]), 1, action="accept")


@case("decline in a wave")
def decline_in_wave(world: PatientWorld) -> Act:
    return on_offer(world, offered(world, offers=[WAVES]), 1, action="decline", reason="busy")


@case("claim")
def claim(world: PatientWorld) -> Act:
    return on_offer(world, offered(world), action="decline", reason="customer", text="Since 2019.")


@case("release")
def release(world: PatientWorld) -> Act:
    lead = offered(world)
    partner = world.lead(lead).offers[0].partner
    world.wiring.partners.set_paused(partner, True, world.now)
    world.deliver()
    return on_offer(world, lead, action="release")


@case("wait")
def wait(world: PatientWorld) -> Act:
    lead = offered(world)
    world.press(world.offer_link(lead, 1), action="decline", reason="busy")
    return on_offer(world, lead, 1, action="wait")


@case("early return")
def give_back(world: PatientWorld) -> Act:
    return on_offer(world, owned(world), action="return")


CASES["give back work that is not theirs"] = lambda world: on_offer(
    world, owned(world), action="give_back", reason="work"
)
CASES["give back a wrong contact"] = lambda world: on_offer(world, owned(world), action="give_back", reason="contact")


@case("hand over to a colleague")
def hand_to_colleague(world: PatientWorld) -> Act:
    return on_offer(world, owned(world), action="colleague", name="Sam Huber", email="sam@example.com")


@case("look")
def look(world: PatientWorld) -> Act:
    path = world.offer_link(offered(world))
    return partial(world.http, "POST", f"{path}/seen")


def _progress(**form: str) -> Case:
    return lambda world: on_offer(world, owned(world), **form)


CASES["attempt"] = _progress(action="attempt", text="Nobody answered.")
CASES["contacted"] = _progress(action="contacted")
CASES["quoted"] = _progress(action="quoted", value="12500")
CASES["won"] = _progress(action="won", value="12500")
CASES["lost"] = _progress(action="lost", reason="price")
CASES["note of a partner"] = _progress(action="note", text="Called twice.")


@case("undo")
def undo(world: PatientWorld) -> Act:
    lead = owned(world)
    world.press(world.offer_link(lead), action="won", value="12500")
    return on_offer(world, lead, action="undo")


# ── prospects ─────────────────────────────────────────────────────────────────────────────────────────


def _prospect(**form: str) -> Case:
    return lambda world: on_status(world, owned(world), **form)


CASES["withdraw"] = _prospect(action="withdraw")
CASES["note of the prospect"] = _prospect(action="note", text="The dog is friendly.")
CASES["not called"] = _prospect(action="not_called")
CASES["correct the phone"] = _prospect(action="phone", phone="+49 89 99998125")


@case("ready after all")
def ready(world: PatientWorld) -> Act:
    staged(world)
    lead = world.post_lead("one", owner="tenant").json()["lead"]
    world.deliver()
    return on_status(world, lead, action="ready")


# ── HQ ────────────────────────────────────────────────────────────────────────────────────────────────


@case("assign by HQ")
def assign(world: PatientWorld) -> Act:
    lead = owned(world)
    other = next(f"munich-{n}" for n in (1, 2, 3) if world.lead(lead).owner != f"munich-{n}")
    return on_queue(world, lead, action="assign", partner=other)


def _decided(action: str) -> Case:
    def prepare(world: PatientWorld) -> Act:
        lead = offered(world)
        world.press(world.offer_link(lead), action="decline", reason="customer")
        world.deliver()
        return on_queue(world, lead, action=action)

    return prepare


CASES["grant a claim"] = _decided("grant")
CASES["erase by HQ"] = lambda world: on_queue(world, owned(world), action="erase")
CASES["refuse a claim"] = _decided("release")


@case("release from quarantine")
def release_from_quarantine(world: PatientWorld) -> Act:
    staged(world)
    lead = world.post_lead("one", website_url="x").json()["lead"]
    world.deliver()
    return on_queue(world, lead, action="release")


@case("reject")
def reject(world: PatientWorld) -> Act:
    return on_queue(world, exhausted(world), action="reject")


@case("note of hq")
def hq_note(world: PatientWorld) -> Act:
    return on_queue(world, exhausted(world), action="note", text="Phoned them.")


@case("retry all who wait")
def retry_all(world: PatientWorld) -> Act:
    exhausted(world)
    world.add(munich(4))
    return press(world, world.wiring.relay.queue_link(), action="retry")


def _hq_api(world: PatientWorld, method: str, path: str, body: Any) -> Act:
    key = create_key(world.wiring._dynamo, "partners", "tests")
    return partial(world.http, method, path, json_body=body, headers={"x-api-key": key})


@case("import partners")
def import_partners(world: PatientWorld) -> Act:
    staged(world)
    new = {"name": "Neu", "contact": {"email": "neu@example.com"}, "country": "DE", "products": ["boiler"]}
    quiet = {
        "confirmed": True,
        "paused": True,
    }  # nobody is told of them; a longer list is another thing, with its own tests
    rows = [new | quiet | {"id": f"neu-{n}", "territories": ["DE 80*"]} for n in range(20)]
    return _hq_api(world, "POST", "/v1/partners/import", {"partners": rows})


@case("save a partner")
def save_partner(world: PatientWorld) -> Act:
    staged(world)
    world.press(urlsplit(world.wiring.links.desk("munich-1", 1)).path, action="pause")
    return _hq_api(world, "PUT", "/v1/partners/munich-1", {"paused": False, "caps": {"open": 7}})


@case("save the programme")
def save_programme(world: PatientWorld) -> Act:
    staged(world)
    return _hq_api(world, "PUT", "/v1/programme", programme_document(name="Another"))


# ── the partner's desk ────────────────────────────────────────────────────────────────────────────────


def _desk(**form: str) -> Case:
    def prepare(world: PatientWorld) -> Act:
        offered(world)
        return on_desk(world, **form)

    return prepare


CASES["pause"] = _desk(action="pause")
CASES["holiday"] = _desk(action="holiday", first="2026-12-01", last="2026-12-05")
CASES["renew the link"] = _desk(action="renew")


@case("resume")
def resume(world: PatientWorld) -> Act:
    offered(world)
    on_desk(world, action="pause")()
    world.deliver()
    return on_desk(world, action="resume")


@case("end a holiday")
def end_holiday(world: PatientWorld) -> Act:
    day = world.now.date() + timedelta(days=5)
    world.use(a_programme(**RULES), munich(1, absences=(Absence(day, day),)))
    return on_desk(world, action="end_holiday", first=f"{day}", last=f"{day}")


@case("confirm the address")
def confirm(world: PatientWorld) -> Act:
    world.use(a_programme(**RULES), munich(1, confirmed_email=""))
    world.post_lead()
    world.deliver()
    return press(world, world.wiring.links.confirm("munich-1", email_mark("munich-1@example.com")))


# ── timers ────────────────────────────────────────────────────────────────────────────────────────────


@case("wake: remind")
def wake_remind(world: PatientWorld) -> Act:
    return woken(world, offered(world))


@case("wake: a window ends")
def wake_expire(world: PatientWorld) -> Act:
    lead = offered(world)
    world.now = world.lead(lead).offers[0].expires_at
    return woken(world, lead)


@case("wake: a wave ends")
def wake_wave(world: PatientWorld) -> Act:
    lead = offered(world, offers=[WAVES])
    world.now = world.lead(lead).offers[0].expires_at
    return woken(world, lead)


@case("wake: the last window ends")
def wake_expire_last(world: PatientWorld) -> Act:
    lead = offered(world, partners=1, lapses={"unseen_to_hq": 1, "pause": 1})
    world.now = world.lead(lead).offers[0].expires_at
    return woken(world, lead)


@case("wake: before time")
def wake_early(world: PatientWorld) -> Act:
    lead = offered(world)
    return partial(world.wake, world.take_timer(f"{lead}.{world.lead(lead).version}"))


@case("wake: nobody called")
def wake_contact(world: PatientWorld) -> Act:
    lead = owned(world, promise=[{"within": {"minutes": 9000}}])
    world.run_for(minutes=239)
    world.now = world.lead(lead).due or world.now
    return woken(world, lead)


@case("wake: taken back")
def wake_retract(world: PatientWorld) -> Act:
    lead = owned(world)
    world.run_until(max(d.at for d in world.lead(lead).deadlines if d.kind == "contact"))
    return woken(world, lead)


@case("wake: HQ had its time")
def wake_hold(world: PatientWorld) -> Act:
    return woken(world, exhausted(world))


@case("wake: tried again")
def wake_retry(world: PatientWorld) -> Act:
    lead = exhausted(world)
    world.run_for(minutes=61)
    return woken(world, lead)


@case("wake: asked again later")
def wake_nurture(world: PatientWorld) -> Act:
    staged(world)
    lead = world.post_lead("one", owner="tenant").json()["lead"]
    world.deliver()
    return woken(world, lead)


@case("a partner has room again")
def capacity(world: PatientWorld) -> Act:
    exhausted(world)
    world.post_lead("two", email="b@posteo.de", phone="")
    world.deliver()
    world.wiring.partners.save([(munich(5), None)], world.now)
    world.compile()
    detail = {"schema": 1, "kind": "partner.changed", "partner": "munich-5", "event": "1"}
    entry = {"Source": "partner-relay", "DetailType": "partner.changed", "Detail": json.dumps(detail)}
    return partial(world.tell, entry)


@case("a partner is out of reach")
def out_of_reach(world: PatientWorld) -> Act:
    offered(world)
    world.wiring.partners.bounce("munich-1", world.now)
    detail = {"schema": 1, "kind": "partner.bounced", "partner": "munich-1", "event": "1"}
    event = {"id": "1", "source": "partner-relay", "detail-type": "partner.bounced", "detail": detail}
    return partial(world.wake, event)


@case("sweep of three")
def sweep(world: PatientWorld) -> Act:
    staged(world)
    for name in ("a", "b", "c"):
        world.post_lead(name, email=f"{name}@posteo.de", phone="")
    world.deliver()
    for name in list(world.schedules()):
        world.take_timer(name)
    world.advance(minutes=130)
    return world.sweep


@case("sweep of a digest")
def sweep_digest(world: PatientWorld) -> Act:
    lead = owned(world, hq={"emails": ["hq@example.com"], "digests": ["13:00"]})
    world.press(world.offer_link(lead), action="contacted")
    world.deliver()
    world.now = world.now.replace(hour=12, minute=1)
    return world.sweep


# ── deliveries ────────────────────────────────────────────────────────────────────────────────────────


@case("outbox")
def outbox(world: PatientWorld) -> Act:
    staged(world)
    world.post_lead()
    (row,) = world.rows()
    return partial(world.stream, row)


def _told(kind: str, prepare: Callable[[PatientWorld], Any], **rules: Any) -> Case:
    """The bus entry of that fact, just published."""

    def case(world: PatientWorld) -> Act:
        prepare(world)
        for row in world.rows(new=True):
            world.stream(row)
        entry = next(each for each in reversed(world.published) if each["DetailType"] == kind)
        place = world.published.index(entry)
        world._told = len(world.published)
        for other in world.published[:place] + world.published[place + 1 :]:
            world.tell(other)
        return partial(world.tell, entry)

    return case


def _posted(**fields: Any) -> Callable[[PatientWorld], Any]:
    def prepare(world: PatientWorld) -> None:
        staged(world, **RULES)
        world.post_lead("one", **fields)

    return prepare


def _acted(lead: Callable[[PatientWorld], str], **form: str) -> Callable[[PatientWorld], Any]:
    return lambda world: on_offer(world, lead(world), **form)()


def _digested(world: PatientWorld) -> None:
    lead = offered(world, hq={"emails": ["hq@example.com"], "digests": ["13:00"]})
    on_offer(world, lead, action="accept")()


def _second_alert(world: PatientWorld) -> None:
    exhausted(world)
    world.post_lead("two", email="b@posteo.de", phone="", postcode="80333")


CASES["notify: receipt"] = _told("lead.received", _posted())
CASES["notify: offer"] = _told("offer.made", _posted())
CASES["notify: accepted"] = _told("offer.accepted", _acted(offered, action="accept"))
CASES["notify: confirmation held"] = _told("offer.accepted", _digested)
CASES["notify: alert"] = _told("lead.exhausted", _posted(postcode="25980"))
CASES["notify: second alert of the hour"] = _told("lead.exhausted", _second_alert)
CASES["notify: noted"] = _told("lead.noted", lambda world: on_status(world, owned(world), action="note", text="x")())


@case("notify: a bounce")
def bounce(world: PatientWorld) -> Act:
    offered(world)
    detail = {
        "mail": {"tags": {"partner": ["munich-1"]}},
        "bounce": {"bounceType": "Permanent", "bouncedRecipients": [{"emailAddress": "munich-1@example.com"}]},
    }
    entry = {"Source": "aws.ses", "DetailType": "Email Bounced", "Detail": json.dumps(detail)}
    return partial(world.tell, entry)


@case("network: a partner changed")
def network(world: PatientWorld) -> Act:
    staged(world)
    known = world.wiring.partners.get("munich-1")
    assert known
    fresh = a_partner("fresh", confirmed_email="")
    world.wiring.partners.save([(replace(known, caps=Caps(open=9)), known.version), (fresh, None)], world.now)
    return world.hear_of_partners
