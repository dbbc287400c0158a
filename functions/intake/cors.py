"""Who may call from another page: the origins that the programme lists for the form, and nobody
else.
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
    return Response(204, "text/plain", "")


def with_cors(answer: dict[str, Any], event: dict[str, Any]) -> dict[str, Any]:
    """Adds the headers to any answer of a form's API, refusals included: the page must be able to
    read them.
    """
    if not event.get("routeKey", "").partition(" ")[2].startswith("/v1/forms/"):
        return answer
    headers = answer.setdefault("headers", {})
    headers["Vary"] = ", ".join(filter(None, (headers.get("Vary"), "Origin")))
    origin = (event.get("headers") or {}).get("origin", "")
    if origin and origin in _origins(event.get("pathParameters", {}).get("form", "")):
        headers |= {"Access-Control-Allow-Origin": origin, **ALLOWED}
    return answer


def _origins(form_id: str) -> list[str]:
    try:
        form = wiring().rules.programme()[1].form(form_id)
    except NotFound:
        return []
    return form.origins if form else []
