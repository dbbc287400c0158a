"""A partner's standing desk: offers by deadline, whom to call, what to update; pause, resume, a new link."""

from collections.abc import Mapping
from datetime import datetime

from ..domain.errors import LinkRefused
from ..domain.lead import DeadlineKind, Lead, LeadStatus
from ..domain.offer import OfferStatus
from ..domain.partner import Load, Partner, as_it_stands
from .links import Purpose
from .offer_page import redacted
from .ports import Bus
from .relay import Relay
from .views import DeskEndedView, DeskLead, DeskView

S = LeadStatus


def view_desk(relay: Relay, token: str, now: datetime, notice: str = "") -> DeskView | DeskEndedView:
    """Raises LinkRefused for a link that is not ours."""
    partner, load, in_force = _open(relay, token)
    if not in_force:
        return _ended(relay, partner, sent=False)
    leads = relay.leads.held_by(partner.id)
    return DeskView(
        programme=relay.programme,
        partner=partner,
        load=load,
        language=relay.programme.language_for(partner.language),
        now=now,
        offers=_list(relay, leads, partner, load, {S.OFFERED}, DeadlineKind.EXPIRE),
        to_call=_list(relay, leads, partner, load, {S.ACCEPTED}, DeadlineKind.CONTACT),
        to_update=_list(relay, leads, partner, load, {S.CONTACTED, S.QUOTED}, DeadlineKind.OUTCOME),
        notice=notice,
    )


def act_on_desk(relay: Relay, bus: Bus, token: str, form: Mapping[str, str], now: datetime) -> DeskView | DeskEndedView:
    """pause | resume | renew. Renewing ends this link and mails the new one; whoever holds the old one sees neither."""
    partner, load, in_force = _open(relay, token)
    action = form.get("action", "")
    if action == "renew":
        occasion = f"renewed.{load.links}" if in_force else f"asked.{now:%Y-%m-%dT%HZ}"  # asked for: once an hour
        if in_force:
            relay.partners.renew_links(partner.id, now)
        bus.publish((), [("desk.requested", {"partner": partner.id, "event": occasion})])
        return _ended(relay, partner, sent=True)
    if not in_force:
        return _ended(relay, partner, sent=False)
    if action not in ("pause", "resume"):
        return view_desk(relay, token, now)
    relay.partners.set_paused(partner.id, action == "pause", now)
    return view_desk(relay, token, now, f"{action}d")


def _open(relay: Relay, token_text: str) -> tuple[Partner, Load, bool]:
    """The partner behind the link, and whether the link is still in force."""
    token = relay.links.read(Purpose.DESK, token_text)
    load = relay.leads.loads([token.subject]).get(token.subject)
    partner = relay.partners.get(token.subject)
    if load is None or partner is None:
        raise LinkRefused("this link is no longer valid")
    return as_it_stands(partner, load), load, load.links == token.generation


def _ended(relay: Relay, partner: Partner, *, sent: bool) -> DeskEndedView:
    return DeskEndedView(relay.programme, partner, relay.programme.language_for(partner.language), sent)


def _list(
    relay: Relay,
    leads: tuple[Lead, ...],
    partner: Partner,
    load: Load,
    statuses: set[LeadStatus],
    by: DeadlineKind,
) -> tuple[DeskLead, ...]:
    programme = relay.programme
    rows = []
    for lead in leads:
        ours = [
            o
            for o in lead.offers
            if o.partner == partner.id and o.status in (OfferStatus.PENDING, OfferStatus.ACCEPTED)
        ]
        if lead.status in statuses and ours:
            shown = lead if lead.owner == partner.id else redacted(lead, programme)
            url = relay.links.offer(lead.id, ours[-1].number, partner.id, load.links)
            rows.append(DeskLead(shown, ours[-1], url, lead.deadline(by)))
    return tuple(sorted(rows, key=lambda row: (row.by is None, row.by, row.lead.received_at)))
