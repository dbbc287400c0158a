"""The same form for programs: the embed script, definition, coverage, leads; also for a plain HTML
form on somebody's own page.
"""

import uuid

from aws_lambda_powertools.event_handler import Response

from functions.intake.senders import api_key_name
from routing_core.aws.bodies import fields, is_form
from routing_core.aws.http import (
    PUBLIC,
    Reply,
    Router,
    came,
    header,
    json_reply,
    now_of,
    query,
    see_other,
    wants_page,
)
from routing_core.aws.wiring import wiring
from routing_core.present.engine import static
from routing_core.present.pages.form_json import (
    FormSession,
    coverage_json,
    form_definition,
    lead_json,
)
from routing_core.service.intake.answer_coverage import answer_coverage
from routing_core.service.intake.examine_post import challenge_under_pressure
from routing_core.service.intake.fill_form import posted, stamp
from routing_core.service.intake.submit_lead import form_of, submit_lead
from routing_core.service.intake.thanks import thanks_address
from routing_core.web import language_of

router = Router()


@router.get("/embed.js")
def embed() -> Response[str]:
    headers = {"Cache-Control": "public, max-age=300", "Access-Control-Allow-Origin": "*", **PUBLIC}
    return Response(200, "text/javascript; charset=utf-8", static("embed.js"), headers)


@router.get("/v1/forms/<form>")
def definition(form: str) -> Reply:
    event = router.current_event
    services, now, key = wiring().services, now_of(event), str(uuid.uuid4())
    programme, asked = form_of(services, form)
    session = FormSession(
        started=stamp(services, now, key),
        submission_id=key,
        base_url=wiring().settings.base_url,
        challenge=challenge_under_pressure(services, now),
    )
    return json_reply(form_definition(programme, asked, language_of(event), session), public=True)


@router.get("/v1/forms/<form>/coverage")
def coverage(form: str) -> Reply:
    event, services = router.current_event, wiring().services
    now, language = now_of(event), language_of(event)
    answer = answer_coverage(services, form, query(event), language, now)
    return json_reply(coverage_json(answer, services.programme, language, now), public=True)


@router.post("/v1/forms/<form>/leads")
def lead(form: str) -> Reply:
    """A server that posts for its visitors sends an API key; what nobody vouches for waits for its
    sender's click.
    """
    event = router.current_event
    raw, now, services = fields(event), now_of(event), wiring().services
    key = header(event, "idempotency-key") or str(raw.get("submission_id") or uuid.uuid4())
    language = services.programme.language_for(str(raw.get("language") or language_of(event)))
    sent = posted(services, form, key, raw, language, came=came(event), api_key=api_key_name(event))
    received = submit_lead(services, sent, now)
    if is_form(event) and wants_page(event):
        return see_other(thanks_address(services, received, language))
    return json_reply(lead_json(received, services.programme, language), 201)
