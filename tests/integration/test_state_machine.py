"""The whole product played at random, with every invariant checked after every step.

``RELAY_EXAMPLES=500 pytest tests/integration/test_state_machine.py`` plays at length, each time other games.
"""

import os
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

from hypothesis import HealthCheck, settings
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
from routing_core.domain.lead import Lead, LeadStatus
from routing_core.domain.partner import Caps, Partner
from routing_core.domain.territory import Territory
from routing_core.service.ports import Mail
from routing_core.service.views import MailView
from tests.builders import a_partner
from tests.invariants import NOTHING, Seen, acknowledged_posts_have_leads, check, look, promises_are_kept
from tests.world import World, a_programme, munich

EXAMPLES = int(os.environ.get("RELAY_EXAMPLES", "0"))
STEPS = 30
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
            offers=share,
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


def short_letter(view: MailView) -> Mail:
    """Who is told what about which leads, without the beauty: letters have tests of their own."""
    leads = [view.lead.id] if view.lead else [entry.lead.id for entry in view.entries]
    return Mail(view.to, view.template, "", f"{view.template} {' '.join(leads)}", "test")


class Relay(RuleBasedStateMachine):
    world: World
    points: list[Mapping[str, Any]]

    def __init__(self) -> None:
        super().__init__()
        self.posts: list[tuple[str, dict[str, Any]]] = []
        self.acknowledged: dict[str, str] = {}
        self.excused: dict[str, datetime] = {}
        self.lost: set[str] = set()
        """Leads of which a timer was dropped."""
        self.seen = NOTHING

    @initialize(
        which=st.integers(0, 2),
        postcodes=st.lists(st.sampled_from(POSTCODES[:3]), min_size=1, max_size=3),
        history=st.sampled_from(["fresh", "accepted", "declined", "lapsed", "lapsed", "lapsed twice"]),
    )
    def start(self, which: int, postcodes: list[str], history: str) -> None:
        """Somewhere in the middle of things, from where more can go wrong."""
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
        key = f"key-{len(self.posts)}"
        answer = self.world.post_lead(key, **body)
        assert answer.status == 201, answer.body
        self.posts.append((key, body))
        self.acknowledged[key] = answer.json()["lead"]

    @precondition(lambda self: self.posts)
    @rule(which=st.integers(0, 99))
    def submit_the_same_again(self, which: int) -> None:
        key, body = self.posts[which % len(self.posts)]
        answer = self.world.post_lead(key, **body)
        if self._is_erased(key):
            assert answer.status == 410, answer.body
        else:
            assert answer.status == 201, answer.body
            assert answer.json()["lead"] == self.acknowledged[key]

    @precondition(lambda self: self.posts)
    @rule(which=st.integers(0, 99))
    def use_the_key_for_something_else(self, which: int) -> None:
        key, body = self.posts[which % len(self.posts)]
        answer = self.world.post_lead(key, **body | {"message": "something else"})
        assert answer.status == (410 if self._is_erased(key) else 422), answer.body

    def _is_erased(self, key: str) -> bool:
        return self.seen.leads[self.acknowledged[key]].status is LeadStatus.ERASED

    # ── partners and prospects ────────────────────────────────────────────────────────────────────────

    def _lead(self, which: int, only: Callable[[Lead], Any] = lambda _: True) -> Lead:
        """One of those in question, or of all if there is none."""
        leads = [lead for _, lead in sorted(self.seen.leads.items())]
        leads = [lead for lead in leads if only(lead)] or leads
        return leads[which % len(leads)]

    def _press(self, lead: Lead, number: int, form: Mapping[str, str]) -> None:
        """``number`` counts back from the latest offer."""
        offer = lead.offers[-1 - number % len(lead.offers)]
        answer = self.world.press(self.world.offer_link(lead.id, offer.number), **form)
        assert answer.status in (200, 422), answer.body

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
        assert self.world.http("GET", path).status == 200
        assert self.world.press(f"{path}/seen").status == 204

    @precondition(lambda self: self.seen.leads)
    @rule(which=st.integers(0, 99), form=st.sampled_from(WISHES))
    def the_prospect_acts(self, which: int, form: Mapping[str, str]) -> None:
        lead = self._lead(which)
        path = urlsplit(self.world.wiring.links.status(lead.id)).path
        answer = self.world.press(path, **form)
        assert answer.status in ((410,) if lead.status is LeadStatus.ERASED else (200, 422)), answer.body

    @rule(which=st.integers(1, 4), action=st.sampled_from(["pause", "resume", "resume"]))
    def a_partner_pauses_or_resumes(self, which: int, action: str) -> None:
        partner = f"munich-{which}"
        desk = urlsplit(self.world.wiring.links.desk(partner, self.world.load(partner).links)).path
        assert self.world.press(desk, action=action).status == 200

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
        assert self.world.press(path, action="assign", partner=f"munich-{partner}").status == 200

    @precondition(lambda self: any(lead.status in ("quarantined", "hq_queue") for lead in self.seen.leads.values()))
    @rule(which=st.integers(0, 99), action=st.sampled_from(["release", "release", "grant", "reject", "note"]))
    def hq_decides(self, which: int, action: str) -> None:
        held = sorted(i for i, lead in self.seen.leads.items() if lead.status in ("quarantined", "hq_queue"))
        path = urlsplit(self.world.wiring.relay.queue_link(held[which % len(held)])).path
        assert self.world.press(path, action=action, text="looked at").status == 200

    @precondition(lambda self: self.seen.leads)
    @rule(which=st.integers(0, 99))
    def hq_erases(self, which: int) -> None:
        path = urlsplit(self.world.wiring.relay.queue_link(self._lead(which).id)).path
        assert self.world.press(path, action="erase").status == 200

    # ── delivery and time ─────────────────────────────────────────────────────────────────────────────

    @rule()
    def deliver(self) -> None:
        self.world.deliver()

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
            if lead.due and not any(name.startswith(lead.id) and at <= lead.due + late for name, at in armed)
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
        self.world.advance(minutes=minutes)
        for lead in self.world_leads():
            if lead.promised_by and lead.promised_by <= self.world.now + UNNOTICED:
                self.excused[lead.id] = lead.promised_by

    def world_leads(self) -> list[Lead]:
        return [lead_from_item(item) for item in self.world.items(only=lambda pk, sk: sk == "LEAD")]

    # ── what must hold ────────────────────────────────────────────────────────────────────────────────

    @invariant()
    def everything_holds(self) -> None:
        before, self.seen = self.seen, look(self.world)
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
        self.world.deliver()
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

    def everything_holds_for_hq(self) -> None:
        """11. Told exactly once: every exhausted chain that HQ holds is in exactly one alert."""
        if self.world.items(only=lambda pk, sk: pk == "DIGESTS"):
            self.world.advance(hours=2)
            self.world.sweep()
        alerts = [m.get_body(("plain",)).get_content().split() for m in self.world.mails() if m["Subject"] == "alert"]  # type: ignore[union-attr]
        for lead_id, rows in look(self.world).events.items():
            times = sum(fact.kind == "lead.exhausted" for row in rows for fact in row.facts)
            told = sum(words[1:].count(lead_id) for words in alerts)
            ended = sum(fact.data.get("reason") == "follow_up_ended" for row in rows for fact in row.facts)
            assert told <= times + ended, f"{lead_id}: exhausted {times} times, {told} alerts"


def test_no_sequence_of_events_breaks_an_invariant(world: World) -> None:
    points = []
    empty = world.saved()
    for programme in programmes():
        world.back_to(empty)
        world.use(programme, *partners(), *(a_crowd() if programme.offers[0].waves else []))
        points.append(world.saved())
    Game = type("Game", (Relay,), {"world": world, "points": points})
    play = settings(
        max_examples=EXAMPLES or 25,
        stateful_step_count=STEPS,
        deadline=None,
        derandomize=not EXAMPLES,
        suppress_health_check=list(HealthCheck),
    )
    with patch("functions.notify.app.write", short_letter), patch("functions.sweep.app.write", short_letter):
        run_state_machine_as_test(Game, settings=play)
