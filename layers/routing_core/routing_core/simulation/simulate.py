"""What a programme and a network would have done with the leads of the past: played on a virtual
clock.

The rules are the real ones: ``decide`` ranks, ``placement`` keeps limits, waves and backups,
``offer_terms`` says how long an offer lasts. Only people are played (``behaviour``). So two runs
over the same leads with the same seed differ by their rules alone. What happens after acceptance is
not played, but that the lead takes up a place for a while.
"""

import heapq
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count

from routing_core.domain.calendar.answer_time import window_end
from routing_core.domain.calendar.business_time import Duration
from routing_core.domain.changed import changed
from routing_core.domain.lead import Deadline, DeadlineKind, Lead, LeadStatus
from routing_core.domain.offer import Offer, OfferKind, OfferStatus
from routing_core.domain.offer_terms import PlannedOffer, offer_terms
from routing_core.domain.partner import Load, Partner
from routing_core.domain.programme.programme import Programme
from routing_core.routing.decide.attempt import PlacementAttempt
from routing_core.routing.decide.backups import who_could_be_asked
from routing_core.routing.decide.decision import Decision
from routing_core.routing.decide.placement import (
    OfferPlan,
    WaitForOpening,
    choose_next,
    decide_and_widen,
)
from routing_core.routing.decide.situation import Situation
from routing_core.routing.history import Past, Record, Run, Tally, fair_shares
from routing_core.routing.index.network import Network
from routing_core.routing.policy import Enquiry, Policy
from routing_core.simulation.behaviour import Answer, Behaviours, Drawn
from routing_core.simulation.ledger import Ledger
from routing_core.simulation.timetable import Timetable

RESUMED_AFTER = Duration(working_days=1)
"""Whom three lapses paused is taken to be back on the next working day: it is one tap."""
AFTERWARDS = timedelta(days=90)
"""So long after the last enquiry the clock runs on."""
RETRIED = 20
"""Leads that one freed place may be tried for, as in life."""

Progress = Callable[[int], None]


def simulate(
    history: Sequence[Past],
    programme: Programme,
    network: Network,
    behaviours: Behaviours,
    seed: str = "1",
    progress: Progress = lambda done: None,
) -> Run:
    """``progress`` hears how many leads have come. The same inputs and seed always give the same
    figures.
    """
    if not history:
        return Run(partners={name: Tally() for name in network.partners})
    history = sorted(history, key=lambda past: (past.lead.received_at, past.lead.id))
    end = history[-1].lead.received_at + AFTERWARDS
    game = _Game(
        programme,
        network,
        behaviours,
        seed,
        Record.of(history),
        (end - history[0].lead.received_at).days + 1,
    )
    for done, past in enumerate(history):
        game.run_until(past.lead.received_at)
        game.arrives(past)
        if done % 500 == 0:
            progress(done)
    game.run_until(end)
    progress(len(history))
    return game.finished()


class _Game:
    """The state of the world in memory: leads under way, loads, and what is due when."""

    def __init__(
        self,
        programme: Programme,
        network: Network,
        behaviours: Behaviours,
        seed: str,
        record: Record,
        days: int,
    ):
        self.record = record
        self.programme, self.network, self.behaviours, self.seed = (
            programme,
            network,
            behaviours,
            seed,
        )
        self._days = days
        self.policy = Policy.of(programme, 0)
        self.loads = Ledger(
            network, counts=not {"performance", "exploration"}.isdisjoint(self.policy.order)
        )
        self.run = Run(partners={name: Tally() for name in network.partners})
        self.now = datetime.min.replace(tzinfo=UTC)
        self._due: list[tuple[datetime, int, Callable[[], None]]] = []
        self._numbers = count()
        self._had: dict[str, str] = {}
        """Lead → who had it in life, where that is known."""
        self._leads: dict[str, Lead] = {}
        """Under way: offered, or waiting for a partner."""
        self._waiting: dict[str, Lead] = {}
        self._near: dict[str, frozenset[str]] = {}
        """Of each that waits: who could be asked."""
        self._hopes: dict[str, set[str]] = defaultdict(set)
        """Partner → the waiting leads that could be theirs."""
        self._order = {urgency.id: place for place, urgency in enumerate(programme.urgencies)}
        self._tables: dict[object, Timetable] = {}
        self._hq = programme.hq_calendar
        self._partner_tables: dict[str, Timetable] = {}
        self._terms: dict[tuple[str, OfferKind, str, str], tuple[Duration, str, Duration]] = {}
        fallback = programme.fallback
        self._hq_hold = fallback.hq_hold.duration
        self._retry_every = fallback.follow_up.retry_every.duration
        self._give_up_after = fallback.follow_up.give_up_after.duration

    # ── the clock
    # ─────────────────────────────────────────────────────────────────────────────────────

    def run_until(self, end: datetime) -> None:
        while self._due and self._due[0][0] <= end:
            self.now, _, happens = heapq.heappop(self._due)
            happens()
        self.now = end

    def _at(self, when: datetime, happens: Callable[[], None]) -> None:
        """What would have been due before now is due now: the clock never goes back."""
        when = max(when, self.now)
        heapq.heappush(self._due, (when, next(self._numbers), happens))

    def _table(self, partner: Partner | None) -> Timetable:
        """That of a partner, or of HQ; those with equal calendars share one."""
        name = partner.id if partner else ""
        found = self._partner_tables.get(name)
        if found is None:
            calendar = partner.calendar(self._hq) if partner else self._hq
            found = self._tables.get(calendar)
            if found is None:
                found = self._tables[calendar] = Timetable(calendar, self.now, self._days)
            self._partner_tables[name] = found
        return found

    # ── leads
    # ─────────────────────────────────────────────────────────────────────────────────────────

    def arrives(self, past: Past) -> None:
        self.run.leads += 1
        lead, qualified = past.under(self.programme)
        if qualified.outcome != "offer":
            return
        self.run.routed += 1
        self.run.unscored += past.unscored(self.programme)
        if past.outcome and past.outcome.partner:
            self._had[lead.id] = past.outcome.partner
        self._leads[lead.id] = lead
        self._place(lead)

    def _place(self, lead: Lead) -> bool:
        """As ``service.place_lead``, in memory. True if somebody was asked."""
        situation = Situation(Enquiry.of(lead), self.network, self.policy, self.now, self.loads)
        decision, _ = decide_and_widen(situation, self._read)
        placement = choose_next(
            PlacementAttempt(
                lead, self.programme, situation, decision, self._read, clock_of=self._table
            )
        )
        if placement.waits_for:
            self._hold(lead, placement.waits_for)
            return False
        if placement.plan is None:
            self._nobody(lead)
            return False
        self._stop_waiting(lead.id)
        if placement.plan.kind is OfferKind.ROUTED:
            self._share_fairly(decision, placement.plan)
        self._open(lead, placement.plan, decision)
        return True

    def _read(self, partners: Sequence[str]) -> Mapping[str, Load]:
        return {partner: self.loads[partner] for partner in partners}

    def _share_fairly(self, decision: Decision, asked: OfferPlan) -> None:
        tallies = self.run.partners
        partners = [candidate.standing.partner for candidate in decision.ranked]
        shares = fair_shares([partner.weight for partner in partners], len(asked.partners))
        for partner, share in zip(partners, shares, strict=True):
            tallies[partner.id].fair += share
        for partner in asked.partners:
            tallies[partner.id].ranked += 1

    def _open(self, lead: Lead, asked: OfferPlan, decision: Decision) -> None:
        drawn: list[tuple[Offer, Drawn]] = []
        total_by = lead.total_by
        for partner in asked.partners:
            window, on_lapse, total = self._terms_of(partner, asked.kind, lead)
            table = self._table(partner)
            latest = asked.until or PlannedOffer(
                self.programme, partner, asked.kind, lead
            ).latest_end(self._table(None), self.now)
            expires = min(window_end(self.now, window, table), latest)
            if asked.kind is OfferKind.ROUTED:
                total_by = total_by or self._table(None).deadline(self.now, total)
            number = len(lead.offers) + len(drawn) + 1
            offer = Offer(
                number,
                partner.id,
                asked.kind,
                self.now,
                expires,
                on_lapse,
                wave=asked.wave,
                reserves_slot=asked.reserves_slot,
            )
            drawn.append(
                (offer, self.behaviours.of(partner.id).draw(self.seed, lead.id, partner.id))
            )
            self.run.partners[partner.id].offers += 1
            if asked.reserves_slot:
                self.loads.offered(partner.id, lead.product, decision, self.now)
        offers = (*lead.offers, *(offer for offer, _ in drawn))
        self._keep(changed(lead, status=LeadStatus.OFFERED, offers=offers, total_by=total_by))
        for offer, each in drawn:
            self._play(lead.id, offer, each)

    def _play(self, lead_id: str, offer: Offer, drawn: Drawn) -> None:
        partner = self.network.partners[offer.partner]
        if drawn.answer is not Answer.NOTHING:
            at = self._table(partner).after(self.now, drawn.after)
            if at is not None and (at < offer.expires_at or offer.on_lapse == "share"):
                self._at(at, lambda: self._answers(lead_id, offer.number, drawn))
            if at is not None and at < offer.expires_at:
                return
        self._at(offer.expires_at, lambda: self._lapses(lead_id, offer.number))

    def _answers(self, lead_id: str, number: int, drawn: Drawn) -> None:
        lead = self._leads.get(lead_id)
        offer = lead.offer(number) if lead else None
        if lead is None or offer is None:
            return
        pending = offer.status is OfferStatus.PENDING
        if drawn.answer is Answer.ACCEPT and (pending or offer.shared):
            self._accepts(lead, offer, drawn)
        elif drawn.answer is Answer.DECLINE and pending:
            self.run.partners[offer.partner].declined += 1
            self._free(offer, lead.product)
            self.loads.answered(offer.partner, declined=1)
            self._ended(lead, changed(offer, status=OfferStatus.DECLINED, answered_at=self.now))

    def _accepts(self, lead: Lead, offer: Offer, drawn: Drawn) -> None:
        if not (
            offer.reserves_slot and offer.status is OfferStatus.PENDING
        ):  # the place must still be there
            if self.loads.is_full(offer.partner):
                if offer.status is OfferStatus.PENDING:
                    self._ended(
                        lead, changed(offer, status=OfferStatus.EXPIRED, answered_at=self.now)
                    )
                return
            self.loads.take(offer.partner, lead.product)
        for other in lead.live_offers:
            if other.number != offer.number:
                self._free(other, lead.product)
        wait = (self.now - lead.received_at).total_seconds() / 3600
        tally = self.run.partners[offer.partner]
        tally.accepted += 1
        tally.waits.append(wait)
        self.run.accepted += 1
        self.run.waits.append(wait)
        self.run.asked.append(len(lead.offers))
        self._compare(lead.id, offer.partner)
        self.loads.answered(offer.partner)
        del self._leads[lead.id]
        self._stop_waiting(lead.id)
        self._at(self.now + drawn.holds, lambda: self._given_free(offer.partner, lead.product))

    def _compare(self, lead_id: str, partner: str) -> None:
        """With what became of it in life."""
        if lead_id in self._had:
            self.run.known += 1
            self.run.kept += self._had[lead_id] == partner
        self.run.won += self.record.chance(partner)
        self.run.value += self.record.worth(partner)

    def _lapses(self, lead_id: str, number: int) -> None:
        lead = self._leads.get(lead_id)
        offer = lead.offer(number) if lead else None
        if lead is None or offer is None or offer.status is not OfferStatus.PENDING:
            return
        self.run.partners[offer.partner].lapsed += 1
        self._free(offer, lead.product)
        if offer.reserves_slot and self.loads.lapsed(lead, offer.partner, self.programme.lapses):
            back = self._table(self.network.partners[offer.partner]).deadline(
                self.now, RESUMED_AFTER
            )
            self._at(back, lambda: self._resumes(offer.partner))
        self._ended(lead, changed(offer, status=OfferStatus.EXPIRED, answered_at=self.now))

    def _ended(self, lead: Lead, offer: Offer) -> None:
        """The next partner or wave is asked, unless others of this wave may still answer."""
        offers = tuple(offer if o.number == offer.number else o for o in lead.offers)
        lead = changed(lead, offers=offers)
        self._keep(lead)
        if not lead.live_offers:
            self._place(lead)

    def _hold(self, lead: Lead, held: WaitForOpening) -> None:
        """Decided anew once the partner who comes first opens."""
        _, _, total = self._terms_of(held.partner, OfferKind.ROUTED, lead)
        total_by = lead.total_by or self._table(None).deadline(self.now, total)
        self._keep(changed(lead, status=LeadStatus.HQ_QUEUE, total_by=total_by))
        self._at(held.opens_at, lambda: self._opens(lead.id))

    def _opens(self, lead_id: str) -> None:
        """Unless somebody has accepted a shared offer meanwhile."""
        if lead := self._leads.get(lead_id):
            self._place(lead)

    def _nobody(self, lead: Lead) -> None:
        """HQ has its time first; after that, and whenever it was tried again in vain, it is
        followed up.
        """
        if lead.id in self._waiting:
            return
        if lead.exhausted:
            self._follow_up(lead)
            return
        self.run.exhausted += 1
        self._wait(changed(lead, status=LeadStatus.HQ_QUEUE, exhausted=True))
        held = self._table(None).deadline(self.now, self._hq_hold)
        self._at(held, lambda: self._hold_ends(lead.id))

    def _hold_ends(self, lead_id: str) -> None:
        lead = self._waiting.get(lead_id)
        if lead is not None and lead.status is LeadStatus.HQ_QUEUE:
            self._follow_up(lead)

    def _follow_up(self, lead: Lead) -> None:
        """Tried again on schedule, until an honest end."""
        end = lead.deadline(DeadlineKind.FOLLOW_UP_END)
        if end is None:
            end = self._table(None).deadline(self.now, self._give_up_after)
            self._at(end, lambda: self._gives_up(lead.id))
        deadlines = (Deadline(end, DeadlineKind.FOLLOW_UP_END),)
        self._wait(changed(lead, status=LeadStatus.FOLLOW_UP, deadlines=deadlines))
        if end <= self.now:
            self._gives_up(lead.id)
        else:
            self._retry_later(lead.id)

    def _retry_later(self, lead_id: str) -> None:
        at = self._table(None).deadline(self.now, self._retry_every)
        self._at(at, lambda: self._retries(lead_id))

    def _retries(self, lead_id: str) -> None:
        lead = self._waiting.get(lead_id)
        if lead is None or lead.status is not LeadStatus.FOLLOW_UP:
            return
        if self._near[lead_id] and not self._place(
            lead
        ):  # where nobody works, nobody will be found
            self._retry_later(lead_id)

    def _gives_up(self, lead_id: str) -> None:
        """Not while somebody has an offer: then it ends when that does."""
        if lead_id in self._waiting:
            self._stop_waiting(lead_id)
            lead = self._leads.pop(lead_id)
            self.run.asked.append(len(lead.offers))

    def _keep(self, lead: Lead) -> None:
        self._leads[lead.id] = lead
        if lead.id in self._waiting:
            self._waiting[lead.id] = lead

    # ── who waits
    # ─────────────────────────────────────────────────────────────────────────────────────

    def _wait(self, lead: Lead) -> None:
        self._stop_waiting(lead.id)
        self._waiting[lead.id] = self._leads[lead.id] = lead
        self._near[lead.id] = near = who_could_be_asked(lead, self.programme, self.network)
        for partner in near:
            self._hopes[partner].add(lead.id)

    def _stop_waiting(self, lead_id: str) -> None:
        for partner in self._near.pop(lead_id, ()):
            self._hopes[partner].discard(lead_id)
        self._waiting.pop(lead_id, None)

    def _free(self, offer: Offer, product: str) -> None:
        if offer.reserves_slot and offer.status is OfferStatus.PENDING:
            self._given_free(offer.partner, product)

    def _given_free(self, partner: str, product: str) -> None:
        self.loads.take(partner, product, -1)
        self._has_room(partner)

    def _resumes(self, partner: str) -> None:
        self.loads.resumed(partner)
        self._has_room(partner)

    def _has_room(self, partner: str) -> None:
        """Who waits and could be theirs is tried, the most urgent first, once this moment's
        business is done.
        """
        if self._waiting:
            self._at(self.now, lambda: self._retry_for(partner))

    def _retry_for(self, partner: str) -> None:
        concerned = [self._waiting[lead_id] for lead_id in self._hopes[partner]]
        concerned.sort(
            key=lambda lead: (self._order.get(lead.urgency, 99), lead.received_at, lead.id)
        )
        for lead in concerned[:RETRIED]:
            if lead.id in self._waiting:
                self._place(self._waiting[lead.id])

    def _terms_of(
        self, partner: Partner, kind: OfferKind, lead: Lead
    ) -> tuple[Duration, str, Duration]:
        key = (partner.type, kind, lead.product, lead.urgency)
        if key not in self._terms:
            window, on_lapse, total = offer_terms(
                self.programme, partner, kind, lead.product, lead.urgency
            )
            self._terms[key] = window.duration, on_lapse, total.duration
        return self._terms[key]

    def finished(self) -> Run:
        self.run.unplaced = self.run.routed - self.run.accepted
        return self.run
