"""Keep an attached enquiry as its sender sees it.

It is as if nothing else of theirs were open, and nobody had answered yet. Whoever knows somebody's
address and name can post in their name and watch the page of that post for days. It must not tell
that the address has an open enquiry: not at the door, and not later by an attached one's standing
still where any other would have moved on. So what is attached lives on as the decision at the door
would: its windows pass, the next partner or wave would be asked, its promise is renewed when that
enquiry's would be. But nobody is asked: the offers (``Lead.as_if``) are made on paper, by the very
functions that make real ones.

It is no more than paper for as long as somebody would still be asked. Once nobody would be left, so
that any other enquiry were HQ's now, this one is HQ's too (``unattended``): the partner of the
first had all that time, and did nothing for it. So its promise is kept by somebody, and what its
sender reads is true again. Whatever the partner says of this very enquiry meanwhile ends the paper
at once.
"""

from collections.abc import Iterable
from datetime import datetime

from routing_core.domain.draft import Draft
from routing_core.domain.events import PromiseRenewed
from routing_core.domain.lead import Deadline, DeadlineKind, Lead, LeadStatus
from routing_core.domain.lifecycle import offering, on_paper, promises
from routing_core.domain.reasons import QueueReason
from routing_core.domain.repeats import as_if_alone
from routing_core.service.kernel.services import Services
from routing_core.service.placing.place_lead import offer_next


def live_on(draft: Draft, services: Services, now: datetime) -> bool:
    """Do on paper what is due by now, and tell whether somebody would still be asked.

    False means that nobody would be left, so that HQ would have it. Of all this only a renewed
    promise is told; no partner's load or figure changes.
    """
    lead = draft.lead
    due = [deadline for deadline in lead.deadlines if deadline.at <= now]
    draft.set(deadlines=tuple(deadline for deadline in lead.deadlines if deadline.at > now))
    if lead.contacted_at is not None:
        return True
    alone = Draft(as_if_alone(draft.lead))
    _let_pass(alone, due, services, now)
    renewed = [event for event in alone.events if isinstance(event, PromiseRenewed)]
    with_hq = lead.reason == QueueReason.EXHAUSTED
    if not with_hq and _nobody_is_asked(alone.lead):
        offer_next(alone, services, now)
    on_paper.keep_on_paper(draft, alone.lead)
    draft.events += renewed
    return _somebody_sees_to_it(alone.lead, with_hq)


def _let_pass(alone: Draft, due: Iterable[Deadline], services: Services, now: datetime) -> None:
    """Renew the promise and end the windows that are due, as for any other enquiry."""
    kinds = {deadline.kind for deadline in due}
    # The promise first: as it stood when the window ended.
    if DeadlineKind.PROMISE in kinds and alone.lead.promised_by is not None:
        promises.keep_promise(alone, services.programme, now)
    for deadline in due:
        if deadline.kind is DeadlineKind.EXPIRE:
            offering.lapse(alone, deadline.offer, now)


def _nobody_is_asked(lead: Lead) -> bool:
    return not lead.live_offers and lead.partner_opens_at is None


def _somebody_sees_to_it(lead: Lead, with_hq: bool) -> bool:
    if lead.status is LeadStatus.OFFERED or lead.partner_opens_at is not None:
        return True
    return with_hq and lead.deadline(DeadlineKind.HQ_HOLD) is not None
