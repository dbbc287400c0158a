"""Refunds partners when a lead ends as junk, in the commit that ends it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from routing_core.domain.draft import Draft
from routing_core.domain.enquiry.junk import is_junk
from routing_core.domain.events import CapacityFreed, PartnerResumed
from routing_core.domain.lead import Lead
from routing_core.domain.offer import Offer
from routing_core.domain.partner import Load, Partner, counters, lapses_pause, without_lapse
from routing_core.domain.programme.programme import Programme
from routing_core.routing.decide.eligibility import local_day
from routing_core.routing.decide.stride import stride
from routing_core.service.kernel.ports import LoadChange


def turned_out_junk(draft: Draft, programme: Programme) -> bool:
    """Tell whether it is this commit that makes the lead junk."""
    return is_junk(draft.lead, programme) and not is_junk(draft.before, programme)


def junk_refunds(
    draft: Draft,
    loads: Mapping[str, Load],
    partner_of: Callable[[str], Partner],
    programme: Programme,
) -> dict[str, LoadChange]:
    """Give what the commit does to the loads of all who were offered this lead.

    It is conditioned on the loads as they were read. Its lapses no longer count, nor do its offers
    in the caps of the day, week and month or in the partner's share. A pause ends that would not
    have come without it: the draft then tells ``partner.resumed`` and ``capacity.freed``.
    """
    changes = {}
    for name in dict.fromkeys(offer.partner for offer in draft.lead.offers if offer.reserves_slot):
        load = loads.get(name)
        if load is None:
            continue
        refund = _Refund(draft.lead, partner_of(name), load)
        changes[name] = refund.change(programme)
        if changes[name].unpause:
            _tell_resumed(draft, name)
    return changes


def _tell_resumed(draft: Draft, partner: str) -> None:
    """Tell that a partner takes offers again, and that whoever waits may be tried."""
    draft.add_event(PartnerResumed(partner=partner))
    freed = CapacityFreed(partner=partner)
    if freed not in draft.events:
        draft.add_event(freed)


@dataclass(frozen=True, slots=True)
class _Refund:
    """What one partner is given back of a lead that was junk."""

    lead: Lead
    partner: Partner
    load: Load

    def change(self, programme: Programme) -> LoadChange:
        """Give the change of the partner's load."""
        rest = without_lapse(self.load, self.lead.reference)
        had_lapsed = rest != self.load
        return LoadChange(
            # What is taken back was worked out from this very load: another commit's lapse counts.
            seq=self.load.seq,
            forget_lapses=(self.lead.reference,) if had_lapsed else (),
            unpause=self.load.paused_by_lapses
            and had_lapsed
            and not lapses_pause(rest, programme.lapses),
            uncount=self._raised_counters(),
            pass_value_back=self._share(),
            corrects=True,
        )

    def _offers(self) -> list[Offer]:
        """List the partner's offers of this lead that took a place."""
        return [
            offer
            for offer in self.lead.offers
            if offer.partner == self.partner.id and offer.reserves_slot
        ]

    def _raised_counters(self) -> tuple[str, ...]:
        """Name the period counters that an offer of this lead raised and that are kept still."""
        raised: set[str] = set()
        for offer in self._offers():
            day = local_day(self.partner, offer.made_at)
            raised.update(counters(self.load.caps, day, self.lead.product))
        return tuple(sorted(counter for counter in raised if self.load.made.get(counter, 0) > 0))

    def _share(self) -> int:
        """Give how far the lead's offers moved the partner on in the weighted order.

        Nothing where nobody is ordered by it.
        """
        return min(self.load.pass_value, len(self._offers()) * stride(self.partner))


def with_refund(change: LoadChange | None, refund: LoadChange) -> LoadChange:
    """Add what is given back to what else this commit does to the partner's load."""
    if change is None:
        return refund
    return replace(
        change,
        seq=refund.seq,
        forget_lapses=tuple(dict.fromkeys((*change.forget_lapses, *refund.forget_lapses))),
        unpause=refund.unpause,
        uncount=refund.uncount,
        pass_value_back=refund.pass_value_back,
        corrects=True,
    )
