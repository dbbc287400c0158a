"""The form for programs: the embed script, the definition, and how a place is covered."""

import uuid

from aws_lambda_powertools.event_handler import Response

from routing_core.aws.http import PUBLIC, Reply, Router, json_reply, now_of, query
from routing_core.aws.wiring import wiring
from routing_core.present.engine import static
from routing_core.present.pages.form_json import FormSession, coverage_json, form_definition
from routing_core.service.intake.answer_coverage import answer_coverage
from routing_core.service.intake.examine_post import challenge_under_pressure
from routing_core.service.intake.fill_form import sign_start
from routing_core.service.intake.submit_lead import form_of
from routing_core.web import language_of

router = Router()
ROBOTS = "User-agent: *\nAllow: /f/\nAllow: /embed.js\nAllow: /v1/forms/\nDisallow: /\n"
"""A form is drawn by the script on other pages too, which search engines run."""


@router.get("/embed.js")
def embed() -> Response[str]:
    """Give the script that draws the form on somebody's own page, from any origin."""
    headers = {"Cache-Control": "public, max-age=300", "Access-Control-Allow-Origin": "*", **PUBLIC}
    return Response(200, "text/javascript; charset=utf-8", static("embed.js"), headers)


@router.get("/robots.txt")
def robots() -> Response[str]:
    """Keep search engines to the forms: all else is a link to somebody's own page, or HQ's."""
    headers = {"Cache-Control": "public, max-age=86400"}
    return Response(200, "text/plain; charset=utf-8", ROBOTS, headers)


@router.get("/v1/forms/<form>")
def definition(form: str) -> Reply:
    """Give everything that the embed script draws: fields, options, checks and texts."""
    event, services = router.current_event, wiring().services
    now, submission_id = now_of(event), str(uuid.uuid4())
    programme, asked = form_of(services, form)
    session = FormSession(
        started=sign_start(services, now, submission_id),
        submission_id=submission_id,
        base_url=wiring().base_url,
        challenge=challenge_under_pressure(services, now),
    )
    document = form_definition(programme, asked, language_of(event), session)
    return json_reply(document, public=True)


@router.get("/v1/forms/<form>/coverage")
def coverage(form: str) -> Reply:
    """Tell how many partners do this there, and by when the sender would hear of one."""
    event, services = router.current_event, wiring().services
    now, language = now_of(event), language_of(event)
    answer = answer_coverage(services, form, query(event), language, now)
    return json_reply(coverage_json(answer, services.programme, language, now), public=True)
