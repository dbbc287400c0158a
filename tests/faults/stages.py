"""Worlds in the middle of things, and the buttons that people press there.

A case prepares the world and returns the action; nothing the action needs lives outside the world,
so that it can be done again from the same point.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from functools import partial
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

from infra.tools.hq_key import create_key
from routing_core.aws.tables import long_import, partners_table
from routing_core.domain.lead import DeadlineKind
from routing_core.domain.partner import Caps, Person
from tests.faults.deliveries import PatientWorld
from tests.samples.cast import RETURNS
from tests.support.builders import a_programme
from tests.support.world import Answer, munich

Act = Callable[[], Answer | None]
Case = Callable[[PatientWorld], Act]


class Cases(dict[str, Case]):
    """Named cases: ``@CASES("accept")`` adds one."""

    def __call__(self, name: str) -> Callable[[Case], Case]:
        def add(prepare: Case) -> Case:
            self[name] = prepare
            return prepare

        return add


AT_ONCE = 5
"""Partners that one transaction holds in these games: every step of a thousand, in a hundredth of
the time.
"""


@contextmanager
def small_transactions() -> Iterator[None]:
    """A list of partners is soon too long for one transaction."""
    with ExitStack() as stack:
        for module in (long_import, partners_table):
            stack.enter_context(patch.object(module, "PER_TRANSACTION", AT_ONCE))
        yield


SHARE = {"window": {"minutes": 120}, "on_lapse": "share", "partners": 3, "total": {"minutes": 600}}
WAVES = {
    "window": {"minutes": 120},
    "on_lapse": "share",
    "waves": [2, "all"],
    "total": {"minutes": 600},
}
HOLD = {"window": {"response_hours": 4}, "closed": "hold", "total": {"working_days": 2}}
SOON: dict[str, Any] = {
    "missed_contact": {"remind_at": 0.75, "retract_after": {"minutes": 60}},
    "contact": [{"window": {"minutes": 240}}],
    "afterwards": {"status_days": [1, 3], "quote_days": 2, "outcome_days": 5},
    "retention": {"spam": 1, "unplaced": 1, "lost": 1, "won": 1},
}
"""What comes after acceptance comes within days, and the end of it within months."""
RULES: dict[str, Any] = SOON | {
    "return_reasons": RETURNS,
    "return_within": {"working_days": 2},
    "decline_reasons": [
        {"id": "busy", "label": {"en": "No capacity", "de": "Keine Kapazität"}},
        {
            "id": "customer",
            "label": {"en": "Already our customer", "de": "Schon unser Kunde"},
            "then": "claim",
        },
    ],
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
            {
                "field": "owner",
                "is": "owner",
                "points": 20,
                "because": {"en": "Owner", "de": "Eigentümer"},
            },
            {
                "field": "urgency",
                "is": "soon",
                "points": 10,
                "because": {"en": "Soon", "de": "Bald"},
            },
        ],
    },
}


def staged(world: PatientWorld, partners: int = 3, **rules: Any) -> None:
    world.use(
        a_programme(**RULES | rules),
        *(munich(n, caps=Caps(open=2)) for n in range(1, partners + 1)),
    )


def posted(world: PatientWorld, **fields: Any) -> str:
    """A lead with what its sender said, and all that follows from it."""
    staged(world)
    lead: str = world.post_lead("one", **fields).json()["lead"]
    world.deliver()
    return lead


def offered(world: PatientWorld, partners: int = 3, **rules: Any) -> str:
    """A lead whose offer mail has left."""
    staged(world, partners, **rules)
    lead: str = world.post_lead().json()["lead"]
    world.deliver()
    return lead


def with_seconds(world: PatientWorld) -> str:
    """A lead at a firm with two contacts."""
    world.use(a_programme(**RULES), munich(1, second_contact=Person("second@example.com", "Kim")))
    lead: str = world.post_lead().json()["lead"]
    world.deliver()
    return lead


def at_night(world: PatientWorld) -> None:
    """Every office is closed, and what comes now waits until they open."""
    staged(world, offers=[HOLD])
    world.advance(hours=10)


def owned(world: PatientWorld, **rules: Any) -> str:
    lead = offered(world, **rules)
    world.press(world.offer_link(lead), action="accept")
    world.deliver()
    return lead


def another(world: PatientWorld, lead: str) -> str:
    """A partner who does not own it."""
    return next(f"munich-{n}" for n in (1, 2, 3) if world.lead(lead).owner != f"munich-{n}")


def exhausted(world: PatientWorld, **rules: Any) -> str:
    """Its only partner declined: HQ has it."""
    lead = offered(world, partners=1, **rules)
    world.press(world.offer_link(lead), action="decline", reason="busy")
    world.deliver()
    return lead


def press(world: PatientWorld, address: str, **form: str) -> Act:
    return partial(world.http, "POST", urlsplit(address).path, form=form)


def on_offer(world: PatientWorld, lead: str, number: int = 0, **form: str) -> Act:
    return press(world, world.offer_link(lead, number), **form)


def on_queue(world: PatientWorld, lead: str, **form: str) -> Act:
    return press(world, world.hq_link(lead), **form)


def on_status(world: PatientWorld, lead: str, **form: str) -> Act:
    return press(world, world.wiring.links.status(lead), **form)


def on_desk(world: PatientWorld, **form: str) -> Act:
    return press(world, world.wiring.links.desk("munich-1", world.load("munich-1").links), **form)


def hq_api(
    world: PatientWorld, method: str, path: str, body: Any = None, text: str = "", **also: str
) -> Act:
    key = {"x-api-key": create_key(world.wiring._dynamo, "partners", "tests")} | also
    if text:
        return partial(
            world.http, method, path, body=text, headers=key | {"content-type": "text/csv"}
        )
    return partial(world.http, method, path, json_body=body, headers=key)


def woken(world: PatientWorld, lead: str) -> Act:
    """When its next deadline has come."""
    found = world.lead(lead)
    assert found.due
    world.now = max(world.now, found.due)
    return partial(world.wake, {"lead": lead, "version": found.version})


def woken_for(world: PatientWorld, lead: str, kind: DeadlineKind) -> Act:
    """When a deadline of that kind has come, after everything before it."""
    found = world.lead(lead)
    while kind not in {each.kind for each in found.deadlines if each.at == found.due}:
        assert found.due, f"no {kind} lies ahead"
        world.run_until(found.due + timedelta(seconds=2))
        found = world.lead(lead)
    return woken(world, lead)
