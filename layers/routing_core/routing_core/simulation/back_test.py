"""Draft rules against those in force, over the same past: what is played, and how the two
compare.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from routing_core.domain.errors import Problem
from routing_core.domain.lead import Lead, LeadStatus
from routing_core.domain.partner import Partner
from routing_core.domain.programme.programme import Programme
from routing_core.routing.history import Past, Run
from routing_core.routing.index.network import Network
from routing_core.simulation.behaviour import Behaviours, learn
from routing_core.simulation.timetable import Timetable

NOT_PLAYED = frozenset({LeadStatus.QUARANTINED, LeadStatus.REJECTED, LeadStatus.ATTACHED})
"""Spam and repeats, also once who asked is erased."""


@dataclass(frozen=True, slots=True)
class Rules:
    programme: Programme
    network: Network


@dataclass(frozen=True, slots=True)
class BackTest:
    """Both runs, and what they were made from."""

    current: Run
    draft: Run
    programme: Programme
    partners: Mapping[str, Partner]
    """Of both, the draft's where they differ."""
    first: datetime
    last: datetime
    learned_from: int
    """Offers of the past that partners answered or let lapse."""
    seed: str
    at: datetime
    outcomes: int = 0
    """Of so many enquiries it is known who won or lost them."""
    skipped: int = 0
    """Rows of a file that could not be read."""
    problems: tuple[Problem, ...] = ()
    """Why; the first of very many."""
    ignored: tuple[str, ...] = ()
    """Columns of the file that say nothing here."""


def history_of(leads: Iterable[Lead], messages: Mapping[str, str]) -> tuple[Past, ...]:
    """Stored leads as they came, to be scored anew. ``messages``: lead → what was typed."""
    return tuple(
        Past.of(lead, messages.get(lead.id, ""))
        for lead in leads
        if (lead.ended or lead.status) not in NOT_PLAYED
    )


def learned(leads: Iterable[Lead], rules: Rules, history: Iterable[Past] = ()) -> Behaviours:
    """How the partners have answered, in their own response hours. ``history``: enquiries that did
    not come to us, but of which it may be known who had them, and when.
    """
    leads = tuple(leads)
    lived = [
        (past.outcome.partner, past.lead.received_at, past.outcome)
        for past in history
        if past.outcome
    ]
    lived = [each for each in lived if each[0]]
    made = [offer.made_at for lead in leads for offer in lead.offers]
    made += [came for _, came, _ in lived]
    if not made:
        return learn((), lambda partner, start, end: timedelta())
    first = min(made) - timedelta(days=1)
    days = (max(made) - first).days + 60
    tables: dict[str, Timetable] = {}

    def open_time(partner: str, start: datetime, end: datetime) -> timedelta:
        if partner not in tables:
            known = rules.network.partners.get(partner)
            calendar = (
                known.calendar(rules.programme.hq_calendar)
                if known
                else rules.programme.hq_calendar
            )
            tables[partner] = Timetable(calendar, first, days)
        return tables[partner].open_until(end) - tables[partner].open_until(start)

    return learn(leads, open_time, lived)
