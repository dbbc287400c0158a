"""Serves a partner's standing desk: offers by deadline, whom to call, what to update.

There partners also pause and resume, plan holidays, and have a new link mailed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from routing_core.domain.absences import (
    Absences,
    ahead,
    read_absence,
    with_absence,
    without_absence,
)
from routing_core.domain.errors import InvalidInput, LinkRefused
from routing_core.domain.lead import Deadline, DeadlineKind, Lead, LeadStatus
from routing_core.domain.offer import Offer, OfferStatus
from routing_core.domain.partner import Load, Partner, with_auto_pause
from routing_core.domain.partner_history import BY_PARTNER
from routing_core.routing.decide.eligibility import local_day
from routing_core.service.kernel.access import LinkReader, generation_of, reader_of
from routing_core.service.kernel.links import Purpose
from routing_core.service.kernel.ports import MOST_HELD, Bus
from routing_core.service.kernel.retry import retry_on_conflict
from routing_core.service.kernel.services import Services
from routing_core.service.kernel.views import DeskEndedView, DeskLead, DeskView
from routing_core.service.offers.offer_page import redacted
from routing_core.service.offers.take_more import take_more, usual_extra


@dataclass(frozen=True, slots=True)
class DeskSection:
    """One list of the desk: leads in some states, by what their deadlines ask for."""

    statuses: frozenset[LeadStatus]
    deadlines: frozenset[DeadlineKind]


TO_ANSWER = DeskSection(frozenset({LeadStatus.OFFERED}), frozenset({DeadlineKind.EXPIRE}))
"""Lists what waits for an answer."""
TO_CALL = DeskSection(frozenset({LeadStatus.ACCEPTED}), frozenset({DeadlineKind.CONTACT}))
"""Lists whom to call."""
TO_UPDATE = DeskSection(
    frozenset({LeadStatus.CONTACTED, LeadStatus.QUOTED}),
    frozenset({DeadlineKind.QUOTE, DeadlineKind.OUTCOME}),
)
"""Lists what became of whoever was called."""


@dataclass(frozen=True, slots=True)
class _Desk:
    """A desk link that was read: whose desk it is, and who opens it."""

    partner: Partner
    load: Load
    reader: LinkReader | None
    """None while the reader has another link that is in force."""


def view_desk(
    services: Services, token: str, now: datetime, notice: str = ""
) -> DeskView | DeskEndedView:
    """Show the desk, or that the link was replaced.

    Raises LinkRefused for a link that is not ours.
    """
    desk = _open_desk(services, token)
    if desk.reader is None:
        return _ended(services, desk.partner, sent=False)
    partner = desk.partner
    today = local_day(partner, now)
    leads = services.leads.held_by(partner.id, MOST_HELD)
    return DeskView(
        programme=services.programme,
        partner=partner,
        load=desk.load,
        language=services.programme.language_for(partner.language),
        now=now,
        offers=_rows(services, partner, desk.reader, leads, TO_ANSWER),
        to_call=_rows(services, partner, desk.reader, leads, TO_CALL),
        to_update=_rows(services, partner, desk.reader, leads, TO_UPDATE),
        today=today,
        holidays=ahead(partner.absences, today),
        notice=notice,
        report=services.links.report(partner.id, "", desk.reader.generation, desk.reader.person),
    )


def act_on_desk(
    services: Services, bus: Bus, token: str, form: Mapping[str, str], now: datetime
) -> DeskView | DeskEndedView:
    """Do ``form["action"]``: pause, resume, take_more, holiday, end_holiday or renew.

    The desk is then shown as it stands. Renewing ends this link and mails the new one; whoever
    holds the old one sees neither.
    """
    desk = _open_desk(services, token)
    action = form.get("action", "")
    if action == "renew":
        return _renew(services, bus, token, desk, now)
    if desk.reader is None:
        return _ended(services, desk.partner, sent=False)
    notice = ""
    match action:
        case "pause" | "resume":
            services.partners.set_paused(desk.partner.id, action == "pause", now, BY_PARTNER)
            notice = f"{action}d"
        case "take_more":
            wanted = usual_extra(desk.partner, now)
            take_more(services, desk.partner.id, wanted, now, BY_PARTNER)
            notice = "more"
        case "holiday":
            return _plan_holiday(services, token, desk.partner, form, now)
        case "end_holiday":
            return _end_holiday(services, token, desk.partner, form, now)
    return view_desk(services, token, now, notice)


def _renew(services: Services, bus: Bus, token: str, desk: _Desk, now: datetime) -> DeskEndedView:
    """Mail the link in force to whoever was sent the old one, at most once an hour.

    Whoever holds the one before may have pressed already and seen no answer, so its press asks
    again. A link that names nobody is renewed for the main contact.
    """
    partner = desk.partner
    if partner.deactivated and not services.leads.held_by(partner.id, 1):
        raise LinkRefused("HQ works with this partner no longer")
    load = desk.load
    asked = services.links.read(Purpose.DESK, token)
    in_force = generation_of(asked.person, load, partner) or load.links
    ended = in_force - asked.generation
    works = in_force
    if ended == 0:
        services.partners.renew_links(partner.id, in_force, now, asked.person)
        works = load.links + 1
    why = "renewed" if ended <= 1 else "asked"
    # The same name for a whole hour: the mail that it asks for is sent once.
    occasion = f"{why}.{works}.{now:%Y-%m-%dT%HZ}"
    bus.publish(
        (), [("desk.requested", {"partner": partner.id, "event": occasion, "person": asked.person})]
    )
    return _ended(services, partner, sent=True)


def _plan_holiday(
    services: Services, token: str, partner: Partner, form: Mapping[str, str], now: datetime
) -> DeskView | DeskEndedView:
    """Plan a holiday: new offers stop with it, what the partner holds stays."""
    today = local_day(partner, now)
    try:
        new = read_absence(form.get("first", ""), form.get("last", ""), today)
    except InvalidInput as refused:
        view = view_desk(services, token, now)
        if isinstance(view, DeskView):
            return replace(view, problems=refused.problems, values=dict(form))
        return view

    def with_new_one(absences: Absences) -> Absences:
        return with_absence(absences, new)

    change_absences(services, partner.id, now, with_new_one)
    return view_desk(services, token, now, "away")


def _end_holiday(
    services: Services, token: str, partner: Partner, form: Mapping[str, str], now: datetime
) -> DeskView | DeskEndedView:
    """End a holiday: new offers start again."""
    today = local_day(partner, now)
    named = (form.get("first", ""), form.get("last", ""))
    chosen = [
        each
        for each in ahead(partner.absences, today)
        if (str(each.first), str(each.last)) == named
    ]
    if not chosen:  # ended already
        return view_desk(services, token, now)

    def without_chosen(absences: Absences) -> Absences:
        return without_absence(absences, chosen[0], today) if chosen[0] in absences else absences

    change_absences(services, partner.id, now, without_chosen)
    return view_desk(services, token, now, "back")


def change_absences(
    services: Services,
    partner_id: str,
    now: datetime,
    change: Callable[[Absences], Absences],
    by: str = BY_PARTNER,
) -> None:
    """Save a partner's holidays as changed; raises LinkRefused where the partner has gone."""

    def work(_: bool) -> None:
        # Read anew for each try: HQ may be changing the profile at the same time, and must not be
        # overwritten.
        known = services.partners.get(partner_id)
        if known is None:
            raise LinkRefused("this link is no longer valid")
        absences = change(known.absences)
        if absences != known.absences:
            changed = replace(known, absences=absences)
            services.partners.save([(changed, known.version)], now, by)

    retry_on_conflict(work)


def _open_desk(services: Services, token_text: str) -> _Desk:
    """Read whose desk a link opens.

    Raises LinkRefused for a link that is not ours, and for somebody who has no access any more.
    """
    token = services.links.read(Purpose.DESK, token_text)
    load = services.leads.loads([token.subject]).get(token.subject)
    partner = services.partners.get(token.subject)
    if load is None or partner is None or generation_of(token.person, load, partner) is None:
        raise LinkRefused("this link is no longer valid")
    return _Desk(with_auto_pause(partner, load), load, reader_of(token, load, partner))


def _ended(services: Services, partner: Partner, *, sent: bool) -> DeskEndedView:
    """Show that the link was replaced, and whether the one in force was just mailed."""
    return DeskEndedView(
        services.programme, partner, services.programme.language_for(partner.language), sent
    )


def _rows(
    services: Services,
    partner: Partner,
    reader: LinkReader,
    leads: Sequence[Lead],
    section: DeskSection,
) -> tuple[DeskLead, ...]:
    """Make the rows of one list, by deadline, then age."""
    rows = []
    for lead in leads:
        offer = _offer_in_force(lead, partner)
        if offer is None or lead.status not in section.statuses:
            continue
        placed = services.with_towns(lead)
        shown = placed if lead.owner == partner.id else redacted(placed, services.programme)
        url = services.links.offer(
            lead.id, offer.number, partner.id, generation=reader.generation, person=reader.person
        )
        rows.append(DeskLead(shown, offer, url, _next_deadline(lead, offer, section)))
    return tuple(sorted(rows, key=_order))


def _offer_in_force(lead: Lead, partner: Partner) -> Offer | None:
    """Give the partner's latest offer that waits for an answer or was accepted."""
    in_force = (OfferStatus.PENDING, OfferStatus.ACCEPTED)
    theirs = [
        offer for offer in lead.offers if offer.partner == partner.id and offer.status in in_force
    ]
    return theirs[-1] if theirs else None


def _next_deadline(lead: Lead, offer: Offer, section: DeskSection) -> Deadline | None:
    """Give what is asked for next: of the lead, or of this offer alone in its wave."""
    theirs = [
        deadline
        for deadline in lead.deadlines
        if deadline.kind in section.deadlines and deadline.offer in (0, offer.number)
    ]
    return min(theirs, default=None)


def _order(row: DeskLead) -> tuple[bool, datetime, datetime]:
    """Order rows by deadline, then age; those without a deadline come last."""
    received_at = row.lead.received_at
    return (row.by is None, row.by.at if row.by else received_at, received_at)
