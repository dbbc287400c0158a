"""The hosted form: two plain HTML steps, a thank-you page that can be reloaded, the embed script."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from aws_lambda_powertools.event_handler import Response

from functions.intake.stamp import read_stamp, stamp
from routing_core.aws.http import Reply, Router, form_fields, header, now_of, query, see_other
from routing_core.aws.wiring import wiring
from routing_core.domain.enquiry import NEED_FIELDS
from routing_core.domain.errors import InvalidInput
from routing_core.domain.origin import from_flat, read_context
from routing_core.present.engine import static
from routing_core.present.pages import form_page, thanks_page
from routing_core.service.answer_coverage import answer_coverage
from routing_core.service.submit_lead import Posted, form_of, submit_lead
from routing_core.service.thanks import read_thanks, thanks_address
from routing_core.service.views import Coverage, FormView
from routing_core.web import language_of, page

router = Router()


@router.get("/f/<form>")
def show(form: str) -> Reply:
    event = router.current_event
    now, asked = now_of(event), query(event)
    came_from = from_flat(asked, header(event, "referer"))
    typed = {name: value for name, value in asked.items() if not name.startswith("utm_")}
    fields = {**typed, "submission_id": str(uuid.uuid4()), "started": stamp(now, came_from)}
    return _page(form, 1, fields, now)


@router.post("/f/<form>")
def post(form: str) -> Reply:
    event = router.current_event
    now, fields = now_of(event), form_fields(event)
    fields.setdefault("submission_id", str(uuid.uuid4()))
    if fields.get("step") != "2" or "back" in fields:
        return _first_step(form, fields, now)
    try:
        received = submit_lead(wiring().relay, _posted(form, fields), now)
    except InvalidInput as error:
        return _second_step(form, fields, now, error)
    return see_other(thanks_address(wiring().relay, received, language_of(event)))


@router.get("/thanks/<token>")
def thanks(token: str) -> Reply:
    return page(thanks_page(read_thanks(wiring().relay, token)))


@router.get("/embed.js")
def embed() -> Response[str]:
    headers = {"Cache-Control": "public, max-age=300", "Access-Control-Allow-Origin": "*"}
    return Response(200, "text/javascript; charset=utf-8", static("embed.js"), headers)


def _posted(form: str, fields: Mapping[str, str]) -> Posted:
    event = router.current_event
    started, came_from = read_stamp(fields.get("started"))
    context = read_context(came_from or from_flat(fields, header(event, "referer")), header(event, "accept-language"))
    return Posted(form, fields["submission_id"][:200], fields, language_of(event), context, started)


def _first_step(form: str, fields: dict[str, str], now: datetime) -> Reply:
    if "back" in fields:
        return _page(form, 1, fields, now)
    try:
        coverage = answer_coverage(wiring().relay, form, fields, language_of(router.current_event), now)
    except InvalidInput as error:
        return _page(form, 1, fields, now, error)
    return _page(form, 2, fields, now, coverage=coverage)


def _second_step(form: str, fields: dict[str, str], now: datetime, error: InvalidInput) -> Reply:
    """A problem with step 1's answers goes back there; otherwise the coverage stands as before."""
    _, definition = form_of(wiring().relay, form)
    first = {*NEED_FIELDS, *(q.id for q in definition.questions if q.step == 1)}
    if any(problem.field in first for problem in error.problems):
        return _page(form, 1, fields, now, error)
    coverage = answer_coverage(wiring().relay, form, fields, language_of(router.current_event), now)
    return _page(form, 2, fields, now, error, coverage)


def _page(
    form: str,
    step: int,
    fields: Mapping[str, Any],
    now: datetime,
    error: InvalidInput | None = None,
    coverage: Coverage | None = None,
) -> Reply:
    programme, definition = form_of(wiring().relay, form)
    view = FormView(
        programme=programme,
        form=definition,
        language=language_of(router.current_event),
        step=step,
        submission_id=fields["submission_id"],
        started=fields.get("started") or stamp(now),
        values=fields,
        problems=error.problems if error else (),
        coverage=coverage,
        now=now,
    )
    reply = page(form_page(view), 422 if error else 200)
    reply.headers["Cache-Control"] = "private, no-cache"  # so that the back button finds what a post had shown
    return reply
