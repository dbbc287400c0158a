"""Find who is asked when routing finds nobody: the backup partners, in the programme's order.

They are the backup of a partner who was asked and did not take it, or cannot be had at the moment,
and in turn that one's; those of the place; that of the programme. Each is named once, so that a
ring of partners who back each other up ends by itself.
"""

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import islice

from routing_core.domain.lead import Lead
from routing_core.domain.offer import OfferKind
from routing_core.domain.partner import Load, Partner
from routing_core.domain.programme.document import most_specific_rule
from routing_core.domain.programme.offer_rules import BackupRule
from routing_core.domain.programme.programme import Programme
from routing_core.routing.decide.answering import LATE, Answering
from routing_core.routing.decide.attempt import PlacementAttempt
from routing_core.routing.decide.decision import Decision
from routing_core.routing.decide.eligibility import (
    BY_LOAD,
    ProfileCheck,
    excluded_by_load,
    excluded_by_profile,
    local_day,
)
from routing_core.routing.index.network import Network

BACKUPS_LOOKED_AT = 50
"""So many backup partners are looked at for one lead at most."""
CANNOT_BE_HAD = ("unconfirmed", "bounced", "paused", "absent", *BY_LOAD)
"""The reasons that will pass.

Nobody asks for the backup of a partner who does not do the work, or not there.
"""
UNKNOWN = "unknown"
"""The reason of one who is passed over: named as a backup, and no partner any more."""


@dataclass(frozen=True, slots=True)
class Backup:
    """The backup partner who could take a lead, if any."""

    partner: Partner | None
    """The first who could take it."""
    load: Load | None
    """The load of that one, as it was read."""
    passed_over: Mapping[str, tuple[str, ...]]
    """Gives by reason who comes before, and cannot take it."""
    stands_in: Mapping[str, str] = field(default_factory=dict)
    """Why it is that one.

    ``source`` is as the programme's order names it, ``partner`` is the one whose backup it is.
    """


def backup_terms(lead: Lead, programme: Programme, partner_type: str | None = None) -> BackupRule:
    """Give the programme's rule about backup partners of a type for this lead."""
    return most_specific_rule(
        programme.fallback.backup,
        partner_type=partner_type,
        product=lead.product,
        urgency=lead.urgency,
    )


def find_backup(attempt: PlacementAttempt) -> Backup:
    """Find the first backup partner who could take the lead.

    The loads that are missing are read at once. Who is away for too long to answer in time is
    passed over even if nobody else is left: HQ comes next.
    """
    partners = attempt.situation.network.partners
    named = dict(islice(_named(attempt), BACKUPS_LOOKED_AT))
    loads = attempt.situation.loads
    unread = [name for name in named if name not in loads and name in partners]
    # One read for all of them, though most of the time the first will do.
    if unread:
        loads = {**loads, **attempt.read_loads(unread)}
    passed_over: dict[str, tuple[str, ...]] = {}
    answering = Answering(
        attempt.lead, attempt.programme, attempt.clock_of, attempt.now, kind=OfferKind.BACKUP
    )
    for name, stands_in in named.items():
        reason = _why_not(name, attempt, loads.get(name))
        if reason is None and answering.is_late(partners[name]):
            reason = LATE
        if reason is None:
            return Backup(partners[name], loads[name], passed_over, stands_in)
        passed_over[reason] = (*passed_over.get(reason, ()), name)
    return Backup(None, None, passed_over)


def could_be_asked(
    partners: AbstractSet[str], lead: Lead, programme: Programme, network: Network
) -> bool:
    """Tell whether this lead might be for one of them."""
    return not partners.isdisjoint(who_could_be_asked(lead, programme, network))


def who_could_be_asked(lead: Lead, programme: Programme, network: Network) -> frozenset[str]:
    """Name who covers the place or is a backup in any way."""
    near = network.covering(lead.country, lead.postcode)
    concerned = (*(offer.partner for offer in lead.offers), *near)
    names = {*near, *behind(concerned, network.partners)}
    last = programme.fallback.backup_partner
    if last:
        names.add(last)
    return frozenset(names)


def _named(attempt: PlacementAttempt) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Name the backups in order, each once, and for whom it stands in.

    Those who were asked already are left out.
    """
    seen = {offer.partner for offer in attempt.lead.offers}
    for source in backup_terms(attempt.lead, attempt.programme).order:
        for name, whose in _named_by(source, attempt):
            if name not in seen:
                seen.add(name)
                yield name, {"source": source, **whose}


def _named_by(source: str, attempt: PlacementAttempt) -> Iterator[tuple[str, Mapping[str, str]]]:
    match source:
        case "partner":
            asked = [offer.partner for offer in attempt.lead.offers]
            missed = (*asked, *_cannot_be_had(attempt.decision))
            for name, whose in _stand_ins(missed, attempt.situation.network.partners):
                yield name, {"partner": whose}
        case "territory":
            for each in attempt.decision.backups:
                yield each.partner, {}
        case "programme":
            last = attempt.programme.fallback.backup_partner
            if last:
                yield last, {}


def _cannot_be_had(decision: Decision) -> Iterator[str]:
    for reason in CANNOT_BE_HAD:
        yield from decision.excluded.get(reason, ())


def behind(missed: Iterable[str], partners: Mapping[str, Partner]) -> Iterator[str]:
    """Name the backup of each, then the backup's backup, and so on."""
    return (name for name, _ in _stand_ins(missed, partners))


def _stand_ins(missed: Iterable[str], partners: Mapping[str, Partner]) -> Iterator[tuple[str, str]]:
    """Name each with the partner whose backup it is."""
    seen: set[str] = set()
    for name in missed:
        backup = _backup_of(name, partners)
        while backup and backup not in seen:
            seen.add(backup)
            yield backup, name
            name = backup
            backup = _backup_of(name, partners)


def _backup_of(name: str, partners: Mapping[str, Partner]) -> str:
    return partners[name].backup if name in partners else ""


def _why_not(name: str, attempt: PlacementAttempt, load: Load | None) -> str | None:
    """Give the reason why the partner could not take it; None if it could.

    The programme's own backup takes whatever comes, the others what they do.
    """
    partner = attempt.situation.network.partners.get(name)
    if partner is None:
        return UNKNOWN
    reason = excluded_by_profile(ProfileCheck.of(partner, attempt.situation))
    takes_whatever_comes = name == attempt.programme.fallback.backup_partner
    if reason in CANNOT_BE_HAD or (reason and not takes_whatever_comes):
        return reason
    return excluded_by_load(load, local_day(partner, attempt.now), attempt.lead.product)


def made_as_backup(lead: Lead) -> int:
    """Count the offers at the lead's present place that were made to backup partners."""
    return sum(1 for offer in lead.offers_here if offer.kind is OfferKind.BACKUP)
