"""A lead that ends as junk gives its partners back what it cost them, in the commit that ends
it.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from routing_core.domain.enquiry.junk import is_junk
from routing_core.domain.lead import Draft, Lead
from routing_core.domain.partner import Load, Partner, counters, lapses_pause, without_lapse
from routing_core.domain.programme.programme import Programme
from routing_core.routing.decide.eligibility import local_day
from routing_core.routing.decide.stride import stride
from routing_core.service.kernel.ports import LoadChange

Loads = Mapping[str, Load]


def turned_out_junk(draft: Draft, programme: Programme) -> bool:
    """Whether it is this commit that makes it junk."""
    return is_junk(draft.lead, programme) and not is_junk(draft.before, programme)


def give_back(
    draft: Draft, loads: Loads, partner_of: Callable[[str], Partner], programme: Programme
) -> dict[str, LoadChange]:
    """What the commit does to the loads of all who were offered this lead: its lapses no longer
    count, nor do its offers in the caps of the day, week and month or in the partner's share; a
    pause ends that would not have come without it, and ``partner.resumed`` and ``capacity.freed``
    are told. Conditioned on the loads as read.
    """
    lead = draft.lead
    changes = {}
    for name in dict.fromkeys(offer.partner for offer in lead.offers if offer.holds):
        load = loads.get(name)
        if load is None:
            continue
        rest = without_lapse(load, lead.reference)
        ends_pause = (
            load.paused_by_lapses and rest != load and not lapses_pause(rest, programme.lapses)
        )
        changes[name] = LoadChange(
            seq=load.seq,
            forget_lapses=(lead.reference,) if rest != load else (),
            unpause=ends_pause,
            uncount=_counted(lead, partner_of(name), load),
            pass_value_back=_share(lead, partner_of(name), load),
            corrects=True,
        )
        if ends_pause:
            draft.tell("partner.resumed", partner=name)
            if not any(
                fact.kind == "capacity.freed" and fact.data["partner"] == name
                for fact in draft.facts
            ):
                draft.tell("capacity.freed", partner=name)
    return changes


def _counted(lead: Lead, partner: Partner, load: Load) -> tuple[str, ...]:
    """The period counters that an offer of this lead raised and that are still kept, once each."""
    raised = {
        counter
        for offer in lead.offers
        if offer.partner == partner.id and offer.holds
        for counter in counters(load.caps, local_day(partner, offer.made_at), lead.product)
    }
    return tuple(sorted(counter for counter in raised if load.made.get(counter, 0) > 0))


def _share(lead: Lead, partner: Partner, load: Load) -> int:
    """How far the lead's offers moved the partner on in the weighted order; nothing where nobody is
    ordered by it.
    """
    made = len([offer for offer in lead.offers if offer.partner == partner.id and offer.holds])
    return min(load.pass_value, made * stride(partner))


def merged(change: LoadChange | None, back: LoadChange) -> LoadChange:
    """What is given back, beside what else this commit does to the partner's load."""
    if change is None:
        return back
    return replace(
        change,
        seq=back.seq,
        forget_lapses=tuple(dict.fromkeys((*change.forget_lapses, *back.forget_lapses))),
        unpause=back.unpause,
        uncount=back.uncount,
        pass_value_back=back.pass_value_back,
        corrects=True,
    )
