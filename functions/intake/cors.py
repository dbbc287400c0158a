"""The headers that let other pages call.

They are for the origins that the programme lists for the form, and for nobody else.
"""

from typing import Any

from aws_lambda_powertools.event_handler import Response

from routing_core.aws.http import Router
from routing_core.aws.wiring import wiring
from routing_core.domain.errors import NotFound

router = Router()
ALLOWED = {
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
    "Access-Control-Allow-Headers": "content-type, idempotency-key",
    "Access-Control-Max-Age": "600",
}


@router.route("/v1/forms/<form>", method=["OPTIONS"])
@router.route("/v1/forms/<form>/coverage", method=["OPTIONS"])
@router.route("/v1/forms/<form>/leads", method=["OPTIONS"])
def preflight(form: str) -> Response[str]:
    """Answer a browser that asks whether a page may call: ``with_cors`` says so."""
    return Response(204, "text/plain", "")


def with_cors(answer: dict[str, Any], event: dict[str, Any]) -> dict[str, Any]:
    """Add the headers to any answer of a form's API: the page must read refusals too."""
    if not _is_form_api(event):
        return answer
    headers = answer.setdefault("headers", {})
    # A cache must not give one page's answer to another: who may read it depends on the origin.
    headers["Vary"] = ", ".join(filter(None, (headers.get("Vary"), "Origin")))
    origin = (event.get("headers") or {}).get("origin", "")
    form_id = event.get("pathParameters", {}).get("form", "")
    if origin and origin in _origins(form_id):
        headers |= {"Access-Control-Allow-Origin": origin, **ALLOWED}
    return answer


def _is_form_api(event: dict[str, Any]) -> bool:
    _method, _, route = event.get("routeKey", "").partition(" ")
    return bool(route.startswith("/v1/forms/"))


def _origins(form_id: str) -> list[str]:
    """List the origins of a form; none for what is no form, or while there are no rules."""
    try:
        _version, programme = wiring().rules.programme()
    except NotFound:
        return []
    form = programme.form(form_id)
    return form.origins if form else []
