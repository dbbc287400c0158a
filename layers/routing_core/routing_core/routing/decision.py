"""The decision.

Two steps, because loads cost a read: ``shortlist`` names the partners worth reading, by what the network
alone knows; ``decide`` judges and ranks those with their loads. Both look at the same partners for the
same enquiry, and neither ever raises: whatever is odd about a place, a partner or a load is a reason.
"""

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zlib import crc32

from ..domain.partner import Load, Partner
from .eligibility import REASONS, Case, excluded_by_load, excluded_by_profile, local_day
from .network import Network
from .policy import Enquiry, Policy
from .ranking import Standing, full_order, keys, static_order

SHORTLIST = 90
"""Loads that fit into one batch read beside the lead, its claims and the backup partners of the place."""
BACKUPS = 5
"""At most this many of those are looked at."""

UNREAD = Load("")
"""Stands for a load that is not read yet."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One eligible partner with the keys that rank it, in order, as (name, value) pairs people can read."""

    partner: str
    keys: tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Decision:
    ranked: tuple[Candidate, ...]
    """Eligible partners, best first."""
    excluded: Mapping[str, tuple[str, ...]]
    """Reason code → partners (in territory but not eligible)."""
    network_version: str
    policy_version: int
    enquiry: Enquiry
    loads: Mapping[str, Load]
    """Of the shortlist, as seen."""
    at: datetime
    limit: int
    considered: tuple[str, ...] = ()
    """The shortlist: whose loads were looked at, in its order."""
    beyond: int = 0
    """So many more partners would have qualified for the shortlist, had it been longer."""
    backups: tuple[Candidate, ...] = ()
    """Who is backup for the place and could take it now, best first. Never among ``ranked``."""

    @property
    def chosen(self) -> str | None:
        return self.ranked[0].partner if self.ranked else None


def shortlist(
    enquiry: Enquiry, network: Network, policy: Policy, now: datetime, limit: int = SHORTLIST
) -> tuple[str, ...]:
    """Partner ids worth reading the load of, best first by what the network alone knows; then the place's backups.

    Among equals the enquiry's seed picks, so that in a crowded place everybody is looked at in turn.
    """
    judged = _judged_by_profile(enquiry, network, policy, now)
    listed = (*_best(judged.standings, enquiry, limit), *_best(judged.backups, enquiry, BACKUPS))
    return tuple(standing.partner.id for standing in listed)


def decide(
    enquiry: Enquiry,
    network: Network,
    policy: Policy,
    loads: Mapping[str, Load],
    now: datetime,
    limit: int = SHORTLIST,
) -> Decision:
    """``loads`` are those of ``shortlist`` with the same arguments; who has none there takes no offers."""
    judged = _judged_by_profile(enquiry, network, policy, now)
    considered = _best(judged.standings, enquiry, limit)
    backups = _best(judged.backups, enquiry, BACKUPS)
    excluded = {reason: list(partners) for reason, partners in judged.excluded.items()}
    eligible = []
    for standing in considered:
        load = loads.get(standing.partner.id)
        reason = excluded_by_load(load, local_day(standing.partner, now))
        if load is None or reason is not None:
            excluded.setdefault(reason or "inactive", []).append(standing.partner.id)
        else:
            eligible.append(replace(standing, load=load))
    seen = [standing.partner.id for standing in (*considered, *backups)]
    return Decision(
        ranked=_ranked(eligible),
        excluded={reason: tuple(excluded[reason]) for reason in REASONS if reason in excluded},
        network_version=network.version,
        policy_version=policy.version,
        enquiry=enquiry,
        loads={partner: loads[partner] for partner in seen if partner in loads},
        at=now,
        limit=limit,
        considered=tuple(seen),
        beyond=len(judged.standings) - len(considered),
        backups=_ranked(
            replace(standing, load=loads[standing.partner.id])
            for standing in backups
            if excluded_by_load(loads.get(standing.partner.id), local_day(standing.partner, now)) is None
        ),
    )


def _ranked(standings: Iterable[Standing]) -> tuple[Candidate, ...]:
    return tuple(Candidate(standing.partner.id, keys(standing)) for standing in sorted(standings, key=full_order))


def eligible_now(
    enquiry: Enquiry,
    network: Network,
    policy: Policy,
    loads: Mapping[str, Load],
    now: datetime,
    limit: int = SHORTLIST,
) -> tuple[Partner, ...]:
    """Everybody who could be offered this enquiry at once, best first: what a coverage answer counts."""
    decision = decide(enquiry, network, policy, loads, now, limit)
    return tuple(network.partners[candidate.partner] for candidate in decision.ranked)


@dataclass(frozen=True, slots=True)
class Judged:
    """Everybody who covers the place, by what the network alone knows of them."""

    standings: tuple[Standing, ...]
    backups: tuple[Standing, ...]
    """Eligible, but as backup partners."""
    excluded: Mapping[str, tuple[str, ...]]
    """By reason; backup partners are excluded from the ranking for being just that."""


def _judged_by_profile(enquiry: Enquiry, network: Network, policy: Policy, now: datetime) -> Judged:
    standings: list[Standing] = []
    backups: list[Standing] = []
    excluded: dict[str, list[str]] = {}
    for partner_id, entry in network.entries(enquiry.country, enquiry.postcode).items():
        partner = network.partners[partner_id]
        reason = excluded_by_profile(Case(partner, enquiry, policy, local_day(partner, now)))
        standing = Standing(partner, entry.territory, entry.narrowness, partner_id == enquiry.preferred, UNREAD)
        if reason is not None:
            excluded.setdefault(reason, []).append(partner_id)
        elif entry.territory.backup:
            backups.append(standing)
            excluded.setdefault("backup", []).append(partner_id)
        else:
            standings.append(standing)
    by_reason = {reason: tuple(partners) for reason, partners in excluded.items()}
    return Judged(tuple(standings), tuple(backups), by_reason)


def _best(standings: Sequence[Standing], enquiry: Enquiry, limit: int) -> list[Standing]:
    def order(standing: Standing) -> tuple[tuple[float, ...], int, str]:
        partner = standing.partner.id
        return static_order(standing), crc32(f"{enquiry.seed}:{partner}".encode()), partner

    return heapq.nsmallest(limit, standings, key=order)
