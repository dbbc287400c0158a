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
from .views import DeskLead, DeskView

S = LeadStatus


def view_desk(relay: Relay, token: str, now: datetime, notice: str = "") -> DeskView:
    """Raises LinkRefused for a link that was revoked or renewed."""
    partner, load = _open(relay, token)
    programme = relay.programme
    leads = relay.leads.held_by(partner.id)
    return DeskView(
        programme=programme,
        partner=partner,
        load=load,
        language=programme.language_for(partner.language),
        now=now,
        offers=_list(relay, leads, partner, load, {S.OFFERED}, DeadlineKind.EXPIRE),
        to_call=_list(relay, leads, partner, load, {S.ACCEPTED}, DeadlineKind.CONTACT),
        to_update=_list(relay, leads, partner, load, {S.CONTACTED, S.QUOTED}, DeadlineKind.OUTCOME),
        notice=notice,
    )


def act_on_desk(relay: Relay, bus: Bus, token: str, form: Mapping[str, str], now: datetime) -> DeskView:
    """pause | resume | renew: the last revokes this link and mails the new one."""
    partner, load = _open(relay, token)
    action = form.get("action", "")
    notice = ""
    if action in ("pause", "resume"):
        relay.partners.set_paused(partner.id, action == "pause", now)
        notice = f"{action}d"
    elif action == "renew":
        relay.partners.renew_links(partner.id, now)
        bus.publish((), [("desk.requested", {"partner": partner.id})])
        token = relay.links.desk(partner.id, load.links + 1).rsplit("/", 1)[1]
        notice = "renewed"
    return view_desk(relay, token, now, notice)


def _open(relay: Relay, token_text: str) -> tuple[Partner, Load]:
    token = relay.links.read(Purpose.DESK, token_text)
    load = relay.leads.loads([token.subject]).get(token.subject)
    if load is None or load.links != token.generation:
        raise LinkRefused("this link is no longer valid")
    partner = relay.partners.get(token.subject) or relay.partner(token.subject)
    return as_it_stands(partner, load), load


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
