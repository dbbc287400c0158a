"""Enquiries from programs: the embed script, a server, or a form on somebody's own page."""

import uuid

from functions.intake.senders import api_key_name
from routing_core.aws.bodies import fields, is_form
from routing_core.aws.http import (
    Reply,
    Router,
    came,
    header,
    json_reply,
    now_of,
    see_other,
    wants_page,
)
from routing_core.aws.wiring import wiring
from routing_core.present.pages.form_json import lead_json
from routing_core.service.intake.fill_form import Incoming, Origin, posted
from routing_core.service.intake.submit_lead import submit_lead
from routing_core.service.intake.thanks import thanks_address
from routing_core.web import language_of

router = Router()


@router.post("/v1/forms/<form>/leads")
def lead(form: str) -> Reply:
    """Store an enquiry, and say what happens next.

    A server that posts for its visitors sends an API key; what nobody vouches for waits for its
    sender's click.
    """
    event, services = router.current_event, wiring().services
    raw, now = fields(event), now_of(event)
    key = header(event, "idempotency-key") or str(raw.get("submission_id") or uuid.uuid4())
    language = services.programme.language_for(str(raw.get("language") or language_of(event)))
    incoming = Incoming(form, key, raw, language)
    origin = Origin(*came(event), api_key=api_key_name(event))
    received = submit_lead(services, posted(services, incoming, origin), now)
    if is_form(event) and wants_page(event):
        return see_other(thanks_address(services, received, language))
    return json_reply(lead_json(received, services.programme, language), 201)
