"""The same form for programs: definition, coverage, leads; also for a plain HTML form on somebody's own page."""

import uuid

from aws_lambda_powertools.event_handler import Response

from functions.intake.stamp import read_stamp, stamp
from routing_core.aws.http import (
    Reply,
    Router,
    fields,
    header,
    is_form,
    json_reply,
    now_of,
    query,
    see_other,
    wants_page,
)
from routing_core.aws.wiring import wiring
from routing_core.domain.origin import from_flat, read_context
from routing_core.present.form_json import coverage_json, form_definition, lead_json
from routing_core.service.answer_coverage import answer_coverage
from routing_core.service.submit_lead import Posted, form_of, submit_lead
from routing_core.service.thanks import thanks_address
from routing_core.web import language_of

router = Router()


@router.get("/v1/forms/<form>")
def definition(form: str) -> Reply:
    event = router.current_event
    programme, asked = form_of(wiring().relay, form)
    key = str(uuid.uuid4())
    base = wiring().settings.base_url
    return json_reply(form_definition(programme, asked, language_of(event), stamp(now_of(event)), key, base))


@router.get("/v1/forms/<form>/coverage")
def coverage(form: str) -> Reply:
    event = router.current_event
    now, language = now_of(event), language_of(event)
    answer = answer_coverage(wiring().relay, form, query(event), language, now)
    return json_reply(coverage_json(answer, wiring().relay.programme, language, now))


@router.post("/v1/forms/<form>/leads")
def lead(form: str) -> Reply:
    event = router.current_event
    raw, now = fields(event), now_of(event)
    told = raw.pop("context", None) or from_flat(raw, header(event, "referer"))
    started, _ = read_stamp(raw.get("started"))
    key = header(event, "idempotency-key") or str(raw.get("submission_id") or uuid.uuid4())
    language = wiring().relay.programme.language_for(str(raw.get("language") or language_of(event)))
    context = read_context(told, header(event, "accept-language"))
    received = submit_lead(wiring().relay, Posted(form, key[:200], raw, language, context, started), now)
    if is_form(event) and wants_page(event):
        return see_other(thanks_address(wiring().relay, received, language))
    body = lead_json(
        wiring().relay.programme,
        language,
        lead=received.lead,
        reference=received.reference,
        answer=received.answer,
        hear_by=received.hear_by,
        status_url=received.status_url,
        ignored=received.ignored,
    )
    return json_reply(body, 201)


@router.route("/v1/forms/<form>", method=["OPTIONS"])
@router.route("/v1/forms/<form>/coverage", method=["OPTIONS"])
@router.route("/v1/forms/<form>/leads", method=["OPTIONS"])
def preflight(form: str) -> Response[str]:
    return Response(204, "text/plain", "")
