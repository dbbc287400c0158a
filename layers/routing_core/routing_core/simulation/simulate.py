"""What a programme and a network would have done with the leads of the past, on a virtual clock.

The rules are the real ones: ``decide`` ranks, ``placement`` keeps limits, waves and backups,
``offer_terms`` says how long an offer lasts. Only people are played (``behaviour``). So two runs
over the same leads with the same seed differ by their rules alone. What happens after acceptance is
not played, but that the lead takes up a place for a while.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from routing_core.domain.calendar.answer_time import window_end
from routing_core.domain.calendar.business_time import Duration
from routing_core.domain.changed import changed
from routing_core.domain.fair_shares import fair_shares
from routing_core.domain.lead import Deadline, DeadlineKind, Lead, LeadStatus
from routing_core.domain.offer import Offer, OfferKind, OfferStatus
from routing_core.domain.offer_terms import PlannedOffer, offer_terms
from routing_core.domain.partner import Load, Partner
from routing_core.domain.programme.programme import Programme
from routing_core.routing.decide.attempt import PlacementAttempt
from routing_core.routing.decide.decision import Decision
from routing_core.routing.decide.placement import (
    OfferPlan,
    WaitForOpening,
    choose_next,
    decide_and_widen,
)
from routing_core.routing.decide.situation import Situation
from routing_core.routing.history import Past, Record, Run, Tally
from routing_core.routing.index.network import Network
from routing_core.routing.policy import Enquiry, Policy
from routing_core.simulation.behaviour import Behaviours, Drawn, PlayedAnswer
from routing_core.simulation.ledger import Ledger
from routing_core.simulation.timetable import Timetable, Timetables
from routing_core.simulation.virtual_clock import VirtualClock
from routing_core.simulation.waiting_leads import WaitingLeads

RESUMED_AFTER = Duration(working_days=1)
"""Whom lapses paused is taken to be back on the next working day: it is one tap."""
AFTERWARDS = timedelta(days=90)
"""So long after the last enquiry the clock runs on."""
MOST_RETRIED = 20
"""So many leads may be tried for one freed place, as in life."""
TOLD_EVERY = 500
"""Whoever waits hears after so many leads how far it is."""

ProgressReport = Callable[[int], None]
"""It is told how many leads have come."""


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules that are played, and the partners under them."""

    programme: Programme
    network: Network


def _nobody_listens(done: int) -> None:
    pass


def simulate(
    history: Sequence[Past],
    rules: RuleSet,
    behaviours: Behaviours,
    seed: str = "1",
    progress: ProgressReport = _nobody_listens,
) -> Run:
    """Play the history under these rules and give the figures.

    The same inputs and seed always give the same figures.
    """
    if not history:
        return Run(partners={name: Tally() for name in rules.network.partners})
    history = sorted(history, key=lambda past: (past.lead.received_at, past.lead.id))
    end = history[-1].lead.received_at + AFTERWARDS
    days = (end - history[0].lead.received_at).days + 1
    game = _Game(rules, behaviours, seed, Record.of(history), days)
    for done, past in enumerate(history):
        game.clock.run_until(past.lead.received_at)
        game.arrives(past)
        if done % TOLD_EVERY == 0:
            progress(done)
    game.clock.run_until(end)
    progress(len(history))
    return game.finished()


class _Game:
    """The state of the played world: leads under way, loads, and what is due when."""

    def __init__(
        self, rules: RuleSet, behaviours: Behaviours, seed: str, record: Record, days: int
    ):
        programme = rules.programme
        self.programme = programme
        self.network = rules.network
        self.behaviours = behaviours
        self.seed = seed
        self.record = record
        self.policy = Policy.of(programme, 0)
        looks_at_figures = not {"performance", "exploration"}.isdisjoint(self.policy.order)
        self.loads = Ledger(rules.network, counts=looks_at_figures)
        self.run = Run(partners={name: Tally() for name in rules.network.partners})
        self.clock = VirtualClock()
        self.waiting = WaitingLeads(programme, rules.network)
        self._timetables = Timetables(programme.hq_calendar, days)
        self._leads: dict[str, Lead] = {}
        """Under way: offered, or waiting for a partner."""
        self._in_life: dict[str, str] = {}
        """Lead → who had it in life, where that is known."""
        self._terms: dict[tuple[str, OfferKind, str, str], tuple[Duration, str, Duration]] = {}
        """The terms of an offer by what they depend on: looked up millions of times."""
        fallback = programme.fallback
        self._hq_time = fallback.hq_hold.duration
        self._retry_every = fallback.follow_up.retry_every.duration
        self._give_up_after = fallback.follow_up.give_up_after.duration

    @property
    def now(self) -> datetime:
        """Give the moment that is played."""
        return self.clock.now

    def finished(self) -> Run:
        """Give the figures once everything has happened."""
        self.run.unplaced = self.run.routed - self.run.accepted
        return self.run

    def _table(self, partner: Partner | None) -> Timetable:
        return self._timetables.of(partner, self.clock.now)

    def _deadline(self, length: Duration) -> datetime:
        """Give when so much of HQ's time will have passed."""
        return self._table(None).deadline(self.now, length)

    # ── a lead finds a partner ──────────────────────────────────────────────────────────────────

    def arrives(self, past: Past) -> None:
        """Let an enquiry come, and ask for it if these rules send it to partners."""
        self.run.leads += 1
        lead, qualified = past.under(self.programme)
        if qualified.outcome != "offer":
            return
        self.run.routed += 1
        if past.unscored(self.programme):
            self.run.unscored += 1
        if past.outcome and past.outcome.partner:
            self._in_life[lead.id] = past.outcome.partner
        self._leads[lead.id] = lead
        self._place(lead)

    def _place(self, lead: Lead) -> bool:
        """Do as ``service.placing.place_lead`` does, in memory; tell whether somebody was asked."""
        situation = Situation(Enquiry.of(lead), self.network, self.policy, self.now, self.loads)
        decision, _ = decide_and_widen(situation, self._read)
        attempt = PlacementAttempt(
            lead, self.programme, situation, decision, self._read, clock_of=self._table
        )
        placement = choose_next(attempt)
        if placement.waits_for:
            self._wait_for_opening(lead, placement.waits_for)
            return False
        if placement.plan is None:
            self._nobody(lead)
            return False
        self.waiting.remove(lead.id)
        if placement.plan.kind is OfferKind.ROUTED:
            self._share_fairly(decision, placement.plan)
        self._open(lead, placement.plan, decision)
        return True

    def _read(self, partners: Sequence[str]) -> Mapping[str, Load]:
        return {partner: self.loads[partner] for partner in partners}

    def _share_fairly(self, decision: Decision, plan: OfferPlan) -> None:
        """Note what weights alone would have given to each who could be asked."""
        tallies = self.run.partners
        partners = [candidate.standing.partner for candidate in decision.ranked]
        shares = fair_shares([partner.weight for partner in partners], len(plan.partners))
        for partner, share in zip(partners, shares, strict=True):
            tallies[partner.id].fair += share
        for partner in plan.partners:
            tallies[partner.id].ranked += 1

    # ── offers ──────────────────────────────────────────────────────────────────────────────────

    def _open(self, lead: Lead, plan: OfferPlan, decision: Decision) -> None:
        """Make the offers of a plan, and let each partner do what they would do."""
        drawn: list[tuple[Offer, Drawn]] = []
        total_by = lead.total_by
        for number, partner in enumerate(plan.partners, len(lead.offers) + 1):
            offer, total = self._offer(lead, plan, partner, number)
            if plan.kind is OfferKind.ROUTED and not total_by:
                total_by = self._deadline(total)
            behaviour = self.behaviours.of(partner.id)
            drawn.append((offer, behaviour.draw(self.seed, lead.id, partner.id)))
            self.run.partners[partner.id].offers += 1
            if plan.reserves_slot:
                self.loads.offered(partner.id, lead.product, decision, self.now)
        offers = (*lead.offers, *(offer for offer, _ in drawn))
        self._keep(changed(lead, status=LeadStatus.OFFERED, offers=offers, total_by=total_by))
        for offer, answer in drawn:
            self._play(lead.id, offer, answer)

    def _offer(
        self, lead: Lead, plan: OfferPlan, partner: Partner, number: int
    ) -> tuple[Offer, Duration]:
        """Give an offer made now, and how long all offers together may take."""
        window, on_lapse, total = self._terms_of(partner, plan.kind, lead)
        hq = self._table(None)
        planned = PlannedOffer(self.programme, partner, plan.kind, lead)
        latest = plan.until or planned.latest_end(hq, self.now)
        offer = Offer(
            number=number,
            partner=partner.id,
            kind=plan.kind,
            made_at=self.now,
            expires_at=min(window_end(self.now, window, self._table(partner)), latest),
            on_lapse=on_lapse,
            wave=plan.wave,
            reserves_slot=plan.reserves_slot,
        )
        return offer, total

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

    def _play(self, lead_id: str, offer: Offer, drawn: Drawn) -> None:
        """Plan the answer that was drawn, and the lapse if that comes first."""
        if drawn.answer is not PlayedAnswer.NOTHING:
            at = self._table(self.network.partners[offer.partner]).after(self.now, drawn.after)
            in_time = at is not None and at < offer.expires_at
            # A shared offer may still be accepted after it lapsed.
            if at is not None and (in_time or offer.on_lapse == "share"):
                self.clock.at(at, lambda: self._answers(lead_id, offer.number, drawn))
            if in_time:
                return
        self.clock.at(offer.expires_at, lambda: self._lapses(lead_id, offer.number))

    def _answers(self, lead_id: str, number: int, drawn: Drawn) -> None:
        lead = self._leads.get(lead_id)
        offer = lead.offer(number) if lead else None
        if lead is None or offer is None:
            return
        pending = offer.status is OfferStatus.PENDING
        if drawn.answer is PlayedAnswer.ACCEPT and (pending or offer.shared):
            self._tries_to_accept(lead, offer, drawn)
        elif drawn.answer is PlayedAnswer.DECLINE and pending:
            self.run.partners[offer.partner].declined += 1
            self._free(offer, lead.product)
            self.loads.answered(offer.partner, declined=1)
            self._end(lead, offer, OfferStatus.DECLINED)

    def _tries_to_accept(self, lead: Lead, offer: Offer, drawn: Drawn) -> None:
        """Let the partner have the lead, if the place for it is kept or still there."""
        pending = offer.status is OfferStatus.PENDING
        keeps_a_place = offer.reserves_slot and pending
        if not keeps_a_place:
            if self.loads.is_full(offer.partner):
                if pending:
                    self._end(lead, offer, OfferStatus.EXPIRED)
                return
            self.loads.take(offer.partner, lead.product)
        for other in lead.live_offers:
            if other.number != offer.number:
                self._free(other, lead.product)
        self._note_acceptance(lead, offer.partner)
        self.loads.answered(offer.partner)
        del self._leads[lead.id]
        self.waiting.remove(lead.id)
        done_at = self.now + drawn.tenure
        self.clock.at(done_at, lambda: self._give_free(offer.partner, lead.product))

    def _note_acceptance(self, lead: Lead, partner: str) -> None:
        """Count an acceptance, also beside what became of the lead in life."""
        run = self.run
        wait = (self.now - lead.received_at).total_seconds() / 3600
        tally = run.partners[partner]
        tally.accepted += 1
        tally.waits.append(wait)
        run.accepted += 1
        run.waits.append(wait)
        run.asked.append(len(lead.offers))
        if lead.id in self._in_life:
            run.known += 1
            if self._in_life[lead.id] == partner:
                run.kept += 1
        run.won += self.record.chance(partner)
        run.value += self.record.worth(partner)

    def _lapses(self, lead_id: str, number: int) -> None:
        lead = self._leads.get(lead_id)
        offer = lead.offer(number) if lead else None
        if lead is None or offer is None or offer.status is not OfferStatus.PENDING:
            return
        self.run.partners[offer.partner].lapsed += 1
        self._free(offer, lead.product)
        if offer.reserves_slot and self.loads.lapsed(lead, offer.partner, self.programme.lapses):
            table = self._table(self.network.partners[offer.partner])
            back_at = table.deadline(self.now, RESUMED_AFTER)
            self.clock.at(back_at, lambda: self._resumes(offer.partner))
        self._end(lead, offer, OfferStatus.EXPIRED)

    def _end(self, lead: Lead, offer: Offer, status: OfferStatus) -> None:
        """End an offer; the next is asked, unless others of this wave may still answer."""
        ended = changed(offer, status=status, answered_at=self.now)
        offers = tuple(ended if each.number == ended.number else each for each in lead.offers)
        lead = changed(lead, offers=offers)
        self._keep(lead)
        if not lead.live_offers:
            self._place(lead)

    # ── nobody can be asked ─────────────────────────────────────────────────────────────────────

    def _wait_for_opening(self, lead: Lead, opening: WaitForOpening) -> None:
        """Decide anew once the partner who comes first opens."""
        _, _, total = self._terms_of(opening.partner, OfferKind.ROUTED, lead)
        total_by = lead.total_by or self._deadline(total)
        self._keep(changed(lead, status=LeadStatus.HQ_QUEUE, total_by=total_by))
        self.clock.at(opening.opens_at, lambda: self._opens(lead.id))

    def _opens(self, lead_id: str) -> None:
        lead = self._leads.get(lead_id)
        # Somebody may have accepted a shared offer meanwhile.
        if lead:
            self._place(lead)

    def _nobody(self, lead: Lead) -> None:
        """Give HQ its time first; after that, and whenever it was tried in vain, follow up."""
        if lead.id in self.waiting:
            return
        if lead.exhausted:
            self._follow_up(lead)
            return
        self.run.exhausted += 1
        self._wait(changed(lead, status=LeadStatus.HQ_QUEUE, exhausted=True))
        self.clock.at(self._deadline(self._hq_time), lambda: self._hq_time_ends(lead.id))

    def _hq_time_ends(self, lead_id: str) -> None:
        lead = self.waiting.get(lead_id)
        if lead is not None and lead.status is LeadStatus.HQ_QUEUE:
            self._follow_up(lead)

    def _follow_up(self, lead: Lead) -> None:
        """Try a lead again on schedule, until an honest end."""
        end = lead.deadline(DeadlineKind.FOLLOW_UP_END)
        if end is None:
            end = self._deadline(self._give_up_after)
            self.clock.at(end, lambda: self._gives_up(lead.id))
        deadlines = (Deadline(end, DeadlineKind.FOLLOW_UP_END),)
        self._wait(changed(lead, status=LeadStatus.FOLLOW_UP, deadlines=deadlines))
        if end <= self.now:
            self._gives_up(lead.id)
        else:
            self._retry_later(lead.id)

    def _retry_later(self, lead_id: str) -> None:
        at = self._deadline(self._retry_every)
        self.clock.at(at, lambda: self._retries(lead_id))

    def _retries(self, lead_id: str) -> None:
        lead = self.waiting.get(lead_id)
        if lead is None or lead.status is not LeadStatus.FOLLOW_UP:
            return
        # Where nobody works, nobody will be found.
        if self.waiting.has_anybody(lead_id) and not self._place(lead):
            self._retry_later(lead_id)

    def _gives_up(self, lead_id: str) -> None:
        # While somebody has an offer, the lead ends when that does.
        if lead_id in self.waiting:
            self.waiting.remove(lead_id)
            lead = self._leads.pop(lead_id)
            self.run.asked.append(len(lead.offers))

    def _wait(self, lead: Lead) -> None:
        self._leads[lead.id] = lead
        self.waiting.add(lead)

    def _keep(self, lead: Lead) -> None:
        self._leads[lead.id] = lead
        self.waiting.replace(lead)

    # ── places become free ──────────────────────────────────────────────────────────────────────

    def _free(self, offer: Offer, product: str) -> None:
        """Give the place of an offer free, if it keeps one."""
        if offer.reserves_slot and offer.status is OfferStatus.PENDING:
            self._give_free(offer.partner, product)

    def _give_free(self, partner: str, product: str) -> None:
        self.loads.take(partner, product, -1)
        self._has_room(partner)

    def _resumes(self, partner: str) -> None:
        self.loads.resumed(partner)
        self._has_room(partner)

    def _has_room(self, partner: str) -> None:
        """Try who waits and could be theirs, once this moment's business is done."""
        if self.waiting:
            self.clock.at(self.now, lambda: self._retry_for(partner))

    def _retry_for(self, partner: str) -> None:
        for lead in self.waiting.of(partner)[:MOST_RETRIED]:
            # One of them may have found a partner a moment ago.
            waiting = self.waiting.get(lead.id)
            if waiting is not None:
                self._place(waiting)
