"""HQ has a lead tried again, or ends it for a prospect who said so on the phone."""

from datetime import datetime

from routing_core.domain.draft import Draft
from routing_core.domain.errors import Gone
from routing_core.domain.lead import TRANSITIONS, Lead, LeadStatus
from routing_core.domain.lifecycle import ending
from routing_core.service.kernel.holder_news import news_for_holder
from routing_core.service.kernel.ports import Change
from routing_core.service.kernel.retry import retry_on_conflict
from routing_core.service.kernel.services import Services
from routing_core.service.placing.retry_leads import STATES_THAT_WAIT, retry_lead


def requeue_lead(services: Services, lead_id: str, by: str, now: datetime) -> Lead:
    """Route a lead once more that nobody was left to be asked about; return it as it then stands.

    No limit of partners or time holds, for a person asks for it. If still nobody is found, nothing
    changes. One that somebody is being asked about stays as it is. Raises NotFound, or Gone for a
    lead that waits for nobody.
    """
    lead = services.lead(lead_id)
    if lead.status is LeadStatus.OFFERED:
        return lead  # whoever lost our answer asks again
    if lead.status not in STATES_THAT_WAIT:
        raise Gone(f"a lead that is {lead.status.value} waits for no partner")
    if not lead.exhausted or lead.undecided:
        raise Gone("HQ decides about this lead first: release it or assign it")
    retry_lead(services, lead_id, now, by)
    return services.leads.get(lead_id) or lead


def may_withdraw(lead: Lead) -> bool:
    """Tell whether the lead can still end because the prospect no longer wants it."""
    return not lead.finished and LeadStatus.WITHDRAWN in TRANSITIONS[lead.status]


def withdraw_lead(services: Services, lead_id: str, by: str, now: datetime) -> Lead:
    """End a lead that the prospect no longer wants, and tell whoever has it or is being asked.

    One that was withdrawn already stays as it is. Raises NotFound, or Gone for a lead that is over.
    """

    def work(_: bool) -> Lead:
        lead = services.lead(lead_id)
        if lead.status is LeadStatus.WITHDRAWN:
            return lead  # whoever lost our answer asks again
        if not may_withdraw(lead):
            raise Gone(f"a lead that is {lead.status.value} cannot be withdrawn")
        draft = Draft(lead)
        ending.withdraw(draft, services.programme, now, by)
        services.commit(Change(draft), *news_for_holder(services, lead, "withdraw"), now=now)
        return draft.lead

    return retry_on_conflict(work)
