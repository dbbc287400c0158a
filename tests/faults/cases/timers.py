"""What time brings: each kind of deadline, and the sweep that finds what its timer missed."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

from routing_core.domain.lead import DeadlineKind
from routing_core.domain.partner import Absence
from routing_core.domain.territory.territory import Territory
from tests.faults.deliveries import PatientWorld
from tests.faults.stages import (
    RULES,
    WAVES,
    Act,
    Case,
    Cases,
    at_night,
    exhausted,
    offered,
    on_offer,
    on_status,
    owned,
    staged,
    with_seconds,
    woken,
    woken_for,
)
from tests.support.builders import programme_document
from tests.support.hooks import crowd
from tests.support.mail_service import PAUSED
from tests.support.merged import merged
from tests.support.stack import ses_refuses, ses_takes_all
from tests.support.world import a_programme, munich

CASES = Cases()
K = DeadlineKind


def _second(world: PatientWorld) -> tuple[str, str]:
    """An enquiry that somebody owns, and another of the same person that goes along with it."""
    first = owned(world)
    second: str = world.post_lead("two", message="Once more.").json()["lead"]
    world.deliver()
    return first, second


@CASES("wake: the mail of an offer never left")
def wake_unsent(world: PatientWorld) -> Act:
    staged(world)
    ses_refuses(*PAUSED, to="munich-1@example.com")
    lead: str = world.post_lead().json()["lead"]
    world.deliver()
    ses_takes_all()
    return woken_for(world, lead, K.EXPIRE)


@CASES("wake: somebody known is compared and attached")
def wake_found(world: PatientWorld) -> Act:
    owned(world)
    second: str = world.post_lead("two", message="Once more.").json()["lead"]
    return woken(world, second)


@CASES("wake: somebody known is compared and routed")
def wake_apart(world: PatientWorld) -> Act:
    owned(world)
    other = {"email": "max@posteo.de", "name": "Max Beispiel"}
    return woken(world, world.post_lead("two", **other).json()["lead"])


@CASES("wake: what it was attached to has ended")
def wake_let_go(world: PatientWorld) -> Act:
    first, second = _second(world)
    world.press(
        world.wiring.links.status(first).removeprefix("https://relay.example.com"),
        action="withdraw",
    )
    return woken(world, second)


@CASES("wake: an attached one's promise")
def wake_attached_promise(world: PatientWorld) -> Act:
    return woken_for(world, _second(world)[1], K.PROMISE)


@CASES("wake: an attached one for which the next partner would be asked")
def wake_on_paper(world: PatientWorld) -> Act:
    return woken_for(world, _second(world)[1], K.EXPIRE)


@CASES("wake: an attached one that nobody did anything for")
def wake_unattended(world: PatientWorld) -> Act:
    second = _second(world)[1]
    while len(world.lead(second).as_if) < 3:
        due = world.lead(second).due
        assert due
        world.run_until(due)
    return woken_for(world, second, K.EXPIRE)


@CASES("wake: an attached one is elsewhere, where its partner works too")
def wake_attached(world: PatientWorld) -> Act:
    _, second = _second(world)
    on_status(world, second, action="postcode", postcode="80333")()
    return woken(world, second)


@CASES("wake: who pressed twice at night is one customer in the morning")
def wake_attached_at_last(world: PatientWorld) -> Act:
    first = held(world)
    second: str = world.post_lead("two", message="Once more.").json()["lead"]
    world.deliver()
    woken(world, first)()
    world.deliver()
    return woken(world, second)


@CASES("correct the number of what another is attached to")
def corrected_away(world: PatientWorld) -> Act:
    """Only the phone agreed: now the other is looked at."""
    first = owned(world)
    world.post_lead("two", name="Max Muster")
    world.deliver()
    return on_status(world, first, action="phone", phone="089 99998 555")


@CASES("sweep: merged before, and lost with its first")
def sweep_merged(world: PatientWorld) -> Act:
    first = owned(world)
    merged(world, first, "two", "Mine too.")
    on_status(world, first, action="withdraw")()
    world.deliver()
    return world.sweep


@CASES("the end of what another is attached to")
def ends_with_another(world: PatientWorld) -> Act:
    first, _ = _second(world)
    return on_offer(world, first, action="won", value="9000")


@CASES("both settled at once")
def settles_both(world: PatientWorld) -> Act:
    first, second = _second(world)
    also = {f"also-{world.lead(second).reference.lower()}": "yes"}
    return on_offer(world, first, action="won", value="9000", **also)


@CASES("wake: remind")
def wake_remind(world: PatientWorld) -> Act:
    return woken(world, offered(world))


@CASES("wake: a window ends")
def wake_expire(world: PatientWorld) -> Act:
    lead = offered(world)
    world.now = world.lead(lead).offers[0].expires_at
    return woken(world, lead)


@CASES("wake: a wave ends")
def wake_wave(world: PatientWorld) -> Act:
    lead = offered(world, offers=[WAVES])
    world.now = world.lead(lead).offers[0].expires_at
    return woken(world, lead)


@CASES("wake: the last window ends")
def wake_expire_last(world: PatientWorld) -> Act:
    lead = offered(world, partners=1, lapses={"unseen_to_hq": 1, "pause": 1})
    world.now = world.lead(lead).offers[0].expires_at
    return woken(world, lead)


@CASES("wake: before time")
def wake_early(world: PatientWorld) -> Act:
    lead = offered(world)
    return partial(world.wake, world.take_timer(f"{lead}.{world.lead(lead).version}"))


def _due(kind: DeadlineKind, lead: Callable[[PatientWorld], str]) -> Case:
    return lambda world: woken_for(world, lead(world), kind)


def nurtured(world: PatientWorld) -> str:
    staged(world)
    lead: str = world.post_lead("one", owner="tenant").json()["lead"]
    world.deliver()
    return lead


def contacted(world: PatientWorld) -> str:
    lead = owned(world)
    on_offer(world, lead, action="contacted")()
    world.deliver()
    return lead


def crowded_out(world: PatientWorld) -> str:
    staged(world)
    with crowd(world):
        lead: str = world.post_lead("one").json()["lead"]
    world.deliver()
    return lead


def held(world: PatientWorld) -> str:
    at_night(world)
    lead: str = world.post_lead("one").json()["lead"]
    world.deliver()
    return lead


CASES["wake: a call is due"] = _due(K.CONTACT_REMIND, owned)
CASES["wake: nobody called"] = _due(K.CONTACT, owned)
CASES["wake: taken back"] = _due(K.RETRACT, owned)
CASES["wake: a promise ends"] = _due(K.PROMISE, exhausted)
CASES["wake: how does it stand"] = _due(K.STATUS, contacted)
CASES["wake: no quote"] = _due(K.QUOTE, contacted)
CASES["wake: no outcome"] = _due(K.OUTCOME, contacted)
CASES["wake: HQ had its time"] = _due(K.HQ_HOLD, exhausted)
CASES["wake: tried again"] = _due(K.RETRY, exhausted)
CASES["wake: given up"] = _due(K.FOLLOW_UP_END, exhausted)
CASES["wake: asked again later"] = _due(K.NURTURE_ASK, nurtured)
CASES["wake: cooled"] = _due(K.NURTURE_END, nurtured)
CASES["wake: they open"] = _due(K.RETRY, held)
CASES["wake: out of the crowd"] = _due(K.RETRY, crowded_out)


@CASES("a partner has room again")
def capacity(world: PatientWorld) -> Act:
    exhausted(world)
    world.post_lead("two", email="b@posteo.de", phone="")
    world.deliver()
    world.wiring.partners.save([(munich(5), None)], world.now)
    world.compile()
    detail = {"schema": 1, "kind": "partner.changed", "partner": "munich-5", "event": "1"}
    entry = {
        "Source": "partner-relay",
        "DetailType": "partner.changed",
        "Detail": json.dumps(detail),
    }
    return partial(world.tell, entry)


@CASES("a partner goes on holiday with an offer open and a call to make")
def goes_away(world: PatientWorld) -> Act:
    owned(world)
    world.deliver()
    (owner,) = (world.lead(lead).owner for lead in world.lead_ids())
    world.post_lead("two", email="b@posteo.de", phone="")
    world.deliver()
    today = Absence(world.now.date(), world.now.date() + timedelta(days=9))
    for partner in world.wiring.partners.all():
        world.wiring.partners.save(
            [(replace(partner, absences=(today,)), partner.version)], world.now
        )
    world.compile()
    assert owner
    detail = {
        "schema": 1,
        "kind": "partner.changed",
        "partners": ["munich-1", "munich-2", "munich-3"],
    }
    entry = {
        "Source": "partner-relay",
        "DetailType": "partner.changed",
        "Detail": json.dumps(detail),
    }
    return partial(world.tell, entry)


@CASES("calendars: holidays run out")
def holidays_run_out(world: PatientWorld) -> Act:
    calendar = programme_document()["calendar"] | {
        "holiday_region": "DE",
        "holidays": ["2026-12-25"],
    }
    world.use(a_programme(**RULES, calendar=calendar), munich(1), munich(2, time_zone="CET"))
    return world.renew_calendars


def _out_of_reach(lead: Callable[[PatientWorld], str]) -> Case:
    def prepare(world: PatientWorld) -> Act:
        lead(world)
        world.wiring.partners.bounce("munich-1", world.now)
        detail = {"schema": 1, "kind": "partner.bounced", "partner": "munich-1", "event": "1"}
        event = {
            "id": "1",
            "source": "partner-relay",
            "detail-type": "partner.bounced",
            "detail": detail,
        }
        return partial(world.wake, event)

    return prepare


CASES["a partner is out of reach"] = _out_of_reach(offered)
CASES["a partner is out of reach, but for the second contact"] = _out_of_reach(with_seconds)


@CASES("sweep of three")
def sweep(world: PatientWorld) -> Act:
    """Each in a place of its own: who is swept later, because a call failed, finds the same
    partners.
    """
    places = ("80331", "80333", "80335")
    areas = {n: (Territory.parse(f"DE {places[n % 3]}"),) for n in range(6)}
    world.use(a_programme(**RULES), *(munich(n, territories=area) for n, area in areas.items()))
    for place in places:
        world.post_lead(place, postcode=place, email=f"p{place}@posteo.de", phone="")
    world.deliver()
    for name in list(world.schedules()):
        world.take_timer(name)
    world.advance(minutes=130)
    return world.sweep


@CASES("sweep: erased in time")
def sweep_erased(world: PatientWorld) -> Act:
    lead = owned(world)
    on_offer(world, lead, action="lost", reason="price")()
    world.run_for(days=32)
    return world.sweep


@CASES("sweep of a digest")
def sweep_digest(world: PatientWorld) -> Act:
    lead = owned(world, hq={"emails": ["hq@example.com"], "digests": ["13:00"]})
    world.press(world.offer_link(lead), action="contacted")
    world.deliver()
    world.now = world.now.replace(hour=12, minute=1)
    return world.sweep
