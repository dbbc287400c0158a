"""Does somebody do this here? The honest answer, before any contact details are asked for."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from routing_core.domain.calendar.business_time import is_open, next_opening
from routing_core.domain.enquiry.enquiry import RequestedWork, read_requested_work
from routing_core.domain.enquiry.typed_fields import LENGTHS, sent_text
from routing_core.domain.lifecycle import promises
from routing_core.domain.programme.programme import Programme
from routing_core.domain.values.clean import one_line
from routing_core.routing.decide.decision import eligible_now, shortlist
from routing_core.routing.decide.placement import would_wait_until
from routing_core.routing.decide.situation import Situation
from routing_core.routing.policy import Enquiry, Policy
from routing_core.service.intake.submit_lead import form_of
from routing_core.service.kernel.services import Services
from routing_core.service.kernel.views import Coverage


def answer_coverage(
    services: Services, form_id: str, raw: Mapping[str, Any], language: str, now: datetime
) -> Coverage:
    """Count only partners who could receive this very lead now.

    Open places, language, certificate and all count. Raises NotFound for an unknown form,
    InvalidInput for answers that make no sense.
    """
    programme, form = form_of(services, form_id)
    need = read_requested_work(programme, form, raw, services.find_towns)
    enquiry = _enquiry(need, programme.language_for(language))
    version, _ = services.rules.programme()
    situation = Situation(enquiry, services.rules.network(), Policy.of(programme, version), now)
    situation = situation.with_loads(services.leads.loads(shortlist(situation)))
    there = eligible_now(situation)
    calendars = [partner.calendar(programme.hq_calendar) for partner in there]
    open_now = sum(1 for calendar in calendars if is_open(now, calendar))
    openings = [next_opening(now, calendar) for calendar in calendars]
    # Who would wait for an office to open hears later.
    asked_at = would_wait_until(there, enquiry, programme, now) or now
    return Coverage(
        partners=len(calendars),
        open_now=open_now,
        opens_at=None if open_now else min(filter(None, openings), default=None),
        hear_by=promises.promised_by(programme, need.product, need.urgency, asked_at),
        place=_place(need, raw),
        region=need.region,
        hotline="" if open_now else _hotline(programme, need.urgency),
    )


def _enquiry(need: RequestedWork, language: str) -> Enquiry:
    return Enquiry(
        country=need.country,
        postcode=need.postcode,
        product=need.product,
        urgency=need.urgency,
        language=language,
        region=need.region,
        answers=need.answers,
    )


def _place(need: RequestedWork, raw: Mapping[str, Any]) -> str:
    """Give the place as it was typed: a postcode that was found from a town's name was not."""
    if need.postcode and not need.located_by:
        return need.postcode
    town = one_line(sent_text(raw.get("town")) or "")
    return town[: LENGTHS["town"]]


def _hotline(programme: Programme, urgency: str) -> str:
    """Give the number to call at once in an emergency; empty otherwise."""
    if programme.hotline is None or not programme.is_emergency(urgency):
        return ""
    return programme.hotline.phone
