"""An attached enquiry as its sender sees it: as if nothing else of theirs were open, and nobody had
answered yet.

Whoever knows somebody's address and name can post in their name and watch the page of that post for
days. It must not tell that the address has an open enquiry: not at the door, and not later by an
attached one's standing still where any other would have moved on. So what is attached lives on as
the decision at the door would: its windows pass, the next partner or wave would be asked, its
promise is renewed when that enquiry's would be. Only that nobody is asked: the offers
(``Lead.as_if``) are made on paper, by the very functions that make real ones.

It is no more than paper for as long as somebody would still be asked. Once nobody would be left, so
that any other enquiry were HQ's now, this one is HQ's too (``unattended``): the partner of the
first had all that time, and did nothing for it. So its promise is kept by somebody, and what its
sender reads is true again. Whatever the partner says of this very enquiry meanwhile ends the paper
at once.
"""

from datetime import datetime

from routing_core.domain.lead import EXHAUSTED, DeadlineKind, Draft, LeadStatus
from routing_core.domain.lifecycle import offering, on_paper, promises
from routing_core.domain.repeats import as_if_alone
from routing_core.service.kernel.services import Services
from routing_core.service.placing.place_lead import place

S, K = LeadStatus, DeadlineKind


def live_on(draft: Draft, services: Services, now: datetime) -> bool:
    """Does on paper what is due by now; False if nobody would be left to ask, so that HQ would have
    it.

    Of all this only a renewed promise is told; no partner's load or figure changes.
    """
    lead = draft.lead
    due = [each for each in lead.deadlines if each.at <= now]
    kinds = {each.kind for each in due}
    draft.set(deadlines=tuple(each for each in lead.deadlines if each.at > now))
    if lead.contacted_at is not None:
        return True
    alone = Draft(as_if_alone(draft.lead))
    if K.PROMISE in kinds and lead.promised_by is not None:
        promises.keep_promise(alone, services.programme, now)
    renewed = [fact for fact in alone.facts if fact.kind == "promise.renewed"]
    for each in due:
        if each.kind is K.EXPIRE:
            offering.lapse(alone, each.offer, now)
    with_hq = lead.reason == EXHAUSTED
    if not with_hq and not alone.lead.live_offers and alone.lead.held_until is None:
        place(alone, services, now)
    after = alone.lead
    looked_for = after.status is S.OFFERED or after.held_until is not None
    waits = with_hq and after.deadline(K.HQ_HOLD) is not None
    on_paper.keep_on_paper(draft, after)
    draft.facts += renewed
    return looked_for or waits
