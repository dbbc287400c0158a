"""Makes what a report knows of a lead, of the lead and all its event rows."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from routing_core.domain.calendar.business_time import Calendar, open_time
from routing_core.domain.events import CommitRecord
from routing_core.domain.fair_shares import fair_shares
from routing_core.domain.lead import Context, Lead
from routing_core.domain.lifecycle.ending import postcode_area
from routing_core.reporting.lead_story import LeadStory, OfferStory
from routing_core.reporting.report_lead import (
    ENDED_STAGES,
    AfterAccept,
    Entitlement,
    Kept,
    LeadStage,
    OfferEnd,
    Promise,
    ReportLead,
    ReportOffer,
    Step,
)
from routing_core.reporting.story_events import read_story

_SECOND = timedelta(seconds=1)
_SPOKEN = frozenset({LeadStage.CONTACTED, LeadStage.QUOTED, LeadStage.WON})
"""The stages for which an owner has spoken with the prospect."""
_QUOTED = frozenset({LeadStage.QUOTED, LeadStage.WON})


def _no_calendar(_: str) -> Calendar | None:
    return None


def _usual_weight(_: str) -> int:
    return 1


@dataclass(frozen=True, slots=True)
class GatheringRules:
    """What the programme and the partners' profiles say, as far as reports need it."""

    currency: str
    """Amounts whose event names no currency are in this one."""
    neutral_returns: frozenset[str] = frozenset()
    """The reasons for giving a lead back that are not the partner's fault."""
    calendar_of: Callable[[str], Calendar | None] = field(default=_no_calendar)
    """Gives a partner's calendar; None of one who is gone, whose time is then the clock's."""
    weight_of: Callable[[str], int] = field(default=_usual_weight)
    """Gives a partner's weight."""


def report_lead(
    lead: Lead,
    records: Sequence[CommitRecord],
    context: Context | None,
    rules: GatheringRules,
    as_of: datetime,
) -> ReportLead:
    """Give what a report made at ``as_of`` knows of a lead.

    ``records`` are all of its event rows, the oldest first.
    """
    story = read_story(records, rules.neutral_returns)
    steps = tuple(story.steps)
    contact = next((step.at for step in steps if step.stage in _SPOKEN), None)
    return ReportLead(
        id=lead.id,
        country=lead.country,
        area=postcode_area(lead.postcode),
        product=lead.product,
        urgency=lead.urgency,
        received_at=lead.received_at,
        region=lead.region,
        source=_source(context),
        campaign=context.utm.get("campaign", "") if context else "",
        steps=steps,
        offers=tuple(_offer(each, story, rules, as_of) for each in story.offers.values()),
        owner=story.owner,
        first_contact_at=contact,
        value=story.value,
        quote=story.quote,
        currency=story.currency or rules.currency,
        reason=story.reason,
        by_hand=story.by_hand,
        nobody_left=story.nobody_left,
        not_called=story.not_called,
        call_confirmed=story.call_confirmed,
        promises=tuple(_promises(lead, story, as_of)),
        entitlements=tuple(_entitlements(story, rules)),
    )


def _source(context: Context | None) -> str:
    if context is None:
        return ""
    return context.utm.get("source", "") or context.source


# ── offers ────────────────────────────────────────────────────────────────────────────────────────


def _offer(
    offer: OfferStory, story: LeadStory, rules: GatheringRules, as_of: datetime
) -> ReportOffer:
    calendar = rules.calendar_of(offer.partner)
    window = _measured(offer.begins_at, offer.until, calendar)
    spoken = _first(story, offer, _SPOKEN)
    return ReportOffer(
        number=offer.number,
        partner=offer.partner,
        kind=offer.kind,
        made_at=offer.made_at,
        until=offer.until,
        window=_seconds(window.length),
        end=offer.end,
        decided_at=offer.decided_at,
        response=_response(offer, window),
        seen=offer.seen,
        reason=offer.reason,
        after=_after(offer, story),
        let_go_at=offer.let_go_at,
        contact_by=offer.contact_by,
        contact=_contact(offer, story, spoken, as_of),
        contacted_at=spoken,
        quoted_at=_first(story, offer, _QUOTED),
    )


@dataclass(frozen=True, slots=True)
class _Window:
    """An accept window as it is measured."""

    length: timedelta
    calendar: Calendar | None
    """The calendar by which it is measured; None: by the clock."""


def _measured(start: datetime, end: datetime, calendar: Calendar | None) -> _Window:
    """Measure a window in response hours; by the clock if it lies outside of them altogether."""
    length = open_time(start, end, calendar) if calendar else timedelta()
    if length:
        return _Window(length, calendar)
    return _Window(max(end - start, timedelta()), None)


def _response(offer: OfferStory, window: _Window) -> int | None:
    """Measure how long the answer took, like the window; None if the partner did not answer."""
    if offer.answered_at is None or offer.end is OfferEnd.MISTAKEN:
        return None
    if window.calendar is None:
        return _seconds(offer.answered_at - offer.begins_at)
    return _seconds(open_time(offer.begins_at, offer.answered_at, window.calendar))


def _seconds(length: timedelta) -> int:
    return max(length // _SECOND, 0)


def _after(offer: OfferStory, story: LeadStory) -> AfterAccept | None:
    """Tell what became of an accepted offer; a return that HQ did not uphold is none."""
    if offer.after not in (AfterAccept.RETURNED, AfterAccept.RETURNED_NEUTRAL):
        return offer.after
    following = story.offers.get(offer.number + 1)
    if following is None or following.kind.value != "assigned":
        return offer.after
    return AfterAccept.PASSED_ON if following.partner == offer.partner else offer.after


def _theirs(story: LeadStory, offer: OfferStory) -> Iterator[Step]:
    """Yield the steps of the lead while the partner had it by this offer."""
    if offer.accepted_at is None or offer.end is OfferEnd.MISTAKEN:
        return
    for step in story.steps:
        was_let_go = offer.let_go_at is not None and step.at >= offer.let_go_at
        if step.at >= offer.accepted_at and not was_let_go and step.partner == offer.partner:
            yield step


def _first(story: LeadStory, offer: OfferStory, stages: frozenset[LeadStage]) -> datetime | None:
    return next((step.at for step in _theirs(story, offer) if step.stage in stages), None)


def _contact(offer: OfferStory, story: LeadStory, spoken: datetime | None, as_of: datetime) -> Kept:
    """Tell whether the time for the first call was kept, as it was frozen on the lead."""
    by = offer.contact_by
    if by is None:
        return Kept.VOID
    if spoken is not None and spoken <= by:
        return Kept.MET
    ends = [step.at for step in _theirs(story, offer) if step.stage in ENDED_STAGES]
    if offer.let_go_at is not None:
        ends.append(offer.let_go_at)
    if ends and min(ends) <= by:
        return Kept.VOID
    return Kept.MISSED if by <= as_of else Kept.OPEN


# ── promises ──────────────────────────────────────────────────────────────────────────────────────


def _promises(lead: Lead, story: LeadStory, as_of: datetime) -> Iterator[Promise]:
    """Yield what the prospect was promised while nobody had the lead, and whether it was kept."""
    made: list[tuple[datetime, datetime]] = []
    if lead.first_promise is not None:
        made.append((lead.received_at, lead.first_promise))
    made += story.renewed
    for place, (at, until) in enumerate(made):
        put_off_at = made[place + 1][0] if place + 1 < len(made) else None
        yield Promise(until, _kept(story, at, put_off_at, until, as_of))


def _kept(
    story: LeadStory, at: datetime, put_off_at: datetime | None, until: datetime, as_of: datetime
) -> Kept:
    """Tell whether a partner had the lead before its prospect was put off, or the time passed."""
    limit = min(put_off_at, until) if put_off_at else until
    for step in story.steps:
        if at <= step.at <= limit:
            if step.partner:
                return Kept.MET
            if step.stage in _NOTHING_DUE:
                return Kept.VOID
    if put_off_at is not None:
        return Kept.MISSED
    return Kept.MISSED if until <= as_of else Kept.OPEN


_NOTHING_DUE = frozenset(
    {*ENDED_STAGES, LeadStage.REPEAT, LeadStage.SETTLED_REPEAT, LeadStage.SPAM}
)
"""The stages in which nobody waits for a partner's call about this lead."""


# ── fairness ──────────────────────────────────────────────────────────────────────────────────────


def _entitlements(story: LeadStory, rules: GatheringRules) -> Iterator[Entitlement]:
    """Yield what weights alone would have given each partner who could be asked."""
    for routed in story.routed:
        offers = min(routed.offers, len(routed.ranked))
        shares = fair_shares([rules.weight_of(name) for name in routed.ranked], offers)
        for name, share in zip(routed.ranked, shares, strict=True):
            yield Entitlement(routed.at, name, round(share * 1000))
