"""One lead on HQ's desk: what the queue shows of it too, and what became of the mails about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from routing_core.domain.errors import NotFound, Problem
from routing_core.domain.hq_people import HqPerson
from routing_core.domain.lead import Lead
from routing_core.domain.lead_row import LeadRow
from routing_core.domain.programme.programme import Programme
from routing_core.service.hq.hq_lead_page import act_on_hq_lead, view_hq_lead
from routing_core.service.hq_desk.desk_reader import desk_reader
from routing_core.service.hq_desk.lead_desk import LeadDesk
from routing_core.service.kernel.contact_search import search_keys
from routing_core.service.kernel.lead_mail import LeadMail
from routing_core.service.kernel.views import QueueLeadView
from routing_core.service.notifications.lead_mails import mails_about

MOST_ALIKE_SHOWN = 20
"""So many enquiries of one contact are listed on the page of another."""


@dataclass(frozen=True, slots=True)
class DeskLeadView:
    """What the page of one lead on HQ's desk shows."""

    page: QueueLeadView
    """The part that the queue shows of it too."""
    mails: tuple[LeadMail, ...]
    """The mails about it, the newest first."""
    same_contact: tuple[LeadRow, ...]
    """Other enquiries with the same address or phone number, the newest first."""
    refused_file: tuple[Problem, ...] = ()
    """Says why a file was not attached."""


@dataclass(frozen=True, slots=True)
class LeadMailsView:
    """The mails about one lead, for a machine."""

    programme: Programme
    lead: Lead
    mails: tuple[LeadMail, ...]
    """The mails about it, the newest first."""


def view_lead_mails(desk: LeadDesk, person: HqPerson, lead_id: str) -> LeadMailsView:
    """Tell the mails about a lead. Raises NotFound for one that is not theirs to see."""
    services = desk.services
    lead = services.lead(lead_id)
    if not person.sees(lead):
        raise NotFound(f"there is no lead {lead_id}")
    mails = mails_about(desk.mails, services.leads.events(lead_id))
    return LeadMailsView(services.programme, services.with_towns(lead), mails)


def view_desk_lead(
    desk: LeadDesk, person: HqPerson, lead_id: str, now: datetime, *, notice: str = ""
) -> DeskLeadView:
    """Show a lead to whoever has signed in. Raises NotFound for one that is not theirs to see."""
    page = view_hq_lead(desk.services, desk_reader(person), lead_id, now, notice=notice)
    return _whole(desk, person, page)


def act_on_desk_lead(
    desk: LeadDesk, person: HqPerson, lead_id: str, form: Mapping[str, str], now: datetime
) -> DeskLeadView | None:
    """Press a button of a lead's page: see ``act_on_hq_lead``."""
    page = act_on_hq_lead(desk.services, desk_reader(person), lead_id, form, now)
    return _whole(desk, person, page) if page else None


def _whole(desk: LeadDesk, person: HqPerson, page: QueueLeadView) -> DeskLeadView:
    mails = mails_about(desk.mails, page.timeline)
    return DeskLeadView(page, mails, _same_contact(desk, person, page.lead))


def _same_contact(desk: LeadDesk, person: HqPerson, lead: Lead) -> tuple[LeadRow, ...]:
    """Find other enquiries that somebody sees and that may be the same customer's."""
    rows: dict[str, LeadRow] = {}
    for key in search_keys(desk.services.contact_secret, lead.contact).values():
        rows |= {row.id: row for row in desk.read_model.by_contact(key)}
    rows.pop(lead.id, None)
    theirs = [row for row in rows.values() if person.sees_region(row.region)]
    return tuple(sorted(theirs, key=lambda row: row.position, reverse=True)[:MOST_ALIKE_SHOWN])
