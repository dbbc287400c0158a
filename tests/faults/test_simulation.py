"""The whole product played at random, with every invariant checked after every step.

Meanwhile calls to AWS fail and processes die, clocks are off, deliveries come late, twice, in another order or not at
all, and people press at the last millisecond. When all that has ended, everything must come right by itself. A run
that met none of what it is there for (``SOMETIMES``) has shown nothing and fails. `make test-faults` plays at length,
each time other games; SEED=… plays the same again.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from routing_core.aws.items import lead_from_item
from routing_core.aws.mail_rows import MailRows
from routing_core.domain.events import EventRow
from routing_core.domain.lead import Lead, LeadStatus
from routing_core.domain.partner import Caps, Partner
from routing_core.domain.territory import Territory
from routing_core.service.submit_lead import lead_id
from tests.builders import a_partner
from tests.faults.calls import Fault, Killed, Trouble, trouble
from tests.faults.conftest import FULL, told_at_the_end
from tests.faults.deliveries import PatientWorld, short_letter
from tests.hooks import meanwhile
from tests.invariants import NOTHING, Seen, acknowledged_posts_have_leads, check, look, promises_are_kept
from tests.world import Answer, a_programme, munich

GAMES, STEPS = (400, 30) if FULL else (20, 30)
SOMETIMES = ("last moment", "exhausted", "contended", "redriven", "lease taken over", "crashed")
SWEEP = timedelta(minutes=5)
UNNOTICED = SWEEP + timedelta(seconds=90)
"""A lost timer is noticed by then."""

POSTCODES = ("80331", "80995", "86150", "25980")
"""Three partners, two, one, nobody; in the programme with waves twelve more at the first."""
PEOPLE = tuple((f"person{n}@posteo.de", f"+49899999{n:05d}") for n in range(4))
ANSWERS: tuple[Mapping[str, str], ...] = (
    {"action": "accept"},
    {"action": "decline", "reason": "busy"},
    {"action": "decline", "reason": "customer"},
    {"action": "wait"},
    {"action": "return"},
)
STEPS_AFTER: tuple[Mapping[str, str], ...] = (
    {"action": "attempt", "text": "no answer"},
    {"action": "contacted"},
    {"action": "quoted", "value": "13000"},
    {"action": "won", "value": "12500"},
    {"action": "lost", "reason": "price"},
    {"action": "undo"},
    {"action": "give_back", "reason": "far"},
    {"action": "give_back", "reason": "wrong"},
    {"action": "give_back", "reason": "withdrew"},
    {"action": "give_back", "reason": "unreachable"},
    {"action": "note", "text": "called twice"},
)
WISHES: tuple[Mapping[str, str], ...] = (
    {"action": "withdraw"},
    {"action": "note", "text": "please hurry"},
    {"action": "ready"},
    {"action": "not_called"},
    {"action": "phone", "phone": "+49 89 99998125"},
    {"action": "postcode", "postcode": "86150"},
    {"action": "postcode", "postcode": "80331"},
)


def programmes() -> list[Any]:
    busy = {"id": "busy", "label": {"en": "No capacity", "de": "Keine Kapazität"}}
    customer = {"id": "customer", "label": {"en": "Our customer", "de": "Unser Kunde"}, "neutral": True}
    common = {
        "decline_reasons": [busy, customer | {"then": "claim"}],
        "return_within": {"minutes": 2000},
        "return_reasons": [
            {"id": "far", "label": {"en": "Far", "de": "Weit"}, "then": "route"},
            {"id": "wrong", "label": {"en": "Wrong", "de": "Falsch"}, "then": "review"},
            {"id": "withdrew", "label": {"en": "Withdrew", "de": "Zurück"}, "then": "close"},
            {
                "id": "unreachable",
                "label": {"en": "Silent", "de": "Still"},
                "then": "close",
                "needs": {"attempts": 2, "days": 1, "after": None},
            },
        ],
        "missed_contact": {"remind_at": 0.75, "retract_after": {"minutes": 60}},
        "contact": [{"window": {"minutes": 240}}],
        "qualification": {
            "offer_from": 20,
            "nurture_from": 5,
            "nurture": {"ask_after_days": 2, "close_after_days": 4},
            "points": [
                {"field": "owner", "is": "owner", "points": 20, "because": {"en": "Owner", "de": "Eigentümer"}},
                {"field": "owner", "is": "tenant", "points": -10, "because": {"en": "Tenant", "de": "Mieter"}},
                {"field": "urgency", "is": "soon", "points": 10, "because": {"en": "Soon", "de": "Bald"}},
                {"field": "message", "is": "present", "points": 5, "because": {"en": "Wrote", "de": "Text"}},
            ],
        },
        "lapses": {"unseen_to_hq": 2, "pause": 3},
        "afterwards": {"status_days": [1, 3], "quote_days": 2, "outcome_days": 5},
        "retention": {"spam": 1, "unplaced": 1, "lost": 1, "won": 1},
    }
    share = [
        {"window": {"minutes": 120}, "on_lapse": "share", "partners": 3, "total": {"minutes": 600}},
        {"when": {"urgency": "emergency"}, "window": {"minutes": 30}, "partners": 2, "total": {"minutes": 60}},
    ]
    follow_up = {"retry_every": {"minutes": 600}, "give_up_after": {"minutes": 1500}}
    to_hq = follow_up | {"then": "hq"}
    return [
        a_programme(**common, offers=share, fallback={"hq_hold": {"minutes": 60}, "follow_up": follow_up}),
        a_programme(
            **common,
            offers=[rule | {"closed": "hold"} for rule in share],
            fallback={"hq_hold": {"minutes": 60}, "follow_up": to_hq, "backup_partner": "backup"},
            promise=[{"within": {"minutes": 90}}],
        ),
        a_programme(
            **common,
            offers=[
                {"window": {"minutes": 120}, "on_lapse": "share", "waves": [2, "all"], "total": {"minutes": 600}},
                {
                    "when": {"urgency": "emergency"},
                    "window": {"minutes": 30},
                    "waves": [1, 3],
                    "total": {"minutes": 60},
                },
            ],
            fallback={"hq_hold": {"minutes": 60}, "follow_up": follow_up},
        ),
    ]


def partners() -> list[Partner]:
    augsburg = (Territory.parse("DE 861*"), Territory.parse("DE 809*"))
    return [
        munich(1, caps=Caps(open=1)),
        munich(2, caps=Caps(open=2, day=3)),
        munich(3, territories=(Territory.parse("DE 803*"),), products=frozenset({"heat-pump"})),
        munich(4, territories=augsburg, caps=Caps(open=2, week=5)),
        a_partner("backup", territories=(Territory.parse("AT"),), caps=Caps(open=3)),
    ]


def a_crowd() -> list[Partner]:
    """So many that the last wave holds no places."""
    return [munich(n, tier=3, caps=Caps(open=1), territories=(Territory.parse("DE 80331"),)) for n in range(5, 17)]


def _is_for(timer: str, lead: Lead) -> bool:
    """A timer of an earlier version leaves the lead to the later one's, which may be the lost one."""
    return f"{timer}.".startswith(f"{lead.id}.{lead.version}.")


class Relay(RuleBasedStateMachine):
    world: PatientWorld
    points: list[Mapping[str, Any]]
    met: Counter[str]
    """How often it came to what is rare, and the steps."""

    def __init__(self) -> None:
        super().__init__()
        self.posts: list[tuple[str, dict[str, Any]]] = []
        self.acknowledged: dict[str, str] = {}
        self.excused: dict[str, datetime] = {}
        self.lost: set[str] = set()
        """Leads of which a timer was dropped."""
        self.doubled = False
        """Whether a mail may have left twice, because nobody lived to write down that it had."""
        self.given_up: list[tuple[str, int]] = []
        """Event rows in the dead-letter queue."""
        self.seen = NOTHING

    @initialize(
        which=st.integers(0, 2),
        postcodes=st.lists(st.sampled_from(POSTCODES[:3]), min_size=1, max_size=3),
        history=st.sampled_from(["fresh", "accepted", "declined", "lapsed", "lapsed", "lapsed twice"]),
    )
    def start(self, which: int, postcodes: list[str], history: str) -> None:
        """Somewhere in the middle of things, from where more can go wrong."""
        self.world.trouble.next(None, -1)
        self.world.back_to(self.points[which])
        for person, postcode in enumerate(postcodes):
            self.submit(person, postcode, "heat-pump", "soon", "good", True)
        first = self.world.offer_link(self.acknowledged["key-0"])
        if history == "accepted":
            self.world.press(first, action="accept")
        if history == "declined":
            self.world.press(first, action="decline", reason="busy")
        if history.startswith("lapsed"):
            self.time_passes(250 if history == "lapsed twice" else 125)

    # ── intake ────────────────────────────────────────────────────────────────────────────────────────

    @rule(
        person=st.integers(0, len(PEOPLE) - 1),
        postcode=st.sampled_from(POSTCODES),
        product=st.sampled_from(["heat-pump", "heat-pump", "boiler"]),
        urgency=st.sampled_from(["soon", "soon", "emergency"]),
        kind=st.sampled_from(["good", "good", "good", "good", "spam", "tenant", "nobody"]),
        with_phone=st.booleans(),
    )
    def submit(self, person: int, postcode: str, product: str, urgency: str, kind: str, with_phone: bool) -> None:
        email, phone = PEOPLE[person]
        body = {"postcode": postcode, "product": product, "urgency": urgency, "email": email}
        body |= {"phone": phone if with_phone else ""}
        if kind == "spam":
            body["website_url"] = "https://spam.example"
        if kind == "tenant":
            body["owner"] = "tenant"
        if kind == "nobody":
            body |= {"owner": "tenant", "message": "", "urgency": "emergency"}
        self._enquire(body)

    def _enquire(self, body: dict[str, Any]) -> None:
        key = f"key-{len(self.posts)}"
        self.posts.append((key, body))
        self._post(key, body)

    def _post(self, key: str, body: dict[str, Any]) -> None:
        answer = self._asked(lambda: self.world.post_lead(key, **body), 410 if self._is_erased(key) else 201)
        if answer and answer.status == 201:
            lead = answer.json()["lead"]
            assert self.acknowledged.setdefault(key, lead) == lead

    def _asked(self, act: Callable[[], Answer], *expected: int) -> Answer | None:
        """None for an answer that never came, or that says to try again: only a fault just now may cause either."""
        earlier = self.world.trouble.fired
        try:
            answer = act()
        except Killed:
            return None
        if answer.status in expected:
            return answer
        assert self.world.trouble.fired, answer.body
        assert not earlier, answer.body
        assert answer.status in (409, 500), answer.body
        return None

    @rule(times=st.sampled_from([1, 3, 4]))
    def a_crowd_at_the_door(self, times: int) -> None:
        """Each time somebody has decided, somebody else was quicker."""

        def another() -> None:
            self._enquire({"postcode": POSTCODES[0], "email": f"crowd{len(self.posts)}@posteo.de", "phone": ""})

        with meanwhile(self.world, another, times=times):
            another()

    @precondition(lambda self: self.posts)
    @rule(which=st.integers(0, 99))
    def submit_the_same_again(self, which: int) -> None:
        self._post(*self.posts[which % len(self.posts)])

    @precondition(lambda self: self.acknowledged)
    @rule(which=st.integers(0, 99))
    def use_the_key_for_something_else(self, which: int) -> None:
        known = [post for post in self.posts if post[0] in self.acknowledged]
        key, body = known[which % len(known)]
        answer = 410 if self._is_erased(key) else 422
        self._asked(lambda: self.world.post_lead(key, **body | {"message": "something else"}), answer)

    def _is_erased(self, key: str) -> bool:
        lead = self.seen.leads.get(lead_id("enquiry", key))
        return lead is not None and lead.status is LeadStatus.ERASED

    # ── partners and prospects ────────────────────────────────────────────────────────────────────────

    def _lead(self, which: int, only: Callable[[Lead], Any] = lambda _: True) -> Lead:
        """One of those in question, or of all if there is none."""
        leads = [lead for _, lead in sorted(self.seen.leads.items())]
        leads = [lead for lead in leads if only(lead)] or leads
        return leads[which % len(leads)]

    def _press(self, lead: Lead, number: int, form: Mapping[str, str]) -> None:
        """``number`` counts back from the latest offer."""
        offer = lead.offers[-1 - number % len(lead.offers)]
        path = self.world.offer_link(lead.id, offer.number)
        self._asked(lambda: self.world.press(path, **form), 200, 422)

    @precondition(lambda self: any(lead.live_offers for lead in self.seen.leads.values()))
    @rule(which=st.integers(0, 99), form=st.sampled_from(ANSWERS[:3]))
    def a_partner_answers(self, which: int, form: Mapping[str, str]) -> None:
        self._press(self._lead(which, lambda lead: lead.live_offers), 0, form)

    @precondition(lambda self: any(lead.offers for lead in self.seen.leads.values()))
    @rule(which=st.integers(0, 99), number=st.integers(0, 3), form=st.sampled_from(ANSWERS))
    def a_partner_presses_any_button_of_any_mail(self, which: int, number: int, form: Mapping[str, str]) -> None:
        self._press(self._lead(which, lambda lead: lead.offers), number, form)

    @precondition(lambda self: any(lead.owner for lead in self.seen.leads.values()))
    @rule(which=st.integers(0, 99), number=st.sampled_from([0, 0, 0, 1]), form=st.sampled_from(STEPS_AFTER))
    def the_owner_goes_on(self, which: int, number: int, form: Mapping[str, str]) -> None:
        self._press(self._lead(which, lambda lead: lead.owner), number, form)

    @precondition(lambda self: any(lead.offers for lead in self.seen.leads.values()))
    @rule(which=st.integers(0, 99))
    def a_partner_looks(self, which: int) -> None:
        path = self.world.offer_link(self._lead(which, lambda lead: lead.offers).id)
        self._asked(lambda: self.world.http("GET", path), 200)
        self._asked(lambda: self.world.press(f"{path}/seen"), 204)

    @precondition(lambda self: self.seen.leads)
    @rule(which=st.integers(0, 99), form=st.sampled_from(WISHES))
    def the_prospect_acts(self, which: int, form: Mapping[str, str]) -> None:
        lead = self._lead(which)
        path = urlsplit(self.world.wiring.links.status(lead.id)).path
        expected = (410,) if lead.status is LeadStatus.ERASED else (200, 422)
        self._asked(lambda: self.world.press(path, **form), *expected)

    @rule(which=st.integers(1, 4), action=st.sampled_from(["pause", "resume", "resume"]))
    def a_partner_pauses_or_resumes(self, which: int, action: str) -> None:
        partner = f"munich-{which}"
        self._at_desk(partner, action=action)

    @rule(which=st.integers(1, 4), first=st.integers(0, 2), days=st.integers(0, 2))
    def a_partner_plans_a_holiday(self, which: int, first: int, days: int) -> None:
        start = self.world.now.date() + timedelta(days=first)
        self._at_desk(f"munich-{which}", action="holiday", first=f"{start}", last=f"{start + timedelta(days=days)}")

    def _at_desk(self, partner: str, **form: str) -> None:
        desk = urlsplit(self.world.wiring.links.desk(partner, self.world.load(partner).links)).path
        self._asked(lambda: self.world.press(desk, **form), 200, 422)

    @precondition(lambda self: any(lead.owner for lead in self.seen.leads.values()))
    @rule(which=st.integers(0, 99), to=st.sampled_from(["colleague", "hq", "1", "2", "3", "4"]))
    def the_owner_hands_it_over(self, which: int, to: str) -> None:
        form = {"action": to, "email": "colleague@example.com", "text": "Somebody nearer, please."}
        if to.isdigit():
            form = {"action": "partner", "partner": f"munich-{to}"}
        self._press(self._lead(which, lambda lead: lead.owner), 0, form)

    # ── HQ ────────────────────────────────────────────────────────────────────────────────────────────

    @precondition(lambda self: self.seen.leads)
    @rule(which=st.integers(0, 99), partner=st.integers(1, 4))
    def hq_assigns(self, which: int, partner: int) -> None:
        path = urlsplit(self.world.wiring.relay.queue_link(self._lead(which).id)).path
        self._asked(lambda: self.world.press(path, action="assign", partner=f"munich-{partner}"), 200)

    @rule(which=st.integers(1, 4), most=st.integers(0, 3))
    def hq_changes_a_cap(self, which: int, most: int) -> None:
        known = self.world.wiring.partners.get(f"munich-{which}")
        assert known
        changed = replace(known, caps=replace(known.caps, open=most))
        self.world.wiring.partners.save([(changed, known.version)], self.world.now)

    @precondition(lambda self: any(lead.status in ("quarantined", "hq_queue") for lead in self.seen.leads.values()))
    @rule(which=st.integers(0, 99), action=st.sampled_from(["release", "release", "grant", "reject", "note"]))
    def hq_decides(self, which: int, action: str) -> None:
        held = sorted(i for i, lead in self.seen.leads.items() if lead.status in ("quarantined", "hq_queue"))
        path = urlsplit(self.world.wiring.relay.queue_link(held[which % len(held)])).path
        self._asked(lambda: self.world.press(path, action=action, text="looked at"), 200)

    @precondition(lambda self: self.seen.leads)
    @rule(which=st.integers(0, 99))
    def hq_erases(self, which: int) -> None:
        path = urlsplit(self.world.wiring.relay.queue_link(self._lead(which).id)).path
        self._asked(lambda: self.world.press(path, action="erase"), 200)

    # ── delivery and time ─────────────────────────────────────────────────────────────────────────────

    @rule()
    def deliver(self) -> None:
        self.world.deliver()

    @rule(most=st.integers(1, 3), backwards=st.booleans())
    def only_some_is_delivered(self, most: int, backwards: bool) -> None:
        """The next record of a few leads, in any order between them; their facts are on the bus, and told later."""
        first: dict[str, EventRow] = {}
        for row in self.world.rows(new=True):
            first.setdefault(row.lead, row)
        for lead in sorted(first, reverse=backwards)[:most]:
            self.world.stream(first[lead])

    @precondition(lambda self: self.world.rows(new=True))
    @rule(which=st.integers(0, 999))
    def a_record_is_given_up(self, which: int) -> None:
        """After its last try it lies in the dead-letter queue, and its lead has no timer."""
        rows = self.world.rows(new=True)
        row = rows[which % len(rows)]
        self.world._rows.add((row.lead, row.version))
        self.given_up.append((row.lead, row.version))
        self.lost.add(row.lead)

    @precondition(lambda self: self.given_up)
    @rule()
    def redrive(self) -> None:
        for row in self.world.rows():
            if (row.lead, row.version) in self.given_up:
                self.world.stream(row)
        self.given_up.clear()
        self.met["redriven"] += 1

    @rule(fault=st.sampled_from(Fault), at=st.integers(0, 12))
    def a_call_will_fail(self, fault: Fault, at: int) -> None:
        """One of the next that any handler makes."""
        self._count_crash()
        self.world.trouble.next(fault, at)

    @rule(person=st.integers(0, len(PEOPLE) - 1))
    def a_sender_dies(self, person: int) -> None:
        """Between the lease of a mail and the mail."""
        self.submit(person, POSTCODES[0], "boiler", "soon", "good", True)
        self._count_crash()
        self.world.trouble.next(Fault.KILLED_BEFORE, "sesv2.SendEmail")
        self.world.deliver()

    def _count_crash(self) -> None:
        hit = self.world.trouble
        self.met["crashed"] += bool(hit.fired)
        self.doubled |= hit.fired in ("sesv2.SendEmail", "dynamodb.UpdateItem")

    @rule(seconds=st.sampled_from([-120, -30, 0, 0, 30, 120]))
    def the_functions_clocks_are_off(self, seconds: int) -> None:
        self.world.skew = timedelta(seconds=seconds)

    @precondition(lambda self: any(lead.live_offers for lead in self.seen.leads.values()))
    @rule(which=st.integers(0, 99), ms=st.sampled_from([-1, 0, 1]), first=st.sampled_from(["accept", "timer", "both"]))
    def at_the_last_moment(self, which: int, ms: int, first: str) -> None:
        """A partner accepts as the window ends and the timer comes: one of them is first."""
        lead = self._lead(which, lambda lead: lead.live_offers)
        offer = lead.live_offers[0]
        then = offer.expires_at + timedelta(milliseconds=ms)
        if then < self.world.now:
            return
        path = self.world.offer_link(lead.id, offer.number)
        self._jump(then)
        wake = partial(self.world.wake, {"lead": lead.id, "version": lead.version})
        accept = partial(self._asked, partial(self.world.press, path, action="accept"), 200)
        if first == "both":
            with meanwhile(self.world, wake):
                accept()
        for act in (wake, accept) if first == "timer" else (accept, wake):
            act()
        self.met["last moment"] += 1

    @precondition(lambda self: self.seen.events)
    @rule(which=st.integers(0, 999))
    def a_stream_record_comes_again(self, which: int) -> None:
        rows = self.world.rows()
        self.world.stream(rows[which % len(rows)])

    @precondition(lambda self: self.world.published)
    @rule(which=st.integers(0, 999))
    def a_bus_entry_comes_again(self, which: int) -> None:
        self.world.tell(self.world.published[which % len(self.world.published)])

    @precondition(lambda self: self.world.schedules())
    @rule(which=st.integers(0, 999), twice=st.booleans())
    def a_timer_fires_early(self, which: int, twice: bool) -> None:
        names = sorted(self.world.schedules())
        said = self.world.take_timer(names[which % len(names)])
        self.world.wake(said)
        if twice:
            self.world.wake(said)

    @precondition(lambda self: self.world.schedules())
    @rule(which=st.integers(0, 999))
    def a_timer_is_lost(self, which: int) -> None:
        names = sorted(self.world.schedules())
        name = names[which % len(names)]
        self.lost.add(name.split(".")[0])
        self.world.take_timer(name)

    @rule()
    def sweep(self) -> None:
        self.world.sweep()

    @rule(minutes=st.sampled_from([1, 20, 45, 130, 130, 300, 1500]))
    def time_passes(self, minutes: int) -> None:
        """As it should: timers fire on time, the sweeper runs every five minutes."""
        end = self.world.now + timedelta(minutes=minutes)
        while (tick := self._next_rescue()) <= end:
            self.world.run_until(tick)
            self.world.sweep()
            self.world.deliver()
        self.world.run_until(end)

    @precondition(lambda self: any(lead.erase_at for lead in self.seen.leads.values()))
    @rule()
    def a_month_passes(self) -> None:
        self.time_passes(32 * 24 * 60)
        at_rest = [lead for lead in self.world_leads() if lead.erase_at and lead.erase_at <= self.world.now]
        assert not at_rest, f"nobody erased {at_rest}"

    def _next_rescue(self) -> datetime:
        """The next run of the sweeper that could find anything: nothing happens in those before."""
        self.world.deliver()
        late, armed = timedelta(seconds=90), self.world.schedules().items()
        leads = self.world_leads()
        dues = [
            lead.due + late
            for lead in leads
            if lead.due and not any(_is_for(name, lead) and at <= lead.due + late for name, at in armed)
        ]
        dues += [lead.erase_at for lead in leads if lead.erase_at]
        if not dues:
            return datetime.max.replace(tzinfo=self.world.now.tzinfo)
        from_then = max(min(dues), self.world.now + timedelta(microseconds=1))
        midnight = from_then.replace(hour=0, minute=0, second=0, microsecond=0)
        return midnight + SWEEP * -(-(from_then - midnight) // SWEEP)

    @rule(minutes=st.sampled_from([1, 9, 60, 200]))
    def nothing_runs(self, minutes: int) -> None:
        """An outage: the clock goes on, no timer fires, nothing is swept. People may act meanwhile."""
        self._jump(self.world.now + timedelta(minutes=minutes))

    def _jump(self, to: datetime) -> None:
        self.world.now = to
        for lead in self.world_leads():
            if lead.promised_by and lead.promised_by <= self.world.now + UNNOTICED:
                self.excused[lead.id] = lead.promised_by

    def world_leads(self) -> list[Lead]:
        return self.world.read(lead_from_item, only=lambda pk, sk: sk == "LEAD")

    # ── what must hold ────────────────────────────────────────────────────────────────────────────────

    @invariant()
    def everything_holds(self) -> None:
        before, self.seen = self.seen, look(self.world)
        self.met["steps"] += 1
        for row in self.seen.since(before):
            self.met["exhausted"] += sum(fact.kind == "lead.exhausted" for fact in row.facts)
            self.met["contended"] += bool(row.decision and row.decision.get("contended"))
        check(before, self.seen)
        acknowledged_posts_have_leads(self.seen, self.acknowledged)
        assert len(self.seen.leads) <= len(self.posts)
        promises_are_kept(self._with_timers(self.seen), timedelta(0), self.excused)
        promises_are_kept(self.seen, UNNOTICED, self.excused)

    def _with_timers(self, seen: Seen) -> Seen:
        kept = {lead_id: lead for lead_id, lead in seen.leads.items() if lead_id not in self.lost}
        return Seen(seen.now, kept, seen.events, seen.loads)

    def teardown(self) -> None:
        """4. After faults stop, no lead stays unowned and unalerted longer than the sweeper's interval."""
        self._count_crash()
        self.world.trouble.next(None, -1)
        self.world.skew = timedelta(0)
        if self.given_up:
            self.redrive()
        for _ in range(2):
            self.world.deliver()
            self.world.advance(minutes=2)  # leases end
        self.world.redeliver()
        assert not self.world.again, "still failing after all faults have ended"
        self.every_fact_is_published()
        for name in list(self.world.schedules()):
            self.world.take_timer(name)
        overdue = min((lead.due for lead in self.world_leads() if lead.due), default=self.world.now)
        self.world.now = max(self.world.now, overdue) + UNNOTICED
        for _ in range(20):  # what became due meanwhile is due again at once
            self.world.sweep()
            self.world.deliver()
            if not [lead for lead in self.world_leads() if lead.due and lead.due <= self.world.now - UNNOTICED]:
                break
        late = [lead.id for lead in self.world_leads() if lead.due and lead.due <= self.world.now - UNNOTICED]
        assert not late, f"nobody woke {late}"
        self.everything_holds_for_hq()

    def every_fact_is_published(self) -> None:
        """8. Every committed event is delivered."""
        published = {json.loads(entry["Detail"]).get("fact") for entry in self.world.published}
        committed = {row.fact_id(index) for row in self.world.rows() for index in range(len(row.facts))}
        assert committed <= published, committed - published

    def everything_holds_for_hq(self) -> None:
        """11. Told exactly once: every exhausted chain that HQ holds is in exactly one alert."""
        if self.doubled:
            return
        if self.world.items(only=lambda pk, sk: pk == "DIGESTS"):
            self.world.advance(hours=2)
            self.world.sweep()
        alerts = [m.get_body(("plain",)).get_content().split() for m in self.world.mails() if m["Subject"] == "alert"]  # type: ignore[union-attr]
        for lead, rows in look(self.world).events.items():
            times = sum(fact.kind == "lead.exhausted" for row in rows for fact in row.facts)
            told = sum(words[1:].count(lead) for words in alerts)
            ended = sum(fact.data.get("reason") == "follow_up_ended" for row in rows for fact in row.facts)
            assert told <= times + ended, f"{lead}: exhausted {times} times, {told} alerts"


@contextmanager
def leases_watched(world: PatientWorld, met: Counter[str]) -> Iterator[None]:
    lease = MailRows.lease

    def watched(rows: MailRows, key: str, now: datetime) -> bool:
        held = world.items(only=lambda pk, sk: pk == f"MAIL#{key}")
        ours = lease(rows, key, now)
        met["lease taken over"] += ours and bool(held)
        return ours

    with patch.object(MailRows, "lease", watched):
        yield


def test_no_sequence_of_events_breaks_an_invariant(patient: PatientWorld) -> None:
    points, met = [], Counter[str]()
    empty = patient.saved()
    for programme in programmes():
        patient.back_to(empty)
        patient.use(programme, *partners(), *(a_crowd() if programme.offers[0].waves else []))
        points.append(patient.saved())
    Game = type("Game", (Relay,), {"world": patient, "points": points, "met": met})
    play = settings(
        max_examples=GAMES,
        stateful_step_count=STEPS,
        deadline=None,
        derandomize=not FULL,
        phases=(Phase.generate, Phase.shrink) if FULL else (Phase.generate,),  # to shrink a game takes minutes
        suppress_health_check=list(HealthCheck),
    )
    with trouble() as patient.trouble, leases_watched(patient, met):
        patient.trouble.asleep = True
        with patch("functions.notify.app.write", short_letter), patch("functions.sweep.app.write", short_letter):
            run_state_machine_as_test(Game, settings=play)
    patient.trouble = Trouble()
    rare = ", ".join(f"{what} {met[what]}" for what in SOMETIMES)
    told_at_the_end.append(f"simulation: {GAMES} games, {met['steps']} steps; violations 0; {rare}")
    assert not [what for what in SOMETIMES if not met[what]], "never met, so nothing is shown of it"
