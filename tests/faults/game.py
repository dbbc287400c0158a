"""Games of people and mishaps: deliveries, timers, clocks and crashes, and after every step all
that must hold.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition

from routing_core.domain.events import CommitRecord
from routing_core.domain.lead import Lead
from tests.faults.calls import Fault
from tests.faults.people import People, step
from tests.faults.playground import PEOPLE, POSTCODES
from tests.support.hooks import meanwhile
from tests.support.invariants import (
    Seen,
    acknowledged_posts_have_leads,
    check,
    look,
    promises_are_kept,
)

SWEEP = timedelta(minutes=5)
UNNOTICED = SWEEP + timedelta(seconds=90)
"""A lost timer is noticed by then."""

MOVING = 2
"""With more leads than that still on their way, a month takes minutes to play."""

Detail = Mapping[str, Any]
RARE: Mapping[str, tuple[str, Detail]] = {
    "exhausted": ("lead.exhausted", {}),
    "claim granted": ("claim.granted", {}),
    "claim not granted": ("offer.withdrawn", {"why": "not_granted"}),
    "claim left undecided": ("offer.withdrawn", {"why": "undecided"}),
    "handed to a colleague": ("lead.delegated", {}),
    "handed to a partner": ("offer.made", {"kind": "handed"}),
    "handed to HQ": ("lead.queued", {"reason": "handed_over"}),
    "waiting place asked": ("waiting.joined", {}),
    "waiting place given": ("offer.made", {"kind": "waiting"}),
    "returned, routed on": ("lead.returned", {"next": "route"}),
    "returned to HQ": ("lead.returned", {"next": "review"}),
    "returned, closed": ("lead.returned", {"next": "close"}),
    "returned early": ("offer.returned", {}),
    "taken back, nobody called": ("contact.retracted", {}),
    "undone": ("lead.undone", {}),
    "assigned": ("lead.assigned", {}),
    "backup": ("offer.made", {"kind": "backup"}),
    "repeat attached": ("lead.joined", {}),
    "repeat let go": ("first.ended", {}),
    "repeat settled": ("lead.served", {}),
    "paused by lapses": ("partner.paused", {}),
    "promise renewed": ("promise.renewed", {}),
    "withdrawn": ("lead.withdrawn", {}),
    "place put right": ("lead.moved", {}),
    "mail came back, passed on": ("offer.withdrawn", {"why": "unreachable"}),
    "erased": ("lead.erased", {}),
}
"""Facts, and what they say, without which a game has not been everywhere."""
REFUSED, LET_GO = "repeat refused, as it differs", "repeat routed after its first ended"
"""What one fact alone does not tell: whether the enquiry was ever attached before it went its own
way.
"""


def way_of_its_own(row: CommitRecord, before: Sequence[CommitRecord]) -> Iterator[str]:
    """Which of the two it was, if with this row an enquiry that another one was to look after goes
    its own way.
    """
    if any(fact.kind == "attachment.ended" for fact in row.events):
        earlier = [fact.kind for each in before for fact in each.events]
        yield LET_GO if "lead.joined" in earlier else REFUSED


def met_in(row: CommitRecord) -> Iterator[str]:
    for fact in row.events:
        yield from (
            what
            for what, (kind, data) in RARE.items()
            if fact.kind == kind and data.items() <= fact.to_data().items()
        )
    if row.decision and row.decision.get("contended"):
        yield "contended"


def _is_for(timer: str, lead: Lead) -> bool:
    """A timer of an earlier version leaves the lead to the later one's, which may be the lost
    one.
    """
    return f"{timer}.".startswith(f"{lead.id}.{lead.version}.")


class Services(People):
    def __init__(self) -> None:
        super().__init__()
        self.excused: dict[str, datetime] = {}
        self.lost: set[str] = set()
        """Leads of which a timer was dropped."""
        self.doubled = False
        """Whether a mail may have left twice, because nobody lived to write down that it had."""
        self.given_up: list[tuple[str, int]] = []
        """Event rows in the stream's dead-letter queue."""
        self.untold: list[dict[str, Any]] = []
        """Entries of the bus in the mail queue's."""

    # ── delivery and time ─────────────────────────────────────────────────────────────────────────

    @step()
    def deliver(self) -> None:
        self.world.deliver()

    @step(most=st.integers(1, 3), backwards=st.booleans())
    def only_some_is_delivered(self, most: int, backwards: bool) -> None:
        """The next record of a few leads, in any order between them; their facts are on the bus,
        and told later.
        """
        first: dict[str, CommitRecord] = {}
        for row in self.world.rows(new=True):
            first.setdefault(row.lead, row)
        for lead in sorted(first, reverse=backwards)[:most]:
            self.world.stream(first[lead])

    @precondition(lambda self: self.world.rows(new=True))
    @step(which=st.integers(0, 999))
    def a_record_is_given_up(self, which: int) -> None:
        """After its last try it lies in the dead-letter queue, and its lead has no timer."""
        rows = self.world.rows(new=True)
        row = rows[which % len(rows)]
        self.world._rows.add((row.lead, row.version))
        self.given_up.append((row.lead, row.version))
        self.lost.add(row.lead)

    @step(given_up=st.booleans())
    def the_bus_tells_the_latest_first(self, given_up: bool) -> None:
        """EventBridge promises no order. ``given_up``: the first lies in the dead-letter queue
        after its last try.
        """
        for row in self.world.rows(new=True):
            self.world.stream(row)
        first, *others = [*self.world.waiting_on_the_bus(), None]
        for entry in reversed(others):
            if entry:
                self.world.tell(entry)
        if first and given_up:
            self.untold.append(first)
        elif first:
            self.world.tell(first)

    @precondition(lambda self: self.given_up or self.untold)
    @step()
    def redrive(self) -> None:
        self._redrive()

    def _redrive(self) -> None:
        for row in self.world.rows():
            if (row.lead, row.version) in self.given_up:
                self.world.stream(row)
        for entry in self.untold:
            self.world.tell(entry)
        self.given_up.clear()
        self.untold.clear()
        self.met["redriven"] += 1

    @step(fault=st.sampled_from(Fault), at=st.integers(0, 12))
    def a_call_will_fail(self, fault: Fault, at: int) -> None:
        """One of the next that any handler makes."""
        self._count_crash()
        self.world.trouble.next(fault, at)

    @step(person=st.integers(0, len(PEOPLE) - 1))
    def a_sender_dies(self, person: int) -> None:
        """Between the lease of a mail and the mail."""
        self._submit(person, POSTCODES[0], "boiler")
        self._count_crash()
        self.world.trouble.next(Fault.KILLED_BEFORE, "sesv2.SendEmail")
        self.world.deliver()

    def _count_crash(self) -> None:
        hit = self.world.trouble
        self.met["crashed"] += bool(hit.fired)
        self.doubled |= hit.fired in ("sesv2.SendEmail", "dynamodb.UpdateItem")

    @step(seconds=st.sampled_from([-120, -30, 0, 0, 30, 120]))
    def the_functions_clocks_are_off(self, seconds: int) -> None:
        self.world.skew = timedelta(seconds=seconds)

    @precondition(lambda self: self._any(lambda lead: lead.live_offers))
    @step(
        which=st.integers(0, 99),
        ms=st.sampled_from([-1, 0, 1]),
        first=st.sampled_from(["accept", "timer", "both"]),
    )
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
        self.met["races"] += 1

    @precondition(lambda self: self.seen.events)
    @step(which=st.integers(0, 999))
    def a_stream_record_comes_again(self, which: int) -> None:
        rows = self.world.rows()
        self.world.stream(rows[which % len(rows)])

    @precondition(lambda self: self.world.published)
    @step(which=st.integers(0, 999))
    def a_bus_entry_comes_again(self, which: int) -> None:
        self.world.tell(self.world.published[which % len(self.world.published)])

    @precondition(lambda self: self.world.schedules())
    @step(which=st.integers(0, 999), twice=st.booleans())
    def a_timer_fires_early(self, which: int, twice: bool) -> None:
        names = sorted(self.world.schedules())
        said = self.world.take_timer(names[which % len(names)])
        self.world.wake(said)
        if twice:
            self.world.wake(said)

    @precondition(lambda self: self.world.schedules())
    @step(which=st.integers(0, 999))
    def a_timer_is_lost(self, which: int) -> None:
        names = sorted(self.world.schedules())
        name = names[which % len(names)]
        self.lost.add(name.split(".")[0])
        self.world.take_timer(name)

    @step()
    def sweep(self) -> None:
        self.world.sweep()

    @step(minutes=st.sampled_from([1, 20, 45, 130, 130, 300, 1500]))
    def some_time_passes(self, minutes: int) -> None:
        self.time_passes(minutes)

    def time_passes(self, minutes: int) -> None:
        """As it should: timers fire on time, the sweeper runs every five minutes."""
        end = self.world.now + timedelta(minutes=minutes)
        while (tick := self._next_rescue()) <= end:
            self.world.run_until(tick)
            self.world.sweep()
            self.world.deliver()
        self.world.run_until(end)

    @precondition(
        lambda self: self._any(lambda lead: lead.erase_at) and self._still_moving() <= MOVING
    )
    @step()
    def a_month_passes(self) -> None:
        self.time_passes(32 * 24 * 60)
        at_rest = [
            lead for lead in self.world_leads() if lead.erase_at and lead.erase_at <= self.world.now
        ]
        assert not at_rest, f"nobody erased {at_rest}"

    def _still_moving(self) -> int:
        return sum(not lead.finished for lead in self.seen.leads.values())

    def _next_rescue(self) -> datetime:
        """The next run of the sweeper that could find anything: nothing happens in those before."""
        self.world.deliver()
        late, armed = timedelta(seconds=90), self.world.schedules().items()
        leads = self.world_leads()
        dues = [
            lead.due + late
            for lead in leads
            if lead.due
            and not any(_is_for(name, lead) and at <= lead.due + late for name, at in armed)
        ]
        dues += [lead.erase_at for lead in leads if lead.erase_at]
        if not dues:
            return datetime.max.replace(tzinfo=self.world.now.tzinfo)
        from_then = max(min(dues), self.world.now + timedelta(microseconds=1))
        midnight = from_then.replace(hour=0, minute=0, second=0, microsecond=0)
        return midnight + SWEEP * -(-(from_then - midnight) // SWEEP)

    @step(minutes=st.sampled_from([1, 9, 60, 200]))
    def nothing_runs(self, minutes: int) -> None:
        """An outage: the clock goes on, no timer fires, nothing is swept. People may act
        meanwhile.
        """
        self._jump(self.world.now + timedelta(minutes=minutes))

    def _jump(self, to: datetime) -> None:
        self.world.now = to
        for lead in self.world_leads():
            if lead.promised_by and lead.promised_by <= self.world.now + UNNOTICED:
                self.excused[lead.id] = lead.promised_by

    # ── what must hold ────────────────────────────────────────────────────────────────────────────

    @invariant()
    def everything_holds(self) -> None:
        with self.failure_told():
            self._check()

    def _check(self) -> None:
        before, self.seen = self.seen, look(self.world)
        for row in self.seen.since(before):
            self.met.update(met_in(row))
            self.met.update(way_of_its_own(row, self.seen.events[row.lead][: row.version - 1]))
        check(before, self.seen)
        acknowledged_posts_have_leads(self.seen, self.acknowledged)
        assert len(self.seen.leads) <= len(self.posts)
        promises_are_kept(self._with_timers(self.seen), timedelta(0), self.excused)
        promises_are_kept(self.seen, UNNOTICED, self.excused)

    def _with_timers(self, seen: Seen) -> Seen:
        kept = {lead_id: lead for lead_id, lead in seen.leads.items() if lead_id not in self.lost}
        return replace(seen, leads=kept)

    def teardown(self) -> None:
        if self.broken:  # what comes of it says nothing
            return
        self.met["games"] += 1
        with self.failure_told():
            self.all_comes_right()

    def all_comes_right(self) -> None:
        """4. After faults stop, no lead stays unowned and unalerted longer than the sweeper's
        interval.
        """
        self._count_crash()
        self.world.trouble.next(None, -1)
        self.world.skew = timedelta(0)
        if self.given_up or self.untold:
            self._redrive()
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
            if not [
                lead
                for lead in self.world_leads()
                if lead.due and lead.due <= self.world.now - UNNOTICED
            ]:
                break
        late = [
            lead.id
            for lead in self.world_leads()
            if lead.due and lead.due <= self.world.now - UNNOTICED
        ]
        assert not late, f"nobody woke {late}"
        self._check()
        for lead in self.world_leads():
            self.nobody_reads_what_somebody_else_typed(lead)
        self.everybody_asked_has_mail()
        self.the_network_is_todays()
        self.everything_holds_for_hq()
        self._check()

    def every_fact_is_published(self) -> None:
        """8. Every committed event is delivered."""
        published = {json.loads(entry["Detail"]).get("fact") for entry in self.world.published}
        committed = {
            row.event_id(index) for row in self.world.rows() for index in range(len(row.events))
        }
        assert committed <= published, committed - published

    def everybody_asked_has_mail(self) -> None:
        """8. Whoever is asked or has accepted was written to."""
        said: dict[str, set[str]] = {}
        for template, words, to in self._letters():
            if template in ("offer", "accepted"):
                said.setdefault(to, set()).update(words)
        emails = {partner.id: partner.contact.email for partner in self.world.wiring.partners.all()}
        for lead in self.world_leads():
            for offer in lead.live_offers:
                assert lead.id in said.get(emails[offer.partner], ()), (
                    f"nobody told {offer.partner} of {lead.id}"
                )

    def the_network_is_todays(self) -> None:
        """Decisions are made on what is saved."""
        saved = {partner.id: partner.version for partner in self.world.wiring.partners.all()}
        self.world.wiring.rules.look_again()
        assert {
            p.id: p.version for p in self.world.wiring.rules.network().partners.values()
        } == saved

    def everything_holds_for_hq(self) -> None:
        """11. Told exactly once: every exhausted chain that HQ holds is in exactly one alert."""
        to_tell = self._exhausted()
        if self.world.items(only=lambda pk, sk: pk == "DIGESTS"):
            self.world.advance(hours=2)
            self.world.sweep()
        told = self._alerts()
        missing = to_tell & self._exhausted() - set(told)
        assert not missing, f"HQ never heard of {missing}"
        for lead, rows in look(self.world).events.items() if not self.doubled else ():
            times = sum(fact.kind == "lead.exhausted" for row in rows for fact in row.events)
            ended = sum(
                fact.to_data().get("reason") == "follow_up_ended"
                for row in rows
                for fact in row.events
            )
            assert told[lead] <= times + ended, (
                f"{lead}: exhausted {times} times, {told[lead]} alerts"
            )

    def _exhausted(self) -> set[str]:
        return {lead.id for lead in self.world_leads() if lead.exhausted and not lead.finished}

    def _alerts(self) -> Counter[str]:
        """Lead → the alerts that name it, as ``short_letter`` writes them."""
        return Counter(
            word for template, words, _ in self._letters() if template == "alert" for word in words
        )

    def _letters(self) -> Iterator[tuple[str, list[str], str]]:
        """Template, leads and addressee of each."""
        for mail in self.world.mails():
            body = mail.get_body(("plain",))
            template, *leads = body.get_content().split() if body else [""]
            yield template, leads, str(mail["To"])
