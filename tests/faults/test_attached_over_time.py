"""What nobody may find out by waiting: an enquiry in somebody's name, watched for days, looks like
any other's.

The same post is made twice from the same moment: with the address of somebody who has an open
enquiry, and with an address that nobody knows. Page, answer and mails are compared for as long as
no partner has acted on that very enquiry.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType
from typing import Any

import pytest

from routing_core.aws.codecs.lead_items import lead_to_item
from routing_core.aws.tables.dynamo import serialize_item
from routing_core.domain.lead import DeadlineKind, LeadStatus
from routing_core.domain.partner import Caps
from tests.faults.stages import RULES
from tests.faults.test_strangers import ask, owner_does, staged, status_page
from tests.support.invariants import NOTHING, check, look
from tests.support.stack import dynamo_tables
from tests.support.world import World, a_programme, munich

SINGLE = {
    "window": {"working_days": 1},
    "on_lapse": "share",
    "partners": 3,
    "total": {"working_days": 4},
}
WAVES = {
    "window": {"response_hours": 4},
    "on_lapse": "share",
    "waves": [2, 3, "all"],
    "total": {"working_days": 2},
}
HOLD = {
    "window": {"response_hours": 8},
    "closed": "hold",
    "partners": 2,
    "total": {"working_days": 3},
}
OFFERS = {"single": (SINGLE, 3), "waves": (WAVES, 3), "held at night": (HOLD, 10)}
"""With how many hours later the second enquiry comes."""
PATIENT: dict[str, Any] = {
    "lapses": {"unseen_to_hq": 8, "pause": 9},
    "contact": [{"window": {"working_days": 5}}],
    "missed_contact": {"remind_at": 0.75, "retract_after": {"working_days": 20}},
    "afterwards": {"status_days": [30], "quote_days": 20, "outcome_days": 90},
    "promise": [{"within": {"response_hours": 4}}],
    "fallback": {
        "hq_hold": {"working_days": 8},
        "follow_up": {"retry_every": {"working_days": 1}, "give_up_after": {"working_days": 20}},
    },
}
"""Rules under which nothing but the second enquiry's own time passes within a week."""
STEPS = (timedelta(0), timedelta(hours=4), timedelta(days=1), timedelta(days=3), timedelta(days=7))
Act = Callable[[World, str], Any]
"""What somebody does with an enquiry."""


def nothing(world: World, lead: str) -> None:
    """Nobody does anything."""


def only_offered(world: World, first: str) -> None:
    assert world.lead(first).live_offers


def accepted(world: World, first: str) -> None:
    world.press(world.offer_link(first), action="accept")


def contacted(world: World, first: str) -> None:
    owner_does(world, first, action="contacted")


WHAT_CAME_OF_THE_FIRST: dict[str, Act] = {
    each.__name__: each for each in (only_offered, accepted, contacted)
}


@pytest.mark.parametrize("first_was", WHAT_CAME_OF_THE_FIRST)
@pytest.mark.parametrize("offers", OFFERS)
def test_nobody_sees_by_waiting_that_an_address_has_an_open_enquiry(
    world: World, offers: str, first_was: str
) -> None:
    rule, hours_later = OFFERS[offers]
    staged(world, partners=5, **PATIENT | {"offers": [rule]})
    first = ask(world, "one")
    WHAT_CAME_OF_THE_FIRST[first_was](world, first)
    world.run_for(hours=hours_later)
    point = world.saved()
    known = seen_of(world, {"email": "erika@posteo.de"})
    attached = world.lead(known.lead)
    assert "lead.joined" in world.facts(known.lead)
    assert attached.offers == (), "no partner acted on it, and none was asked"
    world.back_to(point)
    unknown = seen_of(world, {"email": "nobody@posteo.de"})
    assert "lead.joined" not in world.facts(unknown.lead)
    for step, one, other in zip(STEPS, known.told, unknown.told, strict=True):
        assert one == other, f"{offers}, first {first_was}: after {step}"
    assert len({page for page, _, _ in known.told}) > 2, "the page says something new in time"


def moved_to(postcode: str) -> Act:
    return lambda world, lead: world.press(
        status_page(world, lead), action="postcode", postcode=postcode
    )


MOVES = {"first wave": timedelta(hours=4), "second wave": timedelta(days=1)}


@pytest.mark.parametrize("during", MOVES)
def test_nobody_sees_by_moving_their_enquiry_that_an_address_has_an_open_one(
    world: World, during: str
) -> None:
    staged(world, partners=9, **PATIENT | {"offers": [WAVES | {"waves": [2, 3, 3]}]})
    accepted(world, ask(world, "one"))
    world.run_for(hours=3)
    point = world.saved()
    move = {MOVES[during]: moved_to("80333")}
    known = seen_of(world, {"email": "erika@posteo.de"}, move)
    assert world.lead(known.lead).moves
    assert "lead.joined" in world.facts(known.lead)
    world.back_to(point)
    unknown = seen_of(world, {"email": "nobody@posteo.de"}, move)
    for step, one, other in zip(STEPS, known.told, unknown.told, strict=True):
        assert one == other, f"after {step}"


def test_nobody_sees_that_an_address_has_an_open_enquiry_where_nobody_could_be_asked(
    world: World,
) -> None:
    fallback = PATIENT["fallback"] | {"hq_hold": {"working_days": 1}}
    world.use(a_programme(**RULES | PATIENT | {"fallback": fallback}), munich(1, caps=Caps(open=1)))
    accepted(world, ask(world, "one"))
    world.run_for(hours=3)
    point = world.saved()
    alerts = len(world.mails("hq@"))
    known = seen_of(world, {"email": "erika@posteo.de"})
    assert "lead.joined" in world.facts(known.lead)
    assert world.lead(known.lead).reference in "".join(_mails(world, "hq@")[alerts:])
    world.back_to(point)
    unknown = seen_of(world, {"email": "nobody@posteo.de"})
    for step, one, other in zip(STEPS, known.told, unknown.told, strict=True):
        assert one == other, f"after {step}"
    assert any("Still looking" in mail for mail in unknown.told[-1][2])


class Seen:
    """What the sender of one enquiry was told by each step: its page, a repeat of the post, and the
    mails so far.
    """

    def __init__(self, lead: str) -> None:
        self.lead = lead
        self.told: list[tuple[str, dict[str, Any], list[str]]] = []


def seen_of(
    world: World, fields: dict[str, str], meanwhile: Mapping[timedelta, Act] = MappingProxyType({})
) -> Seen:
    """``meanwhile``: what its sender does by which step."""
    post = {"phone": "089 99998 432", "message": "", **fields}
    seen = Seen(ask(world, "two", **post))
    start = world.now
    for step in STEPS:
        world.run_until(start + step)
        meanwhile.get(step, nothing)(world, seen.lead)
        world.deliver()
        check(NOTHING, look(world))
        own = (
            world.lead(seen.lead).reference,
            seen.lead,
            status_page(world, seen.lead),
            fields["email"],
        )
        answer = world.post_lead("two", **post)
        assert answer.status == 201
        told = {
            name: value
            for name, value in answer.json().items()
            if name not in ("lead", "reference", "status_url")
        }
        page = world.http("GET", status_page(world, seen.lead)).body
        mails = [said for said in _mails(world, fields["email"]) if own[0] in said]
        seen.told.append((_plain(page, own), told, [_plain(said, own) for said in mails]))
    return seen


def _mails(world: World, to: str) -> list[str]:
    return [
        f"{mail['Subject']}\n{mail.get_body(('plain',)).get_content()}" for mail in world.mails(to)
    ]  # type: ignore[union-attr]


def _plain(told: str, own: tuple[str, ...]) -> str:
    for each in own:
        told = told.replace(each, "…")
    return re.sub(r"/s/\S+", "/s/…", told)


def attached(world: World, **rules: Any) -> tuple[str, str]:
    """An enquiry that its partner owns, and one attached to it that nobody says anything of."""
    staged(world, partners=2, **PATIENT | {"offers": [SINGLE]} | rules)
    first = ask(world, "one")
    accepted(world, first)
    world.run_for(hours=1)
    second = ask(world, "two", message="Once more.")
    assert world.lead(second).attached_to == first
    return first, second


def test_nobody_is_left_with_a_partner_who_does_nothing_for_their_second_enquiry(
    world: World,
) -> None:
    """HQ hears when it would hear of any other; if HQ does nothing either, that very partner is
    asked at last.
    """
    first, second = attached(world, fallback=PATIENT["fallback"] | {"hq_hold": {"working_days": 1}})
    before = len(world.mails("hq@"))
    while world.lead(second).status is LeadStatus.ATTACHED:
        due = world.lead(second).due
        assert due
        world.run_until(due)
    check(NOTHING, look(world))
    lead = world.lead(second)
    assert (lead.status, lead.reason, lead.alike, lead.attached_to) == (
        "hq_queue",
        "unattended",
        first,
        None,
    )
    assert world.facts(second)[-2:] == ["lead.exhausted", "lead.queued"]
    told = [
        mail
        for mail in world.mails("hq@")[before:]
        if lead.reference in mail.get_body(("plain",)).get_content()
    ]  # type: ignore[union-attr]
    assert [mail["Subject"] for mail in told] == ["Action needed: Heat pump · 80331"]
    assert "has done nothing about this one in time" in told[0].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "No partner could be asked" not in told[0].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    world.run_for(days=7)
    assert world.lead(second).offers[0].partner == world.lead(first).owner


def test_nobody_is_asked_and_nothing_is_counted_for_what_is_only_on_paper(world: World) -> None:
    _, second = attached(world)
    mails, load = len(world.mails("munich-2")), world.load("munich-2")
    on_paper = world.lead(second).as_if
    world.run_until(on_paper[0].expires_at)
    now_on_paper = world.lead(second).as_if
    assert {offer.partner for offer in now_on_paper} == {"munich-1", "munich-2"}
    assert [offer.status for offer in now_on_paper] == ["expired", "pending"]
    assert world.lead(second).offers == ()
    assert len(world.mails("munich-2")) == mails
    assert world.load("munich-2") == load


@pytest.mark.parametrize("waves", [[3, "all"], [1, 3]])
def test_nobody_reads_of_fewer_partners_once_the_other_enquiry_has_ended(
    world: World, waves: list[Any]
) -> None:
    staged(world, partners=5, **PATIENT | {"offers": [WAVES | {"waves": waves}]})
    first = ask(world, "one")
    accepted(world, first)
    second = ask(world, "two", message="Once more.")
    expires = world.lead(second).deadline(DeadlineKind.EXPIRE)
    assert expires
    if waves[0] == 1:
        world.run_until(expires)
    said = world.http("GET", status_page(world, second)).body
    assert "We have asked 3 partners" in said
    world.press(status_page(world, first), action="withdraw")
    world.deliver()
    assert len(world.lead(second).wave) == 3
    assert "We have asked 3 partners" in world.http("GET", status_page(world, second)).body


def test_nobody_is_held_up_by_what_an_older_version_stored(world: World) -> None:
    """Attached before anything was kept on paper: it catches up with the next look at it, and is
    HQ's in the end.
    """
    first, second = attached(world)
    lead = world.lead(second)
    kept = tuple(each for each in lead.deadlines if each.kind is DeadlineKind.PROMISE)
    old = lead_to_item(replace(lead, as_if=(), total_by=None, deadlines=kept))
    dynamo_tables()["leads"].put_item(serialize_item(old))
    assert "We have asked a partner" in world.http("GET", status_page(world, second)).body
    assert kept
    world.run_until(kept[0].at + timedelta(minutes=7))
    world.sweep()
    assert world.lead(second).as_if
    assert world.lead(second).attached_to == first
    world.run_for(days=6)
    assert world.lead(second).reason == "unattended"


def test_nobody_waits_for_ever_whom_an_older_version_had_stored_as_one_that_hq_would_have(
    world: World,
) -> None:
    """Nobody could be asked at the door, and no end of HQ's time was kept: HQ has it with the next
    look at it.
    """
    staged(world, **PATIENT | {"offers": [SINGLE]})
    first = ask(world, "one")
    accepted(world, first)
    second = ask(world, "two", message="Once more.")
    lead = world.lead(second)
    kept = tuple(each for each in lead.deadlines if each.kind is DeadlineKind.PROMISE)
    old = lead_to_item(replace(lead, as_if=(), total_by=None, reason="exhausted", deadlines=kept))
    dynamo_tables()["leads"].put_item(serialize_item(old))
    world.run_until(kept[0].at + timedelta(minutes=7))
    world.sweep()
    assert world.lead(second).reason == "unattended"
