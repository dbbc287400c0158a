"""The tables of a snapshot, column by column."""

from dataclasses import dataclass, field

from routing_core.reporting.columns import (
    ColumnTable,
    IntColumn,
    amounts,
    lengths,
    long_numbers,
    short_numbers,
    small_numbers,
    text_numbers,
)


@dataclass(slots=True)
class LeadColumns(ColumnTable):
    """One row a lead, by the instant from which on it is counted."""

    country: IntColumn = field(default_factory=text_numbers)
    area: IntColumn = field(default_factory=text_numbers)
    product: IntColumn = field(default_factory=text_numbers)
    urgency: IntColumn = field(default_factory=text_numbers)
    region: IntColumn = field(default_factory=text_numbers)
    source: IntColumn = field(default_factory=text_numbers)
    campaign: IntColumn = field(default_factory=text_numbers)
    owner: IntColumn = field(default_factory=text_numbers)
    currency: IntColumn = field(default_factory=text_numbers)
    reason: IntColumn = field(default_factory=text_numbers)
    cell: IntColumn = field(default_factory=text_numbers)
    """Country, part of the country, product, and whether somebody was left: a text joined by TAB."""
    touch: IntColumn = field(default_factory=text_numbers)
    """Source and campaign, joined likewise."""
    received: IntColumn = field(default_factory=long_numbers)
    entered: IntColumn = field(default_factory=long_numbers)
    """The instant from which on it is counted; 0 if it never was."""
    offered: IntColumn = field(default_factory=long_numbers)
    """The instant at which a partner was asked first."""
    accepted: IntColumn = field(default_factory=long_numbers)
    """The instant at which a partner had it first."""
    contacted: IntColumn = field(default_factory=long_numbers)
    quoted: IntColumn = field(default_factory=long_numbers)
    ended: IntColumn = field(default_factory=long_numbers)
    """The instant at which it ended, and did not open again; 0 while it is open."""
    stage: IntColumn = field(default_factory=small_numbers)
    """The stage in which it is now, and ``since`` when."""
    since: IntColumn = field(default_factory=long_numbers)
    passed: IntColumn = field(default_factory=small_numbers)
    """How many milestones it has come by: see ``flow.passed_of``."""
    value: IntColumn = field(default_factory=amounts)
    quote: IntColumn = field(default_factory=amounts)
    by_hand: IntColumn = field(default_factory=small_numbers)
    nobody_left: IntColumn = field(default_factory=small_numbers)
    """One more than the offers made when nobody was left first; 0 if that never happened."""
    not_called: IntColumn = field(default_factory=small_numbers)
    call_confirmed: IntColumn = field(default_factory=small_numbers)


@dataclass(slots=True)
class StepColumns(ColumnTable):
    """One row a step of a lead, by time."""

    lead: IntColumn = field(default_factory=long_numbers)
    at: IntColumn = field(default_factory=long_numbers)
    turn: IntColumn = field(default_factory=small_numbers)
    """What the step does to the count of open leads, and to which stage: see ``turn_of``."""
    partner: IntColumn = field(default_factory=text_numbers)


@dataclass(slots=True)
class OfferColumns(ColumnTable):
    """One row an offer, by partner and then by lead: so each partner's stand together."""

    lead: IntColumn = field(default_factory=long_numbers)
    number: IntColumn = field(default_factory=short_numbers)
    partner: IntColumn = field(default_factory=text_numbers)
    kind: IntColumn = field(default_factory=text_numbers)
    made: IntColumn = field(default_factory=long_numbers)
    until: IntColumn = field(default_factory=long_numbers)
    window: IntColumn = field(default_factory=lengths)
    end: IntColumn = field(default_factory=small_numbers)
    decided: IntColumn = field(default_factory=long_numbers)
    response: IntColumn = field(default_factory=lengths)
    """One more than the seconds that the answer took; 0 if there was none."""
    waited: IntColumn = field(default_factory=lengths)
    """The time to answer as ``coded`` codes it, censored if it lapsed; 0 if it says nothing."""
    seen: IntColumn = field(default_factory=small_numbers)
    ending: IntColumn = field(default_factory=small_numbers)
    """Its end and whether it was seen as one number: see ``ending_of``."""
    reason: IntColumn = field(default_factory=text_numbers)
    after: IntColumn = field(default_factory=small_numbers)
    let_go: IntColumn = field(default_factory=long_numbers)
    contact_by: IntColumn = field(default_factory=long_numbers)
    contact: IntColumn = field(default_factory=small_numbers)
    contacted: IntColumn = field(default_factory=long_numbers)
    quoted: IntColumn = field(default_factory=long_numbers)


@dataclass(slots=True)
class PromiseColumns(ColumnTable):
    """One row a promise."""

    lead: IntColumn = field(default_factory=long_numbers)
    until: IntColumn = field(default_factory=long_numbers)
    kept: IntColumn = field(default_factory=small_numbers)


@dataclass(slots=True)
class EntitlementColumns(ColumnTable):
    """One row an instant at which a lead was routed."""

    lead: IntColumn = field(default_factory=long_numbers)
    at: IntColumn = field(default_factory=long_numbers)
    shares: IntColumn = field(default_factory=text_numbers)
    """Who could be asked, and what each was entitled to: a text, for the same ones come again."""
