"""Put an enquiry's postcode right.

One that nobody owns yet is routed anew; of any other the owner and HQ are told.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from routing_core.domain.draft import Draft
from routing_core.domain.enquiry.location import region_of
from routing_core.domain.enquiry.typed_fields import LENGTHS
from routing_core.domain.errors import Gone, InvalidInput
from routing_core.domain.lead import MOST_MOVES, Lead
from routing_core.domain.lifecycle import on_paper, relocation
from routing_core.domain.repeats import as_if_alone
from routing_core.domain.territory import postcodes
from routing_core.domain.values.clean import one_line
from routing_core.service.kernel.attachments import look_again, who_may_have_it
from routing_core.service.kernel.ports import Change, LoadChange
from routing_core.service.kernel.retry import retry_on_conflict
from routing_core.service.kernel.services import Services
from routing_core.service.kernel.situations import situation_of
from routing_core.service.placing.place_lead import offer_next

LONGEST_POSTCODE_READ = 100
"""A postcode is read up to so many characters: no country has longer ones."""


@dataclass(frozen=True, slots=True)
class PlaceCorrection:
    """The place where an enquiry really is, and who says so."""

    postcode: str
    """Gives the postcode as its country writes it."""
    town: str
    """Names the town; empty if nobody did."""
    by: str
    """Names who put it right: somebody at HQ, or ``prospect``."""


def read_correction(lead: Lead, form: Mapping[str, str], by: str) -> PlaceCorrection:
    """Read what was typed, ``postcode`` and ``town``.

    Raises InvalidInput for a postcode that the country has not.
    """
    typed = one_line(str(form.get("postcode") or ""))
    try:
        postcode = postcodes.understood(lead.country, typed[:LONGEST_POSTCODE_READ])
    except postcodes.NoPostcode as error:
        raise InvalidInput([error.problem("postcode")]) from error
    town = one_line(str(form.get("town") or ""))
    return PlaceCorrection(postcode, town[: LENGTHS["town"]], by)


def may_move(lead: Lead) -> bool:
    """Tell whether the place may be put right: not at the lead's end, and not again and again.

    Each time may withdraw offers and make others.
    """
    return not lead.finished and len(lead.moves) < MOST_MOVES


def move_lead(
    services: Services, lead_id: str, form: Mapping[str, str], by: str, now: datetime
) -> Lead:
    """Put the place right for HQ; ``form`` has postcode and town.

    Raises NotFound, InvalidInput (postcode) or Gone.
    """

    def work(caps_only: bool) -> Lead:
        lead = services.lead(lead_id)
        if not may_move(lead):
            raise Gone(
                f"a lead that is {lead.status.value}, or was moved {MOST_MOVES} times,"
                " keeps its place"
            )
        draft, loads = moved(services, lead, read_correction(lead, form, by), now, caps_only)
        if not draft.events:
            return lead
        services.commit(Change(draft, loads=loads), now=now)
        return draft.lead

    return retry_on_conflict(work)


def moved(
    services: Services, lead: Lead, correction: PlaceCorrection, now: datetime, caps_only: bool
) -> tuple[Draft, dict[str, LoadChange]]:
    """Move the lead without committing it.

    The draft has no events if the lead is there already.
    """
    draft = Draft(lead)
    if _is_there(lead, correction):
        return draft, {}
    postcode = correction.postcode
    region = region_of(services.programme, lead.country, postcode)
    relocation.move(draft, postcode, correction.town, region, correction.by)
    # Whoever owns it keeps it: they spoke with the person, and are told of the move.
    if lead.owner or postcode == lead.postcode:
        return draft, {}
    if not lead.is_attached:
        return draft, _ask_there(services, draft, now, caps_only)
    # What is attached is asked about on paper only, so that its sender's page says what any other's
    # would.
    alone = Draft(as_if_alone(draft.lead))
    _ask_there(services, alone, now, caps_only)
    on_paper.keep_on_paper(draft, alone.lead)
    look_again(draft, now)
    return draft, {}


def _is_there(lead: Lead, correction: PlaceCorrection) -> bool:
    """Tell whether nothing changes.

    A place that was guessed (``located_by``) is confirmed by being typed.
    """
    if lead.located_by or correction.postcode != lead.postcode:
        return False
    return (correction.town or lead.town) == lead.town


def _ask_there(
    services: Services, draft: Draft, now: datetime, caps_only: bool
) -> dict[str, LoadChange]:
    """Ask nobody any more who may not have the enquiry at its new place.

    If nobody is left, ask others there.
    """
    relocation.withdraw_out_of_area(draft, _who_may_keep_it(services, draft.lead, now), now)
    kept = {offer.number for offer in draft.lead.live_offers}
    _measure_anew(services, draft, kept)
    if not relocation.waits_for_a_partner(draft):
        return {}
    relocation.reset_routing(draft)
    return offer_next(draft, services, now, caps_only=caps_only)


def _who_may_keep_it(services: Services, lead: Lead, now: datetime) -> set[str]:
    """Name the partners being asked who may keep the enquiry.

    They work at the new place too, and no rule excludes them there.
    """
    situation = situation_of(lead, services.rules, now)
    covering = situation.network.covering(lead.country, lead.postcode)
    asked = {offer.partner for offer in lead.live_offers if offer.partner in covering}
    return who_may_have_it([services.partner(name) for name in asked], situation)


def _measure_anew(services: Services, draft: Draft, kept: Collection[int]) -> None:
    """Give the offers that go on the distance to the new place."""
    lead = draft.lead
    network = services.rules.network()
    offers = list(lead.offers)
    for place, offer in enumerate(offers):
        if offer.number in kept:
            km = network.km(services.partner(offer.partner), lead.country, lead.postcode)
            offers[place] = replace(offer, km=km)
    draft.set(offers=tuple(offers))
