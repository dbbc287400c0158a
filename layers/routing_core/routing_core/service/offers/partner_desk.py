"""A partner's standing desk: offers by deadline, whom to call, what to update; pause, resume,
holidays, a new link.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime

from routing_core.domain.absences import ahead, read_absence, with_absence, without_absence
from routing_core.domain.errors import InvalidInput, LinkRefused
from routing_core.domain.lead import DeadlineKind, Lead, LeadStatus
from routing_core.domain.offer import OfferStatus
from routing_core.domain.partner import Absence, Load, Partner, as_it_stands
from routing_core.routing.decide.eligibility import local_day
from routing_core.service.kernel.access import Reader, generation_of, reader_of
from routing_core.service.kernel.links import Purpose
from routing_core.service.kernel.ports import Bus
from routing_core.service.kernel.services import Services, retry_on_conflict
from routing_core.service.kernel.views import DeskEndedView, DeskLead, DeskView
from routing_core.service.offers.offer_page import redacted

S = LeadStatus
MOST = 1_000
"""Leads on one desk, the oldest first: far more than a firm has open."""


def view_desk(
    services: Services, token: str, now: datetime, notice: str = ""
) -> DeskView | DeskEndedView:
    """Raises LinkRefused for a link that is not ours."""
    partner, load, reader = _open(services, token)
    if reader is None:
        return _ended(services, partner, sent=False)
    today = local_day(partner, now)
    leads = services.leads.held_by(partner.id, MOST)
    return DeskView(
        programme=services.programme,
        partner=partner,
        load=load,
        language=services.programme.language_for(partner.language),
        now=now,
        offers=_list(services, leads, partner, reader, {S.OFFERED}, DeadlineKind.EXPIRE),
        to_call=_list(services, leads, partner, reader, {S.ACCEPTED}, DeadlineKind.CONTACT),
        to_update=_list(
            services,
            leads,
            partner,
            reader,
            {S.CONTACTED, S.QUOTED},
            DeadlineKind.QUOTE,
            DeadlineKind.OUTCOME,
        ),
        today=today,
        holidays=ahead(partner.absences, today),
        notice=notice,
    )


def act_on_desk(
    services: Services, bus: Bus, token: str, form: Mapping[str, str], now: datetime
) -> DeskView | DeskEndedView:
    """pause | resume | holiday | end_holiday | renew. Renewing ends this link and mails the new
    one; whoever holds the old one sees neither.
    """
    partner, load, reader = _open(services, token)
    action = form.get("action", "")
    if action == "renew":
        return _renew(services, bus, token, partner, load, now)
    if reader is None:
        return _ended(services, partner, sent=False)
    if action in ("pause", "resume"):
        services.partners.set_paused(partner.id, action == "pause", now)
        return view_desk(services, token, now, f"{action}d")
    if action in ("holiday", "end_holiday"):
        return _holiday(services, token, partner, form, now)
    return view_desk(services, token, now)


def _renew(
    services: Services, bus: Bus, token: str, partner: Partner, load: Load, now: datetime
) -> DeskEndedView:
    """Mails the link that works then to whom the old one was sent, at most once an hour: whoever
    holds the one before may have pressed already and seen no answer. A link that names nobody is
    renewed for the main contact.
    """
    asked = services.links.read(Purpose.DESK, token)
    in_force = generation_of(asked.person, load, partner) or load.links
    ended = in_force - asked.generation
    if ended == 0:
        services.partners.renew_links(partner.id, in_force, now, asked.person)
    why = "renewed" if ended <= 1 else "asked"
    works = load.links + 1 if ended == 0 else in_force
    occasion = {
        "partner": partner.id,
        "event": f"{why}.{works}.{now:%Y-%m-%dT%HZ}",
        "person": asked.person,
    }
    bus.publish((), [("desk.requested", occasion)])
    return _ended(services, partner, sent=True)


def _holiday(
    services: Services, token: str, partner: Partner, form: Mapping[str, str], now: datetime
) -> DeskView | DeskEndedView:
    """Plans a holiday, or ends one: new offers stop and start with it, what the partner holds
    stays.
    """
    today = local_day(partner, now)
    first, last = form.get("first", ""), form.get("last", "")
    if form["action"] == "end_holiday":
        gone = next(
            (
                a
                for a in ahead(partner.absences, today)
                if (f"{a.first}", f"{a.last}") == (first, last)
            ),
            None,
        )
        if gone is None:  # ended already
            return view_desk(services, token, now)
        _change_absences(services, partner.id, now, gone=gone, today=today)
        return view_desk(services, token, now, "back")
    try:
        new = read_absence(first, last, today)
    except InvalidInput as refused:
        view = view_desk(services, token, now)
        return (
            replace(view, problems=refused.problems, values=dict(form))
            if isinstance(view, DeskView)
            else view
        )
    _change_absences(services, partner.id, now, new=new, today=today)
    return view_desk(services, token, now, "away")


def _change_absences(
    services: Services,
    partner_id: str,
    now: datetime,
    *,
    today: date,
    new: Absence | None = None,
    gone: Absence | None = None,
) -> None:
    """On the profile as it is saved now: HQ may be changing it at the same time."""

    def work(_: bool) -> None:
        known = services.partners.get(partner_id)
        if known is None:
            raise LinkRefused("this link is no longer valid")
        absences = with_absence(known.absences, new) if new else known.absences
        absences = without_absence(absences, gone, today) if gone in absences and gone else absences
        if absences != known.absences:
            services.partners.save([(replace(known, absences=absences), known.version)], now)

    retry_on_conflict(work)


def _open(services: Services, token_text: str) -> tuple[Partner, Load, Reader | None]:
    """Gives the partner behind the link, and its reader; None while the reader has another link
    that is in force.

    Raises LinkRefused for a link that is not ours, and for somebody who has no access any more.
    """
    token = services.links.read(Purpose.DESK, token_text)
    load = services.leads.loads([token.subject]).get(token.subject)
    partner = services.partners.get(token.subject)
    if load is None or partner is None or generation_of(token.person, load, partner) is None:
        raise LinkRefused("this link is no longer valid")
    return as_it_stands(partner, load), load, reader_of(token, load, partner)


def _ended(services: Services, partner: Partner, *, sent: bool) -> DeskEndedView:
    return DeskEndedView(
        services.programme, partner, services.programme.language_for(partner.language), sent
    )


def _list(
    services: Services,
    leads: tuple[Lead, ...],
    partner: Partner,
    reader: Reader,
    statuses: set[LeadStatus],
    *kinds: DeadlineKind,
) -> tuple[DeskLead, ...]:
    programme = services.programme
    rows = []
    for lead in leads:
        ours = [
            o
            for o in lead.offers
            if o.partner == partner.id and o.status in (OfferStatus.PENDING, OfferStatus.ACCEPTED)
        ]
        if lead.status in statuses and ours:
            placed = services.placed(lead)
            shown = placed if lead.owner == partner.id else redacted(placed, programme)
            url = services.links.offer(
                lead.id, ours[-1].number, partner.id, reader.generation, reader.person
            )
            own = (0, ours[-1].number)  # not those of others in the same wave
            by = min(
                (d for d in lead.deadlines if d.kind in kinds and d.offer in own), default=None
            )
            rows.append(DeskLead(shown, ours[-1], url, by))
    return tuple(
        sorted(rows, key=lambda row: (row.by is None, row.by and row.by.at, row.lead.received_at))
    )
