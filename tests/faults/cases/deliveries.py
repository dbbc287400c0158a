"""What AWS brings: records of the stream, entries of the bus, messages of the queue."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

from routing_core.domain.lead import DeadlineKind
from tests.faults.cases.hq import fresh_link
from tests.faults.cases.people import hand_to_partner
from tests.faults.deliveries import PatientWorld
from tests.faults.stages import (
    Act,
    Case,
    Cases,
    exhausted,
    offered,
    on_desk,
    on_offer,
    on_queue,
    on_status,
    owned,
    staged,
    with_seconds,
    woken_for,
)
from tests.support.builders import a_partner
from tests.support.mail_service import ILL_FORMED, PAUSED, SANDBOX
from tests.support.stack import ses_refuses

CASES = Cases()


@CASES("outbox")
def outbox(world: PatientWorld) -> Act:
    staged(world)
    world.post_lead()
    (row,) = world.rows()
    return partial(world.stream, row)


def told_of(kind: str, prepare: Callable[[PatientWorld], Any]) -> Case:
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
        staged(world)
        world.post_lead("one", **fields)

    return prepare


def _standing(code: str, message: str) -> Callable[[PatientWorld], Any]:
    """SES says so of the partner's mails, and of all others takes them."""

    def prepare(world: PatientWorld) -> None:
        _posted()(world)
        ses_refuses(code, message, to="munich-1@example.com")

    return prepare


def _alerts_several(*says: str) -> Callable[[PatientWorld], Any]:
    """Three people at HQ hear that nobody works there; of the second SES may say something."""
    people = [f"{name}@hq.example.com" for name in ("ada", "ben", "cleo")]

    def prepare(world: PatientWorld) -> None:
        staged(world, hq={"emails": people})
        world.post_lead("one", postcode="25980")
        if says:
            ses_refuses(*says, to=people[1])

    return prepare


def _late(world: PatientWorld) -> None:
    _posted()(world)
    world.advance(minutes=10)


def _acted(lead: Callable[[PatientWorld], str], **form: str) -> Callable[[PatientWorld], Any]:
    return lambda world: on_offer(world, lead(world), **form)()


def _digested(world: PatientWorld) -> None:
    lead = offered(world, hq={"emails": ["hq@example.com"], "digests": ["13:00"]})
    on_offer(world, lead, action="accept")()


def _second_alert(world: PatientWorld) -> None:
    exhausted(world)
    world.post_lead("two", email="b@posteo.de", phone="", postcode="80333")


def _delegated(world: PatientWorld) -> None:
    on_offer(world, owned(world), action="colleague", name="Sam Huber", email="sam@example.com")()


def _handed(world: PatientWorld) -> None:
    hand_to_partner(world)()


def _unseen(world: PatientWorld) -> None:
    woken_for(world, with_seconds(world), DeadlineKind.EXPIRE)()


def _renewed(world: PatientWorld) -> None:
    offered(world)
    on_desk(world, action="renew")()


def _asked_for_a_link(world: PatientWorld) -> None:
    fresh_link(world)()


def _unconfirmed(world: PatientWorld) -> None:
    staged(world)
    world.wiring.partners.save([(a_partner("fresh", confirmed_email=""), None)], world.now)
    world.hear_of_partners()


def _rejected(world: PatientWorld) -> None:
    on_queue(world, exhausted(world), action="reject")()


def _promise_renewed(world: PatientWorld) -> None:
    woken_for(world, exhausted(world), DeadlineKind.PROMISE)()


CASES["notify: receipt"] = told_of("lead.received", _posted())
CASES["notify: offer"] = told_of("offer.made", _posted())
CASES["notify: offer that cannot leave"] = told_of("offer.made", _standing(*PAUSED))
CASES["notify: offer that is refused for good"] = told_of("offer.made", _standing(*ILL_FORMED))
CASES["notify: offer that leaves late"] = told_of("offer.made", _late)
CASES["notify: accepted"] = told_of("offer.accepted", _acted(offered, action="accept"))
CASES["notify: confirmation held"] = told_of("offer.accepted", _digested)
CASES["notify: alert to several"] = told_of("lead.exhausted", _alerts_several())
CASES["notify: alert that one of them cannot get"] = told_of(
    "lead.exhausted", _alerts_several(*SANDBOX)
)
CASES["notify: alert"] = told_of("lead.exhausted", _posted(postcode="25980"))
CASES["notify: second alert of the hour"] = told_of("lead.exhausted", _second_alert)
CASES["notify: closed"] = told_of("lead.closed", _rejected)
CASES["notify: it takes longer"] = told_of("promise.renewed", _promise_renewed)
CASES["notify: handed over"] = told_of("lead.handed_over", _handed)
CASES["notify: a colleague calls"] = told_of("lead.delegated", _delegated)
CASES["notify: confirm the address"] = told_of("partner.unconfirmed", _unconfirmed)
CASES["notify: a new link to the desk"] = told_of("desk.requested", _renewed)
CASES["notify: noted"] = told_of(
    "lead.noted", lambda world: on_status(world, owned(world), action="note", text="x")()
)
CASES["notify: held back"] = told_of(
    "lead.quarantined", _posted(website_url="https://spam.example")
)
CASES["notify: a fresh link for HQ"] = told_of("hq.link_requested", _asked_for_a_link)
CASES["notify: nobody looked"] = told_of("partner.unseen", _unseen)


def _bounced(address: str) -> Case:
    def prepare(world: PatientWorld) -> Act:
        with_seconds(world)
        detail = {
            "mail": {"tags": {"partner": ["munich-1"]}},
            "bounce": {"bounceType": "Permanent", "bouncedRecipients": [{"emailAddress": address}]},
        }
        entry = {"Source": "aws.ses", "DetailType": "Email Bounced", "Detail": json.dumps(detail)}
        return partial(world.tell, entry)

    return prepare


CASES["notify: a bounce"] = _bounced("munich-1@example.com")
CASES["notify: the second contact's bounce"] = _bounced("second@example.com")


@CASES("sweep: HQ is to phone")
def sweep_phone(world: PatientWorld) -> Act:
    _unseen(world)
    world.deliver()
    for name in list(world.schedules()):
        world.take_timer(name)
    world.advance(hours=20)
    return world.sweep
