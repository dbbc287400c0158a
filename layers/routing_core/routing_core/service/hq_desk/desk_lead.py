"""One lead on HQ's desk: what the queue shows of it too, and what became of the mails about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from routing_core.domain.hq_people import HqPerson
from routing_core.service.hq.hq_lead_page import act_on_hq_lead, view_hq_lead
from routing_core.service.hq_desk.desk_reader import desk_reader
from routing_core.service.hq_desk.lead_desk import LeadDesk
from routing_core.service.kernel.lead_mail import LeadMail
from routing_core.service.kernel.views import QueueLeadView
from routing_core.service.notifications.lead_mails import mails_about


@dataclass(frozen=True, slots=True)
class DeskLeadView:
    """What the page of one lead on HQ's desk shows."""

    page: QueueLeadView
    """The part that the queue shows of it too."""
    mails: tuple[LeadMail, ...]
    """The mails about it, the newest first."""


def view_desk_lead(
    desk: LeadDesk, person: HqPerson, lead_id: str, now: datetime, *, notice: str = ""
) -> DeskLeadView:
    """Show a lead to whoever has signed in. Raises NotFound for one that is not theirs to see."""
    page = view_hq_lead(desk.services, desk_reader(person), lead_id, now, notice=notice)
    return _whole(desk, page)


def act_on_desk_lead(
    desk: LeadDesk, person: HqPerson, lead_id: str, form: Mapping[str, str], now: datetime
) -> DeskLeadView | None:
    """Press a button of a lead's page: see ``act_on_hq_lead``."""
    page = act_on_hq_lead(desk.services, desk_reader(person), lead_id, form, now)
    return _whole(desk, page) if page else None


def _whole(desk: LeadDesk, page: QueueLeadView) -> DeskLeadView:
    return DeskLeadView(page, mails_about(desk.mails, page.timeline))
