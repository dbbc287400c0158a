"""Who is asked when routing finds nobody: the backup partners, in the programme's order.

That of a partner who was asked and did not take it, or cannot be had at the moment, and in turn
theirs; those of the place; that of the programme. Everybody once: a ring of partners who back each
other up ends by itself.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import islice

from routing_core.domain.lead import Lead
from routing_core.domain.offer import OfferKind
from routing_core.domain.partner import Load, Partner
from routing_core.domain.programme.document import pick
from routing_core.domain.programme.offer_rules import BackupRule
from routing_core.domain.programme.programme import Programme
from routing_core.routing.decide.answering import LATE, Answering, ClockOf
from routing_core.routing.decide.decision import Decision
from routing_core.routing.decide.eligibility import (
    BY_LOAD,
    case_of,
    excluded_by_load,
    excluded_by_profile,
    local_day,
)
from routing_core.routing.index.network import Network
from routing_core.routing.policy import Enquiry, Policy

MOST_NAMED = 50
"""Backup partners looked at for one lead."""
CANNOT_BE_HAD = ("unconfirmed", "bounced", "paused", "absent", *BY_LOAD)
"""Reasons that will pass: who does not do the work, or not there, is nobody whose backup is asked
for.
"""
UNKNOWN = "unknown"
ReadLoads = Callable[[Sequence[str]], Mapping[str, Load]]


@dataclass(frozen=True, slots=True)
class Backup:
    """The first who could take it, with the load seen; and who was passed over, by reason."""

    partner: Partner | None
    load: Load | None
    passed_over: Mapping[str, tuple[str, ...]]
    stands_in: Mapping[str, str] = field(default_factory=dict)
    """``source``, as the programme's order names it; and ``partner``, whose backup it is."""


def backup_terms(lead: Lead, programme: Programme, partner_type: str | None = None) -> BackupRule:
    return pick(
        programme.fallback.backup,
        partner_type=partner_type,
        product=lead.product,
        urgency=lead.urgency,
    )


def find_backup(
    lead: Lead,
    decision: Decision,
    programme: Programme,
    network: Network,
    read: ReadLoads,
    loads: Mapping[str, Load],
    clock_of: ClockOf,
) -> Backup:
    """Reads the loads that ``loads`` lacks: only who comes to this pays for it.

    Who is away for too long to answer in time is passed over even if nobody else is left: HQ comes
    next.
    """
    named = dict(islice(_named(lead, decision, programme, network), MOST_NAMED))
    unread = [name for name in named if name not in loads and name in network.partners]
    loads = {**loads, **read(unread)} if unread else loads
    passed_over: dict[str, tuple[str, ...]] = {}
    answering = Answering(lead, programme, clock_of, decision.at, kind=OfferKind.BACKUP)
    for name in named:
        reason = _why_not(name, lead, decision, programme, network, loads.get(name))
        if reason is None and answering.is_late(network.partners[name]):
            reason = LATE
        if reason is None:
            return Backup(network.partners[name], loads[name], passed_over, named[name])
        passed_over[reason] = (*passed_over.get(reason, ()), name)
    return Backup(None, None, passed_over)


def could_be_asked(
    partners: AbstractSet[str], lead: Lead, programme: Programme, network: Network
) -> bool:
    """Might this lead be for one of them?"""
    return not partners.isdisjoint(who_could_be_asked(lead, programme, network))


def who_could_be_asked(lead: Lead, programme: Programme, network: Network) -> frozenset[str]:
    """Who covers the place or is a backup in any way."""
    near = network.covering(lead.country, lead.postcode)
    concerned = (*(offer.partner for offer in lead.offers), *near)
    last = programme.fallback.backup_partner
    return frozenset((*([last] if last else []), *near, *behind(concerned, network.partners)))


def _named(
    lead: Lead, decision: Decision, programme: Programme, network: Network
) -> Iterator[tuple[str, Mapping[str, str]]]:
    """In order, each once, and whom it stands in for; without those who were asked already."""
    missed = (*(offer.partner for offer in lead.offers), *_cannot_be_had(decision))
    last = programme.fallback.backup_partner
    sources: Mapping[str, Iterable[tuple[str, Mapping[str, str]]]] = {
        "partner": (
            (name, {"partner": whose}) for name, whose in _stand_ins(missed, network.partners)
        ),
        "territory": ((candidate.partner, {}) for candidate in decision.backups),
        "programme": ((last, {}),) if last else (),
    }
    seen = {offer.partner for offer in lead.offers}
    for source in backup_terms(lead, programme).order:
        for name, whose in sources[source]:
            if name not in seen:
                seen.add(name)
                yield name, {"source": source, **whose}


def _cannot_be_had(decision: Decision) -> Iterator[str]:
    for reason in CANNOT_BE_HAD:
        yield from decision.excluded.get(reason, ())


def behind(missed: Iterable[str], partners: Mapping[str, Partner]) -> Iterator[str]:
    """The backup of each, then the backup's backup, and so on."""
    return (name for name, _ in _stand_ins(missed, partners))


def _stand_ins(missed: Iterable[str], partners: Mapping[str, Partner]) -> Iterator[tuple[str, str]]:
    """Each with the partner whose backup it is."""
    seen: set[str] = set()
    for name in missed:
        backup = partners[name].backup if name in partners else ""
        while backup and backup not in seen:
            seen.add(backup)
            yield backup, name
            name, backup = backup, partners[backup].backup if backup in partners else ""


def _why_not(
    name: str,
    lead: Lead,
    decision: Decision,
    programme: Programme,
    network: Network,
    load: Load | None,
) -> str | None:
    """None if the partner could take it. The programme's own backup takes whatever comes, the
    others what they do.
    """
    partner = network.partners.get(name)
    if partner is None:
        return UNKNOWN
    enquiry, policy = Enquiry.of(lead), Policy.of(programme, decision.policy_version)
    reason = excluded_by_profile(case_of(partner, enquiry, policy, decision.at))
    if reason in CANNOT_BE_HAD or (reason and name != programme.fallback.backup_partner):
        return reason
    return excluded_by_load(load, local_day(partner, decision.at), lead.product)


def made_as_backup(lead: Lead) -> int:
    return sum(offer.kind is OfferKind.BACKUP for offer in lead.offers_here)
