"""An enquiry's postcode is put right: one that nobody owns yet is routed anew, of another the owner
and HQ are told.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from routing_core.domain.enquiry.location import region_of
from routing_core.domain.enquiry.typed_fields import LENGTHS
from routing_core.domain.errors import Gone, InvalidInput
from routing_core.domain.lead import MOST_MOVES, Draft, Lead
from routing_core.domain.lifecycle import on_paper
from routing_core.domain.lifecycle import relocation as moving
from routing_core.domain.repeats import as_if_alone
from routing_core.domain.territory import postcodes
from routing_core.domain.values.clean import one_line
from routing_core.routing.policy import Policy
from routing_core.service.kernel.attachments import look_again, who_may_have_it
from routing_core.service.kernel.ports import Change, LoadChange
from routing_core.service.kernel.services import Services, retry_on_conflict
from routing_core.service.placing.place_lead import place


def may_move(lead: Lead) -> bool:
    """Not at its end, and not again and again: each time may withdraw offers and make others."""
    return not lead.finished and len(lead.moves) < MOST_MOVES


def move_lead(
    services: Services, lead_id: str, form: Mapping[str, str], by: str, now: datetime
) -> Lead:
    """HQ puts it right; ``form``: postcode and town. Raises NotFound, InvalidInput (postcode) or
    Gone.
    """

    def work(caps_only: bool) -> Lead:
        lead = services.lead(lead_id)
        if not may_move(lead):
            raise Gone(
                f"a lead that is {lead.status.value}, or was moved {MOST_MOVES} times, keeps its place"
            )
        draft, loads = moved(services, lead, form, by, now, caps_only)
        if draft.facts:
            services.commit(Change(draft, loads=loads), now=now)
        return draft.lead if draft.facts else lead

    return retry_on_conflict(work)


def moved(
    services: Services, lead: Lead, form: Mapping[str, str], by: str, now: datetime, caps_only: bool
) -> tuple[Draft, dict[str, LoadChange]]:
    """Not committed yet; no facts if it is there already. Raises InvalidInput (postcode)."""
    try:
        postcode = postcodes.understood(
            lead.country, one_line(str(form.get("postcode") or ""))[:100]
        )
    except postcodes.NoPostcode as error:
        raise InvalidInput([error.problem("postcode")]) from error
    draft = Draft(lead)
    town = one_line(str(form.get("town") or ""))[: LENGTHS["town"]]
    if not lead.located_by and (postcode, town or lead.town) == (lead.postcode, lead.town):
        return draft, {}
    elsewhere = postcode != lead.postcode
    moving.move(draft, postcode, town, region_of(services.programme, lead.country, postcode), by)
    if lead.owner or not elsewhere:
        return draft, {}
    if lead.is_attached:
        alone = Draft(as_if_alone(draft.lead))
        _ask_there(services, alone, now, caps_only)
        on_paper.keep_on_paper(draft, alone.lead)
        look_again(draft, now)
        return draft, {}
    return draft, _ask_there(services, draft, now, caps_only)


def _ask_there(
    services: Services, draft: Draft, now: datetime, caps_only: bool
) -> dict[str, LoadChange]:
    """Whoever may not have the enquiry at its new place is asked no more; if nobody is left, others
    are asked there.
    """
    lead = draft.lead
    network = services.rules.network()
    covering = network.covering(lead.country, lead.postcode)
    asked = {
        o.partner: services.partner(o.partner) for o in lead.live_offers if o.partner in covering
    }
    version, programme = services.rules.programme()
    may_have_it = who_may_have_it(asked.values(), lead, Policy.of(programme, version), now)
    moving.end_elsewhere(draft, may_have_it, now)
    kept = {offer.number for offer in draft.lead.live_offers}
    partners = asked | {
        o.partner: services.partner(o.partner)
        for o in draft.lead.live_offers
        if o.partner not in asked
    }
    draft.set(
        offers=tuple(
            replace(offer, km=network.km(partners[offer.partner], lead.country, lead.postcode))
            if offer.number in kept
            else offer
            for offer in draft.lead.offers
        )
    )
    if not moving.waits_for_a_partner(draft):
        return {}
    moving.begin_anew(draft)
    return place(draft, services, now, caps_only=caps_only)
