"""Draft rules against those in force, over the same past: what is played, and how they compare."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from routing_core.domain.errors import Problem
from routing_core.domain.lead import Lead, LeadStatus
from routing_core.domain.partner import Partner
from routing_core.domain.programme.programme import Programme
from routing_core.routing.history import Past, Run
from routing_core.simulation.behaviour import Behaviours, learn
from routing_core.simulation.simulate import RuleSet
from routing_core.simulation.timetable import Timetable

NOT_PLAYED = frozenset({LeadStatus.QUARANTINED, LeadStatus.REJECTED, LeadStatus.ATTACHED})
"""Spam and repeats, also once who asked is erased."""


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
    """Give stored leads as they came, to be scored anew; ``messages``: lead → what was typed."""
    played = [lead for lead in leads if (lead.ended or lead.status) not in NOT_PLAYED]
    return tuple(Past.of(lead, messages.get(lead.id, "")) for lead in played)


def learned(leads: Iterable[Lead], rules: RuleSet, history: Iterable[Past] = ()) -> Behaviours:
    """Learn how the partners have answered, in their own response hours.

    ``history``: enquiries that did not come to us, but of which it may be known who had them, and
    when.
    """
    leads = tuple(leads)
    outcomes = [(past.lead.received_at, past.outcome) for past in history if past.outcome]
    lived = [(outcome.partner, came, outcome) for came, outcome in outcomes if outcome.partner]
    made = [came for _, came, _ in lived]
    for lead in leads:
        made += [offer.made_at for offer in lead.offers]
    if not made:
        return learn((), _no_time)
    return learn(leads, _OpenTimes(rules, made).between, lived)


def _no_time(partner: str, start: datetime, end: datetime) -> timedelta:
    return timedelta()


class _OpenTimes:
    """Measures response time by timetables that reach over all offers of the past."""

    def __init__(self, rules: RuleSet, made: Collection[datetime]):
        self._rules = rules
        # A day earlier for zones far west, and two months more for answers to the last offers.
        self._first = min(made) - timedelta(days=1)
        self._days = (max(made) - self._first).days + 60
        self._tables: dict[str, Timetable] = {}

    def between(self, partner: str, start: datetime, end: datetime) -> timedelta:
        """Give a partner's response time between two instants; HQ's for who is gone."""
        if partner not in self._tables:
            hq_calendar = self._rules.programme.hq_calendar
            known = self._rules.network.partners.get(partner)
            calendar = known.calendar(hq_calendar) if known else hq_calendar
            self._tables[partner] = Timetable(calendar, self._first, self._days)
        table = self._tables[partner]
        return table.open_until(end) - table.open_until(start)
