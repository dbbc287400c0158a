"""Does somebody do this here? The honest answer, before any contact details are asked for."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from routing_core.domain.calendar.business_time import is_open, next_opening
from routing_core.domain.enquiry.enquiry import read_question
from routing_core.domain.enquiry.typed_fields import LENGTHS, said
from routing_core.domain.lifecycle import promises
from routing_core.domain.values.clean import one_line
from routing_core.routing.decide.decision import eligible_now, shortlist
from routing_core.routing.decide.placement import held_until
from routing_core.routing.policy import Enquiry, Policy
from routing_core.service.intake.submit_lead import form_of
from routing_core.service.kernel.services import Services
from routing_core.service.kernel.views import Coverage


def answer_coverage(
    services: Services, form_id: str, raw: Mapping[str, Any], language: str, now: datetime
) -> Coverage:
    """Counts only partners who could receive this very lead now: open places, language, certificate
    and all.

    Raises NotFound for an unknown form, InvalidInput for answers that make no sense.
    """
    programme, form = form_of(services, form_id)
    version, _ = services.rules.programme()
    need = read_question(programme, form, raw, services.find_towns)
    told = "" if need.located_by else need.postcode
    policy = Policy.of(programme, version)
    network = services.rules.network()
    language = programme.language_for(language)
    place = (need.country, need.postcode, need.product, need.urgency, language)
    enquiry = Enquiry(*place, region=need.region, answers=need.answers)
    loads = services.leads.loads(shortlist(enquiry, network, policy, now))
    there = eligible_now(enquiry, network, policy, loads, now)
    asked_at = held_until(there, enquiry, programme, now) or now
    calendars = [partner.calendar(programme.hq_calendar) for partner in there]
    open_now = sum(is_open(now, calendar) for calendar in calendars)
    openings = [at for at in (next_opening(now, calendar) for calendar in calendars) if at]
    emergency = programme.is_emergency(need.urgency)
    return Coverage(
        partners=len(calendars),
        open_now=open_now,
        opens_at=min(openings, default=None) if not open_now else None,
        hear_by=promises.promised_by(programme, need.product, need.urgency, asked_at),
        place=told or one_line(said(raw.get("town")) or "")[: LENGTHS["town"]],
        region=need.region,
        hotline=programme.hotline.phone if programme.hotline and emergency and not open_now else "",
    )
